from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.form import FormField
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.widgets.field import SearchField, TextArea, TextField
from ui.widgets.layout import Text


def test_typing_and_enter_are_told_but_rendering_is_not(qtbot: QtBot, theming: ThemeContext) -> None:
    field = TextField(theming)
    qtbot.addWidget(field)
    field.show()
    told: list[str] = []
    field.edited.connect(told.append)
    field.render_field("NIK", "35")
    edit = field.findChild(QLineEdit)
    with qtbot.waitSignal(field.entered):
        qtbot.keyClicks(edit, "05")
        qtbot.keyClick(edit, Qt.Key.Key_Return)
    assert told == ["350", "3505"]
    assert field.text() == "3505"


def test_the_cursor_stays_when_the_state_is_what_was_typed(qtbot: QtBot, theming: ThemeContext) -> None:
    field = TextField(theming)
    qtbot.addWidget(field)
    field.render_field("Nama", "SITI")
    edit = field.findChild(QLineEdit)
    edit.setCursorPosition(2)
    field.render_field("Nama", "SITI", problem="Nama terlalu pendek.")
    assert edit.cursorPosition() == 2


def test_a_problem_stands_below_and_colours_the_outline(qtbot: QtBot, theming: ThemeContext) -> None:
    field = TextField(theming)
    qtbot.addWidget(field)
    field.show()
    field.render_field("NIK", "3505", problem="NIK harus 16 angka.")
    edit = field.findChild(QLineEdit)
    assert field.findChildren(Text)[-1].text() == "NIK harus 16 angka."
    assert edit.accessibleDescription() == "NIK harus 16 angka."
    # The field that has the keyboard wears the ring instead.
    edit.clearFocus()
    assert edit.grab().toImage().pixelColor(0, 24) == theming.theme.colour("bad")
    field.render_field("NIK", "3505", refused="Sudah disegel.")
    assert edit.isReadOnly()
    assert field.findChildren(Text)[-1].text() == "Sudah disegel."


def test_a_text_that_does_not_fit_is_not_cut_without_a_word(qtbot: QtBot, theming: ThemeContext) -> None:
    field = TextField(theming, max_length=8)
    qtbot.addWidget(field)
    field.show()
    field.edited.connect(lambda text: field.render_field("Catatan", text))
    edit = field.findChild(QLineEdit)
    QGuiApplication.clipboard().setText("takut 😀 seragam")
    edit.paste()
    assert edit.text() == "takut 😀"  # eight as Qt counts
    assert field.findChildren(Text)[-1].text() == theming.say(message("ui.field.full", most=8))
    edit.backspace()
    assert not field.findChildren(Text)[-1].isVisible()


def test_a_secret_is_not_shown(qtbot: QtBot, theming: ThemeContext) -> None:
    field = TextField(theming, is_secret=True)
    qtbot.addWidget(field)
    assert field.findChild(QLineEdit).echoMode() is QLineEdit.EchoMode.Password


def test_search_follows_each_key(qtbot: QtBot, theming: ThemeContext) -> None:
    search = SearchField(theming)
    qtbot.addWidget(search)
    search.render_hint("Cari nama")
    told: list[str] = []
    search.searched.connect(told.append)
    qtbot.keyClicks(search, "si")
    assert told == ["s", "si"]
    assert search.accessibleName() == "Cari nama"


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
