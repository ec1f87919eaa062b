"""How far one record has come at the data center, for one kit that sends it: read in one round trip."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.gateway.blobs import sealed_key
from sync.gateway.context import Refusal
from sync.gateway.tables import manifests, records, uploads


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
    receipt = row.receipt if row.lost_at is None else None
    return Standing(
        kit,
        record_id,
        row.sha256,
        row.size_bytes,
        row.jws,
        receipt,
        _view(row, receipt),
        is_lost=row.lost_at is not None,
        has_uploads=bool(row.has_uploads),
        key=sealed_key(row.sha256, row.announced_at),
    )


def _view(row: Any, receipt: str | None) -> UploadView | None:
    if receipt is not None:
        return UploadView(row.record_id, row.size_bytes, row.size_bytes, None, receipt)
    return None if row.length is None else UploadView(row.record_id, row.offset, row.length, row.expires_at)


_all = uploads.alias()
_of_anybody = sa.exists().where(_all.c.kit == manifests.c.kit, _all.c.record_id == manifests.c.record_id)
# One statement for the life of the process: what SQLAlchemy makes of it is made once.
_QUERY = (
    sa.select(
        manifests.c.record_id,
        manifests.c.sha256,
        manifests.c.size_bytes,
        manifests.c.jws,
        manifests.c.announced_at,
        records.c.receipt,
        records.c.lost_at,
        uploads.c.offset,
        uploads.c.length,
        uploads.c.expires_at,
        _of_anybody.label("has_uploads"),
    )
    .select_from(manifests)
    .outerjoin(records, sa.and_(records.c.kit == manifests.c.kit, records.c.record_id == manifests.c.record_id))
    .outerjoin(
        uploads,
        sa.and_(
            uploads.c.kit == manifests.c.kit,
            uploads.c.record_id == manifests.c.record_id,
            uploads.c.carrier == sa.bindparam("by"),
        ),
    )
    .where(manifests.c.kit == sa.bindparam("of_kit"), manifests.c.record_id == sa.bindparam("of_record"))
)
