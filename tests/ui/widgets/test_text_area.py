from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField
from ui.runtime.theme_context import ThemeContext
from ui.widgets.text_area import TextArea


def shown(qtbot: QtBot, theming: ThemeContext) -> tuple[QWidget, TextArea, TextArea]:
    page = QWidget()
    qtbot.addWidget(page)
    column = QVBoxLayout(page)
    first, second = TextArea(theming), TextArea(theming)
    column.addWidget(first)
    column.addWidget(second)
    page.resize(400, 600)
    page.show()
    return page, first, second


def test_typing_is_told_and_rendering_is_not(qtbot: QtBot, theming: ThemeContext) -> None:
    _page, area, _ = shown(qtbot, theming)
    told: list[str] = []
    area.edited.connect(told.append)
    area.show_field(FormField("basis", "Dasar", "satu", hint="Satu baris per isi"))
    assert told == []
    edit = area.findChild(QPlainTextEdit)
    edit.moveCursor(edit.textCursor().MoveOperation.End)
    QTest.keyClicks(edit, "x")
    QTest.keyClick(edit, Qt.Key.Key_Return)
    assert told == ["satux", "satux\n"]
    assert area.text() == "satux\n"


def test_the_cursor_stays_when_the_text_is_what_was_typed(qtbot: QtBot, theming: ThemeContext) -> None:
    _page, area, _ = shown(qtbot, theming)
    area.show_field(FormField("basis", "Dasar", "satu dua"))
    edit = area.findChild(QPlainTextEdit)
    QTest.keyClicks(edit, "x")
    area.show_field(FormField("basis", "Dasar", area.text()))
    assert edit.textCursor().position() == 1


def test_tab_leaves_and_ctrl_enter_goes_on_to_the_screen(qtbot: QtBot, theming: ThemeContext) -> None:
    page, first, second = shown(qtbot, theming)
    first.setFocus()
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert first.text() == ""
    QTest.keyClick(page.focusWidget(), Qt.Key.Key_Tab)
    assert page.focusWidget() is second.focusProxy()


def test_it_grows_with_its_lines_within_limits(qtbot: QtBot, theming: ThemeContext) -> None:
    _page, area, _ = shown(qtbot, theming)
    edit = area.findChild(QPlainTextEdit)
    heights = []
    for lines in (1, 2, 5, 60):
        area.show_field(FormField("basis", "Dasar", "\n".join("baris" for _ in range(lines))))
        heights.append(edit.height())
    assert heights[0] == heights[1] < heights[2] < heights[3] < 400


def test_a_problem_is_told_below(qtbot: QtBot, theming: ThemeContext) -> None:
    _page, area, _ = shown(qtbot, theming)
    area.show_field(FormField("basis", "Dasar", "x", problem="Isian ini wajib."))
    edit = area.findChild(QPlainTextEdit)
    assert edit.accessibleDescription() == "Isian ini wajib."
    assert edit.property("tone") == "bad"
