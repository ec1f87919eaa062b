"""Receipts: names and rows of records whose bytes are on the disk, given in groups.

Each receipt is a promise that waits for the disk. Requests that come while one group is being written make the next
one together: one wait for the folder of their objects, one transaction, one wait for it.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from sync.gateway.blobs import Prepared, sealed_key
from sync.gateway.database import GatewayContext, Refusal, listed, one_of
from sync.gateway.ledger import KeptQuestion
from sync.gateway.tables import awaited_records, kits, manifests, parts, records, tokens, uploads
from sync.protocol.messages import RECEIPT_TYP, Receipt

# How far one record has come at the data center, for one kit that sends it: read in one round trip.


@dataclass(frozen=True, slots=True)
class UploadView:
    """Where an upload stands; complete when `offset == length`."""

    record_id: str
    offset: int
    length: int
    expires_at: datetime | None  # None once the record is received
    receipt: str = ""  # of a received record


@dataclass(frozen=True, slots=True)
class Standing:
    """What is known. `receipt` is None without one, and when the bytes that it promised are lost."""

    kit: str
    record_id: str
    sha256: str
    size_bytes: int
    jws: str  # the manifest as the kit signed it
    receipt: str | None
    view: UploadView | None
    is_lost: bool  # there is a receipt whose bytes are gone
    has_uploads: bool  # somebody began to send it, this carrier or another
    key: str  # of its object


def standing(connection: sa.Connection, kit: str, record_id: str, carrier: str) -> Standing:
    """Return how far a record of a kit is that `carrier` sends. Raise `Refusal` 404 for one that nobody announced."""
    row = connection.execute(_QUERY, {"of_kit": kit, "of_record": record_id, "by": carrier}).one_or_none()
    if row is None:
        raise Refusal(404, "manifest.unknown", "announce the manifest first")
    return _standing(*row)


class Expected:
    """Says of a record that its own kit sends whether it may come: token, revocation and manifest in one question."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._at_once = KeptQuestion(context.engine, _OF_TOKEN) if KeptQuestion.fits(context.engine) else None

    def of(self, token_hash: str, record_id: str) -> Standing | None:
        """Return how far it is; None where its kit is not let in (`Admission.kit_in`) or announced no such record."""
        with self._context.asking() as connection:
            row = connection.execute(_OF_TOKEN, {"hash": token_hash, "of_record": record_id}).one_or_none()
        return self._read(row)

    def at_once(self, token_hash: str, record_id: str) -> Standing | None:
        """Return the same on the event loop: it takes less than to ask a thread. None also where only `of` can say."""
        if self._at_once is None:
            return None
        return self._read(self._at_once.ask(hash=token_hash, of_record=record_id))

    def close(self) -> None:
        """Let go of the connection."""
        if self._at_once is not None:
            self._at_once.close()

    def _read(self, row: Sequence[Any] | None) -> Standing | None:
        if row is None:
            return None
        *known, expires_at, revoked_at = row
        is_let_in = revoked_at is None and self._context.clock.now() < expires_at
        return _standing(*known) if is_let_in else None


def _standing(
    kit: str,
    record_id: str,
    sha256: str,
    size_bytes: int,
    jws: str,
    announced_at: datetime,
    given: str | None,
    lost_at: datetime | None,
    has_uploads: int,
    offset: int | None,
    length: int | None,
    expires_at: datetime | None,
) -> Standing:
    """Read a row of `_COLUMNS`, in their order."""
    receipt = given if lost_at is None else None
    view = None
    if receipt is not None:
        view = UploadView(record_id, size_bytes, size_bytes, None, receipt)
    elif offset is not None and length is not None:
        view = UploadView(record_id, offset, length, expires_at)
    return Standing(
        kit,
        record_id,
        sha256,
        size_bytes,
        jws,
        receipt,
        view,
        is_lost=lost_at is not None,
        has_uploads=bool(has_uploads),
        key=sealed_key(sha256, announced_at),
    )


_all = uploads.alias()
_of_anybody = sa.exists().where(_all.c.kit == manifests.c.kit, _all.c.record_id == manifests.c.record_id)
_COLUMNS = (
    manifests.c.kit,
    manifests.c.record_id,
    manifests.c.sha256,
    manifests.c.size_bytes,
    manifests.c.jws,
    manifests.c.announced_at,
    records.c.receipt,
    records.c.lost_at,
    _of_anybody.label("has_uploads"),
    uploads.c.offset,
    uploads.c.length,
    uploads.c.expires_at,
)


