"""Uploads in parts, and the receipt once the whole is stored.

One upload per record and sender: creating it twice finds the first. In a folder its parts are one file that grows, and
that one request at a time may write; in a store without such files they are immutable objects under fresh keys. The
row's offset moves by compare-and-swap, so two requests at the same offset cannot mix their bytes, and what lies behind
the offset counts for nothing. A record whose bytes were lost may be uploaded again in spite of its receipt: then it
gets a new one.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager, suppress
from datetime import datetime
from itertools import chain

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from fieldkit.domain.errors import has_no_room
from sync.gateway.blobs import INCOMING, PARTS, Content, ContentDiffersError, ObjectsAwayError, Prepared, new_part_key
from sync.gateway.custody import fault_of
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.receiving.receipts import Kept, Receipts, Standing, UploadView, delete_uploads, standing
from sync.gateway.tables import parts, records, uploads

# Brings the bytes of an object to the disk, under a key, if they are what was promised.
_Prepare = Callable[[str, Content], Sequence[Prepared]]


class Uploads:
    """The tus resources of all records. `kit` signed the record; `carrier` sends it, the kit itself when empty."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._receipts = Receipts(context)
        self._swept_at = context.clock.now()

    def create(
        self, kit: str, record_id: str, length: int, carrier: str = "", first: bytes = b"", sha256: str = ""
    ) -> UploadView:
        """Open the upload of an announced record, or return the one there is. Raise `Refusal`.

        `first` are the bytes at its beginning that came along, `sha256` their digest in hex if somebody computed it
        already. They are taken unless there are some; a record that came whole costs no upload, only its row.
        """
        if self._context.clock.now() - self._swept_at > self._context.limits.sweep_every:
            self.sweep()
        names = {"kit": kit, "record_id": record_id, "carrier": carrier or kit}
        with self._context.asking() as connection:
            now = standing(connection, **names)
        if length != now.size_bytes:
            raise Refusal(422, "record.length_differs", f"the manifest says {now.size_bytes} bytes")
        if len(first) > length:
            raise Refusal(413, "record.too_large", "more bytes than announced")
        if now.view is not None:
            is_wanted = first and now.view.offset == 0
            return self.append(kit, record_id, 0, first, carrier, sha256) if is_wanted else now.view
        self._demand_space(2 * length)
        if len(first) == length:
            return self._finish(now, names, (), 0, first, sha256)
        try:
            with self._context.engine.begin() as connection:
                row = {**names, "length": length, "offset": 0, "expires_at": self._expiry()}
                connection.execute(sa.insert(uploads).values(**row))
        except IntegrityError:  # another request was faster
            return self.view(kit, record_id, carrier)
        if first:
            return self.append(kit, record_id, 0, first, carrier, sha256)
        return UploadView(record_id, 0, length, self._expiry())

    def receive(self, now: Standing, whole: Sequence[bytes]) -> Future[Kept]:
        """Promise a record of which nothing was here: all of it, checked, in pieces. Raise `Refusal`."""
        self._demand_space(2 * now.size_bytes)
        with _room():
            return self._receipts.keep(now, self._context.blobs.prepare(now.key, *whole), now.kit)

    def received(self, now: Standing, kept: Future[Kept]) -> str:
        """Return the receipt that came of it, here or by a faster request. Raise `Refusal`."""
        try:
            return self._settled(now, kept)
        except FileNotFoundError:
            return self._receipt_without_parts(now, {"kit": now.kit, "record_id": now.record_id, "carrier": now.kit})

    def close(self) -> None:
        """Wait for the receipts that are being written."""
        self._receipts.close()

    def view(self, kit: str, record_id: str, carrier: str = "") -> UploadView:
        """Return where an upload stands. Raise `Refusal` 404."""
        with self._context.asking() as connection:
            view = standing(connection, kit, record_id, carrier or kit).view
        if view is None:
            raise Refusal(404, "upload.none")
        return view

    def append(
        self, kit: str, record_id: str, offset: int, chunk: bytes, carrier: str = "", sha256: str = ""
    ) -> UploadView:
        """Add bytes at the current offset, durably; with the last ones the record is received and has its receipt.

        `sha256` is the digest of these bytes in hex, where somebody computed it already.

        Raise `Refusal` 409 for another offset, 413 past the end, 422 when the whole is not what the manifest says, 507
        before the disk is full.
        """
        names = {"kit": kit, "record_id": record_id, "carrier": carrier or kit}
        with self._context.reading() as connection:
            manifest = standing(connection, **names)
            view = manifest.view
            if view is None:
                raise Refusal(404, "upload.none")
            keys = connection.scalars(_PART_KEYS.where(*_same(parts, names))).all() if offset else []
        if view.offset != offset:
            raise Refusal(409, "upload.offset", f"the offset is {view.offset}")
        end = offset + len(chunk)
        if end > view.length:
            raise Refusal(413, "record.too_large", "more bytes than announced")
        if not chunk:
            return view
        # What is still to come, and the whole beside its parts for a moment.
        self._demand_space(2 * view.length - offset)
        if end == view.length:
            return self._finish(manifest, names, keys, offset, chunk, sha256)
        try:
            with _room():
                self._add(names, keys, offset, chunk)
        except FileNotFoundError:
            self._receipt_without_parts(manifest, names)
            return self.view(kit, record_id, carrier)
        return UploadView(record_id, end, view.length, self._expiry())

    def _add(self, names: dict[str, str], keys: Sequence[str], offset: int, chunk: bytes) -> None:
        record_id, end = names["record_id"], offset + len(chunk)
        # More than one part: sent to a program that kept each by itself.
        if self._context.blobs.grows and len(keys) < 2:
            key = keys[0] if keys else new_part_key(record_id, 0)
            with self._context.blobs.growing(key, is_new=not keys) as grown:
                if keys:
                    self._demand_offset(names, offset)
                grown.write(offset, chunk)
                is_moved = self._move(names, offset, end, "" if keys else key)
        else:
            keys, key = [], new_part_key(record_id, offset)
            self._context.blobs.put(key, chunk)
            is_moved = self._move(names, offset, end, key)
        if not is_moved:
            if not keys:
                self._let_go([key])
            raise Refusal(409, "upload.offset", "another request was faster")

    def _demand_offset(self, names: dict[str, str], offset: int) -> None:
        if self.view(names["kit"], names["record_id"], names["carrier"]).offset != offset:
            raise Refusal(409, "upload.offset", "another request was faster")

    def _move(self, names: dict[str, str], offset: int, end: int, new_part: str) -> bool:
        with self._context.engine.begin() as connection:
            moved = connection.execute(
                sa.update(uploads)
                .where(*_same(uploads, names), uploads.c.offset == offset)
                .values(offset=end, expires_at=self._expiry())
            ).rowcount
            if moved and new_part:
                connection.execute(sa.insert(parts).values(**names, start=offset, key=new_part))
        return bool(moved)

    def _finish(
        self, manifest: Standing, names: dict[str, str], keys: Sequence[str], offset: int, chunk: bytes, sha256: str
    ) -> UploadView:
        """Receive a record with its last bytes: they are stored once, in the whole."""
        length, blobs = manifest.size_bytes, self._context.blobs
        try:
            if len(keys) == 1 and blobs.grows:
                with _room(), blobs.growing(keys[0], is_new=False) as grown:
                    self._demand_offset(names, offset)
                    grown.write(offset, chunk)
                    receipt = self._keep(
                        manifest, lambda key, promised: blobs.prepare_grown(keys[0], key, promised), names["carrier"]
                    )
            elif not keys and sha256 == manifest.sha256:
                receipt = self._keep(manifest, lambda key, _: blobs.prepare(key, chunk), names["carrier"])
            else:
                parts_before = (piece for key in keys for piece in blobs.pieces(key))
                receipt = self._keep(manifest, self._copy(chain(parts_before, [chunk])), names["carrier"])
        except FileNotFoundError:
            receipt = self._receipt_without_parts(manifest, names)
        except ContentDiffersError as error:
            self._forget(names)
            raise Refusal(422, "record.damaged", "the whole does not match its manifest") from error
        return UploadView(names["record_id"], length, length, None, receipt)

    def receipt(self, kit: str, record_id: str, carrier: str = "") -> str:
        """Return the receipt; make it when the last byte came but nobody verified the whole yet. Raise `Refusal`."""
        names = {"kit": kit, "record_id": record_id, "carrier": carrier or kit}
        with self._context.reading() as connection:
            manifest = standing(connection, **names)
            if manifest.receipt is not None:
                return manifest.receipt
            keys = connection.scalars(_PART_KEYS.where(*_same(parts, names))).all()
        if manifest.view is None or manifest.view.offset < manifest.view.length:
            raise Refusal(404, "receipt.none")
        try:
            whole = (piece for key in keys for piece in self._context.blobs.pieces(key))
            return self._keep(manifest, self._copy(whole), names["carrier"])
        except FileNotFoundError:
            return self._receipt_without_parts(manifest, names)
        except ContentDiffersError as error:
            self._forget(names)
            raise Refusal(422, "record.damaged", "the whole does not match its manifest") from error

    def take(self, kit: str, record_id: str, whole: Iterable[bytes]) -> str:
        """Return the receipt of an announced record whose bytes are brought at once.

        Raise `Refusal` 404 or 507, `ContentDiffersError` when they are not what the manifest says.
        """
        with self._context.reading() as connection:
            manifest = standing(connection, kit, record_id, kit)
        if manifest.receipt is not None:
            return manifest.receipt
        self._demand_space(manifest.size_bytes)
        return self._keep(manifest, self._copy(whole))

    def terminate(self, kit: str, record_id: str, carrier: str = "") -> None:
        """Forget an unfinished upload and its bytes. Raise `Refusal` 404; a received record stays."""
        view = self.view(kit, record_id, carrier)
        if view.expires_at is None:
            raise Refusal(409, "record.received")
        self._forget({"kit": kit, "record_id": record_id, "carrier": carrier or kit})

    def sweep(self) -> int:
        """Forget uploads that expired or whose record is received; return how many."""
        self._swept_at = self._context.clock.now()
        is_received = sa.exists().where(
            records.c.kit == uploads.c.kit, records.c.record_id == uploads.c.record_id, records.c.lost_at.is_(None)
        )
        with self._context.reading() as connection:
            stale = connection.execute(
                sa.select(uploads.c.kit, uploads.c.record_id, uploads.c.carrier).where(
                    sa.or_(uploads.c.expires_at < self._context.clock.now(), is_received)
                )
            ).all()
        for row in stale:
            self._forget(row._asdict())
        self._sweep_orphans()
        return len(stale)

    def _sweep_orphans(self) -> None:
        with self._context.reading() as connection:
            known = set(connection.scalars(sa.select(parts.c.key)))
        before = self._context.clock.now() - self._context.limits.orphan_age
        for prefix in (PARTS, INCOMING):
            for key in self._context.blobs.older_than(prefix, before):
                if key not in known:
                    self._context.blobs.delete(key)

    def _copy(self, whole: Iterable[bytes]) -> _Prepare:
        return lambda key, promised: self._context.blobs.prepare_checked(key, whole, promised)

    def _keep(self, manifest: Standing, prepare: _Prepare, carrier: str = "") -> str:
        """Bring the whole to the disk, then its name, then the row with its receipt: a receipt promises bytes.

        Without a `carrier` no kit brings it.
        """
        with _room():
            prepared = prepare(manifest.key, Content(manifest.size_bytes, manifest.sha256))
        return self._settled(manifest, self._receipts.keep(manifest, prepared, carrier))

    def _settled(self, manifest: Standing, kept: Future[Kept]) -> str:
        try:
            with _room():
                done = kept.result()
        except IntegrityError:  # two requests finished at once; the first receipt is the receipt
            self._forget({"kit": manifest.kit, "record_id": manifest.record_id})
            return self._receipt_or_gone(manifest)
        self._let_go(done.part_keys)
        return done.receipt

    def _receipt_without_parts(self, manifest: Standing, names: dict[str, str]) -> str:
        """Return the receipt that another request made just now. Raise `Refusal` when the parts are simply gone.

        An object store put back from an older copy lacks parts that the rows know: the upload begins again.
        """
        with self._context.reading() as connection:
            existing = standing(connection, manifest.kit, manifest.record_id, manifest.kit).receipt
            is_open = connection.execute(sa.select(uploads).where(*_same(uploads, names))).first() is not None
        if existing is not None:
            return existing
        if not is_open or self._context.blobs.is_away():
            raise Refusal(404, "receipt.none")
        promised = Content(manifest.size_bytes, manifest.sha256)
        if not fault_of(self._context.blobs, manifest.key, promised):
            # Stored as a whole by somebody who died before he wrote it down, or who is about to.
            return self._keep(manifest, lambda _key, _promised: (), names["carrier"])
        self._forget(names)
        raise Refusal(422, "record.damaged", "parts of the upload are gone")

    def _receipt_or_gone(self, manifest: Standing) -> str:
        with self._context.reading() as connection:
            existing = standing(connection, manifest.kit, manifest.record_id, manifest.kit).receipt
        if existing is None:
            raise Refusal(404, "receipt.none")
        return existing

    def _forget(self, names: dict[str, str]) -> None:
        with self._context.engine.begin() as connection:
            keys = delete_uploads(connection, **names)
        # Only these keys: the same record may already be uploaded anew.
        self._let_go(keys)

    def _let_go(self, keys: Sequence[str]) -> None:
        with suppress(ObjectsAwayError):  # no row knows them any more: the sweep removes what stays
            self._context.blobs.delete(*keys)

    def _demand_space(self, wanted: int) -> None:
        free = self._context.blobs.free_bytes()
        if free is not None and free < wanted + self._context.limits.reserve_bytes:
            raise Refusal(507, "server.full")

    def _expiry(self) -> datetime:
        return self._context.clock.now() + self._context.limits.upload_life


_PART_KEYS = sa.select(parts.c.key).order_by(parts.c.start)


@contextmanager
def _room() -> Iterator[None]:
    try:
        yield
    except OSError as error:
        if has_no_room(error):
            raise Refusal(507, "server.full") from error
        raise


def _same(table: sa.Table, names: dict[str, str]) -> list[sa.ColumnElement[bool]]:
    return [table.c[name] == value for name, value in names.items()]
