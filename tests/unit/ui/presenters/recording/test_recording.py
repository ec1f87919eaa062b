from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import Kit
from support.recording import LEAD_PASSPHRASE, WEAK, Recording, RecordingKit
from support.tasks import SameThread, Steps

from fieldkit.domain.nik import Nik
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.capture import CAPTURED_AT, Excepted, FailedToAcquire, StepKind
from fieldkit.domain.recording.positions import EYES, RIGHT_FOUR, ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import Phase
from ui.presenters.figures import StepMark
from ui.presenters.presenter import Action, message
from ui.presenters.recording.panels import ExceptionPanel
from ui.presenters.recording.recording import show_recording


def test_a_whole_person_goes_by_enter_and_space_alone(recording: Recording) -> None:
    presenter, kit = recording.presenter, recording.kit
    presenter.accept()
    for kind in CAPTURED_AT:
        assert recording.current is kind
        if kind in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
            assert recording.state.ink is not None, "the pad signs by itself"
        else:
            assert recording.kept.frames, "the preview runs before anybody asks"
            presenter.capture()
            assert len(recording.state.stills) == len(CAPTURED_AT[kind])
        presenter.accept()
    assert recording.current is StepKind.INDEX_VERIFICATION
    presenter.accept()
    assert recording.way.taken == [("push", "review", kit.session_id)]
    done = kit.on_disk()
    assert not done.missing
    assert done.index_comparison is IndexComparison.NOT_COMPARED
    assert done.device_hash, "the chain of the devices goes on"


def test_a_wrong_field_is_marked_with_its_problem(recording: Recording) -> None:
    recording.presenter.type_biodata("nik", "123")
    recording.presenter.accept()
    assert recording.state.form.wrong_field == "nik"
    recording.presenter.type_biodata("nik", recording.kit.context.visits.target("target-1").biodata.nik.digits)
    recording.presenter.type_biodata("religion", "99")
    recording.presenter.accept()
    assert recording.state.form.wrong_field == "religion", "what the service finds is marked too"
    assert recording.state.problem is None
    recording.presenter.type_biodata("religion", "1")
    assert recording.state.form.wrong_field == ""
    recording.presenter.accept()
    assert recording.current is StepKind.PHOTO


def test_edited_biodata_cannot_be_left_unconfirmed(recording: Recording) -> None:
    recording.go_to(StepKind.BIODATA)
    recording.presenter.type_biodata("name", "SULASTRI")
    recording.presenter.turn(1)
    assert recording.current is StepKind.BIODATA
    assert recording.state.toast.words == message("rekam.biodata_unconfirmed")
    recording.presenter.accept()
    assert recording.kit.on_disk().biodata.name == "SULASTRI"
    assert recording.current is StepKind.PHOTO


