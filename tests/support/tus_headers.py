"""Headers that other clients of tus put on what they send."""

from __future__ import annotations

import hashlib

from sync.protocol import tus


def checked(chunk: bytes) -> dict[str, str]:
    """Return the headers about bytes that their checksum vouches for."""
    return tus.content_headers(hashlib.sha256(chunk).hexdigest())


def checked_at(offset: int, chunk: bytes) -> dict[str, str]:
    """Return the headers of a PATCH with such bytes."""
    return {**tus.piece_headers(offset), **checked(chunk)}
