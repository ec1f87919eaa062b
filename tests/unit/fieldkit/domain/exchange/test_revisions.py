from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from itertools import permutations

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.clock import NOW

from fieldkit.domain.exchange.revisions import (
    Revision,
    Revisions,
    Watermark,
    covers,
    in_order,
    joined,
    joined_counts,
    merged,
    stepped,
    united,
)


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
