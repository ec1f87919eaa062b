from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from support.app_context import Kit
from support.ways import ADMIN, STICK, ListedWays

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.ports.exchange import Way
from ui.presenters.home.ways_back import BACKUP, CODE, OPENED_BY, PASSPHRASE, SLIP
from ui.presenters.parts import Stage
from ui.presenters.presenter import Action, message
from ui.runtime.typist import grab
from ui.views.home.home import StartProblemWindow
from ui.widgets.button import ActionButton


@pytest.fixture
def ways() -> ListedWays:
    return ListedWays()


@pytest.fixture
def door_window(kit: Kit, theming, qtbot: QtBot, tmp_path: Path, ways: ListedWays, make_window) -> Iterator:
    window = make_window(kit, theming, qtbot, tmp_path, ways)
    yield window
    window.close()


def button_of(shell, key: str) -> ActionButton:
    words = shell._theming.say(message(key))
    return next(
        each for each in shell.findChildren(ActionButton) if each.isVisible() and each.accessibleName() == words
    )


def press_button(window) -> None:
    button_of(window.shell, "act.ways_back").setFocus()
    window.press(Qt.Key.Key_Space)


def names(window) -> list[str]:
    return [field.name.rpartition("_")[2] for field in window.view.state.fields]


def test_a_key_that_stands_on_it_leads_there_while_the_passphrase_has_the_keyboard(door_window) -> None:
    window = door_window
    window.settle()
    assert isinstance(window.shell.focusWidget(), QLineEdit)
    assert Action.WAYS_BACK.cap == button_of(window.shell, "act.ways_back")._cap()
    window.type("rahasia")
    window.press(Qt.Key.Key_F1, to=Qt.KeyboardModifier.ShiftModifier)
    window.reach("Form")


@pytest.mark.days
def test_a_lost_passphrase_is_told_and_mended_from_the_sign_in(door_window, ways, shots) -> None:
    window = door_window
    window.settle()
    shots(window.shell, "sign-in-ways")
    press_button(window)
    window.reach("Form")
    window.wait(lambda: SLIP in names(window))
    shots(window.shell, "ways-recover")
    secret = [edit for edit in window.view.findChildren(QLineEdit) if edit.echoMode() is QLineEdit.EchoMode.Password]
    assert len(secret) == 3
    for edit, text in zip(secret, ("kunci lemari besi", "kunci lemari besi", "270845"), strict=True):
        edit.setFocus()
        window.type(text)
    window.press(Qt.Key.Key_Return)
    window.reach("SignIn")
    ((secrets, _),) = ways.recovered
    assert (secrets.user_id, secrets.passphrase, secrets.pin) == (ADMIN.user_id, "kunci lemari besi", "270845")
    shots(window.shell, "ways-recovered")
    window.type("x")  # the keyboard is in the passphrase again
    assert window.view.findChild(QLineEdit).text() == "x"


@pytest.mark.days
def test_the_other_ways_and_back(door_window, shots) -> None:
    window = door_window
    window.settle()
    press_button(window)
    window.reach("Form")
    window.wait(lambda: SLIP in names(window))
    window.view.choose.emit("way", "restore")
    window.wait(lambda: "drive" in names(window))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: BACKUP in names(window))
    shots(window.shell, "ways-restore")
    window.view.choose.emit("way", "readmit")
    window.wait(lambda: names(window)[-1] == "fingerprint")
    shots(window.shell, "ways-readmit")
    window.press(Qt.Key.Key_Escape)
    window.reach("SignIn")