def test_an_exception_closes_what_lacked_and_can_be_taken_back(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.kit.fingers.script = [WEAK]
    recording.presenter.capture()
    recording.presenter.open_exception()
    panel = recording.state.panel
    assert panel.chosen == {Position.RIGHT_MIDDLE}, "what lacks is chosen already"
    assert panel.second == ""
    recording.presenter.choose_second("bagus")
    assert recording.actions() == {Action.ADD: "", Action.ACCEPT: message("rekam.exception_no_reason")}
    recording.presenter.choose_next(1)
    recording.presenter.choose_next(1)
    recording.presenter.type_witness("Pak RT")
    assert recording.actions() == {Action.ADD: "", Action.ACCEPT: ""}
    recording.presenter.accept()
    assert not recording.kit.on_disk().exceptions, "the second attendant signs first"
    recording.presenter.back()
    assert isinstance(recording.state.panel, ExceptionPanel)
    recording.presenter.accept()
    recording.presenter.allow("salah")
    assert not recording.kit.on_disk().exceptions
    recording.presenter.allow(LEAD_PASSPHRASE)
    outcome = recording.step().outcomes[Position.RIGHT_MIDDLE]
    assert isinstance(outcome, Excepted)
    assert outcome.mark.reason is ExceptionReason.WORN
    assert outcome.mark.attendants == ("rina", "bagus")
    assert outcome.mark.attempts == 1
    assert recording.actions()[Action.ACCEPT] == "", "the others are good enough now"
    recording.presenter.number(3)  # the middle finger of the right hand
    assert recording.step().best(Position.RIGHT_MIDDLE).quality.value == 31
    recording.presenter.open_exception()
    assert recording.state.panel.witness == "Pak RT", "whoever stood by one stands by the next"


def test_a_photo_shows_what_an_exception_is_about(recording: Recording) -> None:
    recording.kit.camera.frame = b"\xff\xd8 bandaged"
    recording.presenter.photograph()  # nothing to photograph yet
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    recording.presenter.number(5)
    recording.presenter.photograph()
    assert recording.state.panel.photo == b"\xff\xd8 bandaged"
    assert recording.state.bar.actions[0].words == message("rekam.photo_again")
    recording.except_chosen(ExceptionReason.BANDAGED)
    (mark,) = recording.kit.on_disk().exceptions
    assert recording.kit.context.recording.sample(mark.evidence_sample_id).data == b"\xff\xd8 bandaged"


def test_an_exception_needs_no_photo_and_no_camera(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    recording.kit.camera.is_away = True
    recording.presenter.photograph()
    assert recording.state.problem is not None
    assert (recording.state.panel.is_live, recording.state.panel.is_photographing) == (False, False)
    recording.presenter.number(5)
    recording.except_chosen()
    (mark,) = recording.kit.on_disk().exceptions
    assert mark.evidence_sample_id == ""


def test_excepting_everything_goes_on_by_itself(recording: Recording) -> None:
    recording.go_to(StepKind.IRIS)
    recording.presenter.open_exception()
    recording.presenter.number(1)
    recording.presenter.number(2)
    recording.presenter.number(7)
    recording.except_chosen(ExceptionReason.EYES_CLOSED)
    assert recording.step(StepKind.IRIS).excepted == EYES
    assert recording.current is StepKind.CONFIRMATION
    assert next(s for s in recording.state.steps if s.name == "iris").mark is StepMark.EXCEPTED


def test_only_what_is_left_is_asked_of_the_device(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    recording.presenter.number(5)
    recording.except_chosen()
    recording.presenter.capture()
    assert recording.kit.fingers.requests[-1].positions == RIGHT_FOUR[:3]
    assert recording.kit.fingers.requests[-1].exceptions == (Position.RIGHT_LITTLE,)


def test_a_photo_knows_no_exception(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.open_exception()
    assert recording.state.panel is None
    assert Action.EXCEPTION not in recording.actions()


def test_escape_closes_the_panel_and_the_preview_comes_back(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    streams = recording.kit.fingers.streams
    recording.presenter.back()
    assert recording.state.panel is None
    assert recording.kit.fingers.streams == streams + 1
    assert recording.way.taken == []


def test_four_failed_attempts_let_the_team_lead_decide(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.kit.fingers.script = [WEAK] * 4
    for _ in range(3):
        recording.presenter.capture()
    assert Action.LEAD not in recording.actions()
    recording.presenter.capture()
    assert Action.LEAD in recording.actions()
    recording.presenter.ask_lead()
    assert [choice.words for choice in recording.state.panel.choices] == ["Bagus Santoso"]
    recording.presenter.accept()
    assert recording.state.panel is not None, "Enter belongs to the passphrase"
    recording.presenter.allow("salah")
    assert recording.state.panel.problem.code == "vault.wrong_passphrase"
    assert recording.state.panel.clear_serial == 1
    recording.presenter.allow(LEAD_PASSPHRASE)
    outcome = recording.step(StepKind.RIGHT_FOUR).outcomes[Position.RIGHT_MIDDLE]
    assert isinstance(outcome, FailedToAcquire)
    assert outcome.allowed_by == "bagus"
    assert outcome.best.quality.value == 31
    assert recording.current is StepKind.LEFT_FOUR


def test_enter_pressed_twice_decides_once(context_kit: RecordingKit) -> None:
    tasks = SameThread("store")
    recording = Recording(context_kit, tasks)
    tasks.release("store")
    recording.presenter.accept()
    recording.presenter.accept()
    tasks.release("store")
    assert recording.state.problem is None
    assert recording.current is StepKind.PHOTO


def test_putting_off_asks_first_and_keeps_everything(recording: Recording, context_kit: RecordingKit) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.postpone()
    assert recording.actions() == {Action.ACCEPT: ""}
    recording.presenter.accept()
    assert context_kit.on_disk().phase is Phase.SUSPENDED
    assert recording.way.taken == [("back",)]


@pytest.mark.parametrize(
    ("number", "phase", "reason"), [(2, Phase.REFUSED, "declined"), (5, Phase.ABANDONED, "wrong_person")]
)
def test_an_end_without_a_record_erases_and_notes_why(
    recording: Recording, context_kit: RecordingKit, number: int, phase: Phase, reason: str
) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.capture()
    recording.presenter.postpone()
    recording.presenter.number(number)
    assert recording.state.panel.is_end
    recording.presenter.accept()
    ended = context_kit.on_disk()
    assert (ended.phase, ended.reason, ended.biodata) == (phase, reason, None)
    target = context_kit.context.visits.target("target-1")
    assert target.state is TargetState.POSTPONED
    assert recording.way.taken == [("back",)]


def test_a_nik_that_was_recorded_before_is_found_when_it_is_corrected(recording: Recording) -> None:
    kit = recording.kit
    other = "3275014708790012"
    who = replace(kit.context.visits.target("target-1").biodata, nik=Nik.parse(other))
    kit.room.plan(kit.context.visits.target("target-1").biodata, who)
    kit.room.seal("target-2")
    recording.presenter.type_biodata("nik", other)
    recording.presenter.accept()
    assert recording.state.form.wrong_field == "nik"
    assert recording.state.form.problem.code == "session.recorded_before"


def again(recording: Recording) -> Recording:
    """Start the screen anew, as after a stop of the program."""
    return Recording(recording.kit, SameThread())


def test_unconfirmed_biodata_stand_there_again_until_they_are_confirmed(recording: Recording) -> None:
    recording.presenter.type_biodata("street", "Krajan 7")
    recording.tasks.tick()
    back = again(recording)
    assert back.state.form.values["street"] == "Krajan 7"
    assert back.state.restored
    back.presenter.accept()
    assert back.state.restored == ""
    assert recording.kit.context.drafts.mine() == []


def test_what_is_typed_is_kept_when_the_screen_is_left_at_once(recording: Recording) -> None:
    recording.presenter.type_biodata("street", "Krajan 7")
    recording.presenter.stop()
    assert again(recording).state.form.values["street"] == "Krajan 7"


def test_an_unnoted_exception_opens_again_where_it_was(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    recording.presenter.choose(ExceptionReason.WORN.value)
    recording.presenter.toggle_position(Position.RIGHT_INDEX)
    recording.presenter.type_witness("Pak RT")
    recording.presenter.settle()
    back = again(recording)
    assert back.current is StepKind.RIGHT_FOUR
    panel = back.state.panel
    assert panel == recording.state.panel
    assert back.state.restored
    back.presenter.back()
    assert back.state.restored == "", "the line belongs to the panel"
    back.presenter.open_exception()
    assert back.state.panel == panel
    assert back.state.restored
    back.presenter.throw_away()
    assert back.state.panel is not None
    assert back.state.panel.witness == ""
    back.presenter.take_back()
    assert back.state.panel == panel
    back.presenter.accept()
    assert recording.kit.context.drafts.mine() == []
    assert back.kit.on_disk().step(StepKind.RIGHT_FOUR).excepted == (Position.RIGHT_INDEX,)


def test_a_refused_recording_keeps_nothing_typed(recording: Recording) -> None:
    recording.presenter.type_biodata("street", "Krajan 7")
    recording.presenter.postpone()
    recording.presenter.choose("declined")
    recording.presenter.accept()
    recording.presenter.stop()
    recording.tasks.tick()
    assert recording.kit.context.drafts.mine() == []


def test_the_official_forms_are_beside_the_biodata(recording: Recording) -> None:
    (forms,) = (each for each in recording.state.bar.actions if each.act is Action.FORMS)
    assert callable(forms.runs)
    forms.runs()
    assert recording.way.taken == [("push", "official_form", "target-1")]


def test_nobody_is_recorded_who_was_not_told(kit: Kit, steps: Steps) -> None:
    session = kit.context.recording.open("t1")
    show_recording(steps, session)
    told = kit.context.recording.give_notice(session.session_id, "id")
    show_recording(steps, told)
    assert steps.taken == [
        ("push", "notice", session.session_id),
        ("push", "recording", session.session_id),
    ]
