from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import TARGETS, Kit
from support.cards import Tray
from support.kept import session
from support.steps import attempt
from support.tasks import SameThread, Steps

from drivers.simulators.sam import SamCard
from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard
from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Role, User
from fieldkit.domain.recording.capture import ExceptionInk, StepKind
from fieldkit.domain.recording.positions import EYES, LEFT_FOUR, ExceptionReason, Position
from ui.presenters.parts import Tone
from ui.presenters.presenter import message
from ui.presenters.recording.panels import (
    LATER,
    CardCheckPresenter,
    CardShown,
    EndingPanel,
    ExceptionPanel,
    LeadPanel,
    moved,
    number_of,
)

PEOPLE = (User("u2", "Bagus", Role.PETUGAS_PEREKAMAN), User("u3", "Sri", Role.PETUGAS_PEREKAMAN))


def panel(
    step: StepKind = StepKind.RIGHT_FOUR, scores: dict[Position, int | None] | None = None, **policy: object
) -> ExceptionPanel:
    person = session()
    person = replace(person, policy=replace(person.policy, **policy))
    if scores is not None:
        person = person._with_step(person.step(step).with_attempt(attempt(1, scores)))
    found = ExceptionPanel.for_step(person, step, "Pak RT", PEOPLE)
    assert found is not None
    return found


def test_before_any_attempt_nothing_is_chosen_and_after_it_what_lacks() -> None:
    assert panel().chosen == frozenset()
    scores = {Position.RIGHT_INDEX: 80, Position.RIGHT_MIDDLE: 20, Position.RIGHT_RING: 50, Position.RIGHT_LITTLE: None}
    assert panel(scores=scores).chosen == {Position.RIGHT_MIDDLE, Position.RIGHT_LITTLE}


def test_the_number_of_a_weak_finger_confirms_it_once_and_then_turns_it() -> None:
    weak, named = panel(scores={Position.RIGHT_MIDDLE: 20, Position.RIGHT_RING: 70}), Position.RIGHT_MIDDLE
    assert weak.chosen == {Position.RIGHT_INDEX, named, Position.RIGHT_LITTLE}
    assert weak.at(3).chosen == weak.chosen, "who presses the number of the finger means this finger"
    assert weak.at(3).at(3).chosen == weak.chosen - {named}
    assert weak.at(4).chosen == weak.chosen | {Position.RIGHT_RING}
    assert weak.at(4).at(4).chosen == weak.chosen
    assert weak.toggled(named).at(3).chosen == weak.chosen, "a click turned it already"
    assert weak.filled(weak.typed).at(3).chosen == weak.chosen - {named}, "in a draft it is the own choice"


def test_a_finger_that_was_captured_well_is_not_missing() -> None:
    scores = dict.fromkeys((Position.RIGHT_INDEX, Position.RIGHT_MIDDLE, Position.RIGHT_RING), 70)
    found = replace(panel(scores=scores), reason=ExceptionReason.MISSING_FINGER)
    assert found.chosen == {Position.RIGHT_LITTLE}
    assert found.lacks == ""
    assert found.at(2).lacks == "rekam.exception_captured"
    assert replace(found.at(2), reason=ExceptionReason.BANDAGED).lacks == ""


def test_the_only_position_of_a_step_is_chosen_already() -> None:
    assert panel(StepKind.SIGNATURE).chosen == {Position.SIGNATURE}
    assert panel(StepKind.THUMBS).chosen == frozenset()


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
    assert panel().second == "", "nobody is named who did not choose to sign"
    assert panel(exception_ink=ExceptionInk.BOTH).second == "u2"
    assert panel().with_next_second(1).with_next_second(1).second == "u3"
    steps = [("a", 1), ("b", 5), ("b", -1), ("a", -1), ("c", 1)]
    assert [moved(["a", "b"], current, by) for current, by in steps] == ["b", "b", "a", "a", "a"]


def test_it_is_ready_with_position_reason_and_witness() -> None:
    ready = panel().toggled(Position.RIGHT_RING).next(1)
    assert ready.is_ready
    assert not panel().next(1).is_ready
    assert not panel().toggled(Position.RIGHT_RING).is_ready
    nobody = ExceptionPanel.for_step(session(), StepKind.SIGNATURE, "  ", ())
    assert nobody is not None
    assert not nobody.next(1).is_ready
    assert nobody.second == ""


