from __future__ import annotations

import importlib
import pkgutil
from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import NOW
from support.kept import biodata
from support.sops import SMALL

from fieldkit import domain
from fieldkit.domain.delivery import CentralStatus
from fieldkit.domain.events import Thing
from fieldkit.domain.exchange import (
    AT_HOME,
    ATTACHMENT,
    IN_ORDER,
    SHARED,
    VALUES,
    Revision,
    Revisions,
    Watermark,
    combined,
    covers,
    differing,
    in_order,
    joined,
    joined_counts,
    merged,
    merged_values,
    stepped,
    united,
    value_at,
)
from fieldkit.domain.planning.outreach import ServiceCategory, Target, TargetState, TargetVerdict
from fieldkit.domain.sarpras import Consumable
from fieldkit.domain.sop.run import begin_run
from fieldkit.domain.status_lists import SeenStatuses
from fieldkit.domain.visits import Visit

MINE = {"id": "1", "note": "a", "biodata": {"name": "SITI", "nik": {"digits": "1"}}, "tries": [1], "receipt": None}
THEIRS = {
    "id": "1",
    "note": "b",
    "biodata": {"name": "SITI", "nik": {"digits": "2"}},
    "tries": [1, 2],
    "receipt": {"x": 1},
}


def test_only_what_differs_is_named() -> None:
    assert differing([MINE, THEIRS]) == ("note", "biodata.nik.digits", "tries", "receipt")
    assert differing([MINE, MINE]) == ()


def test_values_are_found_by_their_path() -> None:
    assert value_at(MINE, "biodata.nik.digits") == "1"
    assert value_at(MINE, "receipt.x") is None


def test_a_choice_may_mix_fields_and_leaves_both_sides_alone() -> None:
    made = combined([MINE, THEIRS], 0, {"biodata.nik.digits": 1, "tries": 1})
    assert made == {**MINE, "biodata": {"name": "SITI", "nik": {"digits": "2"}}, "tries": [1, 2]}
    made["tries"].append(3)
    assert THEIRS["tries"] == [1, 2]
    assert MINE["biodata"]["nik"]["digits"] == "1"  # type: ignore[index]


TARGET = Target("t", "a", 1, biodata(), ServiceCategory.LANSIA)
TIMES = (NOW, NOW + timedelta(minutes=1))
S = TargetState


def merge(one: object, other: object, stock: int = 0) -> object:
    """Merge, and see that it does not matter which laptop does it."""
    made = merged_values(one, other, TIMES, stock)
    assert merged_values(other, one, TIMES[::-1], stock) == made
    return made


@pytest.mark.parametrize(
    ("one", "other", "state"),
    [
        (S.RECORDED, S.POSTPONED, S.RECORDED),
        (S.CANCELLED, S.POSTPONED, S.POSTPONED),
        (S.CANCELLED, S.PLANNED, S.CANCELLED),
        (S.RECORDING, S.PLANNED, S.RECORDING),
    ],
)
def test_where_a_target_stands_follows_from_what_happened(one: S, other: S, state: S) -> None:
    made = merge(replace(TARGET, state=one, reason="x"), replace(TARGET, state=other, reason="y"))
    assert isinstance(made, Target)
    assert made.state is state


def test_a_check_and_no_check_are_a_check_and_two_checks_are_for_a_person() -> None:
    checked = replace(TARGET, verdict=TargetVerdict.TERVERIFIKASI)
    assert merge(TARGET, checked) == checked
    assert merge(checked, replace(TARGET, verdict=TargetVerdict.PINDAH)) is None


def test_who_a_target_is_is_for_a_person() -> None:
    assert merge(TARGET, replace(TARGET, biodata=biodata("BUDI"))) is None


def test_stock_is_what_is_left_after_both() -> None:
    masks = Consumable("m", "Masker", "lembar", 90, 20)
    assert merge(masks, replace(masks, stock=80), stock=70) == replace(masks, stock=70)
    assert merge(masks, replace(masks, stock=80)) == replace(masks, stock=0)
    assert merge(masks, replace(masks, stock=80), stock=-1) is None
    assert merge(masks, replace(masks, name="Masker kain"), stock=70) is None


