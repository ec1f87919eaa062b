"""Commands of the data center side that look after what was received: verify, ingest, ready."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import (
    HomeOption,
    JsonOption,
    OverwriteOption,
    PassphraseOption,
    UserOption,
    demand_free,
    home_at,
    write_private,
)
from fieldkit.app.cli.speech import messages, say, shell_word, show_json
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.errors import InputError, KnownError, Recovery

if TYPE_CHECKING:
    from sync.gateway.database import GatewayContext


DirOption = Annotated[Path, typer.Option("--dir", help="Folder of the gateway.")]


def register(app: typer.Typer) -> None:
    """Add the commands to those of the gateway."""
    app.command("verify", help="Periksa semua berkas yang diterima. / Check every object that was received.")(verify)
    app.command("ingest", help="Terima rekaman dari folder atau stik. / Take records from a folder or stick.")(ingest)
    app.command("explain-gap", help="Catat mengapa rekaman tak akan datang. / Say why records never come.")(explain_gap)
    app.command("ready", help="Apakah pusat data bekerja penuh. / Whether all of the work is done.")(ready)


def verify(folder: DirOption, json: JsonOption = False) -> None:
    """Read every object and compare it with its manifest; name what is missing, damaged, unknown or wrongly signed."""
    from sync.gateway.custody import Scrub
    from sync.gateway.operations.restore import wrong_receipts

    with gateway_at(folder) as gateway_context, _unlogged("sync.gateway.custody"):
        report = Scrub(gateway_context).run()
        with gateway_context.engine.begin() as connection:
            wrong = list(wrong_receipts(connection, gateway_context.configuration.receipt_public_key))
    if json:
        show_json({**asdict(report), "wrong_receipts": [asdict(finding) for finding in wrong]})
    else:
        say("cli.verified", checked=report.checked, size_mb=report.checked_bytes // 1_000_000)
        for finding in report.lost:
            say("cli.object_lost", record=finding.record_id, kit=finding.kit, fault=finding.fault)
        for finding in report.unreadable:
            say("cli.object_unreadable", record=finding.record_id, kit=finding.kit, fault=finding.fault)
        for finding in report.found_again:
            say("cli.object_found", record=finding.record_id, kit=finding.kit)
        for key in report.unknown:
            say("cli.object_unknown", object=key)
        for finding in wrong:
            say("cli.receipt_wrong", record=finding.record_id, kit=finding.kit)
    if wrong:
        raise KnownError("gateway.receipts_wrong", recovery=Recovery.ASK_OFFICE, count=len(wrong))
    if report.lost:
        raise KnownError("gateway.objects_lost", recovery=Recovery.RETRY, count=len(report.lost))
    if report.unreadable:
        raise KnownError("gateway.objects_unreadable", recovery=Recovery.RETRY, count=len(report.unreadable))


@contextmanager
def _unlogged(name: str) -> Iterator[None]:
    """Log warnings of this name no more: what they tell is printed at the end."""
    logger = logging.getLogger(name)
    level = logger.level
    logger.setLevel(logging.ERROR)
    try:
        yield
    finally:
        logger.setLevel(level)


def ingest(
    folder: DirOption,
    source: Annotated[Path, typer.Option("--from", help="Folder with <id>.age and <id>.manifest anywhere below.")],
    json: JsonOption = False,
) -> None:
    """Take sealed records without any network, also while the gateway runs; lay a receipt beside each."""
    from sync.gateway.ingest import Ingest

    if not source.is_dir():
        raise InputError("gateway.no_such_folder", folder=str(source))
    with gateway_at(folder) as gateway_context:
        done = Ingest(gateway_context).run(source)
    if json:
        show_json(asdict(done))
    else:
        say("cli.ingested", taken=len(done.taken), held=len(done.held), refused=len(done.refused))
        for refused in done.refused:
            say("cli.ingest_refused", file=refused.file, reason=refused.reason)
    if done.refused:
        raise KnownError("gateway.ingest_refused", count=len(done.refused))


def ready(folder: DirOption, json: JsonOption = False) -> None:
    """Say what waits for a person, and name the records that were set aside or never came."""
    from sync.gateway.opening.claims import explained, missing
    from sync.gateway.opening.process import reason_in_words
    from sync.gateway.routes import ca_ends_at, readiness, set_aside

    with gateway_at(folder) as gateway_context:
        word, aside, ca_ends = readiness(gateway_context), set_aside(gateway_context), ca_ends_at(gateway_context)
        gaps = (*missing(gateway_context), *explained(gateway_context))
    if json:
        named = {"records": [asdict(each) for each in aside], "missing": [asdict(each) for each in gaps]}
        show_json({**word.model_dump(), **named})
    else:
        say("cli.gateway_state", waiting=word.waiting, set_aside=word.set_aside, lost=word.lost)
        for each in aside:
            why = reason_in_words(messages(), each.error)
            say("cli.record_set_aside", record=each.record_id, kit=each.kit, error=why, tries=each.tries)
        for gap in gaps:
            since = f"{gap.since.astimezone(WIB):%Y-%m-%d %H:%M}"
            said: dict[str, str | int] = {"first": gap.first, "last": gap.last, "since": since}
            if gap.known_why:
                say("cli.chain_gap_known", kit=gap.kit, chain=gap.chain, why=gap.known_why, **said)
            else:
                say("cli.chain_gap", kit=gap.kit, chain=gap.chain, **said)
        if "ca.ends" in word.problems:
            say("cli.ca_ends", date=f"{ca_ends:%Y-%m-%d}")
    if not word.is_ready:
        raise KnownError("gateway.not_ready", problems=", ".join(word.problems))


def explain_gap(
    folder: DirOption,
    kit: Annotated[str, typer.Option("--kit", help="Id of the kit.")],
    chain: Annotated[str, typer.Option("--chain", help="Its chain, as `gateway ready` names it.")],
    first: Annotated[int, typer.Option("--first", min=1, max=2**31 - 1, help="First number that is missing.")],
    why: Annotated[str, typer.Option("--why", help="Why these records will never come; kept with your name.")],
) -> None:
    """Say why records of a chain will never come: `ready` then tells them as known; if they come, they are taken."""
    from fieldkit.app.cli.gateway_records import note
    from sync.gateway.opening.claims import explain

    with gateway_at(folder) as gateway_context:
        gap = explain(gateway_context, kit, chain, first, why)
        note(gateway_context, "gaps.explain", f"{kit} {chain} {gap.first}-{gap.last}", gap.known_why)
    say("cli.gap_explained", kit=kit, first=gap.first, last=gap.last)


@contextmanager
def gateway_at(folder: Path) -> Iterator[GatewayContext]:
    """Open the gateway of a folder for a block."""
    from sync.gateway import provision

    gateway_context = provision.open_gateway(folder, SystemClock(WIB))
    try:
        yield gateway_context
    finally:
        gateway_context.engine.dispose()


# Commands on sealed records and on the event log.

record = typer.Typer(help="Rekaman tersegel. / Sealed records.", no_args_is_help=True)

RecordArgument = Annotated[str, typer.Argument(metavar="RECORD", help="Id of the record, as `queue` shows it.")]
FileArgument = Annotated[Path, typer.Argument(help="Sealed record.")]
IdentityOption = Annotated[Path, typer.Option("--identity", help="Identity file of the data center or the recovery.")]
CaOption = Annotated[Path | None, typer.Option("--ca", help="CA of the dinas (PEM); else ca.pem beside the files.")]
_NOTES = {
    "time.implausible": "cli.record_clock_doubtful",
    "record.events_lost": "cli.record_events_lost",
    "record.older_form": "cli.record_older_form",
    "record.lead_wanted": "cli.record_lead_wanted",
}
ProvidersOption = Annotated[
    Path | None, typer.Option("--trust", help="Folder with certificates (PEM) of device providers.")
]
PolicyOption = Annotated[
    Path | None, typer.Option("--policy", help="policy.yaml of the dinas to hold the record against.")
]


@record.command("open", help="Buka rekaman dengan kunci pusat data. / Open a record.")
def open_record(
    file: FileArgument,
    identity: IdentityOption,
    ca: CaOption = None,
    trust: ProvidersOption = None,
    policy: PolicyOption = None,
    out: Annotated[Path | None, typer.Option("--out", help="Write the content into this folder.")] = None,
    overwrite: OverwriteOption = False,
    json: JsonOption = False,
) -> None:
    """Decrypt, verify signatures, digests, samples, devices, events and times, then show what is inside."""
    from fieldkit.app.bootstrap.sample_quality import open_record as opened

    found = opened(file, identity, ca, trust, policy)
    if out is not None:
        files = {**found.record.entries, "record.cms": found.cms}
        if not overwrite:
            demand_free(out, files)
        write_private(out, files)
    if json:
        show_json(
            {
                "record_id": found.record.record_id,
                "kit": found.record.kit_id,
                "sequence": found.record.link.sequence,
                "previous": found.record.link.previous,
                "sealed_at": found.seal.sealed_at.isoformat(),
                "signers": [{"role": s.role.value, "id": s.signer_id, "name": s.name} for s in found.seal.signers],
                "note": found.note,
                "device_issuers_known": found.are_issuers_known,
                "entries": sorted(found.record.entries),
                "enrollment": found.record.enrollment,
            }
        )
        return
    signers = ", ".join(f"{s.role.value} {s.name or s.signer_id}" for s in found.seal.signers)
    say("cli.record_opened", record=found.record.record_id, signers=signers, entries=len(found.record.entries))
    if found.note in _NOTES:
        say(_NOTES[found.note])
    if not found.are_issuers_known:
        say("cli.record_issuers_unknown")


@record.command("verify", help="Periksa rekaman terhadap manifes dan tanda terima. / Verify a record.")
def verify_record(
    file: FileArgument,
    manifest: Annotated[Path, typer.Option("--manifest", help="Signed manifest with the kit's certificate.")],
    receipt: Annotated[Path | None, typer.Option("--receipt", help="Signed receipt of the data center.")] = None,
    trust: Annotated[Path | None, typer.Option("--trust", help="Folder with ca.pem and receipt.pub.pem.")] = None,
    identity: Annotated[
        Path | None, typer.Option("--identity", help="Identity file: open it and check the content too.")
    ] = None,
    policy: PolicyOption = None,
    json: JsonOption = False,
) -> None:
    """Verify signature, size and digest; only with an identity it is opened and its content checked too."""
    from fieldkit.app.bootstrap.sample_quality import verify_record as verified

    proof = verified(file, manifest, receipt, trust, identity, policy)
    stated = proof.manifest
    received = proof.receipt.received_at.isoformat() if proof.receipt else None
    if json:
        show_json(
            {
                "ok": True,
                "record_id": str(stated.record_id),
                "kit": stated.kit,
                "sha256": stated.sha256,
                "size_bytes": stated.size_bytes,
                "sealed_at": stated.sealed_at.isoformat(),
                "received_at": received,
                "content_checked": identity is not None,
                "note": proof.note,
            }
        )
        return
    if received is None:
        say("cli.record_verified", record=str(stated.record_id), kit=stated.kit)
    else:
        say("cli.record_received", record=str(stated.record_id), kit=stated.kit, at=received)
    if proof.note in _NOTES:
        say(_NOTES[proof.note])


@record.command("again", help="Kirim lagi rekaman yang ditahan. / Send a held record again.")
def again(
    record_id: RecordArgument,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Put a record that is held back or set aside into the queue; it goes with the next run."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        known = context.delivery.entry(record_id)
        if known.state is DeliveryState.SET_ASIDE:
            context.delivery.take_back(record_id)
        else:
            context.delivery.send_again(record_id)
    if json:
        show_json({"record_id": record_id, "state": DeliveryState.QUEUED.value})
    else:
        say("cli.record_again", record=record_id)


@record.command("vouch", help="Tandatangani rekaman program lama sebagai ketua tim. / Sign for an older record.")
def vouch(
    record_id: RecordArgument,
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Answer, as a team lead, for a record that the data center holds back; the next run takes the signature along."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        context.vouching.vouch(record_id)
    if json:
        show_json({"record_id": record_id, "signed_by": context.user.user_id})
    else:
        say("cli.record_vouched", record=record_id)


@record.command("aside", help="Sisihkan rekaman yang ditahan. / Set a held record aside.")
def aside(
    record_id: RecordArgument,
    reason: Annotated[str, typer.Option("--reason", help="Why it is not sent.")],
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Decide that a held record is not sent; nothing is erased, and `record again` takes it back."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        context.delivery.set_aside(record_id, reason)
    if json:
        show_json({"record_id": record_id, "state": DeliveryState.SET_ASIDE.value, "reason": reason.strip()})
    else:
        say("cli.record_aside", record=record_id)


@record.command("carry", help="Salin rekaman ke flash disk. / Copy a record to a stick.")
def carry(
    record_id: RecordArgument,
    to: Annotated[str, typer.Option("--to", help="Folder of the stick.")],
    home: HomeOption = None,
    user: UserOption = "",
    passphrase_file: PassphraseOption = None,
    json: JsonOption = False,
) -> None:
    """Copy a sealed record with its manifest, so that another laptop hands it in; it stays in this queue."""
    with opened_context(home_at(home), user, passphrase_file) as context:
        context.delivery.entry(record_id)
        folder = context.backups.hand_over(record_id, to)
    if json:
        show_json({"record_id": record_id, "folder": folder})
    else:
        say("cli.record_carried", record=record_id, folder=folder, word=shell_word(folder))
