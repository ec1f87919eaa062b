"""Commands on sealed records and on the event log."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from fieldkit.app.cli.kit import opened_context
from fieldkit.app.cli.options import HomeOption, JsonOption, PassphraseOption, UserOption, home_at
from fieldkit.app.cli.private_files import OverwriteOption, demand_free, write_private
from fieldkit.app.cli.speech import say, shell_word, show_json
from fieldkit.domain.delivery.way import DeliveryState

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
    from fieldkit.app.bootstrap.proofs import open_record as opened

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
    from fieldkit.app.bootstrap.proofs import verify_record as verified

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
