from __future__ import annotations

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot

from ui.runtime.theme_context import ThemeContext
from ui.widgets.fact_grid import FactGrid


def test_facts_come_and_go(theming: ThemeContext, qtbot: QtBot) -> None:
    grid = FactGrid(theming)
    qtbot.addWidget(grid)
    grid.render_facts((("Nomor", "470/1"), ("Dibuat", "hari ini")))
    grid.render_facts((("Nomor", "470/2"),))
    shown = [label.text() for label in grid.findChildren(QLabel) if label.text()]
    assert shown == ["Nomor", "470/2"]
    grid.render_facts(())
    assert grid.isHidden()
