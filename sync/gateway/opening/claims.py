"""Which opener has which record now. Several may work on one database, and any of them may die anywhere.

A claim is a row that was set aside without an error: committed before the record is opened, it outlives its opener and
is counted as a try, so that a record which ends each process that opens it is set aside for good.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Protocol

import sqlalchemy as sa

from fieldkit.domain.errors import InputError
from fieldkit.ports.clock import Clock
from fieldkit.vault.device_trust import CompactJws
from sync.gateway.blobs import Blobs
from sync.gateway.database import count, reading
from sync.gateway.tables import IS_ASIDE, chain_gaps, kits, manifests, records
from sync.protocol.messages import Manifest

# What opening needs of a gateway. A machine that only opens has no CA key, no TLS key and no receipt key.


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


LEASE = timedelta(minutes=10)  # far above what the greatest record takes; who needs longer is opened twice, judged once
# A record that failed is tried again at these starts of the program, later once a day.
QUICK_TRIES = 3
_LATER = timedelta(days=1)
_DIED = "ProcessDied"

_PLACE = (records.c.received_at, records.c.record_id, records.c.kit)
_WAITS = (records.c.verdict == "", records.c.lost_at.is_(None), records.c.set_aside_at.is_(None))
_IS_CLAIMED = sa.and_(IS_ASIDE, records.c.set_aside_error == "")
_IS_FAILED = sa.and_(IS_ASIDE, records.c.set_aside_error != "")


@dataclass(frozen=True, slots=True)
class Claim:
    """A record that this opener may open now. `row` has the columns of its manifest, `key` and `receipt`."""

    row: Any
    at: datetime

    @property
    def names(self) -> dict[str, str]:
        """The key of the record."""
        return {"kit": self.row.kit, "record_id": self.row.record_id}


class Claims:
    """Takes records one by one, in the order in which they were received."""

    def __init__(self, context: Rows, lease: timedelta = LEASE) -> None:
        self._context = context
        self._lease = lease
        # One process has an SQLite file: at its start, whoever had claims there is dead.
        self._lease_at_start = timedelta(0) if context.engine.dialect.name == "sqlite" else lease

    def take(self, after: Claim | None) -> Claim | None:
        """Claim the next record behind another one, None at the end; what another opener holds is passed over."""
        behind = () if after is None else (sa.tuple_(*_PLACE) > sa.tuple_(*_place_of(after)),)
        query = (
            sa.select(records.c.key, records.c.receipt, records.c.received_at, manifests)
            .join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
            .where(*_WAITS, *behind)
            .order_by(*_PLACE)
            .limit(1)
            .with_for_update(of=records, skip_locked=True)
        )
        now = self._context.clock.now()
        with self._context.engine.begin() as connection:
            row = connection.execute(query).one_or_none()
            if row is None:
                return None
            claim = Claim(row, now)
            values = {"set_aside_at": now, "set_aside_error": "", "tries": records.c.tries + 1}
            connection.execute(sa.update(records).filter_by(**claim.names).values(values))
        return claim

    def give_back(self, claim: Claim) -> None:
        """Let the record wait as if it had not been tried; nothing when another opener has it meanwhile."""
        self._mark(claim, {"set_aside_at": None, "tries": records.c.tries - 1})

    def set_aside(self, claim: Claim, error: str) -> None:
        """Keep the record back under the name of an error of ours."""
        self._mark(claim, {"set_aside_error": error[:80]})

    def reclaim(self) -> None:
        """Let records wait again whose opener died; one that did not survive several times is set aside."""
        died = sa.and_(_IS_CLAIMED, records.c.set_aside_at < self._context.clock.now() - self._lease)
        with self._context.engine.begin() as connection:
            connection.execute(
                sa.update(records).where(died, records.c.tries >= QUICK_TRIES).values(set_aside_error=_DIED)
            )
            connection.execute(sa.update(records).where(died).values(set_aside_at=None))

    def release(self) -> int:
        """Let records that were set aside be tried once more, at a start of the program; return how many."""
        now = self._context.clock.now()
        is_dead = records.c.set_aside_at <= now - self._lease_at_start
        is_due = sa.or_(records.c.tries < QUICK_TRIES, records.c.set_aside_at < now - _LATER)
        with self._context.engine.begin() as connection:
            connection.execute(sa.update(records).where(_IS_CLAIMED, is_dead).values(set_aside_error=_DIED))
            return connection.execute(sa.update(records).where(_IS_FAILED, is_due).values(set_aside_at=None)).rowcount

    def _mark(self, claim: Claim, values: dict[str, object]) -> None:
        is_mine = _IS_CLAIMED, records.c.set_aside_at == claim.at
        with self._context.engine.begin() as connection:
            connection.execute(sa.update(records).filter_by(**claim.names).where(*is_mine).values(**values))


def _place_of(claim: Claim) -> tuple[sa.BindParameter[Any], ...]:
    values = (claim.row.received_at, claim.row.record_id, claim.row.kit)
    return tuple(sa.bindparam(None, value, column.type) for column, value in zip(_PLACE, values, strict=True))


# Missing records of a kit's chain: a later one was announced, this one never. Kept as few rows, not searched for.

# A stick with the earlier records may be on its way, or a laptop sends its newest ones first.
PATIENCE = timedelta(days=1)
_PAGE = 200
_LONGEST_REASON = 200


@dataclass(frozen=True, slots=True)
class ChainGap:
    """Places `first` … `last` of a chain whose records nobody announced, and when the first one behind them came."""

    kit: str
    chain: str
    first: int
    last: int
    since: datetime
    known_why: str = ""  # said by a person: these will never come

    @property
    def count(self) -> int:
        """How many records are missing."""
        return self.last - self.first + 1


@dataclass(frozen=True, slots=True)
class ChainEnd:
    """The highest place of a chain, 0 without any, and the digests of the records that stand there."""

    place: int
    digests: frozenset[str]


def end_of_chain(connection: sa.Connection, kit: str, chain: str) -> ChainEnd:
    """Return where a chain ends; nobody else moves it until the transaction is over."""
    connection.execute(_LOCKED, {"of_kit": kit})
    rows = connection.execute(_END, {"of_kit": kit, "of_chain": chain}).all()
    return ChainEnd(rows[0].sequence if rows else 0, frozenset(row.sha256 for row in rows))


def note_manifest(connection: sa.Connection, manifest: Manifest, now: datetime) -> None:
    """Open, narrow or close gaps for a manifest, in its transaction and before its row is there.

    A place counts as missing too while only another record than the one that the next names stands there: a record
    that was dropped and replaced.
    """
    if not manifest.chain:  # of a program that numbered nothing
        return
    # One at a time for each kit: two who look for the highest place at once would both find the old one.
    connection.execute(_LOCKED, {"of_kit": manifest.kit})
    of_chain, place = {"kit": manifest.kit, "chain": manifest.chain}, manifest.sequence
    highest = connection.scalar(_HIGHEST, {"of_kit": manifest.kit, "of_chain": manifest.chain}) or 0
    if place > highest + 1:
        _open_gap(connection, of_chain, highest + 1, place - 1, now)
    elif place <= highest and _is_wanted(connection, of_chain, manifest):
        _take_out(connection, of_chain, place)
    if place > 1 and manifest.previous:
        before = _at(connection, of_chain, place - 1)
        if before and manifest.previous not in {row.sha256 for row in before}:
            _open_gap(connection, of_chain, place - 1, place - 1, now)


def missing(context: Rows, kit: str = "", patience: timedelta = PATIENCE, limit: int = _PAGE) -> tuple[ChainGap, ...]:
    """Return the gaps that are older than `patience` and that nobody explained, of one kit or of all, oldest first."""
    return _found(context, kit, limit, _is_due(context, patience))


def explained(context: Rows, kit: str = "", limit: int = _PAGE) -> tuple[ChainGap, ...]:
    """Return the gaps whose reason somebody knows, of one kit or of all, oldest first."""
    return _found(context, kit, limit, chain_gaps.c.known_why != "")


def explain(context: Rows, kit: str, chain: str, first: int, why: str) -> ChainGap:
    """Say why the records of a gap will never come; one that comes all the same still closes it.

    Raise `InputError`: `gateway.no_gap`, `gateway.gap_reason` (empty or longer than 200 characters).
    """
    why = " ".join(why.split())
    if not 0 < len(why) <= _LONGEST_REASON or not why.isprintable():
        raise InputError("gateway.gap_reason", most=_LONGEST_REASON)
    place = {"kit": kit, "chain": chain, "first": first}
    with context.engine.begin() as connection:
        connection.execute(sa.update(chain_gaps).filter_by(**place).values(known_why=why))
        row = connection.execute(sa.select(chain_gaps).filter_by(**place)).one_or_none()
    if row is None:
        raise InputError("gateway.no_gap", kit=kit, chain=chain, first=first)
    return ChainGap(*row)


def _found(context: Rows, kit: str, limit: int, where: sa.ColumnElement[bool]) -> tuple[ChainGap, ...]:
    query = sa.select(chain_gaps).where(where)
    if kit:
        query = query.where(chain_gaps.c.kit == kit)
    with reading(context.engine) as connection:
        rows = connection.execute(query.order_by(chain_gaps.c.since, chain_gaps.c.kit, chain_gaps.c.first).limit(limit))
        return tuple(ChainGap(*row) for row in rows)


def count_missing(context: Rows, connection: sa.Connection, patience: timedelta = PATIENCE) -> int:
    """Return how many gaps are older than `patience` and explained by nobody."""
    return count(connection, chain_gaps, _is_due(context, patience))


def _is_due(context: Rows, patience: timedelta) -> sa.ColumnElement[bool]:
    return sa.and_(chain_gaps.c.known_why == "", chain_gaps.c.since <= context.clock.now() - patience)


def _at(connection: sa.Connection, of_chain: dict[str, str], place: int) -> Sequence[Any]:
    return connection.execute(_AT, {"of_kit": of_chain["kit"], "of_chain": of_chain["chain"], "at": place}).all()


def _is_wanted(connection: sa.Connection, of_chain: dict[str, str], manifest: Manifest) -> bool:
    """Whether those who come next, if any, name this record as the one before them, or name none."""
    named = {
        CompactJws.parse(row.jws).payload.get("previous", "")
        for row in _at(connection, of_chain, manifest.sequence + 1)
    }
    return not named or manifest.sha256 in named or "" in named


def _covering(connection: sa.Connection, of_chain: dict[str, str], place: int) -> Any:
    around = chain_gaps.c.first <= place, chain_gaps.c.last >= place
    return connection.execute(sa.select(chain_gaps).filter_by(**of_chain).where(*around)).one_or_none()


def _take_out(connection: sa.Connection, of_chain: dict[str, str], place: int) -> None:
    gap = _covering(connection, of_chain, place)
    if gap is None:
        return
    connection.execute(sa.delete(chain_gaps).filter_by(**of_chain, first=gap.first))
    for first, last in ((gap.first, place - 1), (place + 1, gap.last)):
        if first <= last:
            _open_gap(connection, of_chain, first, last, gap.since, gap.known_why)


def _open_gap(
    connection: sa.Connection, of_chain: dict[str, str], first: int, last: int, since: datetime, why: str = ""
) -> None:
    if _covering(connection, of_chain, first) is None:
        places = {"first": first, "last": last, "since": since, "known_why": why}
        connection.execute(sa.insert(chain_gaps).values(**of_chain, **places))


# Asked for each new manifest: made once.
_of_chain = manifests.c.kit == sa.bindparam("of_kit"), manifests.c.chain == sa.bindparam("of_chain")
_LOCKED = sa.select(kits.c.kit).where(kits.c.kit == sa.bindparam("of_kit")).with_for_update(key_share=True)
_HIGHEST = sa.select(sa.func.max(manifests.c.sequence)).where(*_of_chain)
_AT = sa.select(manifests.c.sha256, manifests.c.jws).where(*_of_chain, manifests.c.sequence == sa.bindparam("at"))
_other = manifests.alias()
_highest = (
    sa.select(sa.func.max(_other.c.sequence))
    .where(_other.c.kit == sa.bindparam("of_kit"), _other.c.chain == sa.bindparam("of_chain"))
    .scalar_subquery()
)
_END = sa.select(manifests.c.sequence, manifests.c.sha256).where(*_of_chain, manifests.c.sequence == _highest)
