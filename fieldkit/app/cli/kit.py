"""Commands of a kit: doctor, diagnose, queue, sync."""

from __future__ import annotations

import csv
import getpass
import sys
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer

from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.slip import lines_of
from fieldkit.app.cli.options import (
    HomeOption,
    JsonOption,
    PassphraseOption,
    UserOption,
    demand_free,
    home_at,
    passphrase_from,
    write_private,
)
from fieldkit.app.cli.speech import messages, say, say_problem, show_json, show_table
from fieldkit.domain.delivery import HELD_BACK, DeliveryState, QueueEntry
from fieldkit.domain.errors import InputError, Problem, RuleError, VaultError
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.domain.people import Slip, checked_id
from fieldkit.ports.delivery import CarryReport, SyncReport
from fieldkit.ports.laptop import Finding
from fieldkit.ports.messages import told_by_code
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.people.keep_accounts import WANTED

if TYPE_CHECKING:
    from datetime import datetime

    from fieldkit.app.bootstrap.kit import LockedKit


def register(app: typer.Typer) -> None:
    """Add the commands to the program."""
    app.command("doctor", help="Periksa laptop ini. / Check this laptop.")(doctor)
    app.command("diagnose", help="Buat berkas diagnosa untuk kantor. / Write a diagnostics file.")(diagnose)
    app.command("queue", help="Lihat antrean rekaman. / Show the queue of records.")(queue)
    app.command("sync", help="Kirim antrean ke pusat data. / Send the queue to the data center.")(sync)


@contextmanager
def opened_context(
    home: Home, user_id: str, passphrase_file: Path | None, typed: str | None = None
) -> Iterator[AppContext]:
    """Open the kit for one command, with the passphrase that was `typed` already or is asked for. Raise as `Door`."""
    from fieldkit.app.bootstrap.devices import connect_devices
    from fieldkit.app.bootstrap.kit import LockedKit

    clock = home.clock()
    # Without the addresses of devices.toml: no such command looks for one, and a mistake there must not stop it.
    kit = LockedKit(home, lambda trust: connect_devices(trust, clock, is_watching=False), clock)
    try:
        people = kit.sign().people
        if not user_id and len(people) != 1:
            raise InputError("cli.which_user", users=", ".join(person.user_id for person in people))
        passphrase = passphrase_from(passphrase_file) if typed is None else typed
        context = _let_in(kit, user_id or people[0].user_id, passphrase)
        if context.second_factor.must_begin:
            raise RuleError("factor.set_up_first")
        yield context
    finally:
        kit.leave()


def _let_in(kit: LockedKit, user_id: str, passphrase: str) -> AppContext:
    """Sign in; a second factor is asked for where somebody can answer."""
    try:
        return kit.unlock(user_id, passphrase)
    except VaultError as error:
        if error.code != WANTED or not sys.stdin.isatty():
            raise
    return kit.enter_code(getpass.getpass(messages().text("cli.code") + " "))


def doctor(home: HomeOption = None, json: JsonOption = False) -> None:
    """Check what the kit needs on this laptop; nothing is changed and no passphrase is asked.

    Exit code 3 when something stops work, 0 when all is well or only deserves a look.
    """
    from fieldkit.app.bootstrap.doctor import examine

    said, findings = messages(), examine(home_at(home))
    if json:
        show_json([_finding_as_json(found) for found in findings])
    else:
        rows = [_finding_row(found) for found in findings]
        columns = ("", said.text("doctor.what"), said.text("doctor.found"), said.text("common.remedy"))
        show_table(said.text("doctor.title"), columns, rows)
    if code := max((found.exit_code for found in findings), default=0):
        raise typer.Exit(code)


def _finding_as_json(found: Finding) -> dict[str, Any]:
    text = messages().problem(found.problem) if found.problem else None
    return {
        "name": found.name,
        "ok": found.is_ok if found.is_checked else None,
        "checked": found.is_checked,
        "needed": found.is_needed,
        "detail": found.detail,
        "code": found.problem.code if found.problem else "",
        "fault": text.what if text else "",
        "remedy": text.do if text else "",
        "exit_code": found.exit_code,
    }


def _finding_row(found: Finding) -> tuple[str, ...]:
    text = messages().problem(found.problem) if found.problem else None
    mark = "–" if not found.is_checked else "✓" if text is None else "✗" if found.is_needed else "!"
    what = messages().text(f"doctor.{found.name}")
    if found.name == "devices" and found.problem and found.detail != found.problem.code:
        what = f"{what}: {found.detail}"  # several may stand there with the same fault
    if not found.is_checked:
        unchecked = messages().text("doctor.unchecked")
        return mark, what, f"{unchecked}: {found.detail}" if found.detail else unchecked, ""
    return mark, what, text.what if text else found.detail, text.do if text else ""


