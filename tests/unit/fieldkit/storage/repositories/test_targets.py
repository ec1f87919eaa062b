"""Target lists and the search in them."""

from __future__ import annotations

from dataclasses import fields, replace

import pytest
from support.kept import activity, biodata, target

from fieldkit.domain.errors import StoreError
from fieldkit.domain.planning.outreach import (
    ServiceCategory,
    Target,
    TargetFilter,
    TargetState,
    TargetVerdict,
)
from fieldkit.domain.planning.schedule import TO_VISIT
from fieldkit.storage.store import SqlStore


@pytest.fixture
def listed(store: SqlStore) -> SqlStore:
    people = [
        biodata("Sulastri Handayani", "3275014708790003", "Jl. Melati 4"),
        biodata("Budi", "3275010101500001", "Gg. Sulaiman 2"),
        biodata("I Gede Putra", "5103010202600002", "Jl. Kenanga 9"),
    ]
    with store.write() as unit:
        unit.activities.save(activity("act-2"))
        unit.targets.save([target(number, who) for number, who in reversed(list(enumerate(people, 1)))])
        unit.targets.save([target(9, people[0], "act-2")])
    return store


@pytest.mark.parametrize(
    ("typed", "houses"),
    [
        ("", [1, 2, 3]),
        ("sul", [1, 2]),
        ("SULASTRI hand", [1]),
        ("32750147", [1]),
        ("3275", [1, 2]),
        ("jl kenanga", [3]),
        ("margahayu", [1, 2, 3]),
        ("lastri", []),
        ("*", [1, 2, 3]),
    ],
)
def test_every_word_is_a_beginning_of_name_nik_or_address(listed: SqlStore, typed: str, houses: list[int]) -> None:
    with listed.read() as unit:
        assert [found.house for found in unit.targets.search("act-1", typed)] == houses


def test_limit_keeps_the_first_houses(listed: SqlStore) -> None:
    with listed.read() as unit:
        assert [found.house for found in unit.targets.search("act-1", limit=2)] == [1, 2]


def test_corrected_target_is_found_by_its_new_name_only(listed: SqlStore) -> None:
    with listed.write() as unit:
        kept = unit.targets.get("target-2")
        unit.targets.save([replace(kept, biodata=replace(kept.biodata, name="Wayan"))])
    with listed.read() as unit:
        assert [found.target_id for found in unit.targets.search("act-1", "wayan")] == ["target-2"]
        assert unit.targets.search("act-1", "budi") == []


