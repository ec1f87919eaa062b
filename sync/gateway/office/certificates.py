"""Certificates of kits, people, server and authority that run out soon."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import sqlalchemy as sa
from starlette.responses import Response

from fieldkit.vault.certificates import valid_until
from sync.gateway.office.accounts import Right
from sync.gateway.office.web import Office, Page, Visit
from sync.gateway.routes import ca_ends_at
from sync.gateway.tables import kits, users

SOON = timedelta(days=90)
# No certificate of a kit or a person lives shorter: whatever is younger than this less `SOON` need not be read.
_SHORTEST_LIFE = timedelta(days=2 * 365)
_MOST = 500


@dataclass(frozen=True, slots=True)
class Ending:
    """The newest certificate of a kit, or of a person on it (`user_id`), and when it ends."""

    kit: str
    user_id: str
    ends_at: datetime


def ending(connection: sa.Connection, now: datetime) -> Sequence[Ending]:
    """Return what ends within 90 days or has ended, the soonest first. What was revoked or replaced does not count."""
    old = now - _SHORTEST_LIFE + SOON
    of_kits = (
        sa.select(kits.c.kit, sa.literal("").label("user_id"), kits.c.certificate)
        .where(kits.c.revoked_at.is_(None), kits.c.enrolled_at < old)
        .limit(_MOST)
    )
    newer = users.alias()
    is_replaced = sa.exists().where(
        newer.c.kit == users.c.kit,
        newer.c.user_id == users.c.user_id,
        newer.c.issued_at > users.c.issued_at,
        newer.c.revoked_at.is_(None),
    )
    of_people = (
        sa.select(users.c.kit, users.c.user_id, users.c.certificate)
        .join(kits, kits.c.kit == users.c.kit)
        .where(users.c.revoked_at.is_(None), users.c.issued_at < old, kits.c.revoked_at.is_(None), ~is_replaced)
        .order_by(users.c.issued_at)
        .limit(_MOST)
    )
    rows = [row for query in (of_kits, of_people) for row in connection.execute(query)]
    found = [Ending(row.kit, row.user_id, valid_until(row.certificate)) for row in rows]
    return sorted((each for each in found if each.ends_at < now + SOON), key=lambda each: each.ends_at)


def _certificates(office: Office, visit: Visit) -> Response:
    with office.context.reading() as connection:
        found = ending(connection, office.context.clock.now())
    return office.page(visit, "certificates.html", ending=found, ca_ends_at=ca_ends_at(office.context), soon=SOON.days)


PAGES = (Page("/certificates", _certificates, Right.READ),)
