"""Whether the bytes that a receipt promised are there: looked at, noted in the row, and said."""

from __future__ import annotations

import errno
import logging
from typing import Any

import sqlalchemy as sa

from sync.gateway.blobs import Blobs, Content
from sync.gateway.context import GatewayContext
from sync.gateway.opening.context import Rows
from sync.gateway.tables import records

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
