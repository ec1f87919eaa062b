"""Erases the bytes of records whose time is over, and proves it: the row stays with digest, receipt, reason and time.

Only what the official system has acknowledged is erased, and invalid records where the policy names a time for them.
Deciding, erasing and stating are three steps; one that dies between them is finished by the next run. Versions of
office bundles that every kit is past go along, without a proof: they are the office's own.
"""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

import sqlalchemy as sa

from fieldkit.domain.errors import KnownError
from fieldkit.ports.onward import OnwardState
from sync.gateway.context import GatewayContext
from sync.gateway.down.sweeping import sweep_passed
from sync.gateway.tables import erasures, manifests, onward, records

ERASURE_TYP = "fieldkit-erasure+jwt"
_AT_ONCE = 500


class Reason(StrEnum):
    """Why a record may go."""

    ACKNOWLEDGED = "acknowledged"  # the official system has it
    INVALID = "invalid"  # it never was a record


@dataclass(frozen=True, slots=True)
class Policy:
    """How long records are kept after they were received; None keeps invalid ones for ever."""

    acknowledged: timedelta
    invalid: timedelta | None = None


@dataclass(frozen=True, slots=True)
class Due:
    """A record whose time is over."""

    kit: str
    record_id: str
    received_at: datetime
    size_bytes: int
    reason: Reason


@dataclass(frozen=True, slots=True)
class Erased:
    """What a run did; `unfinished` are decided and could not be erased now: the next run does it."""

    count: int
    size_bytes: int
    unfinished: int
    bundles: int = 0  # versions of office bundles that were forgotten


@dataclass(frozen=True, slots=True)
class Erasure:
    """One record that was erased, with the signed statement, "" while its bytes are still there."""

    kit: str
    record_id: str
    reason: str
    decided_at: datetime
    statement: str


class Retention:
    """Works while the gateway runs; several at once share the work."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def due(self, policy: Policy) -> list[Due]:
        """Return what a run would erase, oldest first; nothing is changed."""
        with self._context.engine.begin() as connection:
            return [
                Due(row.kit, row.record_id, row.received_at, row.size_bytes, reason)
                for reason, query in self._queries(policy)
                for row in connection.execute(query)
            ]

    def erase(self, policy: Policy) -> Erased:
        """Erase what is due. Raise `KnownError` `gateway.objects_away`."""
        if self._context.blobs.is_away():
            raise KnownError("gateway.objects_away")
        for reason, query in self._queries(policy):
            while self._decide(reason, query.limit(_AT_ONCE)):
                pass
        count, size, unfinished = 0, 0, 0
        for row in self._undone():
            try:
                self._finish(row)
            except OSError:
                unfinished += 1
            else:
                count += 1
                size += row.size_bytes
        with self._context.engine.begin() as connection:
            bundles = sweep_passed(connection)
        return Erased(count, size, unfinished, bundles)

    def erasures(self) -> list[Erasure]:
        """Return all that was erased, oldest first."""
        columns = (erasures.c[name] for name in ("kit", "record_id", "reason", "decided_at", "statement"))
        with self._context.engine.begin() as connection:
            return [Erasure(*row) for row in connection.execute(sa.select(*columns).order_by(erasures.c.decided_at))]

    def _queries(self, policy: Policy) -> Iterator[tuple[Reason, sa.Select[Any]]]:
        now = self._context.clock.now()
        query = (
            sa.select(records.c.kit, records.c.record_id, records.c.received_at, manifests)
            .join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
            .where(records.c.erased_at.is_(None), records.c.lost_at.is_(None))
            .order_by(records.c.received_at, records.c.record_id)
        )
        handed_on = sa.and_(
            onward.c.kit == records.c.kit,
            onward.c.record_id == records.c.record_id,
            onward.c.state == OnwardState.ACKNOWLEDGED.value,
        )
        yield (
            Reason.ACKNOWLEDGED,
            query.join(onward, handed_on).where(
                records.c.verdict == "valid", records.c.received_at < now - policy.acknowledged
            ),
        )
        if policy.invalid is not None:
            yield (
                Reason.INVALID,
                query.where(records.c.verdict == "invalid", records.c.received_at < now - policy.invalid),
            )

    def _decide(self, reason: Reason, query: sa.Select[Any]) -> int:
        now = self._context.clock.now()
        with self._context.engine.begin() as connection:
            found = connection.execute(query.with_for_update(of=records, skip_locked=True)).all()
            for row in found:
                mine = {"kit": row.kit, "record_id": row.record_id}
                connection.execute(sa.update(records).filter_by(**mine).values(erased_at=now))
                connection.execute(
                    sa.insert(erasures).values(
                        **mine, sha256=row.sha256, size_bytes=row.size_bytes, reason=reason.value, decided_at=now
                    )
                )
        return len(found)

    def _undone(self) -> list[sa.Row[Any]]:
        query = (
            sa.select(erasures, records.c.key, records.c.receipt, records.c.received_at)
            .join(records, sa.and_(records.c.kit == erasures.c.kit, records.c.record_id == erasures.c.record_id))
            .where(erasures.c.statement == "")
            .order_by(erasures.c.decided_at)
        )
        with self._context.engine.begin() as connection:
            return list(connection.execute(query).all())

    def _finish(self, row: sa.Row[Any]) -> None:
        """Erase the object, look that it is gone, then state it. Raise `OSError`."""
        if not self._is_anothers(row):
            self._context.blobs.delete(row.key)
            try:
                self._context.blobs.size(row.key)
            except FileNotFoundError:
                pass
            else:
                raise OSError("the object is still there")
        said = {
            "kit": row.kit,
            "record_id": row.record_id,
            "sha256": row.sha256,
            "size_bytes": row.size_bytes,
            "received_at": row.received_at.isoformat(),
            "receipt_sha256": hashlib.sha256(row.receipt.encode("ascii")).hexdigest(),
            "reason": row.reason,
            "decided_at": row.decided_at.isoformat(),
            "erased_at": self._context.clock.now().isoformat(),
            "gateway": self._context.name,
        }
        statement = self._context.receipt_signer.sign(said, ERASURE_TYP)
        with self._context.engine.begin() as connection:
            connection.execute(
                sa.update(erasures)
                .where(erasures.c.kit == row.kit, erasures.c.record_id == row.record_id, erasures.c.statement == "")
                .values(statement=statement)
            )

    def _is_anothers(self, row: sa.Row[Any]) -> bool:
        """Whether a record that stays has the same bytes: two laptops may have carried one file."""
        others = sa.select(sa.literal(1)).where(records.c.key == row.key, records.c.erased_at.is_(None)).limit(1)
        with self._context.engine.begin() as connection:
            return connection.execute(others).first() is not None
