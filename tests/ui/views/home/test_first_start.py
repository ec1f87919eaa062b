"""The first start by keys alone, and a picture of each of its steps."""

from __future__ import annotations

import os
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.first import SLIP, ListedFirstStart
from support.ways import ListedWays

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import TransferError
from fieldkit.ports.devices import NotConnectedError
from fieldkit.ports.exchange import Way
from fieldkit.ports.first_start import Step
from ui.presenters.parts import Stage
from ui.presenters.tasks import STORE
from ui.runtime.typist import grab
from ui.views.home.home import FirstStartWindow

MESSAGES = {language: strict_catalogue(language) for language in LANGUAGES}
SECRET = "kunci lemari besi"


class Hands:
    def __init__(self, window: FirstStartWindow, qtbot: QtBot) -> None:
        self.window, self._qtbot = window, qtbot

    @property
    def state(self):
        return self.window.shell.navigation.page.presenter.state

    def press(self, key: Qt.Key, to: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
        QTest.keyClick(self.window.shell.focusWidget() or self.window.shell, key, to)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.window.shell.focusWidget(), text)

    def fill(self, *texts: str) -> None:
        for text in texts:
            self.type(text)
            self.press(Qt.Key.Key_Tab)

    def reach(self, field: str) -> None:
        self._qtbot.waitUntil(
            lambda: self.state.stage is Stage.CONTENT and any(each.name == field for each in self.state.fields)
        )


@pytest.fixture
def first() -> ListedFirstStart:
    return ListedFirstStart()


@pytest.fixture
def hands(qtbot: QtBot, first: ListedFirstStart) -> Iterator[Hands]:
    window = FirstStartWindow(first, MESSAGES, "id", ListedWays(Way.RESTORE))
    qtbot.addWidget(window.shell)
    window.shell.resize(1366, 768)
    window.shell.show()
    qtbot.waitExposed(window.shell)
    yield Hands(window, qtbot)
    window.shell.close()
    window.tasks.shutdown()


@pytest.fixture
def shoot(hands: Hands) -> Callable[[str], None]:
    """Keep a picture in both languages and both sizes where `FIELDKIT_SHOTS` names a folder."""
    folder = os.environ.get("FIELDKIT_SHOTS", "")

    def take(name: str) -> None:
        if not folder:
            return
        Path(folder).mkdir(parents=True, exist_ok=True)
        window, spoken = hands.window, hands.window.theming.catalog.language
        for width, height in ((1024, 560), (1366, 768)):
            window.shell.resize(width, height)
            for language in ("en", "id"):
                window.theming.catalog.choose(language)
                QApplication.processEvents()
                grab(window.shell, Path(folder) / f"{name}-{width}-{language}.png")
        window.theming.catalog.choose(spoken)

    return take


def test_from_the_language_to_a_kit_by_keys_alone(hands, first, shoot) -> None:
    hands.reach("language")
    shoot("awal-language")
    hands.press(Qt.Key.Key_Return)
    hands.reach("slip")
    shoot("awal-office")
    first.refusals.append(TransferError("sync.ca_fingerprint"))
    hands.type(SLIP.line)
    hands.press(Qt.Key.Key_Return)
    hands.reach("slip")
    hands._qtbot.waitUntil(lambda: bool(hands.state.fields[3].problem))
    shoot("awal-office-fingerprint")
    hands.press(Qt.Key.Key_Return)  # the same slip once more
    hands.reach("user_id")
    assert hands.state.fields[0].text == "ani"
    shoot("awal-admin-empty")
    hands.fill("Ani Wijaya", "password1")
    shoot("awal-admin-weak")
    hands.press(Qt.Key.Key_Tab, Qt.KeyboardModifier.ShiftModifier)
    for _ in "password1":
        hands.press(Qt.Key.Key_Backspace)
    hands.fill(SECRET, SECRET, "270845")
    first.refusals.append(TransferError("sync.enrol_code_expired"))
    shoot("awal-admin")
    hands.press(Qt.Key.Key_Return)
    hands.reach("code")
    shoot("awal-code-expired")
    assert first.begun.slip == SLIP
    hands.press(Qt.Key.Key_Return)  # a new code would be typed here; the secrets wait in their fields
    hands.reach("user_id")
    hands.press(Qt.Key.Key_Return)
    hands._qtbot.waitUntil(lambda: not hands.window.shell.isVisible())
    ((slip, admin),) = first.enrolled
    assert (slip, admin.user_id, admin.name, admin.passphrase, admin.pin) == (
        SLIP,
        "ani",
        "Ani Wijaya",
        SECRET,
        "270845",
    )


def test_the_camera_reads_the_slip_or_says_why_not(hands, first, shoot) -> None:
    hands.reach("language")
    first.begun = first.begun.__class__(Step.OFFICE)  # no sooner: the window would begin there
    hands.press(Qt.Key.Key_Return)
    hands.reach("slip")
    first.scanned = NotConnectedError("device.not_connected", address="/dev/video0")
    hands.press(Qt.Key.Key_F6)
    hands._qtbot.waitUntil(lambda: hands.state.photo is not None and bool(hands.state.photo.away))
    shoot("awal-camera-away")
    first.scanned = SLIP
    hands.press(Qt.Key.Key_F5)
    hands.reach("user_id")
    assert first.begun.slip == SLIP


def test_a_backup_can_be_put_back_instead_and_esc_closes(hands, first) -> None:
    hands.reach("language")
    hands.press(Qt.Key.Key_F1, Qt.KeyboardModifier.ShiftModifier)
    hands._qtbot.waitUntil(lambda: hands.window.shell.navigation.name == "ways_back")
    hands.press(Qt.Key.Key_Escape)
    hands.reach("language")
    hands.press(Qt.Key.Key_Escape)
    hands._qtbot.waitUntil(lambda: not hands.window.shell.isVisible())
    assert not first.enrolled


def test_what_was_filled_in_is_kept_though_the_window_closes_at_once(hands, first) -> None:
    hands.reach("language")
    hands.press(Qt.Key.Key_Return)
    hands.reach("slip")
    gate = threading.Event()
    hands.window.tasks.run(STORE, lambda: gate.wait(), lambda _: None, lambda _: None)  # the store is busy
    for _ in ("the button beside the field", "the address"):
        hands.press(Qt.Key.Key_Tab)
    hands.type(SLIP.url)
    hands.window.shell.close()
    threading.Timer(0.1, gate.set).start()
    hands.window.tasks.shutdown()
    assert (first.begun.step, first.begun.slip.url) == (Step.OFFICE, SLIP.url)
