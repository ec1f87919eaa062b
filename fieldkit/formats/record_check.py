"""Everything that must agree in an opened record. One checker for `record open`, `record verify` and the gateway.

The seal proves who wrote a record, not that what is in it is true to the seal, to the devices and to itself.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

from fieldkit.domain.errors import InputError
from fieldkit.domain.people import Permission, Role, User
from fieldkit.domain.recording.capture import CapturePolicy, DeviceLink, first_break
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from fieldkit.domain.recording.record import INKS_KEPT, LINKS_KEPT
from fieldkit.formats.container import OpenedRecord
from fieldkit.formats.record_authority import check_authority
from fieldkit.formats.record_events import Story, check_marks, check_story, story_of
from fieldkit.formats.record_samples import check_inks, check_samples
from fieldkit.formats.stated import Stated, StatedAttempt, stated_by
from fieldkit.ports.vault import DeviceProofs, OpenedSeal, SealSigner, SignerRole

# The hash chain of the devices in an opened record, replayed over every capture, also over what was discarded.


def check_links(stated: Stated, *, are_kept: bool) -> None:
    """Raise `InputError` `record.device_chain` for a break, `record.device_link_missing` for a capture without link.

    `record.device_proof_missing` is for a sample without a signature of a device that signs the others.

    Attempts of programs that kept no links are taken as they stand, unless all links `are_kept`.
    """
    attempts = [attempt for tries in stated.context.attempts.values() for attempt in tries]
    _demand_proofs(attempts)
    links: dict[DeviceLink, str] = {}
    unkept = False
    for attempt in attempts:
        signed = {(each.sha256, each.chain_hash): each.position for each in attempt.signed}
        if attempt.links is None and not are_kept:
            unkept = unkept or bool(signed)
            continue
        kept = [
            DeviceLink(each.position, each.sha256, each.previous, each.chain_hash, each.signed_at)
            for each in attempt.links or ()
        ]
        if missing := signed.keys() - {(link.sha256, link.chain_hash) for link in kept}:
            raise InputError("record.device_link_missing", position=signed[min(missing)].value, device=attempt.device)
        links |= dict.fromkeys(kept, attempt.device)
    # Begun under a program that kept no links: what those attempts discarded is not known.
    known = {link.previous for link in links} if unkept else ()
    if broken := first_break(links, known):
        raise InputError(
            "record.device_chain",
            device=links[broken],
            position=broken.position.value,
            at=broken.signed_at.isoformat(timespec="seconds"),
        )


def _demand_proofs(attempts: Sequence[StatedAttempt]) -> None:
    told = [(attempt.device, each) for attempt in attempts for each in attempt.samples]
    signing = {(device, each.position.modality) for device, each in told if each.chain_hash}
    for device, each in told:
        if not each.chain_hash and (device, each.position.modality) in signing:
            raise InputError("record.device_proof_missing", position=each.position.value)


IMPLAUSIBLE, EVENTS_LOST, OLDER_FORM = "time.implausible", "record.events_lost", "record.older_form"
# Signing times hold whole seconds; a laptop may be shut between the last page and the seal.
_ONE_ACT, _SEALING = timedelta(minutes=1), timedelta(days=1)


def check_record(
    record: OpenedRecord,
    seal: OpenedSeal,
    devices: DeviceProofs,
    policy: CapturePolicy | None = None,
    *,
    is_vouched: bool = False,
) -> str:
    """Return "" or a note: `record.lead_wanted`, `time.implausible`, `record.events_lost`, `record.older_form`.

    `policy` is that of who opens it: what falls short of it waits for a team lead. `is_vouched` says that one answers
    for what the record itself does not prove.

    Raise `KnownError` `record.…` by the first fault.

    Codes beside those here: `record_events`, `record_samples`, `record_inks`, `record_authority`, `record_links` and
    `stated`.
    """
    stated = stated_by(record.entries["enrollment.json"])
    _check_signers(record, stated, seal.signers)
    story = story_of(record, is_lost=stated.context.events_lost)
    is_lost = stated.context.events_lost or (record.version == 1 and not story.is_from_the_beginning)
    if not is_lost:
        check_story(story, stated)
    check_samples(record, stated, story, devices)
    if not is_lost:
        check_marks(story, stated)
    check_inks(record, stated, story, is_lost=is_lost)
    is_lead_wanted = check_authority(stated, story, seal, is_lost=is_lost, policy=policy) and not is_vouched
    check_links(stated, are_kept=story.form >= LINKS_KEPT)
    note = _check_time(story, stated, seal)
    # Until the fourth form nobody signed an exception; a record without any lacks nothing for it.
    is_older = story.form < (INKS_KEPT if stated.context.exceptions else LINKS_KEPT)
    return (
        (LEAD_WANTED if is_lead_wanted else "")
        or seal.note
        or note
        or (EVENTS_LOST if is_lost else "")
        or (OLDER_FORM if is_older else "")
    )


def demand_kit(signer: SealSigner, kit: str) -> None:
    """Raise `InputError` `record.other_kit` unless a certificate is that of this very kit, and a kit's."""
    if signer.role is not SignerRole.KIT or signer.signer_id != kit:
        raise InputError("record.other_kit", kit=kit, signer=signer.signer_id)


def _check_signers(record: OpenedRecord, stated: Stated, signers: Sequence[SealSigner]) -> None:
    kit, petugas = signers
    context, link = stated.context, record.link
    demand_kit(kit, record.kit_id)
    demand_kit(kit, context.kit)
    if (context.chain.chain, context.chain.sequence, context.chain.previous) != (
        link.chain,
        link.sequence,
        link.previous,
    ):
        raise InputError("record.chain_differs")
    if not context.petugas or not all(who.strip() for who in context.petugas):
        raise InputError("record.no_petugas")
    if petugas.role is not SignerRole.PETUGAS or petugas.signer_id != context.petugas[0]:
        raise InputError("record.other_petugas", petugas=context.petugas[0], signer=petugas.signer_id)
    if petugas.title not in tuple(Role) or not User(petugas.signer_id, "", Role(petugas.title)).may(Permission.RECORD):
        raise InputError("record.petugas_role", signer=petugas.signer_id, role=petugas.title)


def _check_time(story: Story, stated: Stated, seal: OpenedSeal) -> str:
    """The seal comes after everything in it, by one clock; what that clock did in between stands in the events."""
    context = stated.context
    is_sealing = -_ONE_ACT <= seal.sealed_at - context.finished_at <= _SEALING
    if not is_sealing or abs(context.finished_at - story.sealing_at) > _ONE_ACT:
        raise InputError("record.sealing_time")
    captured = [attempt.at for attempts in context.attempts.values() for attempt in attempts]
    signed = [ink.at for ink in context.inks]
    latest = max([context.opened_at, *captured, *signed, *(mark.at for mark in context.exceptions)])
    if latest <= seal.sealed_at + _ONE_ACT:
        return ""
    # A clock that was set back: by less than a day, or by a person with a reason, or the record would be lost for it.
    if story.went_back < latest - seal.sealed_at - _ONE_ACT or (
        story.went_back > _SEALING and not (context.time and context.time.correction_s)
    ):
        raise InputError("record.sealing_time")
    return IMPLAUSIBLE
