from __future__ import annotations

import pytest

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.recording.capture_policy import StepKind, Verdict
from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import Position
from fieldkit.domain.recording.record import IndexComparison
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.wording import comparison_words, position_words, step_words, tone_of_comparison, verdict_tag


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
