"""What the core asks of a cipher for files that only this kit reads again."""

from __future__ import annotations

from typing import Protocol


class Cipher(Protocol):
    """Closes bytes for one place: what was closed about one thing does not open about another."""

    def close(self, content: bytes, about: bytes) -> bytes:
        """Return content encrypted and authenticated."""
        ...

    def open(self, closed: bytes, about: bytes) -> bytes | None:
        """Return what was closed, None when it is damaged, of another key or about something else."""
        ...

    def salted(self, salt: bytes) -> Cipher:
        """Return the cipher of one file: without its salt nothing that it closed opens again."""
        ...
