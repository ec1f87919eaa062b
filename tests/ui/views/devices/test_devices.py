from __future__ import annotations

from dataclasses import replace

from PySide6.QtCore import Qt
from support.app_context import absent, ready

from fieldkit.ports.devices import DeviceKind


def test_f5_finds_what_was_plugged_in_and_trouble_stands_below(window, kit, shoot) -> None:
    kit.devices.listed = (ready(DeviceKind.FINGERPRINT), absent(DeviceKind.SIGNATURE_PAD))
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    window.press(Qt.Key.Key_Down)
    shoot("devices")
    assert window.view.state.trouble is not None
    kit.devices.listed = tuple(map(ready, DeviceKind))
    window.press(Qt.Key.Key_F5)
    window.wait(lambda: window.view.state.rows.count == 6)
    assert window.view.state.trouble is None


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