VISIT, RUN = Visit("v", "a", "t", "u", NOW), begin_run(SMALL, "a", "u", NOW)


@pytest.mark.parametrize("one", [RUN, TARGET, Consumable("m", "Masker", "lembar", 90, 20)])
def test_neither_visits_nor_different_kinds_are_merged(one: object) -> None:
    assert merge(VISIT, replace(VISIT, note="x")) is None
    assert merge(one, VISIT) is None


def test_runs_are_merged_step_by_step() -> None:
    assert merge(RUN.start(1, "u", NOW), RUN) == RUN.start(1, "u", NOW)


def revision(body: str, minutes: int = 0, counts: dict[str, int] | None = None, **vector: int) -> Revision:
    known = {chain: tuple(range(1, last + 1)) for chain, last in vector.items()}
    made = Revision("visit", "v", "a", "", body, known, "k", "u", NOW + timedelta(minutes=minutes), counts or {})
    return made.with_body(body)


def bodies(standing: Revisions) -> list[str]:
    return [each.body for each in standing]


def no_merge(*_: object) -> None:
    return None


def no_bump() -> tuple[str, int]:
    raise AssertionError("nothing needs a number")


def test_a_revision_that_knew_the_other_follows_it() -> None:
    first, second = revision("1", a=1), revision("2", a=1, b=4)
    assert covers(second.vector, first.vector)
    assert bodies(united([first], second)) == ["2"]
    assert bodies(united([second], first)) == ["2"]


def test_two_that_did_not_know_each_other_both_stand() -> None:
    mine, theirs = revision("mine", 1, a=2), revision("theirs", 2, a=1, b=1)
    assert bodies(united([mine], theirs)) == ["theirs", "mine"]


def test_the_same_content_stands_once_and_covers_both() -> None:
    (one,) = united([revision("same", 5, a=2)], revision("same", 3, b=7))
    assert one.vector == {"a": (1, 2), "b": tuple(range(1, 8))}
    assert one.at == NOW + timedelta(minutes=3)


def test_what_is_heard_twice_stands_once() -> None:
    mine, theirs = revision("mine", 1, a=2), revision("theirs", 2, a=1, b=1)
    assert bodies(united([theirs, mine], mine)) == ["theirs", "mine"]


def test_other_content_of_the_same_vector_stands_beside_it() -> None:
    one, other = revision("1", 1, a=1), revision("2", 2, a=1)
    assert bodies(united([one], other)) == bodies(united([other], one)) == ["2", "1"]


def test_the_same_stock_after_different_takings_is_not_the_same() -> None:
    mine, theirs = revision("95", counts={"a": 95}, a=2), revision("95", counts={"a": 100, "b": -5}, a=1, b=1)
    standing = united([mine], theirs)
    assert len(standing) == 2
    assert joined_counts(*standing) == {"a": 95, "b": -5}
    (one,) = merged(standing, lambda _one, _other, counts: str(sum(counts.values())), no_bump)
    assert one.body == "90"


def test_a_resolution_ends_what_it_knew() -> None:
    sides = united([revision("1", a=1)], revision("2", b=1))
    assert bodies(united(sides, revision("chosen", a=1, b=2))) == ["chosen"]


def test_whoever_goes_on_from_the_other_side_has_not_seen_its_own() -> None:
    mine, theirs = revision("mine", a=1), revision("theirs", b=1)
    upon_theirs = replace(revision("upon theirs"), vector=stepped(theirs.vector, ("a", 2)))
    assert set(bodies(united(united([mine], theirs), upon_theirs))) == {"mine", "upon theirs"}


def test_what_was_removed_counts_last() -> None:
    assert bodies(in_order([revision("", 9, a=1), revision("kept", b=1)])) == ["kept", ""]


