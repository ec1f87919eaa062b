"""What a kit can show of each record: the signed manifest and the data center's receipt, with what verifies them."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.proofs import CA_FILE, RECEIPT_KEY_FILE, manifest_proof
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.vault import keys
from sync.gateway import provision


def write_proofs(
    folder: Path, kit_certificate: bytes, gateway: Path, entries: Sequence[QueueEntry]
) -> tuple[list[Path], list[Path]]:
    """Write manifests and receipts, the CA and the receipt key; return the paths of manifests and receipts."""
    folder.mkdir(parents=True, exist_ok=True)
    gateway_context = provision.open_gateway(gateway, SystemClock(WIB))
    gateway_context.engine.dispose()
    (folder / CA_FILE).write_text(keys.certificates_to_pem(gateway_context.authority.certificate_der), "ascii")
    public = keys.public_to_pem(gateway_context.configuration.receipt_public_key)
    (folder / RECEIPT_KEY_FILE).write_text(public, "ascii")
    manifests, receipts = [], []
    for entry in entries:
        manifest = folder / f"{entry.record.record_id}.manifest"
        manifest.write_text(manifest_proof(entry.record.manifest_jws, kit_certificate), "ascii")
        manifests.append(manifest)
        if entry.receipt_jws:
            receipt = folder / f"{entry.record.record_id}.receipt"
            receipt.write_text(entry.receipt_jws + "\n", "ascii")
            receipts.append(receipt)
    return manifests, receipts
