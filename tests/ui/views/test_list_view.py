from __future__ import annotations

from dataclasses import dataclass, field, replace

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QHelpEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit, QStyleOptionViewItem, QToolTip
from pytestqt.qtbot import QtBot
from support.tasks import SameThread, Steps

from ui.presenters.figures import FigureCell, Number
from ui.presenters.lists import Facts, Filter, Head, Hint, History, Listed, ListScreen, Numbers
from ui.presenters.parts import Empty
from ui.presenters.presenter import Action, Command
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import ListView
from ui.views.wiring import list_page
from ui.widgets.buttons import ToggleButton
from ui.widgets.layout import Text
from ui.widgets.table import Table

Key = Qt.Key
CTRL = Qt.KeyboardModifier.ControlModifier
LONG = "Desa yang namanya jauh lebih panjang daripada tempat di dalam kolom ini, " * 3


@dataclass
class People:
    """A list of names; what Enter did."""

    names: tuple[str, ...] = ("CITRA", "ANI", "BUDI")
    done: list[str] = field(default_factory=list)

    def screen(self) -> ListScreen[str]:
        return ListScreen(
            title="Orang",
            heads=(Head("Nama", FigureCell, 120, str), Head("Desa", lambda _: FigureCell(LONG, "baru"), 160)),
            load=lambda: self.names,
            name=str,
            text=str,
            filters=((Filter("all", "Semua", lambda _: True), Filter("b", "B", lambda name: name[0] == "B")),),
            ticks=lambda _: True,
            empty=lambda _: Empty("Tidak ada"),
            side=lambda listed: (
                Numbers("Jumlah", (Number(str(len(listed.shown)), "orang"),)),
                Facts(str(listed.current), (("Nama", str(listed.current)),)),
                *((Hint("Dipilih"),) if listed.ticked else (History("Riwayat", ()),)),
            ),
            commands=self.commands,
        )

    def commands(self, listed: Listed[str]) -> tuple[Command, ...]:
        chosen = ",".join(listed.chosen)
        refused = "BUDI tidak" if "BUDI" in listed.chosen else ""
        return (Command("done", "Selesai", Action.ACCEPT, refused=refused, runs=lambda: self.done.append(chosen)),)


@pytest.fixture
def people() -> People:
    return People()


@pytest.fixture
def view(qtbot: QtBot, theming: ThemeContext, people: People) -> ListView:
    return seen(qtbot, theming, people)


def seen(qtbot: QtBot, theming: ThemeContext, people: People) -> ListView:
    page = list_page(people.screen(), SameThread(), Steps(), theming)
    view = page.view
    assert isinstance(view, ListView)
    view.commanded.connect(page.presenter.perform)
    qtbot.addWidget(view)
    view.resize(1366, 600)
    page.presenter.listen(view.render)
    page.presenter.start()
    view.show()
    view.activateWindow()
    qtbot.waitUntil(view.isActiveWindow)
    return view


def table(view: ListView) -> Table:
    found = view.findChild(Table)
    assert isinstance(found, Table)
    return found


def names(view: ListView) -> list[str]:
    assert view.state is not None
    return [view.state.rows.row(at).name for at in range(view.state.rows.count)]


def ticked(view: ListView) -> list[str]:
    assert view.state is not None
    return [row.name for row in map(view.state.rows.row, range(view.state.rows.count)) if row.is_ticked]


def cell(view: ListView, row: int, column: int) -> QPoint:
    shown = table(view)
    return shown.visualRect(shown.model().index(row, column)).center()


def test_a_chip_pressed_shows_its_rows_and_the_key_goes_on(view: ListView) -> None:
    chips = [chip for chip in view.findChildren(ToggleButton) if chip.isVisible()]
    assert [chip.text() for chip in chips] == ["Semua · 3", "B · 1"]
    chips[1].click()
    assert names(view) == ["BUDI"]
    assert view.perform(Action.FILTER)
    assert names(view) == ["CITRA", "ANI", "BUDI"]
    assert not view.perform(Action.GROUP)  # there is one group only