def diagnose(
    out: Annotated[str, typer.Option("--out", help="Folder, or a path that ends in .zip.")],
    home: HomeOption = None,
) -> None:
    """Write one file for who helps from afar: versions, checks, devices, counts, log; no personal data, no secret."""
    from fieldkit.app.bootstrap.diagnosis import DoctorOfHome

    kit = home_at(home)
    say("cli.diagnosed", file=str(DoctorOfHome(kit, kit.clock()).diagnose(out)))


def queue(
    home: HomeOption = None, user: UserOption = "", passphrase_file: PassphraseOption = None, json: JsonOption = False
) -> None:
    """Show every record, oldest unacknowledged first."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        view = context.delivery.queue()
        if json:
            counts = {state.value: count for state, count in view.counts.items()}
            show_json(
                {
                    "sealed": view.sealed,
                    "unsent": view.unsent,
                    "counts": counts,
                    "records": [
                        entry_as_json(entry) | {"set_aside_because": context.delivery.why_aside(entry.record.record_id)}
                        for entry in view.entries
                    ],
                }
            )
            return
        said = messages()
        rows = [
            (
                context.clock.local(e.record.sealed_at).strftime("%d-%m-%Y %H.%M"),
                f"{e.record.masked_name} · {e.record.masked_nik}",
                e.record.place,
                said.text(f"delivery.{e.state.value}"),
                e.central.code if e.central else "",
            )
            for e in view.entries
        ]
        columns = [said.text(f"cli.queue_{name}") for name in ("sealed", "person", "place", "state", "central")]
        show_table(said.text("cli.queue_title", sealed=view.sealed, unsent=view.unsent), columns, rows)
        for entry in (each for each in view.entries if each.state in HELD_BACK):
            record = entry.record.record_id
            why = context.delivery.why_aside(record) if entry.state is DeliveryState.SET_ASIDE else ""
            say("cli.queue_held", record=record, why=why or said.problem(Problem(entry.reason)).what)


def entry_as_json(entry: QueueEntry) -> dict[str, Any]:
    """Return a queue entry for programs; nothing personal beyond what lists show."""
    central = entry.central
    return {
        "record_id": entry.record.record_id,
        "name": entry.record.masked_name,
        "nik": entry.record.masked_nik,
        "place": entry.record.place,
        "sealed_at": entry.record.sealed_at.isoformat(),
        "size_bytes": entry.record.size_bytes,
        "sha256": entry.record.sha256,
        "state": entry.state.value,
        "reason": entry.reason,
        "acknowledged_at": entry.acknowledged_at.isoformat() if entry.acknowledged_at else None,
        "central_status": central.code if central else None,
        "central_source": central.source if central else None,
        "card_from": entry.record.card_from.isoformat() if entry.record.card_from else None,
    }


def sync(
    once: Annotated[bool, typer.Option("--once", help="One run; without it or --from nothing is done.")] = False,
    carried: Annotated[
        Path | None,
        typer.Option("--from", help="Folder or stick with sealed records and bundles of the office."),
    ] = None,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Send what waits, once; or hand in what lies on a stick, whichever laptop sealed it."""
    from fieldkit.app.cli.options import NeverCancelled, NoProgress

    if not once and carried is None:
        raise InputError("cli.sync_once")
    with opened_context(home_at(home), user, passphrase_file) as context:
        brought = context.carrying.carry(carried, NoProgress(), NeverCancelled()) if carried is not None else None
        report = context.delivery.send(NoProgress(), NeverCancelled()) if once else None
    if json:
        show_json((carried_as_json(brought) if brought else {}) | (run_as_json(report) if report else {}))
    if not json and brought is not None:
        say(
            "cli.carried",
            found=brought.found,
            carried=len(brought.carried),
            held=len(brought.held_already),
            adopted=len(brought.adopted),
            queued=len(brought.queued),
            refused=len(brought.refused),
        )
        _say_from_office(brought.brought.taken)
        for problem in brought.brought.problems:
            say_problem(problem)
        for each in brought.refused:
            say("cli.not_carried", record=each.record_id, why=messages().problem(Problem(each.reason)).what)
    if not json and report is not None:
        say("cli.sync_done", acknowledged=len(report.acknowledged), waiting=report.waiting)
        if report.exchanged:
            say("cli.exchanged", count=report.exchanged, conflicts=report.conflicts)
        _say_from_office(report.from_office)
        for problem in report.notes:
            say_problem(problem)
    shut_out = (brought.brought.shut_out if brought else None) or (report.shut_out if report else None)
    stopped = (brought.stopped_by if brought else None) or (report.stopped_by if report else None) or shut_out
    if stopped is not None:
        say_problem(stopped)
        raise typer.Exit(3)
    if brought is not None and (brought.refused or brought.brought.problems):
        raise typer.Exit(2)  # something there is not what it should be; each was named