@pytest.mark.days
@pytest.mark.usefixtures("alone")
def test_a_new_laptop_takes_a_backup_at_its_first_start(qtbot: QtBot, shots) -> None:
    messages = {language: strict_catalogue(language) for language in LANGUAGES}
    ways = ListedWays(Way.RESTORE)
    window = StartProblemWindow(Problem("kit.not_enrolled", {"home": "/home/rina/fieldkit"}), messages, "id", ways)
    qtbot.addWidget(window.shell)
    window.shell.show()
    shots(window.shell, "start-no-kit")

    def keys() -> None:
        try:
            button_of(window.shell, "common.restore_kit").click()
            qtbot.waitUntil(lambda: shown(window) is Stage.CONTENT and BACKUP in fields(window))
            shots(window.shell, "start-restore")
            secret = next(
                edit
                for edit in window.shell.findChildren(QLineEdit)
                if edit.echoMode() is QLineEdit.EchoMode.Password and edit.isVisible()
            )
            QTest.keyClicks(secret, "rahasia sawah")
            QTest.keyClick(secret, Qt.Key.Key_Return)
            qtbot.waitUntil(lambda: not window.shell.isVisible())
        finally:
            window.shell.close()  # a test that fails must not serve for ever

    QTimer.singleShot(0, keys)
    assert window.exec()  # the start is tried again
    assert ways.restored == [(ways.there[STICK][0].folder, "u1", "rahasia sawah")]
    assert PASSPHRASE in fields(window)


@pytest.mark.usefixtures("alone")
@pytest.mark.parametrize("size", [(1366, 768), (1024, 600)])
def test_the_first_start_takes_a_backup_by_the_recovery_sheet_and_by_keys_alone(
    qtbot: QtBot, shots, size: tuple[int, int]
) -> None:
    messages = {language: strict_catalogue(language) for language in LANGUAGES}
    ways = ListedWays(Way.RESTORE)
    ways.there[STICK] = [replace(found, has_sheet=True) for found in ways.there[STICK]]
    window = StartProblemWindow(Problem("kit.not_enrolled", {"home": "/home/rina/fieldkit"}), messages, "id", ways)
    qtbot.addWidget(window.shell)
    window.shell.resize(*size)
    window.shell.show()

    def press(key: Qt.Key) -> None:
        QTest.keyClick(window.shell.focusWidget(), key)

    def keys() -> None:
        try:
            button_of(window.shell, "common.restore_kit").setFocus()
            press(Qt.Key.Key_Space)
            qtbot.waitUntil(lambda: shown(window) is Stage.CONTENT and OPENED_BY in fields(window))
            by_passphrase = window.shell._theming.say(message("pulih.by_passphrase"))
            for _ in range(12):  # as many as there are stops
                if window.shell.focusWidget().accessibleName() == by_passphrase:
                    break
                press(Qt.Key.Key_Tab)
            press(Qt.Key.Key_Right)
            press(Qt.Key.Key_Space)
            qtbot.waitUntil(lambda: CODE in fields(window))
            press(Qt.Key.Key_Tab)
            QTest.keyClicks(window.shell.focusWidget(), "ABCD-EFGH")
            shots(window.shell, f"start-restore-sheet-{size[0]}x{size[1]}")
            press(Qt.Key.Key_Return)
            qtbot.waitUntil(lambda: not window.shell.isVisible())
        finally:
            window.shell.close()  # a test that fails must not serve for ever

    QTimer.singleShot(0, keys)
    assert window.exec()
    assert ways.restored_by_sheet == [(ways.there[STICK][0].folder, "ABCD-EFGH")]


def shown(window: StartProblemWindow) -> Stage:
    page = window.shell.navigation.page
    assert page is not None
    return page.view.state.stage


def fields(window: StartProblemWindow) -> list[str]:
    page = window.shell.navigation.page
    assert page is not None
    return [field.name.rpartition("_")[2] for field in getattr(page.view.state, "fields", ())]


@pytest.fixture
def shots(theming, tmp_path: Path):
    folder = Path(os.environ.get("FIELDKIT_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)

    def take(shell, name: str) -> None:
        for language in ("en", "id"):
            shell._theming.catalog.choose(language)
            grab(shell, folder / f"{name}-{language}.png")

    return take
