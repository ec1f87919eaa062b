"""Whether the receipts in the rows are ours and say what their manifests say."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator
from typing import Any

import sqlalchemy as sa
from pydantic import ValidationError

from fieldkit.domain.errors import KnownError
from fieldkit.vault.jws import JwsVerifier
from sync.gateway.scrub import Finding
from sync.gateway.tables import manifests, records
from sync.protocol.messages import RECEIPT_TYP, Receipt

FORGED, DIFFERS = "receipt.signature", "receipt.differs"
_ROWS = sa.select(
    records.c.kit, records.c.record_id, records.c.receipt, manifests.c.size_bytes, manifests.c.sha256, manifests.c.jws
).join(manifests, sa.and_(manifests.c.kit == records.c.kit, manifests.c.record_id == records.c.record_id))


def wrong_receipts(connection: sa.Connection, receipt_public_key: bytes) -> Iterator[Finding]:
    """Yield the records whose receipt the key did not sign, or that says another thing than the manifest."""
    verifier = JwsVerifier.of_key(receipt_public_key)
    for row in connection.execution_options(yield_per=1000).execute(_ROWS):
        fault = _fault(verifier, row)
        if fault:
            yield Finding(row.kit, row.record_id, fault)


def _fault(verifier: JwsVerifier, row: Any) -> str:
    try:
        receipt = Receipt.model_validate(verifier.verify(row.receipt, RECEIPT_TYP))
    except (KnownError, ValidationError):
        return FORGED
    promised = (row.record_id, row.sha256, row.size_bytes, hashlib.sha256(row.jws.encode("ascii")).hexdigest())
    said = (str(receipt.record_id), receipt.sha256, receipt.size_bytes, receipt.manifest_sha256)
    return "" if said == promised else DIFFERS
