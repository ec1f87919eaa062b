from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from support.clock import NOW, HandClock

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.cards.printing import BLITAR, GROBOGAN, Awaited, ClockReading, ClockRule, ClockState, Moved, Pause
from fieldkit.domain.sop.profile import PauseReason
from ui.presenters.presenter import CatalogMessage, message
from ui.presenters.statuses.clocks import about, due_text, pause_words, reading_tag, rule_words, state_tag, why_moved


def due_in(rule: ClockRule, left: timedelta) -> ClockReading:
    return ClockReading(rule, ClockState.RUNNING, NOW, NOW + left)


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_state_reason_and_wait_has_words(language: str) -> None:
    catalogue = strict_catalogue(language)
    said = [state_tag(state).words for state in ClockState]
    said += [rule_words(rule) for rule in (BLITAR, GROBOGAN)]
    said += [about(ClockReading(BLITAR, ClockState.NOT_STARTED, NOW, awaits=awaits), HandClock()) for awaits in Awaited]
    said += [pause_words(Pause(reason, NOW, note="x"), HandClock()) for reason in PauseReason]
    for words in said:
        assert isinstance(words, CatalogMessage)
        assert catalogue.text(words.key, **words.params)


@pytest.mark.parametrize(
    ("left", "words"),
    [
        (timedelta(hours=3, minutes=50), message("tenggat.left_hours", hours=3)),
        (timedelta(days=9, hours=5), message("tenggat.left_days", days=9)),
        (timedelta(minutes=-5), message("tenggat.late_hours", hours=1)),
        (timedelta(days=-3), message("tenggat.late_days", days=3)),
        (timedelta(), message("tenggat.left_hours", hours=0)),
        (timedelta(hours=48, seconds=-1), message("tenggat.left_hours", hours=47)),
        (timedelta(hours=48), message("tenggat.left_days", days=2)),
        (timedelta(hours=-5), message("tenggat.late_hours", hours=5)),
        (timedelta(hours=-48, seconds=1), message("tenggat.late_hours", hours=47)),
        (timedelta(hours=-48), message("tenggat.late_days", days=2)),
    ],
)
def test_what_is_left_and_what_is_late(left: timedelta, words: CatalogMessage) -> None:
    assert about(due_in(GROBOGAN, left), HandClock()) == words


S, DAY = ClockState, timedelta(days=1)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        (ClockReading(BLITAR, S.NOT_STARTED, NOW, awaits=Awaited.AGE), "tenggat.begins_at_17"),
        (ClockReading(BLITAR, S.NOT_STARTED, awaits=Awaited.AGE), "tenggat.awaits_age"),
        (ClockReading(BLITAR, S.NOT_STARTED, NOW, awaits=Awaited.COMPLETE_FILE), "tenggat.awaits_complete_file"),
        (ClockReading(BLITAR, S.KEPT, NOW, NOW + DAY, ended_at=NOW), "tenggat.ended_at"),
        (ClockReading(BLITAR, S.RUNNING, NOW, NOW + 3 * DAY), "tenggat.left_days"),
        (ClockReading(BLITAR, S.NOT_STARTED), ""),
    ],
)
def test_a_clock_says_what_it_waits_for_or_how_it_ended_before_what_is_left(reading: ClockReading, words: str) -> None:
    said = about(reading, HandClock())
    assert getattr(said, "key", said) == words
    awaits_age = message("tenggat.awaits_17") if reading.awaits is Awaited.AGE else state_tag(reading.state).words
    assert reading_tag(reading).words == awaits_age


def test_a_pause_has_a_span_as_short_as_can_be() -> None:
    began = datetime(2026, 11, 25, 1, tzinfo=UTC)
    spans = [
        pause_words(Pause(PauseReason.GANGGUAN_TEKNIS, began, ended, "x"), HandClock()).params["span"]
        for ended in (None, began + timedelta(hours=8), began + timedelta(hours=32))
    ]
    assert spans == ["25-11-2026 08.00 –", "25-11-2026 08.00–16.00", "25-11-2026 08.00 – 26-11-2026 16.00"]
    assert state_tag(ClockState.PAUSED).icon == "clock"
    assert {state_tag(state).icon for state in ClockState if state is not ClockState.PAUSED} == {""}
    assert [rule_words(rule) for rule in (BLITAR, GROBOGAN)] == [
        message("tenggat.rule_workdays", days=14),
        message("tenggat.rule_hours", hours=24),
    ]


def test_hours_are_due_at_a_time_and_days_on_a_day() -> None:
    reading = due_in(GROBOGAN, timedelta(hours=24))
    assert due_text(reading, HandClock()) == HandClock().local(NOW + timedelta(hours=24)).strftime("%d-%m-%Y %H.%M")
    assert due_text(due_in(BLITAR, timedelta(days=2)), HandClock()).count("-") == 2
    assert due_text(ClockReading(BLITAR, ClockState.NOT_STARTED), HandClock()) == ""


def test_each_pause_says_what_it_cost_and_when_it_was() -> None:
    began = datetime(2026, 11, 25, 1, tzinfo=UTC)
    pause = Pause(PauseReason.GANGGUAN_TEKNIS, began, began + timedelta(hours=8), "Listrik padam")
    reading = ClockReading(BLITAR, ClockState.RUNNING, NOW, NOW, (Moved(pause, 1),))
    why = message("tenggat.why_gangguan_teknis", note="Listrik padam", span="25-11-2026 08.00–16.00")
    assert why_moved(reading, HandClock()) == ((message("tenggat.moved_days", days=1), why),)
    hours = ClockReading(GROBOGAN, ClockState.RUNNING, NOW, NOW, (Moved(pause, 480),))
    assert why_moved(hours, HandClock())[0][0] == message("tenggat.moved_minutes", minutes=480)
