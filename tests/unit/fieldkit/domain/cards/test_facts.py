from __future__ import annotations

from datetime import UTC, datetime

import pytest

from fieldkit.domain.cards.facts import CardFacts, ClockPause
from fieldkit.domain.cards.sla import Pause
from fieldkit.domain.sop.profile import PauseReason

AT = datetime(2026, 11, 23, 3, tzinfo=UTC)


@pytest.mark.parametrize(
    ("activity_id", "record_id", "holds"),
    [("", "", True), ("a1", "", True), ("a2", "", False), ("a1", "r1", True), ("a1", "r2", False), ("", "r1", True)],
)
def test_a_pause_holds_for_all_for_an_activity_or_for_a_record(activity_id: str, record_id: str, holds: bool) -> None:
    pause = ClockPause(
        "p1", PauseReason.GANGGUAN_TEKNIS, AT, "Server mati", activity_id=activity_id, record_id=record_id
    )
    assert pause.holds_for("a1", "r1") is holds


def test_it_is_counted_and_found_by_its_reason() -> None:
    pause = ClockPause("p1", PauseReason.GANGGUAN_TEKNIS, AT, "Server mati")
    assert pause.pause == Pause(PauseReason.GANGGUAN_TEKNIS, AT, None, "Server mati")
    assert (pause.words, CardFacts("t1", "a1").words) == ("gangguan teknis Server mati", "")
