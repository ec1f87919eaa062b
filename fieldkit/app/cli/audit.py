"""Commands on the audit: check everything, and accept files that somebody changed for a reason."""

from __future__ import annotations

from typing import Annotated, Any

import typer

from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import HomeOption, JsonOption, PassphraseOption, UserOption, home_at
from fieldkit.app.cli.speech import messages, say, show_json, show_table
from fieldkit.domain.delivery import AuditFault, AuditReport
from fieldkit.domain.errors import Recovery, StoreError

audit = typer.Typer(help="Catatan kejadian. / The event log.", no_args_is_help=True)

_SHOWN = "%d-%m-%Y %H.%M"


@audit.command("verify", help="Periksa catatan kejadian dan semua yang dicatatnya. / Verify the log and what it notes.")
def verify(
    home: HomeOption = None, user: UserOption = "", passphrase_file: PassphraseOption = None, json: JsonOption = False
) -> None:
    """Compare the log with everybody who knows its end, and everything kept with the log; exit code 3 for a fault."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        report, local = context.audit.report(), context.clock.local
    if json:
        show_json(_as_json(report))
    elif report.is_ok:
        say("cli.audit_holds", rows=report.rows)
    else:
        said = messages()
        columns = [said.text(f"audit.col_{name}") for name in ("kind", "which", "fault")]
        rows = [
            (said.text(f"audit.kind_{f.kind}"), f.thing_id, said.problem(_problem(f).problem).what)
            for f in report.faults
        ]
        show_table(said.text("audit.title_faults", count=len(rows)), columns, rows)
    if not json:
        for loss in report.losses:
            at = local(loss.at).strftime(_SHOWN)
            say("audit.loss", chain=loss.chain, first=loss.first, last=loss.last, at=at, by=loss.by)
        proven = report.proven_to
        if proven is None:
            say("audit.proven_by_nobody", rows=report.rows)
        else:
            at = local(proven.at).strftime(_SHOWN)
            say(f"audit.proven_{proven.source.value}", sequence=proven.sequence, at=at)
    if report.faults:
        raise _problem(report.faults[0])


@audit.command("accept", help="Terima berkas SOP dan kepercayaan yang berubah. / Accept changed files.")
def accept(
    reason: Annotated[str, typer.Option("--reason", help="Why; the event log keeps it.")],
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
) -> None:
    """Note that trust roots and SOP files are right as they are now; only who keeps the profile may."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        context.audit.accept_files(reason)
    say("audit.files_accepted")


def _problem(fault: AuditFault) -> StoreError:
    if fault.kind in ("chain", "anchor"):
        chain, _, sequence = fault.thing_id.rpartition(":")
        return StoreError(fault.code, recovery=Recovery.ASK_OFFICE, chain=chain, sequence=int(sequence))
    thing = messages().text(f"audit.kind_{fault.kind}")
    return StoreError(fault.code, recovery=Recovery.ASK_OFFICE, thing=thing, which=fault.thing_id)


def _as_json(report: AuditReport) -> dict[str, Any]:
    proven, first = report.proven_to, next((fault for fault in report.faults if fault.kind == "chain"), None)
    broken = None
    if first is not None:
        chain, _, sequence = first.thing_id.rpartition(":")
        broken = {"chain": chain, "sequence": int(sequence), "code": first.code}
    return {
        "ok": report.is_ok,
        "rows": report.rows,
        "proven_to": None
        if proven is None
        else {
            "chain": proven.chain,
            "sequence": proven.sequence,
            "source": proven.source.value,
            "at": proven.at.isoformat(),
        },
        "fault": broken,
        "losses": [
            {"chain": loss.chain, "first": loss.first, "last": loss.last, "at": loss.at.isoformat(), "by": loss.by}
            for loss in report.losses
        ],
        "faults": [{"kind": fault.kind, "id": fault.thing_id, "code": fault.code} for fault in report.faults],
    }
