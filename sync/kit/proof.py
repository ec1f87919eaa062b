"""What proves a delivery: a receipt of our data center that fits the manifest."""

from __future__ import annotations

import hashlib

from pydantic import ValidationError

from fieldkit.domain.errors import KnownError, TransferError
from fieldkit.ports.vault import SignatureVerifier
from sync.protocol.messages import RECEIPT_TYP, Receipt


class ReceiptError(TransferError):
    """A receipt that was not signed by our data center."""


def read_receipt(receipt_jws: str, gateway: SignatureVerifier) -> Receipt:
    """Return the receipt. Raise `ReceiptError` when signature or form does not hold."""
    try:
        return Receipt.model_validate(gateway.verify(receipt_jws, RECEIPT_TYP))
    except (KnownError, ValidationError) as error:
        raise ReceiptError("sync.receipt_untrusted") from error


def fits_manifest(receipt: Receipt, manifest_jws: str, record_id: str, sha256: str, size_bytes: int) -> bool:
    """Return whether the receipt is for exactly this manifest of exactly this sealed file."""
    manifest_sha256 = hashlib.sha256(manifest_jws.encode("utf-8", "replace")).hexdigest()
    proven = (str(receipt.record_id), receipt.sha256, receipt.size_bytes, receipt.manifest_sha256)
    return proven == (record_id, sha256, size_bytes, manifest_sha256)
