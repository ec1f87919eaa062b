"""Whole values by id, found by their words."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from sqlalchemy import func, update

from fieldkit.domain.errors import Recovery, StoreError
from fieldkit.domain.people import Staff
from fieldkit.domain.planning.outreach import Plan, Terrain
from fieldkit.storage.repositories.things import chunks, get, put, put_many
from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import settings, things

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
        assert unit.repository(Plan).of("a2") == unit.repository(Staff).of("a1") == []
        assert unit.repository(Staff).find("a1") is None  # each kind has its own repository
        with pytest.raises(StoreError, match="not_found"):
            unit.repository(Staff).get("a1")


def test_those_with_a_value_are_read_alone_and_damage_is_told(store: SqlStore) -> None:
    with store.write() as unit:
        staff = unit.repository(Staff)
        staff.save_all([SITI, JOKO, replace(JOKO, thing_id="s3", name="Budi")])
        assert [found.name for found in staff.having("jabatan", ("Pengemudi", "Camat"))] == ["Budi", "Joko Susilo"]
        assert staff.having("jabatan", ()) == staff.having("nothing", ("Pengemudi",)) == []
        unit.connection.execute(
            update(things).where(things.c.thing_id == "s3").values(body=func.substr(things.c.body, 1, 40) + "\0\0")
        )
        with pytest.raises(StoreError, match=r"store\.damaged"):
            staff.having("jabatan", ("Operator",))


def test_each_kind_searches_and_removes_its_own(store: SqlStore) -> None:
    with store.write() as unit:
        unit.repository(Plan).save(replace(PLAN, thing_id="s1"))
        unit.repository(Staff).save_all([SITI, JOKO])
        words = unit.repository(Plan).get("s1").words
        assert unit.repository(Plan).search("siti") == []
        assert len(unit.repository(Plan).search()) == 1
        unit.repository(Plan).remove("s1")
        assert unit.repository(Staff).search("siti") == [SITI]
        assert not words or unit.repository(Staff).search(words) == []


def test_several_kinds_are_searched_at_once_the_newest_of_each_first(store: SqlStore) -> None:
    with store.write() as unit:
        unit.repository(Staff).save_all([SITI, replace(SITI, thing_id="s3", name="Siti Fatimah"), JOKO])
        unit.repository(Plan).save(replace(PLAN, vehicle="Motor Siti"))
        assert [thing.thing_id for thing in unit.search((Plan, Staff), "sit", 2)] == ["a1", "s3", "s1"]
        assert [thing.thing_id for thing in unit.search((Plan, Staff), "siti", 1)] == ["a1", "s3"]
        assert unit.search((Staff,), "siti am", 2) == [SITI]
        assert unit.search((Staff,), "motor", 2) == []
        assert [*unit.search((Staff,), " ", 2)] == []


def test_a_search_without_limit_finds_all(store: SqlStore) -> None:
    with store.write() as unit:
        unit.repository(Staff).save_all(replace(SITI, thing_id=f"many-{at}") for at in range(501))
        assert len(unit.repository(Staff).search()) == len(unit.repository(Staff).search("siti")) == 501
        assert len(unit.repository(Staff).search(limit=3)) == 3


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
        assert not unit.has_erased
        staff.remove("s2")
        assert unit.has_erased
        assert staff.search() == [SITI]
        assert staff.search("budi") == []
        staff.save_all([])


def test_replacing_keeps_the_row_that_the_search_index_knows(store: SqlStore) -> None:
    with store.write() as unit:
        put(unit.connection, settings, "name", [{"name": "a", "value": "1"}, {"name": "b", "value": "2"}])
        before = get(unit.connection, settings, "name", "a")
        put(unit.connection, settings, "name", [{"name": "a", "value": "3"}])
        after = get(unit.connection, settings, "name", "a")
    assert (before.row, before.value, after.row, after.value) == (after.row, "1", before.row, "3")


def test_many_rows_are_put_and_looked_for_in_groups(store: SqlStore) -> None:
    with store.write() as unit:
        for value in ("1", "2"):
            put_many(unit.connection, settings, ["name"], [{"name": str(n), "value": value} for n in range(501)])
        rows = unit.connection.exec_driver_sql("SELECT value, count(*) FROM settings GROUP BY value").all()
    assert rows == [("2", 501)]
    assert [len(some) for some in chunks(map(str, range(1_801)))] == [900, 900, 1]


def test_nothing_to_put_is_no_error(store: SqlStore) -> None:
    with store.write() as unit:
        put(unit.connection, settings, "name", [])


def test_missing_row_is_named(store: SqlStore) -> None:
    with pytest.raises(StoreError) as caught, store.read() as unit:
        get(unit.connection, settings, "name", "nowhere")
    assert caught.value.problem.recovery is Recovery.NONE
