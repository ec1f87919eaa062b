"""Who looked at what at the data center, or took it out. Rows hold ids and numbers, never a name or a NIK."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import sqlalchemy as sa

from fieldkit.domain.cards.registrations import without_niks
from sync.gateway.tables import access_log


class Origin(StrEnum):
    """From where somebody looked."""

    COMMAND = "command"
    OFFICE = "office"


@dataclass(frozen=True, slots=True)
class Access:
    """One look: who, from where, which act ("records.find") about what ("kit-01 2026-11-21"), and why if told."""

    who: str
    origin: Origin
    act: str
    about: str
    reason: str = ""


@dataclass(frozen=True, slots=True)
class LoggedAccess:
    """A look as it stands in the log."""

    number: int
    at: datetime
    access: Access


def note_access(connection: sa.Connection, access: Access, at: datetime) -> None:
    """Write a look down, before or with the reading of what is shown. Numbers like a NIK are hidden."""
    connection.execute(
        sa.insert(access_log).values(
            at=at,
            who=access.who[:64],
            origin=access.origin.value,
            act=access.act[:32],
            about=_shown(access.about),
            reason=_shown(access.reason),
        )
    )


def accesses(connection: sa.Connection, before: int = 0, size: int = 100) -> tuple[LoggedAccess, ...]:
    """Return the looks newest first; `before` is the number of the last one of the page before, 0 for the first."""
    query = sa.select(access_log).order_by(access_log.c.number.desc()).limit(size)
    rows = connection.execute(query.where(access_log.c.number < before) if before else query).all()
    return tuple(
        LoggedAccess(row.number, row.at, Access(row.who, Origin(row.origin), row.act, row.about, row.reason))
        for row in rows
    )


def _shown(text: str) -> str:
    # PostgreSQL keeps no NUL.
    return without_niks(text).replace("\0", "")[:200]
