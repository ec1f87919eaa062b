"""Whether the bytes that a receipt promised are there: looked at, noted in the row, and said."""

from __future__ import annotations

import errno
import hashlib
import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import KnownError
from fieldkit.domain.recording.exceptions import LEAD_WANTED
from sync.gateway.blobs import SEALED_FILE, Blobs, Content
from sync.gateway.certificates import kit_certificates
from sync.gateway.database import GatewayContext, alone, fits_a_row
from sync.gateway.opening.claims import Rows
from sync.gateway.tables import anchors, manifests, records, vouches
from sync.protocol.down import Vouch, Vouches, VouchesAnswer
from sync.protocol.messages import ANCHOR_TYP, Anchors, AnchorsAnswer, AnchorWord

# The newest events of the kits' logs, as the kits signed them: whoever rewrites a log cannot rewrite these.


class AnchorKeeper:
    """Keeps what a kit anchors. Nothing is replaced: a second word on one place proves that a log was rewritten."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def keep(self, kit: str, message: Anchors) -> AnchorsAnswer:
        """Keep each anchor and return one word for it, with the newest kept ones of the kit's chains."""
        words = tuple(self._keep(kit, jws) for jws in message.anchors)
        newest = sa.select(anchors.c.chain, sa.func.max(anchors.c.sequence)).where(anchors.c.kit == kit)
        with self._context.reading() as connection:
            tops = connection.execute(newest.group_by(anchors.c.chain).order_by(anchors.c.chain)).all()
            kept = tuple(_first_at(connection, kit, chain, sequence)[1] for chain, sequence in tops)
        return AnchorsAnswer(words=words, kept=kept)

    def _keep(self, kit: str, jws: str) -> str:
        word = self._verified(kit, jws)
        if word is None or word.kit != kit:
            return "anchor.invalid"
        with suppress(IntegrityError), self._context.engine.begin() as connection:
            is_known = connection.scalar(
                sa.select(sa.literal(1))
                .select_from(anchors)
                .filter_by(kit=kit, chain=word.chain, sequence=word.sequence, digest=word.digest)
            )
            top = connection.scalar(sa.select(sa.func.max(anchors.c.sequence)).filter_by(kit=kit, chain=word.chain))
            first, _ = _first_at(connection, kit, word.chain, word.sequence)
            if not first and top is not None and word.sequence < top:
                return "anchor.behind"
            if not is_known:
                values = word.model_dump(exclude={"kit"})
                connection.execute(
                    sa.insert(anchors).values(kit=kit, **values, jws=jws, received_at=self._context.clock.now())
                )
        return "anchor.forked" if first and first != word.digest else ""

    def _verified(self, kit: str, jws: str) -> AnchorWord | None:
        with self._context.reading() as connection:
            certificates = kit_certificates(connection, kit)
        for certificate in certificates:
            with suppress(KnownError, ValidationError):
                payload = self._context.verifier_for(certificate.certificate).verify(jws, ANCHOR_TYP)
                word = AnchorWord.model_validate(payload)
                return word if fits_a_row(word.chain, word.sequence) else None
        return None


def _first_at(connection: sa.Connection, kit: str, chain: str, sequence: int) -> tuple[str, str]:
    """Return digest and JWS of the word that came first for a place of a chain, twice "" when none did."""
    query = (
        sa.select(anchors.c.digest, anchors.c.jws)
        .filter_by(kit=kit, chain=chain, sequence=sequence)
        .order_by(anchors.c.received_at, anchors.c.digest)
        .limit(1)
    )
    row = connection.execute(query).one_or_none()
    return ("", "") if row is None else (row.digest, row.jws)


MISSING, DAMAGED = "missing", "damaged"

_log = logging.getLogger(__name__)


def fault_of(blobs: Blobs, key: str, promised: Content) -> str:
    """Read an object and return "", `MISSING` or `DAMAGED`. Raise `OSError` when the store does not answer."""
    try:
        return "" if blobs.content(key) == promised else DAMAGED
    except OSError as error:
        return fault_named(blobs, error)


