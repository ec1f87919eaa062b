from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from ui.presenters.figures import Column, FigureCell, Row, rows_of
from ui.presenters.parts import Empty
from ui.presenters.presenter import Command
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.field import SearchField
from ui.widgets.layout import Text
from ui.widgets.table import Table
from ui.widgets.table_card import TableCard

EMPTY = Empty("Tidak ada yang cocok", action=Command("clear_search", "Hapus pencarian"))
ROWS = tuple(Row(f"r{i}", (FigureCell(f"ORANG {i}"),)) for i in range(3))


@pytest.fixture
def card(qtbot: QtBot, theming: ThemeContext) -> TableCard:
    card = TableCard(theming)
    qtbot.addWidget(card)
    card.render_table("Antrean", (Column("Orang"),), rows_of(ROWS, total=1200), empty=EMPTY)
    card.show()
    card.activateWindow()
    qtbot.waitUntil(card.isActiveWindow)
    return card


def test_it_counts_what_is_found_of_all(card: TableCard) -> None:
    assert "3 dari 1.200" in [text.text() for text in card.findChildren(Text)]


def test_searching_waits_until_typing_rests(qtbot: QtBot, card: TableCard) -> None:
    told: list[str] = []
    card.searched.connect(told.append)
    card.search()
    search = card.findChild(SearchField)
    assert search.hasFocus()
    qtbot.keyClicks(search, "sit")
    assert told == []
    qtbot.waitUntil(lambda: told == ["sit"])
    qtbot.keyClick(search, Qt.Key.Key_Escape)
    qtbot.waitUntil(lambda: told == ["sit", ""])


def test_enter_after_typing_is_about_what_was_typed(qtbot: QtBot, card: TableCard) -> None:
    told: list[str] = []
    card.searched.connect(told.append)
    card.search()
    (field,) = card.findChildren(SearchField)
    qtbot.keyClicks(field, "mis")
    assert told == []
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == ["mis"]
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert told == ["mis"]


def test_down_goes_from_the_search_into_the_list(qtbot: QtBot, card: TableCard) -> None:
    card.search()
    with qtbot.waitSignal(card.selected) as told:
        qtbot.keyClick(card.findChild(SearchField), Qt.Key.Key_Down)
    assert told.args == ["r0"]
    assert card.findChild(Table).hasFocus()


def test_nothing_found_shows_the_next_step(qtbot: QtBot, card: TableCard) -> None:
    card.render_table("Antrean", (Column("Orang"),), rows_of((), total=1200), empty=EMPTY)
    assert not card.findChild(Table).isVisible()
    with qtbot.waitSignal(card.commanded) as told:
        card.findChild(ActionButton).click()
    assert told.args[0].name == "clear_search"