READY = replace(panel(), chosen=frozenset({Position.RIGHT_RING}), reason=ExceptionReason.WORN, witness="Pak RT")
NO_WITNESS, NO_SECOND = "rekam.exception_no_witness", "rekam.exception_no_second"


@pytest.mark.parametrize(
    ("changes", "lacks"),
    [
        ({}, ""),
        ({"chosen": frozenset()}, "rekam.exception_no_position"),
        ({"chosen": frozenset(), "reason": None, "witness": ""}, "rekam.exception_no_position"),
        ({"reason": None}, "rekam.exception_no_reason"),
        ({"reason": None, "witness": ""}, "rekam.exception_no_reason"),
        ({"witness": " "}, NO_WITNESS),
        ({"second": ""}, ""),
        ({"needs_second": True, "second": "u2"}, ""),
        ({"needs_second": True, "second": ""}, NO_SECOND),
        ({"needs_photo": True}, "rekam.exception_no_photo"),
        ({"needs_photo": True, "photo": b"jpeg"}, ""),
        ({"needs_photo": True, "needs_second": True, "second": ""}, NO_SECOND),
        ({"witness": "", "needs_second": True, "second": ""}, NO_WITNESS),
    ],
)
def test_what_lacks_is_named_the_first_thing_first(changes: dict[str, object], lacks: str) -> None:
    found = replace(READY, **changes)  # type: ignore[arg-type]
    assert (found.lacks, found.is_ready) == (lacks, not lacks)


@pytest.mark.parametrize(
    ("typed", "name", "nik", "lacks"),
    [
        ("Pak RT 3505085203790002", "Pak RT", "3505085203790002", ""),
        ("Pak RT, 3505085203790002 ", "Pak RT", "3505085203790002", ""),
        ("Pak RT", "Pak RT", "", "rekam.exception_no_nik"),
        ("3505085203790002", "", "3505085203790002", NO_WITNESS),
    ],
)
def test_where_the_dinas_wants_it_the_witness_has_a_nik(typed: str, name: str, nik: str, lacks: str) -> None:
    found = replace(READY, needs_nik=True, witness=typed)
    assert (found.witness_name, found.witness_nik, found.lacks) == (name, nik, lacks)
    plain = replace(READY, witness=typed)
    assert (plain.witness_name, plain.witness_nik) == (typed.strip(), "")


@pytest.mark.parametrize("ink", list(ExceptionInk))
@pytest.mark.parametrize("photo", [False, True])
def test_what_the_dinas_demands_comes_from_its_policy(ink: ExceptionInk, photo: bool) -> None:
    found = panel(exception_ink=ink, exception_photo=photo, witness_nik=photo)
    assert found.needs_nik == photo
    assert (found.needs_photo, found.needs_second) == (photo, ink is ExceptionInk.BOTH)


@pytest.mark.parametrize(
    ("people", "needs_second", "names"),
    [
        (PEOPLE, False, ["", "u2", "u3"]),
        (PEOPLE, True, ["u2", "u3"]),
        ((), False, [""]),
        ((), True, [""]),
    ],
)
def test_nobody_is_a_choice_unless_the_dinas_demands_a_second_and_one_is_here(
    people: tuple[User, ...], needs_second: bool, names: list[str]
) -> None:
    found = ExceptionPanel.for_step(session(), StepKind.RIGHT_FOUR, "", people)
    assert found is not None
    assert [choice.name for choice in replace(found, needs_second=needs_second).second_choices] == names


def test_a_draft_of_it_brings_back_what_still_fits() -> None:
    typed = {"step": "right_four", "chosen": "RIGHT_RING", "reason": "worn", "witness": "Pak RT", "second": "u3"}
    filled = panel().filled(typed)
    assert filled == replace(READY, second="u3")
    assert filled.typed == typed
    assert panel().typed == {"step": "right_four", "chosen": "", "reason": "", "witness": "Pak RT", "second": ""}
    stale = panel(scores={Position.RIGHT_INDEX: 20}).filled({"chosen": "EYE_LEFT", "reason": "blind", "second": "u9"})
    assert (stale.chosen, stale.reason, stale.witness, stale.second) == (frozenset(), None, "", "")


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
    last = EndingPanel().choices[-1].name
    assert [EndingPanel().at(number).chosen for number in (0, 1, 8, 9)] == [LATER, LATER, last, LATER]
    assert EndingPanel().at(2).at(0).chosen == "declined"
    assert EndingPanel().at(10) == EndingPanel()
    assert EndingPanel().next(1).next(-1).next(-1).chosen == LATER


