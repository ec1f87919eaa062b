"""A record of the data center, opened in memory for somebody who has the key and a reason."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field

import sqlalchemy as sa

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.ports.vault import RecordOpener
from sync.gateway.blobs import Content
from sync.gateway.database import reading
from sync.gateway.opening.context import OpeningContext
from sync.gateway.tables import manifests, records


@dataclass(frozen=True, slots=True)
class FoundRecord:
    """Whose it is and what is in it."""

    kit: str
    record: OpenedRecord = field(repr=False)


def opened_record(context: OpeningContext, opener: RecordOpener, record_id: str) -> FoundRecord:
    """Open the record with this id; of two kits' the valid one. It must be whole and signed, not valid in all else.

    Raise `InputError` `records.unknown`, `KnownError` `records.no_object` where the bytes are missing, damaged or out
    of reach, `VaultError` for what does not open.
    """
    query = (
        sa.select(manifests, records.c.key)
        .join(records, sa.and_(records.c.kit == manifests.c.kit, records.c.record_id == manifests.c.record_id))
        .where(manifests.c.record_id == record_id.strip().lower().replace("\0", ""))
        .order_by(sa.desc(records.c.verdict == "valid"), records.c.kit)
        .limit(1)
    )
    with reading(context.engine) as connection:
        row = connection.execute(query).one_or_none()
    if row is None:
        raise InputError("records.unknown", number=record_id)
    try:
        sealed = context.blobs.get(row.key)
    except OSError as error:
        raise KnownError("records.no_object", record=row.record_id) from error
    if Content(len(sealed), hashlib.sha256(sealed).hexdigest()) != Content(row.size_bytes, row.sha256):
        raise KnownError("records.no_object", record=row.record_id)
    opened = opener.open(sealed, row.sealed_at, (), row.announced_at)
    return FoundRecord(row.kit, read_container(opened.content))
