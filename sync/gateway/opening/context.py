"""What opening needs of a gateway. A machine that only opens has no CA key, no TLS key and no receipt key."""

from __future__ import annotations

from typing import Protocol

import sqlalchemy as sa

from fieldkit.ports.clock import Clock
from sync.gateway.blobs import Blobs


class Rows(Protocol):
    """The database and the time by which rows are marked."""

    @property
    def engine(self) -> sa.Engine:
        """The gateway's database."""
        ...

    @property
    def clock(self) -> Clock:
        """The time of this machine."""
        ...


class OpeningContext(Rows, Protocol):
    """Database, bytes, time and the key under which a NIK is hashed."""

    @property
    def blobs(self) -> Blobs:
        """The sealed files."""
        ...

    @property
    def nik_key(self) -> bytes:
        """The key of the hash of a NIK: all openers of a gateway have the same."""
        ...
