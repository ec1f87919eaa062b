from __future__ import annotations

from pathlib import Path

import pytest
from support.kept import NIK, open_kit

from fieldkit.app.bootstrap.kit_settings import HmacNikKey, KitSettings
from fieldkit.domain.errors import StoreError

SETTINGS = KitSettings(
    kit_id="K01",
    gateway_url="https://127.0.0.1:8443",
    gateway_name="gateway-1",
    kit_private=bytes(range(256)),
    kit_certificate=b"\x30\x82",
    ca_certificate=b"\x30\x83",
    receipt_public_key=b"\x30\x59",
    age_recipients=("age1pq1a", "age1pq1b"),
    nik_key=b"\xff" * 32,
    profile={"dinas": "Dinas Uji – Kabupaten", "retention_days": 30},
)


def test_settings_come_back_byte_for_byte(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    SETTINGS.save(store)
    store.close()
    store = open_kit(tmp_path, ids="later")
    assert KitSettings.load(store) == SETTINGS
    assert SETTINGS.kit_key.private_der == SETTINGS.kit_private
    assert SETTINGS.dinas == "Dinas Uji – Kabupaten"
    store.close()


def test_a_store_without_settings_is_damaged(tmp_path: Path) -> None:
    store = open_kit(tmp_path)
    with pytest.raises(StoreError) as caught:
        KitSettings.load(store)
    assert caught.value.code == "store.damaged"
    store.close()


def test_a_nik_is_recognised_only_with_the_key() -> None:
    key = HmacNikKey(b"k" * 32)
    assert key.digest(NIK) == HmacNikKey(b"k" * 32).digest(NIK)
    assert key.digest(NIK) != HmacNikKey(b"l" * 32).digest(NIK)
    assert key.digest(NIK) != key.digest(NIK[::-1])
    assert NIK not in key.digest(NIK)