@pytest.mark.parametrize(
    ("newer", "older"), [({"a": 1}, {"a": 1}), ({"a": 1, "b": 1}, {"a": 1}), ({"a": 1}, {"a": 1, "b": 1})]
)
def test_what_is_merged_gets_a_number_of_this_kit_where_its_vector_is_that_of_a_side(
    newer: dict[str, int], older: dict[str, int]
) -> None:
    (one,) = merged([revision("1", 1, **older), revision("2", 2, **newer)], lambda *_: "12", lambda: ("c", 7))
    assert one.vector == {**dict.fromkeys(sorted({*newer, *older}), (1,)), "c": (7,)}


def test_all_that_stand_are_merged_and_bear_the_time_of_the_last() -> None:
    sides = [revision("1", 1, a=1), revision("2", 2, b=1), revision("3", 3, c=1)]
    (one,) = merged(sides, lambda one, other, _: "".join(sorted(one.body + other.body)), no_bump)
    assert (one.body, one.vector) == ("123", {"a": (1,), "b": (1,), "c": (1,)})
    for body, at, other in (("", 1, 9), ("", 9, 1), ("2", 1, 9), ("2", 9, 1)):
        (one,) = merged([revision("kept", at, a=1), revision(body, other, b=1)], lambda *_: "kept", no_bump)
        assert one.at == NOW + timedelta(minutes=9)


def test_what_cannot_be_merged_stays() -> None:
    sides = united([revision("1", a=1)], revision("2", b=1))
    assert merged(sides, no_merge, no_bump) == sides


def test_a_reach_goes_as_far_as_both() -> None:
    known = [Watermark(3, 1).covers(Watermark(*other)) for other in ((3, 1), (2, 0), (2, 2), (4, 0))]
    assert known == [True, True, False, False]
    assert Watermark(3, 1).joined(Watermark(2, 2)) == Watermark(3, 2)
    assert joined({"a": (1,)}, {"a": (3,), "b": (2,)}) == {"a": (1, 3), "b": (2,)}


VECTORS = st.dictionaries(st.sampled_from("abc"), st.integers(1, 4), min_size=1)


@given(st.lists(VECTORS, min_size=1, max_size=4, unique_by=lambda vector: tuple(sorted(vector.items()))))
def test_the_order_of_hearing_does_not_matter(vectors: list[dict[str, int]]) -> None:
    came = [revision(str(number), number, **vector) for number, vector in enumerate(vectors)]
    ends = set()
    for order in permutations(came):
        standing: Revisions = ()
        for each in (*order, *order):
            standing = united(standing, each)
        ends.add(tuple(bodies(standing)))
    assert len(ends) == 1


def every_kind() -> set[type]:
    found: set[type] = set()
    for module in pkgutil.walk_packages(domain.__path__, f"{domain.__name__}."):
        names = vars(importlib.import_module(module.name)).values()
        found |= {each for each in names if isinstance(each, type) and hasattr(each, "KIND")}
    return found - {Thing}


def test_every_kind_travels_or_stays_at_home() -> None:
    assert every_kind() == {*SHARED, *AT_HOME}
    assert not set(SHARED) & set(AT_HOME)


def test_parts_come_after_what_they_belong_to() -> None:
    assert IN_ORDER[:2] == ("activity", "target")
    assert IN_ORDER[-1] == ATTACHMENT
    assert len(set(IN_ORDER)) == len(IN_ORDER) == len(VALUES) + 1


def test_what_two_laptops_saw_of_one_person_is_seen_by_both() -> None:
    first, second = (
        CentralStatus(code, "SIAK, daftar", NOW + timedelta(days=at)) for at, code in enumerate(("SFE", "PRR"))
    )
    one, other = SeenStatuses("t1", "a1", (first,)), SeenStatuses("t1", "a1", (second, first))
    both = merged_values(one, other, TIMES, 0)
    assert both == merged_values(other, one, TIMES, 0) == SeenStatuses("t1", "a1", (first, second))
