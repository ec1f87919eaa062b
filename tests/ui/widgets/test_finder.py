"""The list of Ctrl K under fingers and mouse."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.finder import FinderState, FoundKind, FoundLine
from ui.presenters.parts import UnderWork
from ui.presenters.presenter import Command
from ui.runtime.theme import ThemeContext
from ui.widgets.finder import FinderOverlay, FoundLines, typed_in

MARK = UnderWork("JM", 1, "Jemput bola Desa Jimbe")
LINES = tuple(
    FoundLine(kind, f"Siti {at}", Command(f"c{at}", f"Siti {at}"), "Desa Jimbe", "person", MARK if at % 2 else None)
    for at, kind in enumerate([FoundKind.PERSON] * 3 + [FoundKind.LETTER] * 3 + [FoundKind.SCREEN] * 9)
)


class Heard:
    """Stands where the presenter does and writes down what it is told."""

    def __init__(self) -> None:
        self.told: list[object] = []
        self.is_heard = False

    def listen(self, show: Callable[[FinderState], None]) -> None:
        self.is_heard = True
        show(FinderState("siti", LINES))

    def deafen(self) -> None:
        self.is_heard = False

    def type(self, text: str) -> None:
        self.told.append(text)

    def move(self, by: int) -> None:
        self.told.append(by)

    def narrow(self, by: int) -> None:
        self.told.append(("narrow", by))

    def point(self, at: int) -> None:
        self.told.append(("point", at))


@pytest.fixture
def host(qtbot: QtBot) -> QWidget:
    host = QWidget()
    qtbot.addWidget(host)
    host.resize(1024, 560)
    host.show()
    return host


@pytest.fixture
def heard() -> Heard:
    return Heard()


@pytest.fixture
def overlay(host: QWidget, theming: ThemeContext, heard: Heard) -> FinderOverlay:
    theming.catalog.choose("id")
    overlay = FinderOverlay(theming, host)
    overlay.open_for(heard)  # type: ignore[arg-type]
    return overlay


def field_of(overlay: FinderOverlay) -> QLineEdit:
    field = overlay.findChild(QLineEdit)
    assert field is not None
    return field


def lines_of(overlay: FinderOverlay) -> FoundLines:
    lines = overlay.findChild(FoundLines)
    assert lines is not None
    return lines


def test_keys_type_walk_and_narrow(overlay: FinderOverlay, heard: Heard) -> None:
    field = field_of(overlay)
    QTest.keyClicks(field, "si")
    for key in (Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Tab, Qt.Key.Key_Backtab):
        QTest.keyClick(field, key)
    assert heard.told == ["s", "si", 1, -1, ("narrow", 1), ("narrow", -1)]


def test_enter_takes_the_line_and_the_window_is_free_before_it_is_done(qtbot: QtBot, overlay: FinderOverlay) -> None:
    with qtbot.waitSignal(overlay.chosen, check_params_cb=lambda _: not overlay.isVisible()) as told:
        QTest.keyClick(field_of(overlay), Qt.Key.Key_Return)
    assert told.args is not None
    assert told.args[0] is LINES[0]


@pytest.mark.parametrize("key", [Qt.Key.Key_Escape, Qt.Key.Key_K])
def test_esc_and_the_key_that_opened_it_close_it(
    qtbot: QtBot, overlay: FinderOverlay, heard: Heard, key: Qt.Key
) -> None:
    held = Qt.KeyboardModifier.ControlModifier if key is Qt.Key.Key_K else Qt.KeyboardModifier.NoModifier
    with qtbot.waitSignal(overlay.closed):
        QTest.keyClick(field_of(overlay), key, held)
    assert not heard.is_heard, "what is read late is shown to nobody"


def test_a_click_takes_a_line_and_beside_the_list_it_closes(qtbot: QtBot, overlay: FinderOverlay, heard: Heard) -> None:
    lines = lines_of(overlay)
    second = lines.reach(1).center().toPoint()
    QTest.mouseMove(lines, QPoint(1, 1))  # where another test left the mouse nothing moves
    QTest.mouseMove(lines, second)
    qtbot.waitUntil(lambda: heard.told[-1:] == [("point", 1)])
    with qtbot.waitSignal(overlay.chosen) as told:
        QTest.mouseClick(lines, Qt.MouseButton.LeftButton, pos=second)
    assert told.args is not None
    assert told.args[0] is LINES[1]
    overlay.open_for(heard)  # type: ignore[arg-type]
    with qtbot.waitSignal(overlay.closed):
        QTest.mouseClick(overlay, Qt.MouseButton.LeftButton, pos=QPoint(5, 5))


def test_the_line_under_the_cursor_is_in_sight_and_told_to_screen_readers(overlay: FinderOverlay) -> None:
    lines, field = lines_of(overlay), field_of(overlay)
    for at in (14, 0):
        overlay.render_finder(FinderState("siti", LINES, at))
        seen = lines.visibleRegion().boundingRect()
        assert seen.top() <= lines.reach(at).top() < lines.reach(at).bottom() <= seen.bottom() + 1, at
        assert field.accessibleDescription() == f"Siti {at}, Desa Jimbe"
    assert overlay.rect().contains(overlay._card.geometry())


def test_what_nothing_has_is_said_once_it_was_looked_for(overlay: FinderOverlay) -> None:
    for is_asking in (True, False):
        overlay.render_finder(FinderState("xyz", is_asking=is_asking))
        assert overlay._told.isVisible() is not is_asking


@pytest.mark.parametrize(
    ("told", "text", "places"),
    [
        ("SITI AMINAH", "siti", [(0, 4)]),
        ("SITI AMINAH", "am si", [(0, 2), (5, 7)]),
        ("SITI AMINAH", "siti sit", [(0, 3)]),
        ("Surat", "x", []),
        ("Straße ß", "e", []),
        ("Surat", "", []),
    ],
)
def test_what_was_typed_is_found_in_the_words(told: str, text: str, places: list[tuple[int, int]]) -> None:
    assert [*typed_in(told, text)] == places
