"""Commands of the data center side on the records it holds: list, find. Every look stands in the access log."""

from __future__ import annotations

import getpass
import os
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, tzinfo
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldkit.app.bootstrap.clock import WIB, ZONES
from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.options import JsonOption
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import InputError
from fieldkit.ports.onward import OnwardState

if TYPE_CHECKING:
    from sync.gateway.context import GatewayContext
    from sync.gateway.lookup.record_list import RecordLine

app = typer.Typer(help="Rekaman di pusat data. / Records at the data center.", no_args_is_help=True)


@app.command("list", help="Daftar rekaman per laptop, hari dan keadaan. / List records.")
def list_records(
    folder: DirOption,
    kit: Annotated[str, typer.Option("--kit", help="Only records of this kit.")] = "",
    day: Annotated[str, typer.Option("--day", help="Only what came on this day (YYYY-MM-DD).")] = "",
    state: Annotated[str, typer.Option("--state", help="waiting, set_aside, lost, valid or invalid.")] = "",
    onward: Annotated[
        str, typer.Option("--onward", help="none, waiting, handed_over, acknowledged, rejected or failed.")
    ] = "",
    after: Annotated[str, typer.Option("--after", help="Go on after this page, as its last line says.")] = "",
    size: Annotated[int, typer.Option("--size", min=1, max=1000, help="Records on a page.")] = 50,
    json: JsonOption = False,
) -> None:
    """List what was received, newest first, without anything of a person."""
    from sync.gateway.lookup.record_list import RecordState, Wanted, records_page

    wanted = Wanted(kit, _day(day), _choice(RecordState, state, "--state"), _choice(OnwardState, onward, "--onward"))
    told = " ".join(filter(None, (kit, day, state, onward and f"onward={onward}", after)))
    with gateway_at(folder) as context:
        note(context, "records.list", told)
        zone = zone_of(context)
        with context.engine.begin() as connection:
            page = records_page(connection, wanted, zone, after, size)
    if json:
        show_json({"records": [asdict(line) for line in page.lines], "after": page.after})
        return
    _show(page.lines, zone)
    if page.after:
        say("cli.records_more", after=page.after)


@app.command("find", help="Cari rekaman menurut nomornya. / Find a record by its number.")
def find(
    folder: DirOption,
    number: Annotated[str, typer.Argument(help="Id of the record, or the number that the official system gave it.")],
    json: JsonOption = False,
) -> None:
    """Show a record and everything that was said of it; nobody is found by name."""
    from sync.gateway.lookup.record_list import find_records

    with gateway_at(folder) as context:
        note(context, "records.find", number)
        zone = zone_of(context)
        with context.engine.begin() as connection:
            found = find_records(connection, number)
    if json:
        show_json([{**asdict(each.line), "statuses": [asdict(said) for said in each.statuses]} for each in found])
    else:
        _show([each.line for each in found], zone)
        text = messages().text
        headings = [text(f"cli.column_{name}") for name in ("at", "status", "source", "reason")]
        for each in found:
            rows = [[_local(said.observed_at, zone), said.code, said.source, said.reason] for said in each.statuses]
            show_table(each.line.record_id, headings, rows)
    if not found:
        raise InputError("records.unknown", number=number)


@app.command("log", help="Siapa melihat rekaman mana. / Who looked at which record.")
def log(
    folder: DirOption,
    before: Annotated[int, typer.Option("--before", min=0, help="Go on before this number.")] = 0,
    json: JsonOption = False,
) -> None:
    """Show who looked at records or took them out, newest first."""
    from sync.gateway.lookup.access_log import accesses

    with gateway_at(folder) as context, context.engine.begin() as connection:
        found, zone = accesses(connection, before), zone_of(context)
    if json:
        show_json([{"number": each.number, "at": each.at, **asdict(each.access)} for each in found])
        return
    headings = [
        messages().text(f"cli.column_{name}") for name in ("number_in_log", "at", "who", "act", "about", "reason")
    ]
    rows = [
        [str(each.number), _local(each.at, zone), f"{each.access.who} ({each.access.origin})", each.access.act,
         each.access.about, each.access.reason]
        for each in found
    ]  # fmt: skip
    show_table(messages().text("cli.access_log"), headings, rows)


def who_looks() -> str:
    """Return the account of this machine that runs the command, the one behind sudo where there is one."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name
        return f"uid {os.getuid()}" if hasattr(os, "getuid") else "?"


def note(context: GatewayContext, act: str, about: str, reason: str = "") -> None:
    """Write down who looks at what, before it is shown."""
    from sync.gateway.lookup.access_log import Access, Origin, note_access

    with context.engine.begin() as connection:
        note_access(connection, Access(who_looks(), Origin.COMMAND, act, about, reason), context.clock.now())


def zone_of(context: GatewayContext) -> tzinfo:
    """Return the time zone of the dinas."""
    profile: Mapping[str, Any] = context.configuration.profile
    return ZONES.get(str(profile.get("zone", "")), WIB)


def _choice(kind: Any, text: str, option: str) -> Any:
    """Return None for "" or the member of an enumeration. Raise `InputError`."""
    try:
        return kind(text) if text else None
    except ValueError as error:
        raise InputError("cli.not_one_of", option=option, choices=", ".join(kind)) from error


def _day(text: str) -> date | None:
    try:
        return date.fromisoformat(text) if text else None
    except ValueError as error:
        raise InputError("cli.no_day", day=text) from error


def _show(lines: list[RecordLine] | tuple[RecordLine, ...], zone: tzinfo) -> None:
    text = messages().text
    headings = ("received", "kit", "record", "state", "onward", "number")
    rows = []
    for line in lines:
        way = line.onward
        where = " ".join(filter(None, (text(f"records.onward_{way.state}"), way.target, way.batch, way.reason)))
        state = " ".join(filter(None, (text(f"records.state_{line.state}"), line.fault)))
        rows.append([_local(line.received_at, zone), line.kit, line.record_id, state, where, way.external_id])
    show_table(text("cli.records", count=len(rows)), [text(f"cli.column_{name}") for name in headings], rows)


def _local(at: datetime, zone: tzinfo) -> str:
    return f"{at.replace(tzinfo=at.tzinfo or UTC).astimezone(zone):%Y-%m-%d %H:%M %Z}"