def fault_named(blobs: Blobs, error: OSError) -> str:
    """Return what a failed read says about this one object; raise it again when it says that the store is away."""
    if isinstance(error, FileNotFoundError) and not blobs.is_away():
        return MISSING
    if error.errno == errno.EIO:  # a bad sector
        return DAMAGED
    raise error


def is_there(context: GatewayContext, row: Any) -> bool:
    """Whether an object has the size it should have; when not, it is noted as lost. Its bytes are not read.

    `row` has kit, record_id, key, receipt and size_bytes. Where the store does not answer nothing is known, so nothing
    is called lost.
    """
    try:
        fault = "" if context.blobs.size(row.key) == row.size_bytes else DAMAGED
    except FileNotFoundError:
        fault = "" if context.blobs.is_away() else MISSING
    except OSError:
        fault = ""
    if fault:
        mark_lost(context, row.kit, row.record_id, row.receipt, fault)
    return not fault


def mark_lost(context: Rows, kit: str, record_id: str, receipt: str, fault: str) -> None:
    """Note that the bytes of a receipt are gone, unless a newer receipt came meanwhile."""
    with context.engine.begin() as connection:
        is_news = connection.execute(
            sa.update(records)
            .where(*_same(kit, record_id, receipt), records.c.lost_at.is_(None), records.c.erased_at.is_(None))
            .values(lost_at=context.clock.now())
        ).rowcount
    if is_news:
        _log.warning("the object of record %s of %s is %s; the kit is asked to send it again", record_id, kit, fault)


def mark_verified(context: GatewayContext, kit: str, record_id: str, receipt: str) -> None:
    """Note that the bytes of a receipt were read and are right; a record that was called lost is found again."""
    with context.engine.begin() as connection:
        connection.execute(
            sa.update(records)
            .where(*_same(kit, record_id, receipt))
            .values(verified_at=context.clock.now(), lost_at=None)
        )


def _same(kit: str, record_id: str, receipt: str) -> tuple[sa.ColumnElement[bool], ...]:
    return records.c.kit == kit, records.c.record_id == record_id, records.c.receipt == receipt


# Reads the stored objects again and again: what a receipt promised must be found missing by us first.

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
        unknown = tuple(sorted(key for key in self._context.blobs.keys(SEALED_FILE) if key not in known))
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


# What team leads answer for: signatures over records that were sealed before acts of authority were signed.

_MOST = 8  # of one record: each is judged whenever the record is opened


class VouchKeeper:
    """Keeps what kits hand in and lets the opener look at their records again; only the opener judges a signature."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context

    def keep(self, kit: str, message: Vouches) -> VouchesAnswer:
        """Keep each and return one word for it."""
        return VouchesAnswer(words=tuple(self._keep(kit, vouch) for vouch in message.vouches))

    def _keep(self, kit: str, vouch: Vouch) -> str:
        names = {"kit": kit, "record_id": str(vouch.record_id)}
        digest = hashlib.sha256(vouch.signature.encode()).hexdigest()
        with self._context.engine.begin() as connection:
            if connection.scalar(sa.select(records.c.kit).filter_by(**names)) is None:
                return "vouch.unknown"
            oldest = sa.select(vouches.c.digest).filter_by(**names).order_by(vouches.c.received_at)
            here = list(connection.scalars(oldest))
            if digest not in here:
                for gone in here[: max(0, len(here) + 1 - _MOST)]:
                    connection.execute(sa.delete(vouches).filter_by(**names, digest=gone))
                row = {"digest": digest, "jws": vouch.signature, "certificate": vouch.certificate}
                at = self._context.clock.now()
                connection.execute(sa.insert(vouches).values(**names, **row, received_at=at))
            waiting = sa.update(records).filter_by(**names, verdict="", set_aside_error=LEAD_WANTED)
            connection.execute(waiting.values(set_aside_at=None, set_aside_error="", tries=0))
        return ""