def _of_one(carrier: sa.ColumnElement[str], *further: sa.ColumnElement[Any]) -> sa.Select[Any]:
    def same(table: sa.Table) -> sa.ColumnElement[bool]:
        return sa.and_(table.c.kit == manifests.c.kit, table.c.record_id == manifests.c.record_id)

    return (
        sa.select(*_COLUMNS, *further)
        .select_from(manifests)
        .outerjoin(records, same(records))
        .outerjoin(uploads, same(uploads) & (uploads.c.carrier == carrier))
        .where(manifests.c.record_id == sa.bindparam("of_record"))
    )


# Made once for the life of the process, as what SQLAlchemy makes of them is.
_QUERY = _of_one(sa.bindparam("by", type_=sa.String)).where(manifests.c.kit == sa.bindparam("of_kit"))
_OF_TOKEN = (
    _of_one(manifests.c.kit, tokens.c.expires_at.label("token_expires_at"), kits.c.revoked_at)
    .join(tokens, tokens.c.kit == manifests.c.kit)
    .join(kits, kits.c.kit == tokens.c.kit)
    .where(tokens.c.token_hash == sa.bindparam("hash"))
)


@dataclass(frozen=True, slots=True)
class Kept:
    """A signed receipt whose object and row are on the disk, and the keys of the parts that the record had."""

    receipt: str
    part_keys: Sequence[str]


@dataclass(slots=True, eq=False)
class _Waiting:
    """A row that a request waits for."""

    values: dict[str, Any]
    is_lost: bool
    has_uploads: bool
    prepared: Sequence[Prepared]
    carrier: str
    kept: Future[Kept] = field(default_factory=Future)
    part_keys: Sequence[str] = ()

    @property
    def names(self) -> dict[str, str]:
        return {"of_kit": self.values["kit"], "of_record": self.values["record_id"]}


class Receipts:
    """Signs and keeps. The uploads of a received record are over with its row, whoever sends."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._lock = threading.Condition(threading.Lock())
        self._waiting: list[_Waiting] = []
        self._is_writing = False
        self._revoked = sa.select(kits.c.kit).where(
            one_of(context.engine, kits.c.kit, "carriers"), kits.c.revoked_at.is_not(None)
        )
        self._crew = ThreadPoolExecutor(1, "receipts")  # its thread begins when two come at the same moment

    def keep(self, manifest: Standing, prepared: Sequence[Prepared] = (), carrier: str = "") -> Future[Kept]:
        """Promise a record whose bytes are on the disk: `prepared` have their names before the row is written.

        The future has an `IntegrityError` when another request was faster, an `OSError` without a name, a `Refusal` 401
        when `carrier`, the kit that sends it, was shut out while its bytes came, or what the database says.
        """
        now = self._context.clock.now()
        signed = self._signed(manifest, now)
        values = {
            "kit": manifest.kit,
            "record_id": manifest.record_id,
            "key": manifest.key,
            "received_at": now,
            "verified_at": now,
            "lost_at": None,
            "receipt": signed,
        }
        row = _Waiting(values, manifest.is_lost, manifest.has_uploads, prepared, carrier)
        with self._lock:
            self._waiting.append(row)
            is_first, self._is_writing = not self._is_writing, True
        if is_first:
            self._write_waiting()
        return row.kept

    def _signed(self, manifest: Standing, now: datetime) -> str:
        receipt = Receipt(
            record_id=UUID(manifest.record_id),
            sha256=manifest.sha256,
            size_bytes=manifest.size_bytes,
            received_at=now,
            gateway=self._context.name,
            receipt_id=uuid4(),
            manifest_sha256=hashlib.sha256(manifest.jws.encode("ascii")).hexdigest(),
        )
        return self._context.receipt_signer.sign(receipt.model_dump(mode="json"), RECEIPT_TYP)

    def close(self) -> None:
        """Wait until all who wait are written; nobody comes any more."""
        with self._lock:
            self._lock.wait_for(lambda: not self._is_writing)
        self._crew.shutdown()

    def _write_waiting(self) -> None:
        """Write all who wait. Those who come meanwhile are the next group, for nobody writes for others for ever."""
        with self._lock:
            group, self._waiting = self._waiting, []
        try:
            self._write_group(self._named(group))
        except BaseException as error:  # noqa: BLE001 - raised again by each of them
            for row in group:
                if not row.kept.done():
                    row.kept.set_exception(error)
        with self._lock:
            self._is_writing = bool(self._waiting)
            if self._is_writing:
                self._crew.submit(self._write_waiting)
            else:
                self._lock.notify_all()

    def _named(self, group: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Give the objects of a group their names; return those that have them, tell the others why not."""
        errors = self._context.blobs.name(*(each for row in group for each in row.prepared))
        for row in group:
            if error := next((errors[each] for each in row.prepared if each in errors), None):
                row.kept.set_exception(error)
        return [row for row in group if not row.kept.done()]

    def _write_group(self, group: Sequence[_Waiting]) -> None:
        if not group:
            return
        try:
            with self._context.engine.begin() as connection:
                group = self._of_admitted(connection, group)
                _write_rows(connection, group)
        except IntegrityError as error:
            if len(group) == 1:
                group[0].kept.set_exception(error)
                return
            for row in group:  # somebody was faster with one of them: the others go on
                self._write_group([row])
        else:
            for row in group:
                row.kept.set_result(Kept(row.values["receipt"], row.part_keys))

    def _of_admitted(self, connection: sa.Connection, group: Sequence[_Waiting]) -> Sequence[_Waiting]:
        """Return the rows whose carriers still count, refuse the others."""
        carriers = {row.carrier for row in group if row.carrier}
        asked = {"carriers": listed(self._context.engine, sorted(carriers))}
        revoked = set(connection.scalars(self._revoked, asked)) if carriers else set()
        for row in group:
            if row.carrier in revoked:
                row.kept.set_exception(Refusal(401, "auth.kit_revoked"))
        return [row for row in group if row.carrier not in revoked]


