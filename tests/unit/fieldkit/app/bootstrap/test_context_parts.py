from __future__ import annotations

from pathlib import Path

from support.homes import Nobody, Office, opened, record
from support.room import PETUGAS

from fieldkit.domain.delivery import DeliveryState


def test_the_parts_fit_together(office: Office, tmp_path: Path) -> None:
    """Recorded, sealed, delivered and proven by a receipt, with every part as a kit has it."""
    with opened(office.kit(tmp_path / "kit", PETUGAS)) as context:
        fields_of = context.papers.slip_fields
        entry = record(context)
        assert entry.state is DeliveryState.QUEUED
        context.delivery.send(Nobody(), Nobody())
        (sent,) = context.delivery.queue().entries
        assert (sent.state, bool(sent.receipt_jws)) == (DeliveryState.ACKNOWLEDGED, True)
        assert context.papers.shipment([sent]).pdf.startswith(b"%PDF-")
        assert callable(fields_of)
        rows, fault = context.audit.verify()
        assert (rows > 20, fault) == (True, None)
        assert context.policy.max_attempts == 4
        assert context.tables is not None


def test_the_policy_of_the_dinas_counts_where_its_home_has_one(office: Office, tmp_path: Path) -> None:
    home = office.kit(tmp_path / "kit", PETUGAS)
    (home.path / "policy.yaml").write_text("name: Blitar\nfingers: {good: 70, enough: 50}\nmax_attempts: 3\n")
    with opened(home) as context:
        assert (context.policy.name, context.policy.max_attempts) == ("Blitar", 3)