def _say_from_office(standings: Sequence[BundleStanding]) -> None:
    for each in standings:
        kind = messages().text(f"office.kind_{each.kind.value}")
        if each.code:
            why = told_by_code(messages(), each.code)
            say("cli.office_refused", kind=kind, name=each.name or "-", version=each.refused, why=why)
        else:
            say("cli.from_office", kind=kind, name=each.name or "-", version=each.version)


def _standings(standings: Sequence[BundleStanding]) -> list[dict[str, Any]]:
    return [
        {"kind": s.kind.value, "name": s.name, "version": s.version, "refused": s.refused, "code": s.code}
        for s in standings
    ]


def run_as_json(report: SyncReport) -> dict[str, Any]:
    """Return what a run did, for programs."""
    return {
        "acknowledged": list(report.acknowledged),
        "quarantined": list(report.quarantined),
        "lost": list(report.lost),
        "resent": list(report.resent),
        "purged": list(report.purged),
        "resumed_uploads": report.resumed_uploads,
        "sent_bytes": report.sent_bytes,
        "statuses": report.statuses,
        "waiting": report.waiting,
        "counts_agree": report.counts_agree,
        "from_office": _standings(report.from_office),
        "exchanged": report.exchanged,
        "conflicts": report.conflicts,
        "notes": [problem.code for problem in report.notes],
        "new_chain": report.forked,
        "stopped_by": report.stopped_by.code if report.stopped_by else None,
    }


def carried_as_json(report: CarryReport) -> dict[str, Any]:
    """Return what became of carried records, for programs."""
    return {
        "found": report.found,
        "carried": list(report.carried),
        "held_already": list(report.held_already),
        "adopted": list(report.adopted),
        "queued": list(report.queued),
        "refused": [{"id": each.record_id, "reason": each.reason} for each in report.refused],
        "from_office": _standings(report.brought.taken),
        "office_problems": [problem.code for problem in report.brought.problems],
        "stopped_by": report.stopped_by.code if report.stopped_by else None,
    }


# Enrolment slips: one on the screen, or many for a table of kits, on sheets to be printed and cut.

_HEADS = (("kit", "laptop"), ("admin", "user", "id admin"))
_MOST = 2_000


def kits_in(file: Path) -> Sequence[tuple[str, str]]:
    """Return kit and admin of each row; a head row names the columns, else they are the first two.

    Raise `InputError` `cli.unreadable`, `slips.row` (row), `slips.twice` (kit), `slips.none`.
    """
    lines = [line.lstrip("\ufeff") for line in lines_of(file)]
    between = ";" if lines and lines[0].count(";") > lines[0].count(",") else ","
    columns, found = (0, 1), dict[str, str]()
    for number, row in enumerate(csv.reader(lines, delimiter=between), 1):
        cells = [cell.strip() for cell in row]
        if not any(cells):
            continue
        heads = [cell.casefold() for cell in cells]
        named = [next((at for at, head in enumerate(heads) if head in words), None) for words in _HEADS]
        if not found and named[0] is not None and named[1] is not None:
            columns = (named[0], named[1])
            continue
        if len(cells) <= max(columns) or not all(cells[at] for at in columns) or len(found) >= _MOST:
            raise InputError("slips.row", row=number, file=file.name)
        kit, admin = (cells[at] for at in columns)
        if kit in found:
            raise InputError("slips.twice", kit=kit, row=number)
        found[kit] = checked_id(admin)
    if not found:
        raise InputError("slips.none", file=file.name)
    return list(found.items())


def demand_sheet(sheet: Path) -> None:
    """Raise `InputError` `cli.exists` when a file is there already: no codes are made for nothing."""
    demand_free(sheet.parent, [sheet.name])


def print_sheet(sheet: Path, dinas: str, slips: Sequence[Slip], until: datetime) -> int:
    """Write the slips as one PDF that only its owner may read; return its pages. Raise `OSError`."""
    from fieldkit.documents.letters import TypstSheets

    made = TypstSheets().slips(dinas, slips, until)
    write_private(sheet.parent, {sheet.name: made.pdf})
    return len(made.pages)


def make_slips(kits: Sequence[tuple[str, str]], make: Callable[[str, str], Slip]) -> Sequence[Slip]:
    """Make a code for each kit. Raise `InputError`; codes that were made before stay good, and may be made again."""
    return [make(kit, admin) for kit, admin in kits]
