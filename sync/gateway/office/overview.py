"""The first page: how the kits and their records stand, and what a person should look at."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from sync.gateway.database import count
from sync.gateway.office.certificates import ending
from sync.gateway.office.web import Office, Page, Visit
from sync.gateway.routes import readiness
from sync.gateway.tables import awaited_records, backups, kit_contacts, kits, manifests, records
from sync.protocol.messages import Readiness

SILENT_AFTER = timedelta(days=7)
_BACKUP_LIFE = timedelta(days=2)
_AGES = (
    ("office.age_day", timedelta(days=1)),
    ("office.age_three", timedelta(days=3)),
    ("office.age_week", timedelta(days=7)),
)
_MOST_NAMED, _MOST_COUNTED = 8, 1000


@dataclass(frozen=True, slots=True)
class Awaiting:
    """A kit whose records were announced and did not come: how many, and since when the oldest."""

    kit: str
    count: int
    oldest_at: datetime


@dataclass(frozen=True, slots=True)
class Silent:
    """A kit that was not heard of; `at` is None when it never was."""

    kit: str
    at: datetime | None


@dataclass(frozen=True, slots=True)
class Concern:
    """What a person should look at: a sentence, how much of it, and the page that tells more."""

    key: str
    count: int
    page: str = ""
    is_bad: bool = True


def awaited_by_age(connection: sa.Connection, now: datetime) -> Sequence[tuple[str, int]]:
    """Count the records that are announced and not received, by how long they are."""
    age = awaited_records.c.announced_at
    bounds = [sa.func.sum(sa.case((age > now - span, 1), else_=0)) for _, span in _AGES]
    counts = connection.execute(sa.select(sa.func.count(), *bounds).select_from(awaited_records)).one()
    total, *younger = (int(count or 0) for count in counts)
    steps = [later - earlier for earlier, later in zip([0, *younger], [*younger, total], strict=True)]
    return list(zip([*(key for key, _ in _AGES), "office.age_older"], steps, strict=True))


def awaited_by_kit(connection: sa.Connection, names: Sequence[str] = ()) -> Sequence[Awaiting]:
    """Return the kits with announced records that did not come, the longest waiting first; of `names` all."""
    oldest = sa.func.min(awaited_records.c.announced_at)
    query = sa.select(awaited_records.c.kit, sa.func.count(), oldest).group_by(awaited_records.c.kit)
    query = query.where(awaited_records.c.kit.in_(names)) if names else query.order_by(oldest).limit(_MOST_NAMED)
    return [Awaiting(*row) for row in connection.execute(query)]


def silent_kits(connection: sa.Connection, before: datetime) -> Sequence[Silent]:
    """Return kits that count and were not heard of since, the longest silent first."""
    heard_at = sa.func.coalesce(kit_contacts.c.at, kits.c.enrolled_at)
    query = (
        sa.select(kits.c.kit, kit_contacts.c.at)
        .outerjoin(kit_contacts, kit_contacts.c.kit == kits.c.kit)
        .where(kits.c.revoked_at.is_(None), heard_at < before)
        .order_by(heard_at)
        .limit(_MOST_NAMED)
    )
    return [Silent(*row) for row in connection.execute(query)]


def literally(value: str) -> sa.ColumnElement[str]:
    """Return a word of ours as it stands in a statement, not as its parameter.

    PostgreSQL plans a statement that came often without its parameters: a partial index, or one that helps with rare
    values only, would then be left aside. Raise `ValueError` for what cannot be a word of this program.
    """
    if value and not (value.isascii() and value.isidentifier()):
        raise ValueError(value)
    return sa.literal_column(f"'{value}'", sa.String)


IS_FORK = manifests.c.fork_of != literally("")


def count_some(connection: sa.Connection, condition: sa.ColumnElement[bool]) -> int:
    """Count rows up to a thousand: more than that is told as a thousand."""
    some = sa.select(sa.literal(1)).where(condition).limit(_MOST_COUNTED).subquery()
    return count(connection, some)


def is_old(connection: sa.Connection, now: datetime) -> bool:
    """Return whether there are records and the last backup is older than two days, or there is none."""
    has_records = connection.execute(sa.select(records.c.kit).limit(1)).first() is not None
    made_at = connection.scalar(sa.select(sa.func.max(backups.c.made_at)))
    return has_records and (made_at is None or now - made_at > _BACKUP_LIFE)


def concerns(connection: sa.Connection, state: Readiness, now: datetime) -> Sequence[Concern]:
    """Return what a person should look at, only what is so."""
    certificates = len(ending(connection, now))
    all_of_them = [
        Concern("office.warn_lost", count_some(connection, records.c.lost_at.is_not(None)), "/office/storage"),
        Concern("office.warn_forks", count_some(connection, IS_FORK), "/office/chains"),
        Concern("office.warn_gaps", state.gaps, "/office/chains"),
        Concern("office.warn_behind", int("opener.behind" in state.problems), "/office/storage"),
        Concern("office.warn_set_aside", state.set_aside, "/office/storage"),
        Concern("office.warn_full", int("disk.full" in state.problems), "/office/storage"),
        Concern("office.warn_away", int("objects.away" in state.problems), "/office/storage"),
        Concern("office.warn_backup", int(is_old(connection, now)), "/office/storage", is_bad=False),
        Concern("office.warn_certificates", certificates, "/office/certificates", is_bad=False),
        Concern("office.warn_ca", int("ca.ends" in state.problems), "/office/certificates", is_bad=False),
    ]
    return [concern for concern in all_of_them if concern.count]


def _overview(office: Office, visit: Visit) -> Response:
    now = office.context.clock.now()
    midnight = visit.words.begins(visit.words.today())
    state = readiness(office.context)
    with office.context.reading() as connection:
        values: dict[str, Any] = {
            "kits_total": count(connection, kits, kits.c.revoked_at.is_(None)),
            "kits_today": count(connection, kit_contacts, kit_contacts.c.at >= midnight),
            "received_today": count(connection, records, records.c.received_at >= midnight),
            "ages": awaited_by_age(connection, now),
            "awaiting": awaited_by_kit(connection),
            "silent": silent_kits(connection, now - SILENT_AFTER),
            "concerns": concerns(connection, state, now),
        }
    return office.page(visit, "overview.html", **values)


PAGES = (Page("/", _overview),)
