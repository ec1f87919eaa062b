"""Written proofs are verified by `fieldkit record verify` in tests/e2e; here: which entries have which proofs."""

from __future__ import annotations

from pathlib import Path

from support.kept import sealed

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.demo.proofs import write_proofs
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.vault import keys
from sync.gateway import provision


def test_only_an_acknowledged_record_has_a_receipt(tmp_path: Path) -> None:
    gateway = tmp_path / "gateway"
    provision.init(gateway, {"dinas": "Dinas Uji"}, ["127.0.0.1"], SystemClock(WIB))
    (ca,) = keys.certificates_from_pem((gateway / "ca.pem").read_text("ascii"))
    waiting = QueueEntry(sealed(1), DeliveryState.QUEUED, 0, 0, "", None, None, "")
    received = QueueEntry(sealed(2), DeliveryState.ACKNOWLEDGED, 0, 0, "", None, None, "a.b.c")
    manifests, receipts = write_proofs(tmp_path / "proofs", ca, gateway, [waiting, received])
    assert [path.stem for path in manifests] == [waiting.record.record_id, received.record.record_id]
    assert [path.read_text("ascii") for path in receipts] == ["a.b.c\n"]
    assert manifests[0].read_text("ascii").startswith(waiting.record.manifest_jws + "\n-----BEGIN CERTIFICATE")
