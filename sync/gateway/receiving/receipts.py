"""Receipts: the rows of records whose bytes are stored, written in groups.

Each receipt is a promise that waits for the disk. Requests that come while one group is being written make the next
one together: one transaction, one wait.
"""

from __future__ import annotations

import hashlib
import threading
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID, uuid4

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError

from sync.gateway.blobs import sealed_key
from sync.gateway.context import GatewayContext
from sync.gateway.receiving.standing import Standing
from sync.gateway.tables import awaited_records, parts, records, uploads
from sync.protocol.messages import RECEIPT_TYP, Receipt


@dataclass(slots=True, eq=False)
class _Waiting:
    """A row that a request waits for."""

    values: dict[str, Any]
    is_lost: bool
    has_uploads: bool
    is_written: bool = False
    error: BaseException | None = None  # why not
    part_keys: Sequence[str] = field(default=())

    @property
    def names(self) -> dict[str, str]:
        return {"of_kit": self.values["kit"], "of_record": self.values["record_id"]}


class Receipts:
    """Signs and keeps. The uploads of a received record are over with its row, whoever sends."""

    def __init__(self, context: GatewayContext) -> None:
        self._context = context
        self._lock, self._turn = threading.Lock(), threading.Lock()
        self._waiting: list[_Waiting] = []

    def keep(self, manifest: Standing) -> tuple[str, Sequence[str]]:
        """Return the signed receipt of a record whose bytes are stored, and the keys of the parts that it had.

        Raise `IntegrityError` when another request was faster.
        """
        now = self._context.clock.now()
        signed = self._signed(manifest, now)
        values = {
            "kit": manifest.kit,
            "record_id": manifest.record_id,
            "key": sealed_key(manifest.sha256),
            "received_at": now,
            "verified_at": now,
            "lost_at": None,
            "receipt": signed,
        }
        row = _Waiting(values, manifest.is_lost, manifest.has_uploads)
        self._write(row)
        return signed, row.part_keys

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

    def _write(self, row: _Waiting) -> None:
        with self._lock:
            self._waiting.append(row)
        with self._turn:  # who comes to his turn writes for all who wait; most find theirs written
            if not row.is_written and row.error is None:
                with self._lock:
                    group, self._waiting = self._waiting, []
                self._write_group(group)
        if row.error is not None:
            raise row.error

    def _write_group(self, group: Sequence[_Waiting]) -> None:
        """Write all or say of each why not; nothing is raised, for most of them are somebody else's."""
        try:
            with self._context.engine.begin() as connection:
                _write_rows(connection, group)
        except IntegrityError as error:
            if len(group) == 1:
                group[0].error = error
                return
            for row in group:  # somebody was faster with one of them: the others go on
                self._write_group([row])
        except BaseException as error:  # noqa: BLE001 - raised again by each of them
            for row in group:
                row.error = error
        else:
            for row in group:
                row.is_written = True


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
