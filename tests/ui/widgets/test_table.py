from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.figures import Column, FigureCell, Row, Rows, rows_of
from ui.presenters.parts import Tag, Tone
from ui.presenters.wording import Line
from ui.runtime.theme import ThemeContext
from ui.widgets.table import CellPainter, LineList, Need, RowsModel, Table, shared

COLUMNS = (Column("Orang", 260), Column("Keadaan"))


def row(index: int) -> Row:
    tag = Tag("Diterima pusat", Tone.GOOD)
    return Row(f"r{index}", (FigureCell(f"ORANG {index}", "Desa Jimbe", is_strong=True), FigureCell(tags=(tag,))))


@pytest.fixture
def table(qtbot: QtBot, theming: ThemeContext) -> Table:
    table = Table(theming)
    qtbot.addWidget(table)
    table.resize(700, 420)
    table.render_rows(COLUMNS, rows_of(tuple(row(i) for i in range(20))))
    table.show()
    return table


def test_a_row_reads_as_text_too(theming: ThemeContext) -> None:
    model = RowsModel(theming)
    model.show_rows(COLUMNS, rows_of((row(7),)))
    assert model.data(model.index(0, 0)) == "ORANG 7 Desa Jimbe"
    assert model.data(model.index(0, 1)) == "Diterima pusat"
    assert model.headerData(0, Qt.Orientation.Horizontal) == "Orang"


def test_enter_opens_and_the_cursor_selects(qtbot: QtBot, table: Table) -> None:
    with qtbot.waitSignal(table.selected) as told:
        table.selectRow(3)
    assert told.args == ["r3"]
    with qtbot.waitSignal(table.opened) as opened:
        qtbot.keyClick(table, Qt.Key.Key_Return)
    assert opened.args == ["r3"]
    qtbot.keyClick(table, Qt.Key.Key_Down)
    assert table.currentIndex().row() == 4


def test_ctrl_enter_is_the_screens(qtbot: QtBot, table: Table) -> None:
    table.selectRow(3)
    with qtbot.assertNotEmitted(table.opened):
        qtbot.keyClick(table, Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)


def test_the_cursor_stays_at_its_place_when_rows_come_anew(table: Table) -> None:
    table.selectRow(9)
    table.render_rows(COLUMNS, rows_of(tuple(row(i) for i in range(5))))
    assert table.currentIndex().row() == 4


def test_letters_and_space_belong_to_the_screen(qtbot: QtBot, theming: ThemeContext) -> None:
    class Host(QWidget):
        def __init__(self) -> None:
            super().__init__()
            self.keys: list[int] = []

        def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
            self.keys.append(event.key())

    host, table = Host(), Table(theming)
    qtbot.addWidget(host)
    QVBoxLayout(host).addWidget(table)
    table.render_rows(COLUMNS, rows_of((row(1),)))
    for key in (Qt.Key.Key_R, Qt.Key.Key_Space, Qt.Key.Key_1):
        qtbot.keyClick(table, key)
    assert host.keys == [Qt.Key.Key_R, Qt.Key.Key_Space, Qt.Key.Key_1]


def test_100_000_rows_are_there_and_only_those_in_sight_are_made(qtbot: QtBot, theming: ThemeContext) -> None:
    made: list[int] = []

    def make(index: int) -> Row:
        made.append(index)
        return row(index)

    table = Table(theming)
    qtbot.addWidget(table)
    table.resize(700, 420)
    table.show()
    table.render_rows(COLUMNS, Rows(100_000, 100_000, make))
    for index in range(0, 100_000, 2_000):
        table.scrollTo(table.model().index(index, 0))
        table.grab()
    assert len(made) < 1_200