def test_mark_sets_state_and_reason(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.mark("target-1", TargetState.POSTPONED, "too_ill")
        with pytest.raises(StoreError) as caught:
            unit.targets.mark("nobody", TargetState.PLANNED)
    assert caught.value.code == "store.not_found"
    with listed.read() as unit:
        marked = unit.targets.get("target-1")
        assert (marked.state, marked.reason) == (TargetState.POSTPONED, "too_ill")
        assert unit.targets.get("target-2").state is TargetState.PLANNED


def test_filters_let_through_what_every_group_names(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.mark("target-1", TargetState.CANCELLED)
        unit.targets.judge(["target-2", "unknown"], TargetVerdict.TERVERIFIKASI)
    with listed.read() as unit:

        def houses(**wanted: object) -> list[int]:
            return [found.house for found in unit.targets.filtered("act-1", TargetFilter(**wanted))]

        assert houses() == [1, 2, 3]
        assert houses(states=(TargetState.PLANNED,)) == [2, 3]
        assert houses(verdicts=(TargetVerdict.TERVERIFIKASI,)) == [2]
        assert houses(states=(TargetState.CANCELLED,), verdicts=(TargetVerdict.TERVERIFIKASI,)) == []
        assert houses(text="sul", states=(TargetState.PLANNED,)) == [2]
        assert houses(categories=(ServiceCategory.ODGJ,)) == []
        assert unit.targets.tally("act-1") == {TargetVerdict.BELUM_DICEK: 2, TargetVerdict.TERVERIFIKASI: 1}
        assert (unit.targets.last_house("act-2"), unit.targets.last_house("nowhere")) == (9, 0)
        assert houses(states=(TargetState.PLANNED, TargetState.CANCELLED)) == [1, 2, 3]
        assert houses(verdicts=(TargetVerdict.TERVERIFIKASI, TargetVerdict.PINDAH)) == [2]


def test_a_word_that_many_have_finds_the_first_houses(store: SqlStore, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fieldkit.storage.repositories.targets._OFTEN", 5)
    with store.write() as unit:
        unit.targets.save([target(number, biodata(f"Sri {number}")) for number in range(20, 0, -1)])
    with store.read() as unit:
        assert [found.house for found in unit.targets.search("act-1", "sri", limit=7)] == list(range(1, 8))


def test_targets_of_all_lists_are_found_by_nik(listed: SqlStore) -> None:
    with listed.read() as unit:
        found = unit.targets.with_niks(["3275014708790003", "0000000000000000"])
    assert {(key.nik, key.activity_id) for key in found} == {
        ("3275014708790003", "act-1"),
        ("3275014708790003", "act-2"),
    }


def test_in_a_long_list_a_short_word_finds_the_rows_written_first(
    store: SqlStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.storage.repositories.targets._OFTEN", 5)
    monkeypatch.setattr("fieldkit.storage.repositories.targets._LONG", 5)
    with store.write() as unit:
        unit.activities.save(activity("act-2"))
        unit.activities.save(activity("act-3"))
        unit.targets.save([target(99, biodata("Sri lain"), "act-2")])
        unit.targets.save([target(100 + number, biodata(f"Sri {number}"), "act-3") for number in range(20, 0, -1)])
        unit.targets.save([target(200 + number, biodata(f"Ani {number}"), "act-3") for number in range(4, 0, -1)])
        unit.targets.save([target(number, biodata(f"Sri {number}")) for number in range(1, 21)])
        unit.activities.save(activity("act-4"))
        unit.targets.save([target(300 + number, biodata(f"Sri {number}"), "act-4") for number in (4, 3, 2, 1)])
    with store.read() as unit:
        assert [found.house for found in unit.targets.search("act-4", "sri", limit=2)] == [301, 302]  # a short list
        assert [found.house for found in unit.targets.search("act-3", "sri", limit=3)] == [118, 119, 120]
        assert [found.house for found in unit.targets.search("act-3", "ani", limit=3)] == [201, 202, 203]
        assert [found.house for found in unit.targets.search("act-1", "sri", limit=7)] == list(range(1, 8))
        assert [found.house for found in unit.targets.search("act-1", "sri")] == list(range(1, 21))


def test_counts_tell_state_and_category_of_one_activity(listed: SqlStore) -> None:
    with listed.read() as unit:
        found = unit.targets.search("act-1")
        counts = unit.targets.counts("act-1")
        assert counts.matching() == len(found) == 3
        for target in found:
            same = [each for each in found if (each.state, each.category) == (target.state, target.category)]
            assert counts.matching([target.state], [target.category]) == len(same)
        assert unit.targets.counts("nowhere").matching() == 0


def test_a_plan_reads_only_who_still_waits_and_what_it_needs_of_them(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.mark("target-1", TargetState.RECORDED)
        unit.targets.mark("target-2", TargetState.POSTPONED, "sakit")
        assert [line.house for line in unit.targets.lines("act-1", TO_VISIT)] == [2, 3]
        unit.targets.judge(["target-3"], TargetVerdict.MENINGGAL)
        unit.targets.judge(["target-2"], TargetVerdict.NIK_BERMASALAH)
        (waits,) = unit.targets.lines("act-1", TO_VISIT)
    assert (waits.target_id, waits.house, waits.category) == ("target-2", 2, ServiceCategory.LANSIA)
    assert (waits.name, waits.address.street) == ("Budi", "Gg. Sulaiman 2")


def test_a_line_says_what_its_target_says(listed: SqlStore) -> None:
    with listed.write() as unit:
        unit.targets.save([replace(unit.targets.get("target-1"), is_walk_in=True)])
        unit.targets.mark("target-2", TargetState.POSTPONED, "sakit keras, di RS")
        unit.targets.judge(["target-3"], TargetVerdict.NIK_BERMASALAH)
        lines, whole = unit.targets.lines("act-1"), unit.targets.search("act-1")
        put_off = TargetFilter(states=(TargetState.POSTPONED,))
        assert [line.target_id for line in unit.targets.lines("act-1", put_off)] == ["target-2"]
        assert [line.house for line in unit.targets.lines("act-1", limit=2)] == [1, 2]
    assert [[getattr(line, each.name) for each in fields(Target)] for line in lines] == [
        [getattr(target, each.name) for each in fields(Target)] for target in whole
    ]


@pytest.mark.parametrize(
    ("typed", "found"),
    [
        ("lastri", [1]),
        ("0001", [2]),
        ("SUL", [1, 2]),
        ("budi sulaiman", [2]),
        ("margahayu 4", [1]),
        ("%", []),
        ("nobody", []),
    ],
)
def test_every_word_is_looked_for_anywhere(listed: SqlStore, typed: str, found: list[int]) -> None:
    with listed.read() as unit:
        assert unit.targets.matching("act-1", typed) == {f"target-{number}" for number in found}


def test_villages_stand_by_how_many_live_there(listed: SqlStore) -> None:
    with listed.write() as unit:
        someone = biodata("Budi", "3275010101500009", "Gg. Sulaiman 2")
        alone = replace(someone, address=replace(someone.address, village="Jimbe"))
        unit.targets.save([target(0, alone)])
        first, second = unit.targets.villages("act-1")
        assert (first.casefold(), second, unit.targets.villages("nowhere")) == ("margahayu", "Jimbe", [])


def test_people_are_read_by_their_ids(listed: SqlStore) -> None:
    with listed.read() as unit:
        people = unit.targets.with_ids(["target-2", "nobody"])
    assert {name: each.house for name, each in people.items()} == {"target-2": 2}
