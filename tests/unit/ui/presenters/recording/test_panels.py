from __future__ import annotations

from dataclasses import replace

from support.kept import session
from support.steps import attempt

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.exception_mark import ExceptionReason
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, Position
from ui.presenters.recording.panels import LATER, EndingPanel, ExceptionPanel, LeadPanel, moved, number_of

PEOPLE = (User("u2", "Bagus", Role.PETUGAS_PEREKAMAN), User("u3", "Sri", Role.PETUGAS_PEREKAMAN))


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
    assert panel().at(2).chosen == {Position.RIGHT_INDEX}
    assert panel().at(2).at(2) == panel().at(1) == panel()
    assert panel(StepKind.LEFT_FOUR).at(10).chosen == {Position.LEFT_LITTLE}
    assert panel(StepKind.IRIS).at(1).chosen == {Position.EYE_RIGHT}
    assert [number_of(p, LEFT_FOUR) for p in LEFT_FOUR] == [7, 8, 9, 10]
    assert [number_of(p, EYES) for p in EYES] == [1, 2]


def test_toggling_twice_changes_nothing_and_strangers_are_ignored() -> None:
    once = panel().toggled(Position.RIGHT_RING)
    assert once.chosen == {Position.RIGHT_RING}
    assert once.toggled(Position.RIGHT_RING).chosen == frozenset()
    assert once.toggled(Position.EYE_LEFT) == once
    assert once.chosen == {Position.RIGHT_RING}


def test_arrows_walk_the_reasons_and_the_second_attendants() -> None:
    first = panel().next(1)
    assert first.reason is ExceptionReason.MISSING_FINGER
    assert first.next(1).reason is ExceptionReason.WORN
    assert first.next(-1).reason is ExceptionReason.MISSING_FINGER
    assert panel().second == "u2"
    assert panel().with_next_second(1).with_next_second(1).with_next_second(1).second == "", "nobody is a choice"
    assert moved(["a", "b"], "b", 5) == "b"


def test_it_is_ready_with_position_reason_and_witness() -> None:
    ready = panel().toggled(Position.RIGHT_RING).next(1)
    assert ready.is_ready
    assert not panel().next(1).is_ready
    assert not panel().toggled(Position.RIGHT_RING).is_ready
    nobody = ExceptionPanel.for_step(session(), StepKind.SIGNATURE, "  ", ())
    assert nobody is not None
    assert not nobody.next(1).is_ready
    assert nobody.second == ""


def test_where_the_dinas_wants_a_photo_it_is_ready_only_with_one() -> None:
    wanting = replace(panel(), needs_photo=True, reason=ExceptionReason.WORN, witness="Pak RT")
    wanting = replace(wanting, chosen=frozenset({Position.RIGHT_RING}))
    assert (wanting.lacks, wanting.is_ready) == ("rekam.exception_no_photo", False)
    assert replace(wanting, photo=b"jpeg").is_ready


def test_the_harmless_way_is_chosen_first() -> None:
    panel = EndingPanel()
    assert panel.choices[0].name == panel.chosen == LATER
    assert not panel.is_end
    assert len({choice.name for choice in panel.choices}) == len(panel.choices) <= 10


def test_number_keys_and_arrows_choose() -> None:
    assert EndingPanel().at(2).chosen == "declined"
    assert EndingPanel().at(10) == EndingPanel()
    assert EndingPanel().next(1).next(-1).next(-1).chosen == LATER


def test_the_persons_choice_is_told_from_the_teams() -> None:
    assert EndingPanel(chosen="declined").is_end
    assert EndingPanel(chosen="declined").is_subjects_choice
    assert EndingPanel(chosen="wrong_person").is_end
    assert not EndingPanel(chosen="wrong_person").is_subjects_choice


def test_a_passphrase_that_was_refused_is_typed_anew() -> None:
    panel = LeadPanel.of(PEOPLE).next(1)
    assert [choice.words for choice in panel.choices] == ["Bagus", "Sri"]
    again = panel.refused(Problem("vault.wrong_passphrase"))
    assert (again.chosen, again.clear_serial, again.problem) == ("u3", 1, Problem("vault.wrong_passphrase"))
