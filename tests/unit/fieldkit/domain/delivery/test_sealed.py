from __future__ import annotations

from datetime import UTC, datetime

from support.kept import sealed

from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import DeliveryState


def entry(*codes: str) -> QueueEntry:
    statuses = tuple(CentralStatus(code, "uji coba", datetime(2026, 11, 21, tzinfo=UTC)) for code in codes)
    return QueueEntry(sealed(), DeliveryState.ACKNOWLEDGED, 0, 0, "", None, None, "", statuses)


def test_the_central_status_is_the_last_one_heard() -> None:
    central = entry("RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD").central
    assert central is not None
    assert central.code == "PRINT_READY_RECORD"
    assert entry().central is None
