from __future__ import annotations

from pathlib import Path

from support.homes import Nobody, Office, opened, record
from support.room import PETUGAS

from fieldkit.domain.delivery.way import DeliveryState


def test_the_parts_fit_together(office: Office, tmp_path: Path) -> None:
    """Recorded, sealed, delivered and proven by a receipt, with every part as a kit has it."""
    with opened(office.kit(tmp_path / "kit", PETUGAS)) as desk:
        fields_of = desk.papers.slip_fields
        entry = record(desk)
        assert entry.state is DeliveryState.QUEUED
        desk.delivery.send(Nobody(), Nobody())
        (sent,) = desk.delivery.queue().entries
        assert (sent.state, bool(sent.receipt_jws)) == (DeliveryState.ACKNOWLEDGED, True)
        assert desk.papers.shipment([sent]).pdf.startswith(b"%PDF-")
        assert callable(fields_of)
        rows, fault = desk.audit.verify()
        assert (rows > 20, fault) == (True, None)
        assert desk.policy.max_attempts == 4
        assert desk.tables is not None
