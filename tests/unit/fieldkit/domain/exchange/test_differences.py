from __future__ import annotations

from fieldkit.domain.exchange.differences import combined, differing, value_at

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
