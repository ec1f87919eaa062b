from __future__ import annotations

import pytest
from support.gateway import Kit, World
from support.outbox import SmallOutbox

from fieldkit.vault import keys
from fieldkit.vault.jws import JwsSigner, JwsVerifier
from sync.kit.proof import ReceiptError, fits_manifest, read_receipt
from sync.protocol.messages import RECEIPT_TYP


def test_a_delivered_record_is_proven(world: World, kit: Kit, outbox: SmallOutbox) -> None:
    record_id, manifest_jws, sealed, sha256 = kit.record(size=5000)
    outbox.add(record_id, manifest_jws, sealed, sha256)
    kit.run(outbox, world.url)
    receipt_jws = outbox.row(record_id)["receipt"]

    receipt = read_receipt(receipt_jws, kit.receipts)

    assert fits_manifest(receipt, manifest_jws, record_id, sha256, len(sealed))
    assert not fits_manifest(receipt, manifest_jws + "x", record_id, sha256, len(sealed))
    assert not fits_manifest(receipt, manifest_jws, record_id, sha256, len(sealed) + 1)
    assert not fits_manifest(receipt, manifest_jws, record_id, "0" * 64, len(sealed))
    with pytest.raises(ReceiptError):
        read_receipt(manifest_jws, kit.receipts)
    with pytest.raises(ReceiptError):
        read_receipt(receipt_jws, JwsVerifier.of_certificate(kit.answer.kit_certificate))


def test_a_receipt_that_says_too_little_proves_nothing() -> None:
    key = keys.new_private_key()
    receipt = JwsSigner(key, "gateway").sign({"record_id": "x"}, RECEIPT_TYP)
    with pytest.raises(ReceiptError):
        read_receipt(receipt, JwsVerifier.of_key(keys.public_der(key)))
