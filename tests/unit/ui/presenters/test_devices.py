from __future__ import annotations

from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest
from support.app_context import Kit, absent, ready
from support.checklists import stocked_kit
from support.recording import ScriptedDevice
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.people import Role, User
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.domain.sarpras import SelfTestNote
from fieldkit.ports.devices import Capabilities, DeviceKind, DeviceState, DeviceStatus
from fieldkit.ports.repositories import choice_of
from ui.presenters.devices import (
    TONES,
    DevicesPresenter,
    DeviceTrial,
    best_of,
    indicators,
    kind_words,
    problem_of,
    ready_count,
    state_words,
)
from ui.presenters.parts import Light, Stage, Tone
from ui.presenters.presenter import message
from ui.presenters.tasks import STORE


def opened(kit: Kit, tasks: SameThread) -> DevicesPresenter:
    presenter = DevicesPresenter(kit.context, tasks, Steps())
    presenter.start()
    return presenter


def test_coming_in_looks_at_once_and_f5_looks_again(kit: Kit, tasks: SameThread) -> None:
    presenter = opened(kit, tasks)
    assert (presenter.state.rows.count, kit.devices.scans) == (5, 1)
    kit.devices.listed = (*kit.devices.listed, ready(DeviceKind.CARD_READER))
    presenter.refresh()
    assert (presenter.state.rows.count, kit.devices.scans) == (6, 2)


def test_while_it_looks_f5_says_so_and_does_not_look_twice(kit: Kit) -> None:
    tasks = SameThread("device:scan")
    presenter = opened(kit, tasks)
    assert presenter.state.rows.count == 5  # what the last scan saw stands there at once
    assert presenter.state.bar.actions[0].refused == message("perangkat.looking")
    presenter.refresh()
    tasks.release("device:scan")
    assert kit.devices.scans == 1
    assert presenter.state.bar.actions[0].refused == ""


def test_trouble_is_told_for_the_device_under_the_cursor(kit: Kit, tasks: SameThread) -> None:
    kit.devices.listed = (ready(DeviceKind.IRIS), absent(DeviceKind.SIGNATURE_PAD))
    presenter = opened(kit, tasks)
    rows = [presenter.state.rows.row(at) for at in range(2)]
    assert rows[0].cells[2].tags[-1].words == message("perangkat.simulated")
    presenter.select(rows[1].name)
    assert presenter.state.trouble == Problem("device.not_connected", {"address": "/dev/ttyUSB0"})
    presenter.select(rows[0].name)
    assert presenter.state.trouble is None
    assert presenter.state.tags[0].tone is Tone.CAUTION


def test_the_mode_of_a_camera_stands_beside_its_name(kit: Kit, tasks: SameThread) -> None:
    kit.devices.listed = (replace(ready(DeviceKind.CAMERA), mode="1920 × 1080 MJPG"),)
    presenter = opened(kit, tasks)
    assert str(presenter.state.rows.row(0).cells[1].detail).endswith(" 1920 × 1080 MJPG")


def test_search_finds_by_model(kit: Kit, tasks: SameThread) -> None:
    presenter = opened(kit, tasks)
    presenter.search("IRIS")
    assert (presenter.state.rows.count, presenter.state.rows.total) == (1, 5)
    presenter.search("nothing like it")
    assert presenter.state.rows.count == 0
    assert presenter.state.nothing.title == message("perangkat.not_found")


def test_a_kit_without_devices_still_has_its_screen_to_sign_on(kit: Kit, tasks: SameThread) -> None:
    kit.devices.listed = ()
    presenter = opened(kit, tasks)
    assert (presenter.state.stage, presenter.state.rows.count) == (Stage.CONTENT, 1)
    screen = presenter.state.rows.row(0)
    assert screen.cells[0].words == message("device_kind.signature_pad")
    assert screen.cells[1].words == message("perangkat.screen")
    assert tags(presenter, 0) == (message("device_state.ready"),)
    presenter.select(screen.name)
    choose = next(action for action in presenter.state.bar.actions if action.name == "accept")
    assert choose.refused == message("perangkat.choose_screen")
    presenter.accept()
    presenter.test()
    assert (presenter.state.trouble, kit.devices.chosen) == (None, {})
    presenter.search("layar")
    assert presenter.state.rows.count == 1


def tags(presenter: DevicesPresenter, place: int) -> tuple[object, ...]:
    cells = presenter.state.rows.row(place).cells
    return tuple(tag.words for cell in cells for tag in cell.tags)


def two_scanners() -> tuple[DeviceStatus, ...]:
    first = ready(DeviceKind.FINGERPRINT)
    second = replace(first, address="http://127.0.0.1:4502", identity=replace(first.identity, serial="SN-2"))
    return first, second, ready(DeviceKind.IRIS)


