from __future__ import annotations

from dataclasses import replace

from support.app_context import Kit, absent, ready
from support.recording import ScriptedDevice
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.recording.positions import FINGERS
from fieldkit.ports.choices import choice_of
from fieldkit.ports.devices import Capabilities, DeviceKind, DeviceStatus
from ui.presenters.devices.devices import DevicesPresenter
from ui.presenters.messages import message
from ui.presenters.parts import Stage, Tone


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