def test_a_head_pressed_orders_and_the_cursor_stays_with_its_row(view: ListView) -> None:
    assert table(view).currentIndex().row() == 0
    heads = table(view).horizontalHeader()
    place = QPoint(heads.sectionViewportPosition(1) + 20, heads.height() // 2)
    QTest.mouseClick(heads.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert names(view) == ["ANI", "BUDI", "CITRA"]
    assert table(view).currentIndex().row() == 2
    assert (heads.isSortIndicatorShown(), heads.sortIndicatorSection()) == (True, 1)
    view.perform(Action.SORT)
    assert names(view) == ["CITRA", "BUDI", "ANI"]


def test_rows_are_ticked_by_mouse_and_by_key(view: ListView) -> None:
    QTest.mouseClick(table(view).viewport(), Qt.MouseButton.LeftButton, pos=cell(view, 1, 0))
    assert ticked(view) == ["ANI"]
    QTest.mouseClick(table(view).viewport(), Qt.MouseButton.LeftButton, pos=cell(view, 2, 1))
    assert ticked(view) == ["ANI"]
    view.perform(Action.CAPTURE)
    assert ticked(view) == ["ANI", "BUDI"]
    view.perform(Action.TICK_ALL)
    assert ticked(view) == ["CITRA", "ANI", "BUDI"]


def test_a_double_click_does_what_enter_does(view: ListView, people: People, qtbot: QtBot) -> None:
    QTest.mouseClick(table(view).viewport(), Qt.MouseButton.LeftButton, pos=cell(view, 1, 1))
    QTest.mouseDClick(table(view).viewport(), Qt.MouseButton.LeftButton, pos=cell(view, 1, 1))
    assert people.done == ["ANI"]
    with qtbot.waitSignal(view.refused) as refused:
        QTest.mouseClick(table(view).viewport(), Qt.MouseButton.LeftButton, pos=cell(view, 2, 1))
        QTest.mouseDClick(table(view).viewport(), Qt.MouseButton.LeftButton, pos=cell(view, 2, 1))
    assert (refused.args, people.done) == (["BUDI tidak"], ["ANI"])


def test_letters_begin_a_search(view: ListView, qtbot: QtBot) -> None:
    QTest.keyClick(table(view), Key.Key_B)
    search = view.findChild(QLineEdit)
    assert search.text() == "b"
    qtbot.waitUntil(lambda: names(view) == ["BUDI"])


def test_panels_follow_and_give_way_in_a_small_window(view: ListView) -> None:
    assert view.side.isVisible()
    view.perform(Action.TICK_ALL)
    assert view.state is not None
    assert [type(panel) for panel in view.state.panels] == [Numbers, Facts, Hint]
    assert not view.hints.isVisible()
    view.resize(1024, 560)
    assert not view.side.isVisible()
    assert view.hints.isVisible(), "what may warn is told in every window"
    view.perform(Action.TICK_ALL)
    assert not view.hints.isVisible()


def test_hints_alone_stand_below_the_list(theming: ThemeContext, qtbot: QtBot) -> None:
    screen = replace(People().screen(), side=lambda listed: (Hint(str(listed.current), ("Satu.", "Dua.")),))
    page = list_page(screen, SameThread(), Steps(), theming)
    view = page.view
    assert isinstance(view, ListView)
    qtbot.addWidget(view)
    view.resize(1366, 700)
    page.presenter.listen(view.render)
    page.presenter.start()
    view.show()
    assert view.hints.isVisible()
    assert not view.side.isVisible()
    assert "Satu. Dua." in [text.text() for text in view.hints.findChildren(Text)]


def test_a_cut_cell_tells_all_of_it_on_hovering(view: ListView, qtbot: QtBot) -> None:
    index = table(view).model().index(0, 2)
    assert table(view).model().data(index, Qt.ItemDataRole.UserRole + 1) == f"{LONG}\nbaru"
    for column, told in ((2, f"{LONG}\nbaru"), (1, "")):
        place = cell(view, 0, column)
        option = QStyleOptionViewItem()
        option.rect = table(view).visualRect(table(view).model().index(0, column))
        event = QHelpEvent(QEvent.Type.ToolTip, place, table(view).mapToGlobal(place))
        index = table(view).model().index(0, column)
        assert table(view).itemDelegate().helpEvent(event, table(view), option, index)
        qtbot.waitUntil(lambda told=told: (QToolTip.text() if QToolTip.isVisible() else "") == told)


@pytest.mark.parametrize("text", ["orang 15", "orang 150", "tidak ada"])
def test_after_a_search_the_row_is_still_the_same_person_and_in_sight(
    qtbot: QtBot, theming: ThemeContext, text: str
) -> None:
    people = People(tuple(f"ORANG {number:03}" for number in range(200)))
    view = seen(qtbot, theming, people)
    table(view).selectRow(150)
    search = view.findChild(QLineEdit)
    QTest.keyClicks(search, text)
    qtbot.waitUntil(lambda: len(names(view)) < 200)
    QTest.keyClick(search, Key.Key_Escape)
    qtbot.waitUntil(lambda: len(names(view)) == 200)
    assert view.state.panels[1].title == "ORANG 150"
    assert table(view).currentIndex().row() == 150
    row = table(view).visualRect(table(view).currentIndex())
    assert table(view).viewport().rect().contains(row.center())
    assert table(view).selectionModel().isRowSelected(150)
