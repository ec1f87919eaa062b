"""Uploads in parts, and the receipt once the whole is stored.

One upload per record: its id is the record's, so creating it twice finds the first. Parts are immutable objects under
fresh keys; the row's offset moves by compare-and-swap, so two requests at the same offset cannot mix their bytes.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from sync.gateway.blobs import PARTS, new_part_key, sealed_key
from sync.gateway.house import House, Refusal
from sync.gateway.tables import manifests, parts, records, uploads
from sync.protocol.messages import RECEIPT_TYP, Receipt


@dataclass(frozen=True, slots=True)
class UploadView:
    """Where an upload stands; complete when `offset == length`."""

    record_id: str
    offset: int
    length: int
    expires_at: datetime | None  # None once the record is received


class Uploads:
    """The tus resources of all records."""

    def __init__(self, house: House) -> None:
        self._house = house
        self._swept_at = house.clock.now()

    def create(self, kit: str, record_id: str, length: int) -> UploadView:
        """Open the upload of an announced record, or return the one there is. Raise `Refusal`."""
        if self._house.clock.now() - self._swept_at > self._house.limits.sweep_every:
            self.sweep()
        with self._house.engine.begin() as connection:
            manifest = _manifest(connection, kit, record_id)
            if length != manifest.size_bytes:
                raise Refusal(422, "record.length_differs", f"the manifest says {manifest.size_bytes} bytes")
            view = _view(connection, manifest)
            if view is not None:
                return view
            free = self._house.blobs.free_bytes()
            # Parts and the whole lie side by side for a moment.
            if free is not None and free < 2 * length + self._house.limits.reserve_bytes:
                raise Refusal(507, "server.full")
            connection.execute(
                sa.insert(uploads).values(record_id=record_id, length=length, offset=0, expires_at=self._expiry())
            )
            return UploadView(record_id, 0, length, self._expiry())

    def view(self, kit: str, record_id: str) -> UploadView:
        """Return where an upload stands. Raise `Refusal` 404."""
        with self._house.engine.begin() as connection:
            view = _view(connection, _manifest(connection, kit, record_id))
        if view is None:
            raise Refusal(404, "upload.none")
        return view

    def append(self, kit: str, record_id: str, offset: int, chunk: bytes) -> UploadView:
        """Add bytes at the current offset, durably. Raise `Refusal` 409 for another offset, 413 past the end."""
        view = self.view(kit, record_id)
        if view.offset != offset:
            raise Refusal(409, "upload.offset", f"the offset is {view.offset}")
        end = offset + len(chunk)
        if end > view.length:
            raise Refusal(413, "record.too_large", "more bytes than announced")
        if not chunk:
            return view
        key = new_part_key(record_id, offset)
        self._house.blobs.put(key, chunk)
        with self._house.engine.begin() as connection:
            moved = connection.execute(
                sa.update(uploads)
                .where(uploads.c.record_id == record_id, uploads.c.offset == offset)
                .values(offset=end, expires_at=self._expiry())
            ).rowcount
            if moved:
                connection.execute(sa.insert(parts).values(record_id=record_id, start=offset, key=key))
        if not moved:
            self._house.blobs.delete(key)
            raise Refusal(409, "upload.offset", "another request was faster")
        return UploadView(record_id, end, view.length, self._expiry())

    def receipt(self, kit: str, record_id: str) -> str:
        """Return the receipt; make it when the last byte came but nobody verified the whole yet. Raise `Refusal`."""
        with self._house.engine.begin() as connection:
            manifest = _manifest(connection, kit, record_id)
            existing = _receipt(connection, record_id)
            view = _view(connection, manifest)
            keys = connection.scalars(
                sa.select(parts.c.key).where(parts.c.record_id == record_id).order_by(parts.c.start)
            ).all()
        if existing is not None:
            return existing
        if view is None or view.offset < view.length:
            raise Refusal(404, "receipt.none")
        try:
            whole = b"".join(self._house.blobs.get(key) for key in keys)
        except FileNotFoundError:  # another request finished or ended this upload just now
            return self._receipt_or_gone(record_id)
        if len(whole) != manifest.size_bytes or hashlib.sha256(whole).hexdigest() != manifest.sha256:
            self.terminate(kit, record_id)
            raise Refusal(422, "record.damaged", "the whole does not match its manifest")
        return self._keep(manifest, whole)

    def terminate(self, kit: str, record_id: str) -> None:
        """Forget an unfinished upload and its bytes. Raise `Refusal` 404; a received record stays."""
        view = self.view(kit, record_id)
        if view.expires_at is None:
            raise Refusal(409, "record.received")
        self._forget(record_id)

    def sweep(self) -> int:
        """Forget uploads that expired or whose record is received; return how many."""
        self._swept_at = self._house.clock.now()
        with self._house.engine.begin() as connection:
            is_received = sa.exists().where(records.c.record_id == uploads.c.record_id)
            stale = connection.scalars(
                sa.select(uploads.c.record_id).where(
                    sa.or_(uploads.c.expires_at < self._house.clock.now(), is_received)
                )
            ).all()
        for record_id in stale:
            self._forget(record_id)
        self._sweep_orphans()
        return len(stale)

    def _sweep_orphans(self) -> None:
        with self._house.engine.begin() as connection:
            known = set(connection.scalars(sa.select(parts.c.key)))
        before = self._house.clock.now() - self._house.limits.orphan_age
        for key in self._house.blobs.older_than(PARTS, before):
            if key not in known:
                self._house.blobs.delete(key)

    def _keep(self, manifest: sa.Row[tuple[object, ...]], whole: bytes) -> str:
        key = sealed_key(manifest.sha256)
        self._house.blobs.put(key, whole)
        now = self._house.clock.now()
        receipt = Receipt(
            record_id=UUID(manifest.record_id),
            sha256=manifest.sha256,
            size_bytes=manifest.size_bytes,
            received_at=now,
            gateway=self._house.name,
            receipt_id=uuid4(),
            manifest_sha256=hashlib.sha256(manifest.jws.encode("ascii")).hexdigest(),
        )
        signed = self._house.receipt_signer.sign(receipt.model_dump(mode="json"), RECEIPT_TYP)
        try:
            with self._house.engine.begin() as connection:
                connection.execute(
                    sa.insert(records).values(record_id=manifest.record_id, key=key, received_at=now, receipt=signed)
                )
        except IntegrityError:  # two requests finished at once; the first receipt is the receipt
            return self._receipt_or_gone(manifest.record_id)
        self._forget(manifest.record_id)
        return signed

    def _receipt_or_gone(self, record_id: str) -> str:
        with self._house.engine.begin() as connection:
            existing = _receipt(connection, record_id)
        if existing is None:
            raise Refusal(404, "receipt.none")
        return existing

    def _forget(self, record_id: str) -> None:
        with self._house.engine.begin() as connection:
            keys = connection.scalars(sa.select(parts.c.key).where(parts.c.record_id == record_id)).all()
            connection.execute(sa.delete(parts).where(parts.c.record_id == record_id))
            connection.execute(sa.delete(uploads).where(uploads.c.record_id == record_id))
        # Only these keys: the same record may already be uploaded anew.
        for key in keys:
            self._house.blobs.delete(key)

    def _expiry(self) -> datetime:
        return self._house.clock.now() + self._house.limits.upload_life


def _manifest(connection: sa.Connection, kit: str, record_id: str) -> sa.Row[tuple[object, ...]]:
    query = sa.select(manifests).where(manifests.c.record_id == record_id, manifests.c.kit == kit)
    row = connection.execute(query).one_or_none()
    if row is None:
        raise Refusal(404, "manifest.unknown", "announce the manifest first")
    return row


def _view(connection: sa.Connection, manifest: sa.Row[tuple[object, ...]]) -> UploadView | None:
    if _receipt(connection, manifest.record_id) is not None:
        return UploadView(manifest.record_id, manifest.size_bytes, manifest.size_bytes, None)
    row = connection.execute(sa.select(uploads).where(uploads.c.record_id == manifest.record_id)).one_or_none()
    return None if row is None else UploadView(row.record_id, row.offset, row.length, row.expires_at)


def _receipt(connection: sa.Connection, record_id: str) -> str | None:
    return connection.scalar(sa.select(records.c.receipt).where(records.c.record_id == record_id))
