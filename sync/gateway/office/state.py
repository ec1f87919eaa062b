"""How the data center itself stands: storage, waiting work, doubtful chains, and the way to the official system."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import sqlalchemy as sa
from starlette.responses import Response

from fieldkit.ports.delivery import OnwardState
from sync.gateway.office.accounts import Right
from sync.gateway.office.overview import IS_FORK, count_some, literally
from sync.gateway.office.web import Office, Page, PageOf, Visit
from sync.gateway.opening.claims import missing
from sync.gateway.routes import readiness, set_aside
from sync.gateway.tables import backups, manifests, onward, records

_BACKUPS = 14
_QUEUED = [state.value for state in OnwardState if state is not OnwardState.NONE]


def _storage(office: Office, visit: Visit) -> Response:
    context = office.context
    losses, asides = PageOf.asked(visit.query, "lost"), PageOf.asked(visit.query, "aside")
    lost = sa.select(records.c.kit, records.c.record_id, records.c.lost_at).where(records.c.lost_at.is_not(None))
    with context.reading() as connection:
        ordered = lost.order_by(records.c.lost_at, records.c.record_id).offset(losses.first)
        rows = connection.execute(ordered.limit(losses.needed)).all()
        size = database_bytes(connection)
        made = connection.execute(sa.select(backups).order_by(backups.c.made_at.desc()).limit(_BACKUPS)).all()
    office.note(visit, "office.storage", "")
    return office.page(
        visit,
        "storage.html",
        state=readiness(context),
        database=context.engine.dialect.name,
        database_bytes=size,
        aside=asides.of(set_aside(context)[asides.first :][: asides.needed]),
        lost=losses.of(rows),
        backups=made,
    )


def database_bytes(connection: sa.Connection) -> int:
    """Return what the database takes on its disk."""
    if connection.dialect.name == "postgresql":
        size = sa.select(sa.func.pg_database_size(sa.func.current_database()))
        return int(connection.execute(size).scalar_one())
    pages, each = (connection.exec_driver_sql(f"PRAGMA {name}").scalar_one() for name in ("page_count", "page_size"))
    return int(pages) * int(each)


def _chains(office: Office, visit: Visit) -> Response:
    doubled, holes = PageOf.asked(visit.query, "forks"), PageOf.asked(visit.query, "gaps")
    query = (
        sa.select(
            manifests.c.kit,
            manifests.c.chain,
            manifests.c.sequence,
            manifests.c.record_id,
            manifests.c.fork_of,
            manifests.c.announced_at,
        )
        .where(IS_FORK)
        .order_by(manifests.c.kit, manifests.c.announced_at.desc(), manifests.c.record_id)
        .offset(doubled.first)
        .limit(doubled.needed)
    )
    with office.context.reading() as connection:
        forks = connection.execute(query).all()
    office.note(visit, "office.chains", "")
    gaps = missing(office.context, limit=holes.first + holes.needed)[holes.first :]
    return office.page(visit, "chains.html", forks=doubled.of(forks), gaps=holes.of(gaps))


def _onward(office: Office, visit: Visit) -> Response:
    with office.context.reading() as connection:
        counts = {state: count_some(connection, onward.c.state == literally(state)) for state in _QUEUED}
        state = visit.query.get("state", "")
        if state not in counts:
            urgent = (OnwardState.FAILED.value, OnwardState.REJECTED.value, OnwardState.WAITING.value)
            state = next((each for each in urgent if counts[each]), OnwardState.WAITING.value)
        page = PageOf.asked(visit.query)
        rows = page.of(_queued(connection, state, page))
    office.note(visit, "office.onward", "")
    return office.page(visit, "onward.html", counts=counts, state=state, queue=rows)


def _queued(connection: sa.Connection, state: str, page: PageOf) -> Sequence[Any]:
    # Counted off from the index that the order has; the rows themselves are read for one page.
    query = sa.select(onward).where(onward.c.state == literally(state)).order_by(onward.c.next_try_at)
    return connection.execute(query.offset(page.first).limit(page.needed)).all()


PAGES = (
    Page("/storage", _storage, Right.READ),
    Page("/chains", _chains, Right.READ),
    Page("/onward", _onward, Right.READ),
)
