from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from support.app_context import KETUA, Kit
from support.recording import ScriptedDevice
from support.recording_window import jpeg

from fieldkit.domain.typed import DraftName
from fieldkit.ports.devices import DeviceKind
from ui.presenters.form import FormPresenter
from ui.presenters.presenter import message
from ui.widgets.button import ActionButton
from ui.widgets.file_field import PaperField

SHIFT = Qt.KeyboardModifier.ShiftModifier


def typed(window) -> str:
    presenter = window.shell.navigation.page.presenter
    assert isinstance(presenter, FormPresenter)
    return presenter.state.fields[2].text


def test_what_is_typed_into_a_form_stands_there_after_esc_and_is_thrown_away_by_key(window, shoot) -> None:
    window.sign_in()
    window.go("walk_in", activity_id="a1")
    window.press(Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    window.type("SITI AMINAH")
    assert typed(window) == "SITI AMINAH"
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")
    window.go("walk_in", activity_id="a1")
    assert typed(window) == "SITI AMINAH"
    assert window.view.state.restored
    shoot("walk-in-restored")
    window.press(Qt.Key.Key_Escape, to=SHIFT)
    window.wait(lambda: typed(window) == "")
    window.press(Qt.Key.Key_Escape, to=SHIFT)
    window.wait(lambda: typed(window) == "SITI AMINAH")
    window.press(Qt.Key.Key_Escape, to=SHIFT)
    window.wait(lambda: window.kit.context.drafts.find(DraftName("walk_in", {"activity_id": "a1"})) is None)


@pytest.mark.days
def test_leaving_a_field_keeps_it_at_once(window) -> None:
    window.sign_in()
    window.go("walk_in", activity_id="a1")
    window.type("3505")
    window.press(Qt.Key.Key_Tab)
    window.wait(lambda: window.kit.context.drafts.find(DraftName("walk_in", {"activity_id": "a1"})) is not None)


def test_closing_the_window_keeps_what_was_typed_last(window) -> None:
    window.sign_in()
    window.go("walk_in", activity_id="a1")
    window.type("3505")
    window.shell.close()
    window.tasks.shutdown()
    draft = window.kit.context.drafts.find(DraftName("walk_in", {"activity_id": "a1"}))
    assert draft is not None
    assert draft.fields["nik"] == "3505"


@pytest.fixture
def camera(kit: Kit) -> ScriptedDevice:
    kit.context = kit.context_of(KETUA)
    camera = ScriptedDevice(DeviceKind.CAMERA)
    camera.streams_on, camera.frame = True, jpeg(1_600, 1_200, "#E8E4D8")
    kit.devices.there = {DeviceKind.CAMERA: camera}
    return camera


def scans(window) -> str:
    return next(field.text for field in window.view.state.fields if field.name == "scans")


def button(window, key: str) -> ActionButton:
    words = window.theming.say(message(key))
    buttons = (each for each in window.shell.findChildren(ActionButton) if each.isVisible())
    return next(each for each in buttons if words in (each.text(), each.accessibleName()))


@pytest.mark.days
def test_a_paper_is_photographed_by_key_alone(camera, window, shoot) -> None:
    window.sign_in()
    window.go("request", activity_id="a1")
    camera_button = window.view.findChild(PaperField).findChildren(ActionButton)[1]
    for _ in range(60):
        if window.shell.focusWidget() is camera_button:
            break
        window.press(Qt.Key.Key_Tab)
    assert window.shell.focusWidget() is camera_button
    window.press(Qt.Key.Key_Space)
    window.wait(lambda: window.view.state.photo is not None and window.view.state.photo.is_live)
    shoot("paper-live")
    window.press(Qt.Key.Key_Space)
    window.wait(lambda: bool(window.view.state.photo.jpeg))
    shoot("paper-taken")
    window.press(Qt.Key.Key_R)
    window.wait(lambda: window.view.state.photo.is_live)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: bool(window.view.state.photo.jpeg))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: scans(window) == "foto-1.jpg")
    assert window.view.findChild(PaperField).isAncestorOf(window.shell.focusWidget())
    shoot("paper-used")
    name = DraftName("request", {"activity_id": "a1"})
    window.wait(lambda: window.kit.context.drafts.find(name) is not None)
    assert "foto-1.jpg" in window.kit.context.drafts.find(name).fields


@pytest.mark.days
def test_a_paper_is_photographed_by_mouse_alone_and_a_camera_that_goes_is_said(camera, window, shoot) -> None:
    def click(key: str) -> None:
        target = button(window, key)
        QTest.mouseClick(target, Qt.MouseButton.LeftButton, pos=QPoint(10, 10))

    window.sign_in()
    window.go("request", activity_id="a1")
    click("formulir.photograph")
    window.wait(lambda: window.view.state.photo is not None and window.view.state.photo.is_live)
    camera.is_away = True
    window.wait(lambda: bool(window.view.state.photo.away))
    shoot("paper-away")
    camera.is_away = False
    click("common.try_again")
    window.wait(lambda: window.view.state.photo.is_live)
    click("sarpras.take_photo")
    window.wait(lambda: bool(window.view.state.photo.jpeg))
    click("foto.use")
    window.wait(lambda: scans(window) == "foto-1.jpg")
