"""Small JSON values."""

from __future__ import annotations

import pytest

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
