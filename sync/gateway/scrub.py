"""Reads the stored objects again and again: what a receipt promised must be found missing by us first."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa

from fieldkit.domain.errors import KnownError
from sync.gateway.blobs import Content
from sync.gateway.context import GatewayContext
from sync.gateway.custody import fault_of, is_there, mark_lost, mark_verified
from sync.gateway.database import alone
from sync.gateway.named_files import SEALED
from sync.gateway.tables import manifests, records

_log = logging.getLogger(__name__)
_SCRUBS = 0x7363727562  # number of an advisory lock in PostgreSQL
_LOOK_AGAIN = timedelta(days=1)
_PAGE = 1000


@dataclass(frozen=True, slots=True)
class Finding:
    """A record and what is said of its object: "missing", "damaged", or the error that kept it from being read."""

    kit: str
    record_id: str
    fault: str


@dataclass(frozen=True, slots=True)
class ScrubReport:
    """What a whole scrub found. `unknown` are objects that no record names; they are never erased."""

    checked: int
    checked_bytes: int
    lost: tuple[Finding, ...]
    unreadable: tuple[Finding, ...]
    found_again: tuple[Finding, ...]
    unknown: tuple[str, ...]


class Scrub:
    """Compares objects with the manifests that promised them, and notes in each record when that was and how it ended.

    A lost record is asked for again by `reconcile`; one whose object is right after all is found again.
    """

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def run(self) -> ScrubReport:
        """Read every object. Raise `KnownError` `gateway.objects_away` when the whole store is out of reach."""
        with self._context.reading() as connection:
            rows = connection.execute(_ROWS.order_by(records.c.kit, records.c.record_id)).all()
        if rows and self._context.blobs.is_away():
            raise KnownError("gateway.objects_away")
        lost, unreadable, found_again = [], [], []
        for row in rows:
            try:
                fault = self.check(row)
            except OSError as error:
                unreadable.append(Finding(row.kit, row.record_id, type(error).__name__))
                continue
            if fault:
                lost.append(Finding(row.kit, row.record_id, fault))
            elif row.lost_at is not None:
                found_again.append(Finding(row.kit, row.record_id, ""))
        known = {row.key for row in rows}
        unknown = tuple(sorted(key for key in self._context.blobs.keys(SEALED) if key not in known))
        size = sum(row.size_bytes for row in rows)
        return ScrubReport(len(rows), size, tuple(lost), tuple(unreadable), tuple(found_again), unknown)

    def check(self, row: Any) -> str:
        """Read one object, note and return what is wrong with it, "" for nothing. Raise `OSError` when nobody knows."""
        fault = fault_of(self._context.blobs, row.key, Content(row.size_bytes, row.sha256))
        if fault:
            mark_lost(self._context, row.kit, row.record_id, row.receipt, fault)
        else:
            mark_verified(self._context, row.kit, row.record_id, row.receipt)
        return fault

    def look(self) -> None:
        """Compare the sizes of all objects, and read those that were called lost: they may be back.

        In S3 only the latter: a province has a million objects, and each would be a question over the network.
        """
        query = _ROWS if self._context.blobs.is_near else _ROWS.where(records.c.lost_at.is_not(None))
        place = sa.tuple_(records.c.kit, records.c.record_id)
        query, after = query.order_by(records.c.kit, records.c.record_id).limit(_PAGE), ("", "")
        while True:
            with self._context.reading() as connection:
                rows = connection.execute(query.where(place > sa.tuple_(*after))).all()
            for row in rows:
                if row.lost_at is None:
                    is_there(self._context, row)
                else:
                    self.check(row)
            if len(rows) < _PAGE:
                return
            after = (rows[-1].kit, rows[-1].record_id)

    def next_due(self) -> Any | None:
        """Return the record whose object was read longest ago, None when every one was read lately."""
        due = self._context.clock.now() - self._context.limits.scrub_every
        query = _ROWS.where(records.c.lost_at.is_(None), records.c.verified_at < due)
        with self._context.reading() as connection:
            return connection.execute(query.order_by(records.c.verified_at).limit(1)).one_or_none()


_ROWS = sa.select(
    records.c.kit,
    records.c.record_id,
    records.c.key,
    records.c.receipt,
    records.c.lost_at,
    manifests.c.size_bytes,
    manifests.c.sha256,
).join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))
_ROWS = _ROWS.where(records.c.erased_at.is_(None))


class ScrubWorker:
    """Scrubs on a thread of its own, slowly enough that nobody else notices; of several workers one does."""

    def __init__(self, context: GatewayContext, every_s: float = 60.0) -> None:
        self._context = context
        self._scrub = Scrub(context)
        self._every_s = every_s
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._work, name="scrub", daemon=True)

    def start(self) -> None:
        """Begin with a look at all objects."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Return whether the thread works."""
        return self._thread.is_alive()

    def stop(self) -> None:
        """End after the object under way."""
        self._stop.set()
        self._thread.join()

    def _work(self) -> None:
        looked_at = None
        while not self._stop.is_set():
            try:
                with alone(self._context.engine, _SCRUBS) as is_ours:
                    now = self._context.clock.now()
                    if is_ours and (looked_at is None or now - looked_at > _LOOK_AGAIN):
                        self._scrub.look()
                        looked_at = now
                    if is_ours:
                        self._read_what_is_due(self._stop.wait)
            except (OSError, sa.exc.SQLAlchemyError) as error:
                # Disk or database away: nothing is known and nothing is called lost; the next round tries again.
                _log.warning("the scrub could not work: %s", type(error).__name__)
            self._stop.wait(self._every_s)

    def _read_what_is_due(self, pause: Callable[[float], bool]) -> None:
        while (row := self._scrub.next_due()) is not None:
            self._scrub.check(row)
            if pause(row.size_bytes / self._context.limits.scrub_bytes_per_s):
                return
