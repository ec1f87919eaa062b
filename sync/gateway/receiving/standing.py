"""How far one record has come at the data center, for one kit that sends it: read in one round trip."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import sqlalchemy as sa

from sync.gateway.blobs import sealed_key
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.kept_question import KeptQuestion
from sync.gateway.tables import kits, manifests, records, tokens, uploads


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
