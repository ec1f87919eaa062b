from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from support.app_context import absent, ready

from fieldkit.ports.devices import DeviceKind, DeviceState
from ui.presenters.parts import Light, Tone
from ui.widgets.status_bar import StatusBarWidget


def refused(window, name: str) -> str:
    return next(action.refused for action in window.view.state.bar.actions if action.name == name)


def test_f5_finds_what_was_plugged_in_and_trouble_stands_below(window, kit, shoot) -> None:
    kit.devices.listed = (ready(DeviceKind.FINGERPRINT), absent(DeviceKind.SIGNATURE_PAD))
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    window.press(Qt.Key.Key_Down)
    shoot("devices")
    assert window.view.state.trouble is not None
    kit.devices.listed = tuple(map(ready, DeviceKind))
    window.wait(lambda: not refused(window, "refresh"))  # while the first scan runs, F5 asks for none of its own
    window.press(Qt.Key.Key_F5)
    window.wait(lambda: window.view.state.rows.count == 6)
    assert window.view.state.trouble is None


def test_a_device_whose_provider_is_not_trusted_is_nowhere_green(window, kit, shoot) -> None:
    untrusted = {"state": DeviceState.NOT_READY, "detail": "device.jws_untrusted"}
    kit.devices.listed = tuple(replace(ready(kind), **untrusted) for kind in DeviceKind)
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    shoot("devices-untrusted")
    assert window.view.state.trouble is not None
    rows = window.view.state.rows
    shown = [rows.row(at) for at in range(rows.count)]
    tones = {tag.tone for row in shown for cell in row.cells for tag in cell.tags if row.name != "screen"}
    assert tones == {Tone.CAUTION}
    status_bar = window.shell.findChild(StatusBarWidget)._status_bar
    assert {light.light for light in status_bar.devices} == {Light.CAUTION}


def test_no_device_at_all(window, kit, shoot) -> None:
    kit.devices.listed = ()
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    shoot("devices-none")


def test_t_tests_and_enter_chooses(window, kit, shoot) -> None:
    first = ready(DeviceKind.FINGERPRINT)
    second = replace(first, address="http://127.0.0.1:4502", identity=replace(first.identity, serial="SN-2"))
    kit.devices.listed = (first, second)
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    window.press(Qt.Key.Key_T)
    window.wait(lambda: window.view.state.trouble is not None)  # nothing answers behind the list
    window.press(Qt.Key.Key_Down)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: bool(kit.devices.chosen))
    assert kit.devices.chosen[DeviceKind.FINGERPRINT].serial == "SN-2"
    shoot("devices-tested")
