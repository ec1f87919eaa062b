from __future__ import annotations

from collections.abc import Callable

import pytest
from support.recording import FINGER_EXECUTOR, Recording, RecordingKit
from support.room import PETUGAS
from support.tasks import SameThread

from fieldkit.domain.errors import StoreError
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.recording.session import Phase
from fieldkit.ports.devices import DeviceKind
from ui.presenters.parts import Stage
from ui.presenters.recording.panels import EndingPanel, ExceptionPanel, LeadPanel
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.tasks import STORE, device_executor

CAMERA, PAD = (device_executor(kind.value) for kind in (DeviceKind.CAMERA, DeviceKind.SIGNATURE_PAD))
Intent = Callable[[RecordingPresenter], None]


INTENTS: list[Intent] = [
    lambda screen: screen.fill({"biodata.rt": "9", "exception.step": "right_four"}),
    lambda screen: screen.type_biodata("rt", "9"),
    lambda screen: screen.accept(),
    lambda screen: screen.capture(),
    lambda screen: screen.sign_here(),
    lambda screen: screen.choose_step("photo"),
    lambda screen: screen.turn(1),
    lambda screen: screen.number(1),
    lambda screen: screen.toggle_position(Position.RIGHT_INDEX),
    lambda screen: screen.open_exception(),
    lambda screen: screen.photograph(),
    lambda screen: screen.allow("salah"),
    lambda screen: screen.postpone(),
    lambda screen: screen.show_forms(),
    lambda screen: screen.at_rest(StepKind.BIODATA),
    lambda screen: screen.go_on(),
]


def test_before_the_recording_is_read_nothing_can_be_done_but_to_leave(context_kit: RecordingKit) -> None:
    tasks = SameThread(STORE)
    recording = Recording(context_kit, tasks)
    for at, intent in enumerate(INTENTS):
        intent(recording.presenter)
        assert (recording.state.stage, recording.state.panel, recording.way.taken) == (Stage.LOADING, None, []), at
    assert recording.presenter.typed() == {}
    recording.presenter.back()
    assert recording.way.taken == [("back",)]
    tasks.release(STORE)
    assert (recording.current, recording.state.form.is_changed) == (StepKind.BIODATA, False)


def test_a_lead_asked_for_too_early_is_asked_again_once_it_is_read(context_kit: RecordingKit) -> None:
    tasks = SameThread(STORE)
    recording = Recording(context_kit, tasks)
    recording.presenter.ask_lead()
    tasks.release(STORE)
    assert recording.state.panel is None


OF_A_PANEL: list[Intent] = [
    lambda screen: screen.choose("worn"),
    lambda screen: screen.choose_next(1),
    lambda screen: screen.type_witness("Pak RT"),
    lambda screen: screen.choose_second("bagus"),
    lambda screen: screen.choose_second_next(1),
    lambda screen: screen.photograph(),
    lambda screen: screen.allow("salah"),
    lambda screen: screen.number(2),  # nothing is excepted that could be taken back
    lambda screen: screen.number(6),
    lambda screen: screen.fill({}),
]


