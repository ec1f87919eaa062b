"""Small JSON values."""

from __future__ import annotations

from pathlib import Path

import pytest

from fieldkit.domain.errors import StoreError
from fieldkit.storage.store import SqlStore


@pytest.mark.parametrize("value", [{"kit": "kit-1", "no": [1, None, True]}, "teks é", 0, [], None])
def test_value_comes_back(store: SqlStore, value: object) -> None:
    with store.write() as unit:
        unit.settings.put("name", "before")
        unit.settings.put("name", value)
    with store.read() as unit:
        assert unit.settings.get("name") == value
        assert unit.settings.get("other") is None


def test_what_is_no_json_is_our_mistake(store: SqlStore) -> None:
    with pytest.raises(TypeError), store.write() as unit:
        unit.settings.put("name", object())


def test_a_value_that_a_bad_page_cut_is_damage_and_noted(store: SqlStore, tmp_path: Path) -> None:
    with store.write() as unit:
        unit.settings.put("name", {"dinas": "Dinas Uji"})
        unit.connection.exec_driver_sql("UPDATE settings SET value = substr(value, 1, 12) || char(0, 0)")
    with pytest.raises(StoreError, match=r"store\.damaged"), store.read() as unit:
        unit.settings.get("name")
    assert (tmp_path / "kit.damaged").exists()
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE settings SET value = '{'")
    with pytest.raises(ValueError, match="Expecting"), store.read() as unit:  # that would be a mistake of ours
        unit.settings.get("name")
