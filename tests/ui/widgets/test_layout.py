from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.widgets.layout import SPRING, column, laid, row


def test_a_row_says_parts_stretch_room_and_place_in_their_order(qtbot: QtBot) -> None:
    host, first, second, inner = QWidget(), QWidget(), QWidget(), row()
    qtbot.addWidget(host)
    box = row(
        first, 7, SPRING, (second, 3, Qt.AlignmentFlag.AlignTop), (inner, 2), on=host, gap=5, margins=(1, 2, 3, 4)
    )
    assert isinstance(box, QHBoxLayout)
    assert host.layout() is box
    assert [box.itemAt(at).widget() for at in (0, 3)] == [first, second]
    assert box.itemAt(1).sizeHint().width() == 7
    assert [box.stretch(at) for at in range(5)] == [0, 0, 1, 3, 2]
    assert box.itemAt(3).alignment() == Qt.AlignmentFlag.AlignTop
    assert box.itemAt(4).layout() is inner
    margins = box.contentsMargins()
    assert (margins.left(), margins.top(), margins.right(), margins.bottom(), box.spacing()) == (1, 2, 3, 4, 5)


def test_a_column_takes_all_the_room_unless_it_is_told_its_margins(qtbot: QtBot) -> None:
    host, usual = QWidget(), QVBoxLayout()
    qtbot.addWidget(host)
    box = column(QWidget(), on=host)
    assert isinstance(box, QVBoxLayout)
    assert (box.contentsMargins().left(), box.contentsMargins().top()) == (0, 0)
    assert column().spacing() == usual.spacing()
    assert laid(box, (), margins=9).contentsMargins().bottom() == 9