def test_what_belongs_to_a_panel_does_nothing_where_none_is_open(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    for at, intent in enumerate(OF_A_PANEL):
        intent(recording.presenter)
        state = recording.state
        assert (recording.current, state.panel, state.problem) == (StepKind.RIGHT_FOUR, None, None), at
    assert recording.kit.context.drafts.mine() == []


def test_positions_are_taken_back_only_where_they_are_captured(recording: Recording) -> None:
    recording.go_to(StepKind.INDEX_VERIFICATION)
    recording.presenter.toggle_position(Position.RIGHT_INDEX)
    recording.presenter.number(2)
    assert (recording.current, recording.state.problem) == (StepKind.INDEX_VERIFICATION, None)


PANELS: dict[type, Intent] = {
    EndingPanel: lambda screen: screen.postpone(),
    LeadPanel: lambda screen: screen.ask_lead(),
    ExceptionPanel: lambda screen: screen.open_exception(),
}


def test_a_panel_stays_until_it_is_answered_or_closed(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    for panel, opens in PANELS.items():
        opens(recording.presenter)
        for other in PANELS.values():
            other(recording.presenter)
        recording.presenter.capture()
        assert isinstance(recording.state.panel, panel)
        assert not recording.state.is_capturing
        recording.presenter.back()
        assert (recording.state.panel, recording.way.taken) == (None, [])
    recording.presenter.back()
    assert recording.kit.on_disk().phase is Phase.SUSPENDED


def test_without_a_lead_nobody_is_asked(recording: Recording) -> None:
    recording.kit.door.people = (PETUGAS,)
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.ask_lead()
    assert recording.state.panel is None


@pytest.mark.parametrize("leaving", [lambda screen: screen.open_exception(), lambda screen: screen.back()])
def test_a_panel_and_leaving_let_go_of_the_device(context_kit: RecordingKit, leaving: Intent) -> None:
    tasks = SameThread(FINGER_EXECUTOR)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    leaving(recording.presenter)
    tasks.release(FINGER_EXECUTOR)
    assert context_kit.fingers.streams == 0


def test_who_may_stand_by_an_exception_may_record_and_is_somebody_else(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    panel = recording.state.panel
    assert [choice.name for choice in panel.colleagues] == ["bagus"]
    recording.presenter.choose_second_next(1)
    assert recording.state.panel.second == "bagus"
    recording.presenter.choose_second_next(-1)
    assert recording.state.panel.second == "", "nobody"
    recording.presenter.choose_second("bagus")
    assert recording.state.panel.second == "bagus"


def test_an_exception_that_lacks_something_is_not_noted(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    for filled in (
        lambda screen: screen.type_witness("Pak RT"),
        lambda screen: screen.choose("worn"),
        lambda screen: (screen.number(2), screen.type_witness("")),
    ):
        filled(recording.presenter)
        recording.presenter.accept()
        assert isinstance(recording.state.panel, ExceptionPanel)
        assert (recording.state.problem, recording.kit.on_disk().exceptions) == (None, ())


def test_a_photo_alone_is_no_draft(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    recording.presenter.photograph()
    assert recording.state.panel.photo
    recording.presenter.settle()
    assert recording.kit.context.drafts.mine() == []


def test_an_exception_left_on_one_step_is_not_opened_on_another(recording: Recording) -> None:
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    recording.presenter.choose(ExceptionReason.WORN.value)
    recording.presenter.back()
    recording.presenter.choose_step(StepKind.IRIS.value)
    recording.presenter.open_exception()
    assert (recording.state.panel.step, recording.state.panel.reason) == (StepKind.IRIS, None)
    assert recording.state.restored == ""


def test_biodata_left_unconfirmed_come_to_the_front_though_a_step_is_missing(recording: Recording) -> None:
    recording.go_to(StepKind.PHOTO)
    recording.presenter.choose_step(StepKind.BIODATA.value)
    recording.presenter.type_biodata("street", "Krajan 7")
    recording.presenter.settle()
    back = Recording(recording.kit, SameThread())
    assert (back.current, back.state.form.values["street"]) == (StepKind.BIODATA, "Krajan 7")
    back.presenter.throw_away()
    assert not back.state.form.is_changed


def test_what_keeps_biodata_from_being_kept_is_said_above_them(
    recording: Recording, monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*_: object) -> None:
        raise StoreError("store.disk_full")

    for refused in ("confirm_biodata", "accept"):
        monkeypatch.setattr(recording.kit.context.recording, refused, full)
        recording.presenter.accept()
        assert recording.state.problem is not None
        assert recording.state.problem.code == "store.disk_full"
        monkeypatch.undo()
        recording.presenter.accept()
        recording.presenter.capture()
    assert recording.current is StepKind.SIGNATURE


def test_enter_takes_the_signature_that_is_there_while_the_pad_waits_for_another(context_kit: RecordingKit) -> None:
    tasks = SameThread(PAD)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.SIGNATURE)
    tasks.release(PAD)
    recording.presenter.capture()
    assert recording.state.is_capturing
    recording.presenter.accept()
    assert recording.step(StepKind.SIGNATURE).is_closed


def test_a_photo_is_taken_once_and_begun_anew_after_the_lock(context_kit: RecordingKit) -> None:
    tasks = SameThread(CAMERA)
    recording = Recording(context_kit, tasks)
    recording.go_to(StepKind.RIGHT_FOUR)
    recording.presenter.open_exception()
    recording.presenter.photograph()
    recording.presenter.rest()
    recording.presenter.go_on()
    recording.presenter.photograph()
    assert (recording.state.panel.is_live, recording.state.panel.is_photographing) == (True, False)
    recording.presenter.photograph()
    recording.presenter.photograph()
    tasks.release(CAMERA)
    assert recording.state.panel.photo == context_kit.camera.frame
    assert context_kit.camera.streams == 1
