"""The finger at the locked window: the real driver, a simulated module on its pty, real executors."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit
from support.fingers import OPERATOR, SOMEBODY, Glass, glass

from ui.presenters.presenter import message
from ui.widgets.layout import Text


@pytest.fixture
def finger(kit: Kit, tmp_path: Path) -> Iterator[Glass]:
    """Before the window, so that its executors end first."""
    with glass(kit, tmp_path) as there:
        kit.context = replace(kit.context, registry=there.registry, finger_lock=there.lock)
        yield there


def said(window) -> set[str]:
    return {text.text() for text in window.shell.lock.findChildren(Text)}


def learn(window) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    window.wait(lambda: any(action.name == "finger" for action in window.view.state.bar.actions))
    window.press(Qt.Key.Key_J)
    window.wait(lambda: window.view.state.toast is not None)


@pytest.mark.days
def test_j_learns_and_the_finger_opens_the_locked_window(finger: Glass, window, shoot) -> None:
    learn(window)
    shoot("devices-finger")
    finger.stage.present(None)
    window.press(Qt.Key.Key_F11)
    offered = window.theming.say(message("ui.lock.finger"))
    window.wait(lambda: offered in said(window))
    shoot("lock-finger")
    finger.stage.present(SOMEBODY)
    window.wait(lambda: any("2" in text for text in said(window)))
    assert window.shell.lock.isVisible()
    finger.stage.present(OPERATOR)
    window.wait(lambda: not window.shell.lock.isVisible())
    assert window.name == "Devices"


@pytest.mark.days
def test_esc_gives_up_learning_and_the_lock_offers_no_finger(finger: Glass, window, shoot) -> None:
    finger.stage.present(None)
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    window.wait(lambda: any(action.name == "finger" for action in window.view.state.bar.actions))
    window.press(Qt.Key.Key_J)
    window.wait(lambda: window.view.state.progress is not None)
    shoot("devices-finger-waiting")
    window.press(Qt.Key.Key_Escape)
    window.settle()
    assert window.name == "Devices"
    window.press(Qt.Key.Key_F11)
    assert window.theming.say(message("ui.lock.hint")) in said(window)
    assert not finger.lock.is_learnt
