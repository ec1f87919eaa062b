"""Commands of the data center side on the records it holds. Every look stands in the access log."""

from __future__ import annotations

import getpass
import os
import sys
from collections.abc import Mapping
from dataclasses import asdict
from datetime import UTC, date, datetime, tzinfo
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldkit.app.bootstrap.clock import WIB, ZONES
from fieldkit.app.cli.custody import DirOption, gateway_at
from fieldkit.app.cli.gateway_opener import DatabaseOption, KeyOption, ObjectsOption, SecretFile, opening_machine
from fieldkit.app.cli.options import ExportChoice, JsonOption, OverwriteOption, demand_free, write_private
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.errors import InputError
from fieldkit.ports.delivery import OnwardState

if TYPE_CHECKING:
    from sync.gateway.database import GatewayContext
    from sync.gateway.lookup import RecordLine
    from sync.gateway.opening.claims import Rows

ReasonOption = Annotated[str, typer.Option("--reason", help="Why; it stands in the access log.")]

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
    from sync.gateway.lookup import RecordState, Wanted, records_page

    wanted = Wanted(kit, _day(day), _choice(RecordState, state, "--state"), _choice(OnwardState, onward, "--onward"))
    told = " ".join(filter(None, (kit, day, state, onward and f"onward={onward}", after)))
    with gateway_at(folder) as context:
        note(context, "records.list", told)
        zone = zone_of(context)
        with context.reading() as connection:
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
    from sync.gateway.lookup import find_records
    from sync.gateway.opening.process import reason_in_words

    with gateway_at(folder) as context:
        note(context, "records.find", number)
        zone = zone_of(context)
        with context.reading() as connection:
            found = find_records(connection, number)
    if json:
        show_json([{**asdict(each.line), "statuses": [asdict(said) for said in each.statuses]} for each in found])
    else:
        _show([each.line for each in found], zone)
        text = messages().text
        headings = [text(f"cli.column_{name}") for name in ("at", "status", "source", "reason")]
        for each in found:
            rows = [
                [_local(said.observed_at, zone), said.code, said.source, reason_in_words(messages(), said.reason)]
                for said in each.statuses
            ]
            show_table(each.line.record_id, headings, rows)
    if not found:
        raise InputError("records.unknown", number=number)


@app.command("export", help="Buka rekaman dan simpan isinya. / Open records and keep what is in them.")
def export(
    folder: DirOption,
    record_ids: Annotated[list[str], typer.Argument(metavar="RECORD...", help="Ids of the records.")],
    to: Annotated[Path, typer.Option("--to", help="Folder that gets a folder for each record.")],
    reason: ReasonOption,
    form: Annotated[
        ExportChoice, typer.Option("--format", help="OSIA, ANSI/NIST-ITL, ISO/IEC 19794 or CBEFF.")
    ] = ExportChoice.OSIA,
    identity: KeyOption = None,
    secret_file: SecretFile = None,
    database_url: DatabaseOption = "",
    objects: ObjectsOption = "",
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
) -> None:
    """Open records with the key of the data center and write them out, readable by their owner only."""
    from fieldkit.app.bootstrap.office_bundles import ExportFormat, exported
    from sync.gateway.lookup import opened_record

    told = _told(reason)
    written: list[Path] = []
    with opening_machine(folder, identity, secret_file, database_url, objects) as machine:
        for record_id in record_ids:
            note(machine, "records.export", f"{record_id} {form.value}", told)
            record = opened_record(machine, machine.seals, record_id).record
            place, files = to / record.record_id, exported(record, ExportFormat(form.value))
            if not overwrite:
                demand_free(place, files)
            write_private(place, files)
            written += [place / name for name in files]
    if json:
        show_json({"files": [str(path) for path in written]})
    else:
        say("cli.records_exported", count=len(record_ids), folder=str(to))


@app.command("retry", help="Coba lagi rekaman yang tertahan. / Try again what stopped.")
def retry(
    folder: DirOption,
    reason: ReasonOption,
    record_ids: Annotated[
        list[str] | None, typer.Argument(metavar="[RECORD]...", help="Ids of the records; else all that stopped.")
    ] = None,
    handed_over: Annotated[
        bool, typer.Option("--handed-over", help="Also named records that were handed over, as when a batch got lost.")
    ] = False,
    json: JsonOption = False,
) -> None:
    """Open again what was set aside, hand on again what failed, was rejected or waits for its next try."""
    from sync.gateway.lookup import hand_on_again, open_again

    told, named = _told(reason), [record_id.strip().lower() for record_id in record_ids or ()]
    if handed_over and not named:
        raise InputError("records.name_them")
    states = [OnwardState.FAILED, OnwardState.REJECTED, OnwardState.WAITING]
    with gateway_at(folder) as context:
        note(context, "records.retry", " ".join(named) or "all", told)
        with context.engine.begin() as connection:
            opened = open_again(connection, named)
            again = hand_on_again(
                connection, [*states, *([OnwardState.HANDED_OVER] if handed_over else [])], context.clock.now(), named
            )
    if json:
        show_json({"open": opened, "onward": again})
    else:
        say("cli.records_retried", opened=len(opened), onward=len(again))
    if named and not opened and not again:
        raise InputError("records.nothing_stopped")


@app.command("log", help="Siapa melihat rekaman mana. / Who looked at which record.")
def log(
    folder: DirOption,
    before: Annotated[int, typer.Option("--before", min=0, max=2**63 - 1, help="Go on before this number.")] = 0,
    json: JsonOption = False,
) -> None:
    """Show who looked at records or took them out, newest first."""
    from sync.gateway.lookup import accesses

    with gateway_at(folder) as context, context.reading() as connection:
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


def _told(reason: str) -> str:
    """Raise `InputError` for a reason that says nothing."""
    if not reason.strip():
        raise InputError("records.no_reason")
    return reason.strip()


def who_looks() -> str:
    """Return the account of this machine that runs the command, the one behind sudo where there is one."""
    try:
        return os.environ.get("SUDO_USER") or getpass.getuser()
    except (KeyError, OSError, ImportError):  # an account without a name
        return f"uid {os.getuid()}" if sys.platform != "win32" else "?"


def note(context: Rows, act: str, about: str, reason: str = "") -> None:
    """Write down who looks at what, before it is shown."""
    from sync.gateway.lookup import Access, Origin, note_access

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