class Scanner(ScriptedDevice):
    @property
    def capabilities(self) -> Capabilities:
        return Capabilities(DeviceKind.FINGERPRINT, frozenset(FINGERS), may_preview=True)


def test_t_tries_each_device_that_is_there_and_says_how_it_went(kit: Kit) -> None:
    kit.devices.listed = (ready(DeviceKind.FINGERPRINT), ready(DeviceKind.IRIS), absent(DeviceKind.CAMERA))
    kit.devices.there = {DeviceKind.FINGERPRINT: Scanner(DeviceKind.FINGERPRINT)}
    tasks = SameThread("device:iris")
    presenter = opened(kit, tasks)
    presenter.test()
    assert message("perangkat.testing") in tags(presenter, 1)
    assert str(tags(presenter, 0)[-1]).count("perangkat.test_passed") == 1
    assert len(tags(presenter, 2)) == 1
    test = next(action for action in presenter.state.bar.actions if action.name == "test")
    assert test.refused == message("perangkat.test_under_way")
    presenter.test()
    tasks.release("device:iris")
    assert message("perangkat.test_failed") in tags(presenter, 1)
    presenter.select(presenter.state.rows.row(1).name)
    assert presenter.state.trouble.code == "device.not_connected"
    assert all(action.name != "test" or not action.refused for action in presenter.state.bar.actions)


def test_leaving_lets_go_of_the_devices_and_of_late_verdicts(kit: Kit) -> None:
    tasks = SameThread("device:iris")
    kit.devices.listed = (ready(DeviceKind.IRIS),)
    presenter = opened(kit, tasks)
    presenter.test()
    presenter.stop()
    tasks.release("device:iris")
    presenter.start()
    assert message("perangkat.test_failed") not in tags(presenter, 0)


def test_one_of_two_scanners_is_chosen_and_remembered(kit: Kit, tasks: SameThread) -> None:
    kit.devices.listed = two_scanners()
    presenter = opened(kit, tasks)
    presenter.accept()
    assert kit.devices.chosen == {}
    presenter.select(presenter.state.rows.row(1).name)
    presenter.accept()
    assert kit.devices.chosen == {DeviceKind.FINGERPRINT: choice_of(two_scanners()[1])}
    assert message("perangkat.chosen") in tags(presenter, 1)
    choose = next(action for action in presenter.state.bar.actions if action.name == "accept")
    assert choose.refused == message("perangkat.choose_already")
    with kit.store.read() as unit:
        assert unit.settings.get("chosen_devices")["fingerprint"]["serial"] == "SN-2"


def test_where_there_is_nothing_to_choose_it_says_why(kit: Kit, tasks: SameThread) -> None:
    kit.devices.listed = (ready(DeviceKind.IRIS), absent(DeviceKind.CAMERA))
    presenter = opened(kit, tasks)
    for place, why in ((0, "perangkat.choose_only_one"), (1, "perangkat.choose_not_ready")):
        presenter.select(presenter.state.rows.row(place).name)
        choose = next(action for action in presenter.state.bar.actions if action.name == "accept")
        assert choose.refused == message(why)
        presenter.accept()
    assert kit.devices.chosen == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_kind_and_state_has_words_and_a_tone(language: str) -> None:
    catalogue = strict_catalogue(language)
    for kind in DeviceKind:
        assert catalogue.text(kind_words(kind).key)
        if kind is not DeviceKind.UNKNOWN:
            assert catalogue.text(f"lamp.{kind.value}")
    for state in DeviceState:
        assert catalogue.text(state_words(state).key)
        assert state in TONES


def test_the_best_device_of_a_kind_speaks_for_it() -> None:
    lost, there = absent(DeviceKind.IRIS), ready(DeviceKind.IRIS)
    assert best_of((lost, there))[DeviceKind.IRIS] is there
    assert best_of((there, lost))[DeviceKind.IRIS] is there


def test_a_light_for_each_kind_also_for_what_nobody_saw() -> None:
    refused = replace(ready(DeviceKind.CAMERA), state=DeviceState.PERMISSION_DENIED)
    lights = {
        indicator.words.key: indicator.light for indicator in indicators((ready(DeviceKind.FINGERPRINT), refused))
    }
    assert lights == {
        "lamp.fingerprint": Light.READY,
        "lamp.iris": Light.OFF,
        "lamp.camera": Light.BAD,
        "lamp.signature_pad": Light.OFF,
        "lamp.card_reader": Light.OFF,
    }


