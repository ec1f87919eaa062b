from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.runtime.theme_context import ThemeContext
from ui.widgets.presence import LastShown, Pool, present


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
