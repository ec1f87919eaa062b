from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Tone
from ui.runtime.theme import ThemeContext
from ui.widgets.layout import SPRING, ElidedText, LastShown, Pool, Role, Text, column, laid, mark, present, row


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


def test_a_part_without_parent_never_becomes_a_window(qtbot: QtBot) -> None:
    part, host = QWidget(), QWidget()
    qtbot.addWidget(host)
    present(part, True)
    assert not part.isVisible()
    present(part, False)
    present(part, True)
    QVBoxLayout(host).addWidget(part)
    host.show()
    assert part.isVisible()
    present(part, False)
    assert not part.isVisible()


def test_the_same_again_is_known_until_it_or_the_language_changes(theming: ThemeContext) -> None:
    last = LastShown(theming)
    assert not last.is_same(("a", "b"), None)
    assert last.is_same(("a", "b"), None)
    assert not last.is_same(("a", "c"), None)
    theming.catalog.choose_next()
    assert not last.is_same(("a", "c"), None)
    assert last.is_same(("a", "c"), None)


def test_a_pool_makes_a_widget_for_each_thing_and_hides_what_is_left_over(qtbot: QtBot) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    pool = Pool(QVBoxLayout(host).addWidget, QLabel)
    pool.show(["a", "b"], QLabel.setText)
    first = pool.made[0]
    pool.show(["c"], QLabel.setText)
    assert [(label.text(), label.isHidden()) for label in pool.made] == [("c", False), ("b", True)]
    assert pool.made[0] is first
    pool.show(["d", "e"], QLabel.setText)
    assert [(label.text(), label.isHidden()) for label in pool.made] == [("d", False), ("e", False)]


def test_an_empty_text_takes_no_place_and_comes_back(qtbot: QtBot, theming: ThemeContext) -> None:
    host = QWidget()
    qtbot.addWidget(host)
    text = Text(Role.TITLE, "Tinjau")
    text.setParent(host)
    text.show_text("")
    assert text.isHidden()
    text.show_text("Segel")
    assert (text.text(), text.isHidden()) == ("Segel", False)


def test_roles_and_tones_dress_the_text(qtbot: QtBot, theming: ThemeContext) -> None:
    text = Text(Role.NUMBER, "5")
    qtbot.addWidget(text)
    text.show()
    assert text.font().pixelSize() == 34
    text.set_tone(Tone.BAD)
    assert text.palette().windowText().color() == theming.theme.ink(Tone.BAD)
    mark(text, "tone", Tone.GOOD.value)
    assert text.palette().windowText().color() == theming.theme.ink(Tone.GOOD)


def test_what_is_elided_is_told_in_full(qtbot: QtBot, theming: ThemeContext) -> None:
    text = ElidedText()
    qtbot.addWidget(text)
    text.setText("Jemput bola Desa Jimbe, Kademangan")
    text.resize(80, 24)
    text.grab()
    assert text.toolTip() == text.text()
    text.resize(400, 24)
    text.grab()
    assert text.toolTip() == ""
    assert text.minimumSizeHint().width() == 24
