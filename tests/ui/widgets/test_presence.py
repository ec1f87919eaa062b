from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from ui.runtime.theme_context import ThemeContext
from ui.widgets.presence import LastShown, present


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
