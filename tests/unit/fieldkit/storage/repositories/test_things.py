"""Whole values by id, found by their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest

from fieldkit.domain.errors import StoreError
from fieldkit.domain.people.staff import Staff
from fieldkit.domain.planning.plan import Plan, Terrain
from fieldkit.storage.store import SqlStore

SITI = Staff("s1", "Siti Aminah", "19720524 199703 1 004", "Penata (III/c)", "Operator")
JOKO = Staff("s2", "Joko Susilo", jabatan="Pengemudi")
PLAN = Plan("a1", "a1", (date(2026, 11, 23),), time(8), ("s1", "s2"), ("k1",), "Mobil", Terrain.ROUGH, 240)


def test_thing_comes_back_as_it_was(store: SqlStore) -> None:
    with store.write() as unit:
        first = unit.repository(Plan).save(PLAN)
        changed = unit.repository(Plan).save(replace(PLAN, vehicle="Motor"))
        assert unit.repository(Plan).save(PLAN) == first != changed
    with store.read() as unit:
        assert unit.repository(Plan).get("a1") == PLAN
        assert unit.repository(Plan).of("a1") == [PLAN]
        assert unit.repository(Staff).find("a1") is None  # each kind has its own repository
        with pytest.raises(StoreError, match="not_found"):
            unit.repository(Staff).get("a1")


def test_search_follows_changes_and_removals(store: SqlStore) -> None:
    with store.write() as unit:
        staff = unit.repository(Staff)
        staff.save_all([SITI, JOKO])
        assert staff.search() == [JOKO, SITI]
        assert staff.search("joko peng") == [JOKO]
        assert staff.search("197205241997") == []  # the NIP as printed has blanks
        assert staff.search("19720524") == [SITI]
        staff.save(replace(JOKO, name="Budi"))
        assert staff.search("joko") == []
        assert [found.name for found in staff.search("budi")] == ["Budi"]
        staff.remove("s2")
        assert staff.search() == [SITI]
        assert staff.search("budi") == []
        staff.save_all([])
