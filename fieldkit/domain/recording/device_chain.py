"""The hash chain of registration devices: over every record of a person, also those that nobody keeps.

A link is SHA-256(hash before it ‖ SHA-256(record)), both binary; the first goes on from SHA-256 of nothing. There is no
key in it: it tells what a device signed for a person and in which order, not who wrote it down.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256

from fieldkit.domain.recording.positions import Position

EMPTY_HASH = sha256(b"").hexdigest().upper()

# Why a link has no sample, beside the reasons of devices and of our own checks.
UNASKED, REPEATED, REPLACED = "unasked", "repeated", "replaced"


@dataclass(frozen=True, slots=True)
class DeviceLink:
    """One record that a device signed: digest (hex SHA-256), hash before and after it, and why it was discarded."""

    position: Position
    sha256: str
    previous: str
    chain_hash: str
    signed_at: datetime
    discarded: str = ""


def next_hash(previous: str, digest: str) -> str:
    """Return the hash after a record, in upper case. Raise `ValueError` for what is not hexadecimal."""
    return sha256(bytes.fromhex(previous or EMPTY_HASH) + bytes.fromhex(digest)).hexdigest().upper()


def first_break(links: Iterable[DeviceLink], known: Iterable[str] = ()) -> DeviceLink | None:
    """Return the first link whose hash is not its own, or that goes on from a hash that no link has.

    A capture that was given up and came late goes on from the same link as the next one, so links may share a
    predecessor. `known` are hashes of which no link was kept.
    """
    found = list(links)
    before = {EMPTY_HASH, *known, *(link.chain_hash for link in found)}
    return next((link for link in found if link.previous not in before or not _holds(link)), None)


def _holds(link: DeviceLink) -> bool:
    try:
        return next_hash(link.previous, link.sha256) == link.chain_hash
    except ValueError:
        return False
