from __future__ import annotations

import pytest

from ui.presenters.lines import NO_LINES, Line, LinesOnDemand, names_of


@pytest.fixture
def made() -> list[int]:
    return []


@pytest.fixture
def lines(made: list[int]) -> LinesOnDemand:
    def make(at: int) -> Line:
        made.append(at)
        return Line(f"n{at}", str(at))

    return LinesOnDemand(tuple(f"n{at}" for at in range(10_000)), make, "said")


def test_only_lines_that_are_looked_at_are_made(lines: LinesOnDemand, made: list[int]) -> None:
    assert len(lines) == 10_000
    assert names_of(lines)[9_999] == "n9999"
    assert not made
    assert lines[-1].name == "n9999"
    assert [line.words for line in lines[2:4]] == ["2", "3"]
    assert made == [9_999, 2, 3]


def test_they_end_as_a_list_does(lines: LinesOnDemand) -> None:
    with pytest.raises(IndexError):
        lines[10_000]
    with pytest.raises(IndexError):
        NO_LINES[0]


def test_two_are_alike_by_what_they_tell(lines: LinesOnDemand) -> None:
    again = LinesOnDemand(lines.names, lambda at: Line("other", str(at)), "said")
    assert lines == again
    assert lines != LinesOnDemand(lines.names, lines.make, "something else")


def test_plain_lines_tell_their_names_too() -> None:
    assert names_of((Line("a", "A"), Line("b", "B"))) == ["a", "b"]