def test_the_persons_choice_is_told_from_the_teams() -> None:
    told = {name: EndingPanel(chosen=name) for name in (choice.name for choice in EndingPanel().choices)}
    assert {name for name, each in told.items() if not each.is_end} == {LATER}
    assert {name for name, each in told.items() if each.is_subjects_choice} == {"declined", "fled", "too_ill"}


def test_a_passphrase_that_was_refused_is_typed_anew() -> None:
    panel = LeadPanel.of(PEOPLE).next(1)
    assert [choice.words for choice in panel.choices] == ["Bagus", "Sri"]
    again = panel.refused(Problem("vault.wrong_passphrase"))
    assert (again.chosen, again.clear_serial, again.problem) == ("u3", 1, Problem("vault.wrong_passphrase"))


EXECUTOR = "device:cards"


@pytest.fixture
def tray(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> Tray:
    tray = Tray()
    monkeypatch.setattr(kit.devices, "device_for", lambda _kind: tray)
    return tray


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> CardCheckPresenter:
    presenter = CardCheckPresenter(kit.context, tasks, steps, "t1")
    presenter.start()
    return presenter


def told(presenter: CardCheckPresenter) -> CardShown:
    assert presenter.state.card is not None
    return presenter.state.card


def seen(kit: Kit) -> list[str]:
    with kit.store.read() as unit:
        return [event.aggregate for event in unit.events.of("t1") if event.kind == "card_seen"]


def test_a_person_who_holds_a_card_is_shown_with_the_photo(
    kit: Kit, tasks: SameThread, steps: Steps, tray: Tray
) -> None:
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    presenter = opened(kit, tasks, steps)
    who = TARGETS[0].biodata
    assert presenter.state.title == f"{who.name} · {who.nik.masked}"
    assert (told(presenter).title, told(presenter).tone) == (message("kartu.holds"), Tone.CAUTION)
    photo = told(presenter).photo
    assert photo is not None
    assert photo.startswith(b"\xff\xd8")
    assert told(presenter).hint == message("kartu.holds_hint")
    assert seen(kit) == ["t1"]
    tray.chip = None
    presenter.start()  # the screen comes to the front again
    assert (told(presenter).title, presenter.state.problem) == (message("kartu.holds"), None)


def test_a_photo_that_cannot_be_shown_is_said(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    tray.chip = KtpElCard(b"scratched", b"\x04\x01")
    card = told(opened(kit, tasks, steps))
    assert (card.hint, card.photo) == (message("kartu.holds_hint_blind"), None)


def test_another_card_is_not_written_down(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    tray.chip = SamCard()
    assert told(opened(kit, tasks, steps)).title == message("kartu.other")
    assert seen(kit) == []


def test_no_card_comes_and_the_button_is_offered_again(kit: Kit, tasks: SameThread, steps: Steps, tray: Tray) -> None:
    presenter = opened(kit, tasks, steps)
    assert presenter.state.card is None
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "device.pcsc.no_card"
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    assert presenter.state.retry is not None
    presenter.perform(presenter.state.retry)
    assert (told(presenter).title, presenter.state.problem) == (message("kartu.holds"), None)


def test_who_leaves_while_waiting_lets_the_reader_go(kit: Kit, steps: Steps, tray: Tray) -> None:
    tasks = SameThread(EXECUTOR)
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    presenter = opened(kit, tasks, steps)
    assert told(presenter).title == message("kartu.waiting")
    assert presenter.state.bar.back is not None
    presenter.perform(presenter.state.bar.back)
    presenter.stop()
    tasks.release(EXECUTOR)
    assert steps.taken == [("back",)]
    assert seen(kit) == []
