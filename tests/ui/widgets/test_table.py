from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.figures import Cell, Column, Row, Rows, rows_of
from ui.presenters.parts import Tag, Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.column_widths import Need
from ui.widgets.table import CellPainter, RowsModel, Table

COLUMNS = (Column("Orang", 260), Column("Keadaan"))


def row(index: int) -> Row:
    tag = Tag("Diterima pusat", Tone.GOOD)
    return Row(f"r{index}", (Cell(f"ORANG {index}", "Desa Jimbe", is_strong=True), Cell(tags=(tag,))))


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
        Cell("SIT•••", "350512••••••••01"),
        Cell("Rekaman ini lebih besar daripada yang diterima pusat data. " * 3),
    )
    table.render_rows((Column("Orang", 80), Column("Keterangan")), rows_of((Row("1", (masked, long)),)))
    assert table.horizontalHeader().sectionSize(0) >= CellPainter(theming).room_for(masked).liked


def test_boxes_before_the_rows_push_no_column_beyond_the_edge(table: Table) -> None:
    wide = Row(
        "1", (Cell("SITI AMINAH", "350512" * 3), Cell("", tags=(Tag("Kembali ke dinas", Tone.NEUTRAL),)), Cell("x"))
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
        rows = tuple(Row(str(at), tuple(Cell("isi yang panjang") for _ in columns)) for at in range(count))
        table.render_rows(columns, rows_of(rows))
        QApplication.processEvents()
        assert heads.count() == len(columns)
    assert beyond == []
