"""What the list of devices says of each, and what may be done with it."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.app_context import KETUA, Kit, absent, ready
from support.finger_reader import FingerReader
from support.plans import KABID
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from fieldkit.ports.repositories import choice_of
from fieldkit.services.devices import DeviceVerdict, SelfTest
from ui.presenters.devices import DevicesPresenter, best_of, indicators, ready_count
from ui.presenters.figures import FigureCell
from ui.presenters.parts import Stage, Tone
from ui.presenters.people.lock import UNLOCK
from ui.presenters.presenter import Message, message
from ui.presenters.tasks import STORE

SCAN = "device:scan"
FINGERPRINT, IRIS, CAMERA, PAD = list(DeviceKind)[:4]
READY = ready(FINGERPRINT)
SECOND = replace(READY, address="http://127.0.0.1:4502", identity=replace(READY.identity, serial="SN-2"))  # type: ignore[type-var]


def opened(kit: Kit, *held: str, finger: FingerReader | None = None) -> tuple[DevicesPresenter, SameThread, Steps]:
    tasks, steps = SameThread(*held), Steps()
    context = replace(kit.context, finger_lock=finger or FingerReader())  # type: ignore[arg-type]
    presenter = DevicesPresenter(context, tasks, steps)
    presenter.start()
    return presenter, tasks, steps


def offered(presenter: DevicesPresenter) -> dict[str, Message]:
    return {command.name: command.refused for command in presenter.state.bar.actions}


def row_at(presenter: DevicesPresenter, at: int) -> tuple[str, list[Message]]:
    row = presenter.state.rows.row(at)
    return row.name, [tag.words for cell in row.cells for tag in cell.tags]


def verdicts(monkeypatch: pytest.MonkeyPatch, **failures: Problem) -> None:
    """Let every test go well but those of some kinds."""

    def run(_test: SelfTest, status: DeviceStatus, _cancel: object) -> DeviceVerdict:
        failure = failures.get(status.kind.value)
        return DeviceVerdict(status, failure is None, 7, failure)

    monkeypatch.setattr(SelfTest, "run", run)


@pytest.mark.parametrize(
    ("listed", "chosen", "why"),
    [
        ((READY, SECOND), None, ""),
        ((READY, SECOND), SECOND, ""),
        ((replace(READY, state=DeviceState.BUSY), SECOND), None, ""),
        ((READY, SECOND), READY, "perangkat.choose_already"),
        ((READY, ready(IRIS), ready(CAMERA)), None, "perangkat.choose_only_one"),
        ((READY, absent(FINGERPRINT)), None, "perangkat.choose_only_one"),
        ((replace(READY, state=DeviceState.NOT_READY), SECOND), None, "perangkat.choose_not_ready"),
    ],
)
def test_one_of_several_usable_devices_of_a_kind_is_chosen(
    kit: Kit, listed: tuple[DeviceStatus, ...], chosen: DeviceStatus | None, why: str
) -> None:
    kit.devices.listed = listed
    if chosen is not None:
        kit.devices.chosen = {FINGERPRINT: choice_of(chosen)}
    presenter, _, _ = opened(kit)
    name, tags = row_at(presenter, 0)
    assert (message("perangkat.chosen") in tags) == (chosen == listed[0])
    presenter.select(name)
    assert offered(presenter)["accept"] == (message(why) if why else "")
    presenter.accept()
    assert (kit.devices.chosen.get(FINGERPRINT) == choice_of(listed[0])) == (not why or chosen == listed[0])


def test_nothing_under_the_cursor_is_chosen(kit: Kit) -> None:
    presenter, _, _ = opened(kit)
    presenter.select("nothing")
    assert offered(presenter)["accept"] == message("perangkat.choose_not_ready")
    assert presenter.state.trouble is None


def test_until_a_first_scan_ended_nothing_is_shown_and_then_it_is_looked_for_once(kit: Kit) -> None:
    kit.devices.listed = ()
    presenter, tasks, _ = opened(kit, SCAN)
    assert presenter.state.stage is Stage.LOADING
    tasks.release(SCAN)
    assert presenter.state.stage is Stage.CONTENT
    assert (offered(presenter)["refresh"], presenter.state.rows.total) == ("", 1)
    presenter.refresh()
    presenter.refresh()
    assert offered(presenter)["refresh"] == message("perangkat.looking")
    tasks.release(SCAN)
    assert kit.devices.scans == 2


def test_a_scan_that_fails_is_tried_again(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter, _, _ = opened(kit)

    def fail() -> None:
        raise StoreError("store.damaged")

    with monkeypatch.context() as patch:
        patch.setattr(kit.devices, "scan", fail)
        presenter.refresh()
    assert presenter.state.stage is Stage.ERROR
    assert presenter.state.retry is not None
    presenter.perform(presenter.state.retry)
    assert (presenter.state.stage, kit.devices.scans) == (Stage.CONTENT, 2)


@pytest.mark.parametrize(
    ("status", "identity", "words"),
    [
        (READY, FigureCell("Suprema BioMini fingerprint", "SN SN-FIN-20817 1.4"), ["ready", "simulated"]),
        (
            replace(READY, is_simulated=False, mode="JPEG"),
            FigureCell("Suprema BioMini fingerprint", "SN SN-FIN-20817 1.4 JPEG"),
            ["ready"],
        ),
        (absent(FINGERPRINT), FigureCell(message("perangkat.unknown"), is_muted=True), ["absent"]),
    ],
)
def test_a_row_says_what_it_is_and_how_it_stands(
    kit: Kit, status: DeviceStatus, identity: FigureCell, words: list[str]
) -> None:
    kit.devices.listed = (status,)
    presenter, _, _ = opened(kit)
    assert presenter.state.rows.row(0).cells[1] == identity
    told = [str(getattr(words, "key", "")).rpartition(".")[2] for words in row_at(presenter, 0)[1]]
    assert told == words
    presenter.search("suprema")
    assert presenter.state.rows.count == (0 if status.identity is None else 1)


def test_all_that_is_needed_is_ready_or_said_to_be_missing(kit: Kit) -> None:
    for listed, tone in ((tuple(map(ready, DeviceKind)), Tone.GOOD), ((READY,), Tone.CAUTION)):
        kit.devices.listed = listed
        assert opened(kit)[0].state.tags[0].tone is tone


def test_what_the_test_found_wrong_stands_before_what_the_scan_did(kit: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    verdicts(monkeypatch, iris=Problem("device.protocol"))
    lit = replace(ready(IRIS), state=DeviceState.BUSY, detail="device.jws_untrusted")
    other = replace(ready(CAMERA), detail="device.jws_untrusted")
    kit.devices.listed = (lit, other, absent(PAD))
    presenter, _, _ = opened(kit)
    presenter.test()
    troubles = []
    for at in range(3):
        presenter.select(row_at(presenter, at)[0])
        troubles.append(presenter.state.trouble.code if presenter.state.trouble else "")
    assert troubles == ["device.protocol", "device.jws_untrusted", "device.not_connected"]
    outcomes = [presenter.state.rows.row(at).cells[3].tags for at in range(3)]
    assert [tag.words for tags in outcomes for tag in tags] == [
        message("perangkat.test_failed"),
        message("perangkat.test_passed", ms=7),
    ]


def test_while_devices_are_tried_out_nothing_else_begins_and_a_stop_takes_all_back(
    kit: Kit, monkeypatch: pytest.MonkeyPatch
) -> None:
    verdicts(monkeypatch)
    kit.devices.listed = (READY,)
    finger = FingerReader(has_reader=True)
    presenter, tasks, _ = opened(kit, f"device:{FINGERPRINT.value}", UNLOCK, finger=finger)
    presenter.test()
    assert offered(presenter)["finger"] == offered(presenter)["test"] == message("perangkat.test_under_way")
    presenter.test()
    presenter.finger()
    assert [len(tasks._held[lane]) for lane in (f"device:{FINGERPRINT.value}", UNLOCK)] == [1, 0]
    flag = presenter._cancel
    presenter.stop()
    assert flag.is_cancelled()
    tasks.release(f"device:{FINGERPRINT.value}")
    assert presenter.state.rows.row(0).cells[3].tags == (presenter.state.rows.row(0).cells[3].tags)
    presenter.start()
    assert presenter.state.rows.row(0).cells[3].tags == ()


@pytest.mark.parametrize(("user", "writes"), [(KETUA, 1), (KABID, 0)])
def test_a_test_fills_the_lists_of_whom_sarpras_are_theirs(
    kit: Kit, monkeypatch: pytest.MonkeyPatch, user: object, writes: int
) -> None:
    verdicts(monkeypatch)
    kit.devices.listed = (READY, ready(IRIS))
    kit.context = kit.context_of(user)  # type: ignore[arg-type]
    presenter, tasks, _ = opened(kit, STORE)
    tasks.release(STORE)
    presenter.test()
    assert len(tasks._held[STORE]) == writes
    tasks.release(STORE)
    assert presenter.state.problem is None


def test_what_is_known_of_the_finger_is_offered_before_the_scan_ends_and_after_it(kit: Kit) -> None:
    finger = FingerReader(is_learnt=True)
    presenter, tasks, steps = opened(kit, SCAN, UNLOCK, finger=finger)
    assert "finger" in offered(presenter)
    finger.is_learnt = False
    tasks.release(SCAN)
    assert "finger" not in offered(presenter)
    finger.has_reader = True
    presenter.refresh()
    tasks.release(SCAN)
    presenter.finger()
    assert presenter.state.stage is Stage.BUSY
    presenter.back()
    assert (presenter.state.stage, steps.taken) == (Stage.CONTENT, [])
    presenter.finger()
    presenter.stop()
    tasks.release(UNLOCK)
    assert not finger.is_learnt
    presenter.back()
    assert steps.taken == [("back",)]


def test_a_finger_that_was_not_learnt_says_why_until_it_is_tried_again(kit: Kit) -> None:
    finger = FingerReader(has_reader=True)
    finger.refusal = StoreError("store.damaged")
    presenter, tasks, _ = opened(kit, UNLOCK, finger=finger)
    presenter.finger()
    tasks.release(UNLOCK)
    assert presenter.state.problem is not None
    assert (presenter.state.problem.code, presenter.state.stage) == ("store.damaged", Stage.CONTENT)
    finger.refusal = None
    presenter.finger()
    assert presenter.state.problem is None
    tasks.release(UNLOCK)
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("perangkat.finger_learnt")


BUSY = replace(READY, state=DeviceState.BUSY)


@pytest.mark.parametrize(
    ("statuses", "best"),
    [
        ((READY, SECOND), READY),
        ((BUSY, READY), READY),
        ((READY, BUSY), READY),
        ((replace(READY, may_enrol=False), BUSY), BUSY),
    ],
)
def test_the_first_of_the_best_speaks_for_its_kind(statuses: tuple[DeviceStatus, ...], best: DeviceStatus) -> None:
    assert best_of(statuses) == {FINGERPRINT: best}


@pytest.mark.parametrize(
    ("state", "count"),
    [(DeviceState.READY, 1), (DeviceState.BUSY, 1), (DeviceState.NOT_READY, 0), (DeviceState.ABSENT, 0)],
)
def test_a_busy_device_is_ready_enough(state: DeviceState, count: int) -> None:
    assert ready_count((replace(READY, state=state),)) == count
    assert indicators((replace(READY, state=state),))[0].detail == message(f"device_state.{state.value}")
