"""The hash chain of the devices in an opened record, replayed over every capture, also over what was discarded."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.device_chain import DeviceLink, first_break
from fieldkit.formats.stated import Stated, StatedAttempt


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
