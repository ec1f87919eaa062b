from __future__ import annotations

from pathlib import Path

from fieldkit.app.bootstrap.kit_settings import KitSettings
from fieldkit.app.bootstrap.settings_copy import SettingsCopy

KEY = bytes(range(32))
SETTINGS = KitSettings(
    kit_id="K01",
    gateway_url="https://gateway",
    gateway_name="gateway",
    kit_private=b"private key",
    kit_certificate=b"kit",
    ca_certificate=b"ca",
    receipt_public_key=b"receipt",
    age_recipients=("age1pq1",),
    nik_key=b"n" * 32,
    profile={"dinas": "Dinas Uji"},
)


def test_settings_come_back_with_the_key_of_the_store_only(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.sealed"
    copy = SettingsCopy(path, KEY)
    assert copy.read() is None
    copy.keep(SETTINGS)
    assert copy.read() == SETTINGS
    assert SettingsCopy(path, bytes(32)).read() is None
    assert b"private key" not in path.read_bytes()
    path.write_bytes(path.read_bytes()[:-1])
    assert copy.read() is None


def test_only_what_changed_is_written(tmp_path: Path) -> None:
    path = tmp_path / "enrolment.sealed"
    copy = SettingsCopy(path, KEY)
    copy.keep(SETTINGS)
    written = path.read_bytes()
    copy.keep(SETTINGS)
    assert path.read_bytes() == written
    copy.keep(SETTINGS.model_copy(update={"gateway_name": "other"}))
    assert copy.read() != SETTINGS
    assert [each.name for each in tmp_path.iterdir()] == ["enrolment.sealed"]


def test_a_folder_that_takes_nothing_keeps_nobody_out(tmp_path: Path) -> None:
    SettingsCopy(tmp_path / "missing" / "enrolment.sealed", KEY).keep(SETTINGS)
