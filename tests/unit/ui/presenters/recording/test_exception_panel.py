from __future__ import annotations

from dataclasses import replace

from support.kept import session
from support.steps import attempt

from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, RIGHT_FOUR, Position
from ui.presenters.recording.exception_panel import ExceptionPanel, moved, number_of

PEOPLE = (("u2", "Bagus"), ("u3", "Sri"))


def panel(step: StepKind = StepKind.RIGHT_FOUR, scores: dict[Position, int | None] | None = None) -> ExceptionPanel:
    person = session()
    if scores is not None:
        person = person._with_step(person.step(step).with_attempt(attempt(1, scores)))
    found = ExceptionPanel.for_step(person, step, "Pak RT", PEOPLE)
    assert found is not None
    return found


def test_before_any_attempt_nothing_is_chosen_and_after_it_what_lacks() -> None:
    assert panel().chosen == frozenset()
    scores = {Position.RIGHT_INDEX: 80, Position.RIGHT_MIDDLE: 20, Position.RIGHT_RING: 50, Position.RIGHT_LITTLE: None}
    assert panel(scores=scores).chosen == {Position.RIGHT_MIDDLE, Position.RIGHT_LITTLE}


def test_the_only_position_of_a_step_is_chosen_already() -> None:
    assert panel(StepKind.SIGNATURE).chosen == {Position.SIGNATURE}


def test_steps_without_exceptions_have_no_panel() -> None:
    for step in (StepKind.BIODATA, StepKind.PHOTO, StepKind.INDEX_VERIFICATION):
        assert ExceptionPanel.for_step(session(), step, "", ()) is None


def test_reasons_fit_the_step() -> None:
    eyes = {choice.name for choice in panel(StepKind.IRIS).reasons}
    assert "cataract" in eyes
    assert "worn" not in eyes
    assert [choice.name for choice in panel(StepKind.SIGNATURE).reasons] == ["tremor", "uncooperative", "cannot_sign"]


def test_fingers_are_chosen_by_their_codes_and_eyes_by_their_place() -> None:
    assert panel().at(2) is Position.RIGHT_INDEX
    assert panel().at(1) is None
    assert panel(StepKind.LEFT_FOUR).at(10) is Position.LEFT_LITTLE
    assert panel(StepKind.IRIS).at(1) is Position.EYE_RIGHT
    assert [number_of(p, LEFT_FOUR) for p in LEFT_FOUR] == [7, 8, 9, 10]
    assert [number_of(p, EYES) for p in EYES] == [1, 2]


def test_toggling_twice_changes_nothing_and_strangers_are_ignored() -> None:
    once = panel().toggled(Position.RIGHT_RING)
    assert once.chosen == {Position.RIGHT_RING}
    assert once.toggled(Position.RIGHT_RING).chosen == frozenset()
    assert once.toggled(Position.EYE_LEFT) == once
    assert [is_on for _, _, is_on in once.position_words] == [p is Position.RIGHT_RING for p in RIGHT_FOUR]


def test_arrows_walk_the_reasons_and_the_second_attendants() -> None:
    first = panel().with_next_reason(1)
    assert first.reason is ExceptionReason.MISSING_FINGER
    assert first.with_next_reason(1).reason is ExceptionReason.WORN
    assert first.with_next_reason(-1).reason is ExceptionReason.MISSING_FINGER
    assert panel().second == "u2"
    assert panel().with_next_second(1).with_next_second(1).with_next_second(1).second == "", "nobody is a choice"
    assert moved(["a", "b"], "b", 5) == "b"


def test_it_is_ready_with_position_reason_and_witness() -> None:
    ready = panel().toggled(Position.RIGHT_RING).with_next_reason(1)
    assert ready.is_ready
    assert not panel().with_next_reason(1).is_ready
    assert not panel().toggled(Position.RIGHT_RING).is_ready
    nobody = ExceptionPanel.for_step(session(), StepKind.SIGNATURE, "  ", ())
    assert nobody is not None
    assert not nobody.with_next_reason(1).is_ready
    assert nobody.second == ""


def test_where_the_dinas_wants_a_photo_it_is_ready_only_with_one() -> None:
    wanting = replace(panel(), needs_photo=True, reason=ExceptionReason.WORN, witness="Pak RT")
    wanting = replace(wanting, chosen=frozenset({Position.RIGHT_RING}))
    assert (wanting.lacks, wanting.is_ready) == ("rekam.exception_no_photo", False)
    assert replace(wanting, photo=b"jpeg").is_ready