def test_cells_are_measured_once_however_often_the_window_changes(
    table: Table, theming: ThemeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    measured = []
    monkeypatch.setattr(CellPainter, "room_for", lambda *_: measured.append(1) or Need(40, 60, 80))
    table.render_rows(COLUMNS, rows_of((row(1), row(2))))
    for width in (640, 500, 700):
        table.resize(width, 420)
    assert len(measured) == 2 * len(COLUMNS)


def test_the_last_digits_of_a_masked_nik_stay_beside_long_words(theming: ThemeContext, table: Table) -> None:
    masked, long = (
        FigureCell("SIT•••", "350512••••••••01"),
        FigureCell("Rekaman ini lebih besar daripada yang diterima pusat data. " * 3),
    )
    table.render_rows((Column("Orang", 80), Column("Keterangan")), rows_of((Row("1", (masked, long)),)))
    assert table.horizontalHeader().sectionSize(0) >= CellPainter(theming).room_for(masked).liked


def test_boxes_before_the_rows_push_no_column_beyond_the_edge(table: Table) -> None:
    wide = Row(
        "1",
        (
            FigureCell("SITI AMINAH", "350512" * 3),
            FigureCell("", tags=(Tag("Kembali ke dinas", Tone.NEUTRAL),)),
            FigureCell("x"),
        ),
    )
    table.render_rows(
        (Column("Nama", 0), Column("Sekarang", 320), Column("Desa", 300)), rows_of((wide,)), has_ticks=True
    )
    heads = table.horizontalHeader()
    assert sum(heads.sectionSize(at) for at in range(heads.count())) == table.viewport().width()
    assert table.horizontalScrollBar().maximum() == 0


def test_tags_are_painted_on_their_ground(theming: ThemeContext, table: Table) -> None:
    image = table.viewport().grab().toImage()
    assert image.pixelColor(275, 26) == theming.theme.ground(Tone.GOOD)


def test_no_column_is_set_that_qt_does_not_have_yet(
    qtbot: QtBot, theming: ThemeContext, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Without heads the table grows in the middle of a change; Qt writes beyond its heads when it is asked to."""
    table = Table(theming)
    qtbot.addWidget(table)
    table.resize(320, 160)
    table.show()
    heads, beyond = table.horizontalHeader(), list[int]()
    monkeypatch.setattr(
        heads,
        "setSectionResizeMode",
        lambda index, _mode: beyond.append(index) if index >= heads.count() else None,
        raising=False,
    )
    many = tuple(Column(f"Kolom {at}", 0 if at == 1 else 60) for at in range(9))
    few = (Column("Nama", 0), Column("Jumlah", 90))
    for columns, count in ((many, 40), ((), 0), (few, 1), ((), 0), (many, 1), (few, 40), ((), 0), (few, 0)):
        rows = tuple(Row(str(at), tuple(FigureCell("isi yang panjang") for _ in columns)) for at in range(count))
        table.render_rows(columns, rows_of(rows))
        QApplication.processEvents()
        assert heads.count() == len(columns)
    assert beyond == []


def test_where_all_have_enough_nothing_changes() -> None:
    assert shared(600, (200, 0, 200), (Need(50, 100, 150), Need(50, 100, 400), Need(50, 100, 150))) is None


def test_who_has_more_than_it_likes_gives_to_who_lacks() -> None:
    needs = Need(50, 100, 150), Need(50, 120, 300), Need(150, 150, 150)
    assert shared(600, (400, 0, 150), needs) == [150, 300, 150]


def test_what_is_over_goes_to_who_takes_the_rest() -> None:
    assert shared(700, (600, 0), (Need(50, 100, 150), Need(50, 120, 300))) == [150, 550]


def test_between_least_and_liked_all_share() -> None:
    assert shared(300, (250, 0), (Need(50, 100, 200), Need(50, 100, 200))) == [150, 150]


def test_tags_stay_whole_before_words_are_read_easily() -> None:
    assert shared(300, (200, 0), (Need(200, 200, 200), Need(60, 120, 300))) == [200, 100]


def test_where_not_even_heads_and_tags_have_room_the_table_is_wider_than_its_room() -> None:
    assert shared(100, (80, 0), (Need(100, 100, 200), Need(90, 100, 200))) == [100, 90]


def test_nothing_is_cut_where_another_column_has_room_to_give() -> None:
    needs = Need(50, 100, 150), Need(50, 100, 250), Need(50, 50, 100)
    assert shared(600, (200, 0, 200), needs) == [150, 350, 100]
    assert shared(600, (150, 0, 150), needs) is None


TEAM = (Line("s1", "Bagus", "Ketua tim", True, Tag("Ketua")), Line("s2", "Rina", "", False), Line("s3", "Agus"))


@pytest.fixture
def lines(qtbot: QtBot, theming: ThemeContext) -> LineList:
    lines = LineList(theming)
    qtbot.addWidget(lines)
    lines.resize(320, 200)
    lines.render_lines("Petugas", TEAM)
    lines.show()
    return lines


def test_the_arrows_select_and_space_ticks(qtbot: QtBot, lines: LineList) -> None:
    with qtbot.waitSignal(lines.selected) as told:
        qtbot.keyClick(lines, Qt.Key.Key_Down)
    assert told.args == ["s2"]
    with qtbot.waitSignal(lines.toggled) as told:
        qtbot.keyClick(lines, Qt.Key.Key_Space)
    assert told.args == ["s2"]


def test_a_line_without_a_box_is_not_ticked(qtbot: QtBot, lines: LineList) -> None:
    qtbot.keyClick(lines, Qt.Key.Key_End)
    with qtbot.assertNotEmitted(lines.toggled):
        qtbot.keyClick(lines, Qt.Key.Key_Space)


def test_alt_and_arrows_move_and_the_cursor_goes_along(qtbot: QtBot, lines: LineList) -> None:
    with qtbot.waitSignal(lines.moved) as told:
        qtbot.keyClick(lines, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    assert told.args == ["s1", 1]
    lines.render_lines("Petugas", (TEAM[1], TEAM[0], TEAM[2]))
    assert (lines.current(), lines.currentIndex().row()) == ("s1", 1)


def test_the_cursor_stays_in_place_when_its_line_is_gone(qtbot: QtBot, lines: LineList) -> None:
    qtbot.keyClick(lines, Qt.Key.Key_End)
    with qtbot.waitSignal(lines.selected) as told:
        lines.render_lines("Petugas", TEAM[:2])
    assert told.args == ["s2"]
    lines.render_lines("Petugas", ())
    assert lines.current() == ""


def test_a_click_ticks_and_other_keys_belong_to_the_screen(qtbot: QtBot, lines: LineList) -> None:
    place = lines.visualRect(lines.model().index(1, 0)).center()
    with qtbot.waitSignal(lines.toggled) as told:
        qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert told.args == ["s2"]
    with qtbot.assertNotEmitted(lines.toggled):
        qtbot.keyClick(lines, Qt.Key.Key_Return)
        qtbot.keyClick(lines, Qt.Key.Key_A)
        qtbot.mouseClick(lines.viewport(), Qt.MouseButton.LeftButton, pos=lines.viewport().rect().bottomLeft())


def test_each_line_is_painted_and_read(lines: LineList, picture: Callable[..., bytes]) -> None:
    seen = picture(lines)
    lines.render_lines("Petugas", (Line("s1", "Bagus", "Ketua tim", False), *TEAM[1:]))
    assert picture(lines) != seen
    index = lines.model().index(0, 0)
    lines.render_lines("Petugas", TEAM)
    told = lines.model().data(index, Qt.ItemDataRole.AccessibleTextRole)
    assert told == "✓ Bagus Ketua tim Ketua"


def test_one_line_of_many_looks_unlike_several(lines: LineList, picture: Callable[..., bytes]) -> None:
    several = picture(lines)
    lines.render_lines("Petugas", tuple(replace(line, is_alone=True) for line in TEAM))
    assert picture(lines) != several