def delete_uploads(connection: sa.Connection, kit: str, record_id: str, carrier: str | None = None) -> Sequence[str]:
    """Delete the uploads of a record, of one carrier or of all; return the keys of their parts."""
    names = {"of_kit": kit, "of_record": record_id}
    if carrier is not None:
        names["by"] = carrier
    find, forget_parts, forget = _OF_ALL if carrier is None else _OF_ONE
    keys: Sequence[str] = connection.scalars(find, names).all()
    if keys:
        connection.execute(forget_parts, names)
    connection.execute(forget, names)
    return keys


def _write_rows(connection: sa.Connection, group: Sequence[_Waiting]) -> None:
    again = [row for row in group if row.is_lost and _sent_again(connection, row)]
    new = [row for row in group if row not in again]
    if new:
        connection.execute(_NEW, [row.values for row in new])
        connection.execute(_NOT_AWAITED, [row.names for row in new])
    for row in group:
        if row.has_uploads:
            row.part_keys = delete_uploads(connection, row.values["kit"], row.values["record_id"])


def _sent_again(connection: sa.Connection, row: _Waiting) -> bool:
    said = {name: value for name, value in row.values.items() if name not in ("kit", "record_id")}
    return bool(connection.execute(_SENT_AGAIN, row.names | said).rowcount)


def _statements(*said: str) -> tuple[sa.Select[Any], sa.Delete, sa.Delete]:
    def same(table: sa.Table) -> list[sa.ColumnElement[bool]]:
        return [
            column == sa.bindparam(name)
            for column, name in zip((table.c.kit, table.c.record_id, table.c.carrier), said, strict=False)
        ]

    return (
        sa.select(parts.c.key).where(*same(parts)),
        sa.delete(parts).where(*same(parts)),
        sa.delete(uploads).where(*same(uploads)),
    )


# Made once for the life of the process.
_OF_ALL, _OF_ONE = _statements("of_kit", "of_record"), _statements("of_kit", "of_record", "by")
_NEW = sa.insert(records)
_SENT_AGAIN = sa.update(records).where(
    records.c.kit == sa.bindparam("of_kit"),
    records.c.record_id == sa.bindparam("of_record"),
    records.c.lost_at.is_not(None),
)
_NOT_AWAITED = sa.delete(awaited_records).where(
    awaited_records.c.kit == sa.bindparam("of_kit"), awaited_records.c.record_id == sa.bindparam("of_record")
)
