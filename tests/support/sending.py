"""A kit sends until its data center said something of a record."""

from __future__ import annotations

import time

from support.homes import Nobody

from fieldkit.services.context.app_context import AppContext


def sent(context: AppContext) -> None:
    assert context.delivery.send(Nobody(), Nobody()).stopped_by is None


def until(context: AppContext, record_id: str, code: str, reason: str = "") -> None:
    """Send until the data center says so."""
    for _ in range(100):
        sent(context)
        central = context.delivery.entry(record_id).central
        if central is not None and (central.code, central.reason) == (code, reason):
            return
        time.sleep(0.05)
    raise AssertionError(context.delivery.entry(record_id).statuses)
