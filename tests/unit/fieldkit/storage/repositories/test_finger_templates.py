"""Templates of records: kept whole, given back, erased."""

from __future__ import annotations

import pytest

from fieldkit.domain.errors import StoreError
from fieldkit.storage.store import SqlStore


def test_what_is_kept_comes_back_until_it_is_erased(store: SqlStore) -> None:
    with store.write() as unit:
        unit.finger_templates.keep("r1", b"\0one")
        unit.finger_templates.keep("r2", b"two")
    with store.write() as unit:
        assert unit.finger_templates.held() == {"r1", "r2"}
        assert unit.finger_templates.get("r1") == b"\0one"
        assert not unit.has_erased
        unit.finger_templates.erase("r1")
        unit.finger_templates.erase("nobody")
        assert unit.has_erased
    with store.read() as unit:
        assert unit.finger_templates.held() == {"r2"}
        with pytest.raises(StoreError, match=r"store\.not_found"):
            unit.finger_templates.get("r1")
