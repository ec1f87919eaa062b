from __future__ import annotations

import pytest

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.recording.capture import StepKind, Verdict
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison
from ui.presenters.parts import Tone
from ui.presenters.presenter import message
from ui.presenters.wording import (
    NO_LINES,
    Line,
    LinesOnDemand,
    comparison_words,
    names_of,
    position_words,
    step_words,
    tone_of_comparison,
    verdict_tag,
)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_value_has_its_words(language: str) -> None:
    say = strict_catalogue(language).text
    found = [
        *map(step_words, StepKind),
        *map(position_words, Position),
        *map(comparison_words, IndexComparison),
        *(message(f"reason.{reason.value}") for reason in ExceptionReason),
    ]
    said = [say(words.key) for words in found]
    assert all(said)


def test_a_verdict_has_its_tone_and_nothing_captured_has_none() -> None:
    assert [verdict_tag(verdict).tone for verdict in Verdict] == [Tone.GOOD, Tone.CAUTION, Tone.BAD]
    assert verdict_tag(None).tone is Tone.NEUTRAL


@pytest.mark.parametrize(
    ("comparison", "tone"),
    [
        (IndexComparison.MATCHED, Tone.GOOD),
        (IndexComparison.NOT_MATCHED, Tone.BAD),
        (IndexComparison.NOT_COMPARABLE, Tone.CAUTION),
        (IndexComparison.NOT_COMPARED, Tone.NEUTRAL),
        (None, Tone.NEUTRAL),
    ],
)
def test_a_comparison_has_its_tone(comparison: IndexComparison | None, tone: Tone) -> None:
    assert tone_of_comparison(comparison) is tone


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