@pytest.mark.parametrize("state", [DeviceState.NOT_READY, DeviceState.BUSY])
def test_what_never_proved_its_provider_is_not_green(state: DeviceState) -> None:
    untrusted = replace(ready(DeviceKind.IRIS), state=state, detail="device.jws_untrusted")
    light = indicators((untrusted,))[1]
    assert (TONES[state] is Tone.GOOD, light.light is Light.READY) == (False, False)
    assert light.detail == Problem("device.jws_untrusted")  # the bar tells why


def test_a_module_for_unlocking_is_no_scanner() -> None:
    module = replace(ready(DeviceKind.FINGERPRINT), may_enrol=False)
    assert best_of((module,)) == {}
    assert ready_count((module,)) == 0
    assert indicators((module,))[0].light is Light.OFF


def test_a_lost_device_tells_what_puts_it_right() -> None:
    assert problem_of(absent(DeviceKind.IRIS)) == Problem("device.not_connected", {"address": "/dev/ttyUSB0"})
    assert problem_of(ready(DeviceKind.IRIS)) is None


def test_a_card_reader_is_not_needed() -> None:
    everything = tuple(map(ready, DeviceKind))
    assert ready_count(everything) == 4
    assert ready_count((*everything[:3], absent(DeviceKind.SIGNATURE_PAD))) == 3


EXECUTORS = ("device:scan", "device:fingerprint", "device:iris", "device:camera", "device:signature_pad")


def test_every_device_is_tried_on_its_own_executor_and_the_run_is_kept_once(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, done, failed = SameThread(*EXECUTORS), [], []
        trial = DeviceTrial(kit.context, tasks, partial(done.append, True), failed.append)
        trial.begin()
        for executor in EXECUTORS:
            assert trial.is_running
            assert not done
            tasks.release(executor)
        assert (done, failed, trial.is_running) == ([True], [], False)
        with kit.store.read() as unit:
            assert len(unit.repository(SelfTestNote).search()) == 1


def test_leaving_keeps_nothing(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, done = SameThread(*EXECUTORS), []
        trial = DeviceTrial(kit.context, tasks, partial(done.append, True), lambda _: None)
        trial.begin()
        tasks.release(EXECUTORS[0])
        trial.stop()
        for executor in EXECUTORS[1:]:
            tasks.release(executor)
        assert not done
        with kit.store.read() as unit:
            assert unit.repository(SelfTestNote).search() == []


def test_a_run_that_cannot_be_kept_ends_with_its_problem(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path, User("u9", "Kabid", Role.KABID)):
        failed: list[Problem] = []
        trial = DeviceTrial(kit.context, SameThread(), lambda: None, failed.append)
        trial.begin()
        assert [problem.code for problem in failed] == ["role.not_yours"]
        assert not trial.is_running


def test_a_run_from_perangkat_fills_the_lists_too(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path):
        opened = kit.context.office.sarpras.out.begin("a1")
        presenter = DevicesPresenter(kit.context, SameThread(), steps)
        presenter.start()
        presenter.test()
        test = kit.context.office.sarpras.out.get(opened.thing_id).checklist.line("i1").test
        assert test is not None
        assert not test.is_ok  # nothing answers behind these statuses


def test_a_run_that_was_left_hears_nothing_of_a_late_scan_or_a_late_note(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, done, failed = SameThread("device:scan", "device:iris", STORE), [], []
        trial = DeviceTrial(kit.context, tasks, partial(done.append, True), failed.append)
        trial.stop()
        trial.begin()
        trial.stop()
        tasks.release("device:scan")
        assert (tasks._held["device:iris"], tasks._held[STORE]) == ([], []), "nothing is tried out"
        trial.begin()
        tasks.release("device:scan")
        tasks.release("device:iris")
        trial.stop()
        tasks.release(STORE)
        assert (done, failed, trial.is_running) == ([], [], False)


def test_where_there_is_nothing_to_test_the_run_is_kept_and_over(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        kit.devices.listed, done = (), []
        trial = DeviceTrial(kit.context, SameThread(), partial(done.append, True), lambda _: None)
        trial.begin()
        assert (done, trial.is_running) == ([True], False)


def test_a_scan_that_fails_ends_the_run_of_now_and_no_other(tmp_path: Path) -> None:
    for kit in stocked_kit(tmp_path):
        tasks, failed = SameThread("device:scan"), []

        def fail() -> None:
            raise StoreError("store.damaged")

        kit.devices.scan = fail
        trial = DeviceTrial(kit.context, tasks, lambda: None, failed.append)
        trial.begin()
        trial.stop()
        trial.begin()
        tasks.release("device:scan")
        assert ([problem.code for problem in failed], trial.is_running) == (["store.damaged"], False)
