"""The hash chain of the devices in an opened record, replayed over every capture, also over what was discarded."""

from __future__ import annotations

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.device_chain import DeviceLink, first_break
from fieldkit.formats.stated import Stated


def check_links(stated: Stated) -> None:
    """Raise `InputError` `record.device_chain` for a break, `record.device_link_missing` for a capture without link.

    Attempts of programs that kept no links are taken as they stand.
    """
    attempts = [attempt for tries in stated.context.attempts.values() for attempt in tries]
    links: dict[DeviceLink, str] = {}
    unkept = False
    for attempt in attempts:
        signed = {(each.sha256, each.chain_hash): each.position for each in attempt.signed}
        if attempt.links is None:
            unkept = unkept or bool(signed)
            continue
        kept = [
            DeviceLink(each.position, each.sha256, each.previous, each.chain_hash, each.signed_at)
            for each in attempt.links
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
