from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.presenters.cards.distribution_plan import DistributionPlanState
from ui.presenters.commands import Command
from ui.presenters.figures import Cell, Row, rows_of
from ui.presenters.parts import Empty
from ui.runtime.look import Look
from ui.views.cards.distribution_plan import DistributionPlanView
from ui.widgets.table import Table


def test_the_stops_are_a_table_and_the_empty_card_leads_on(qtbot: QtBot, look: Look) -> None:
    view = DistributionPlanView(look)
    qtbot.addWidget(view)
    add = Command("add", "Tambah tujuan")
    view.render(DistributionPlanState(nothing=Empty("Belum ada", action=add)))
    with qtbot.waitSignal(view.add):
        view.table.commanded.emit(Command("add", ""))
    cells = tuple(Cell(text) for text in ("22-11-2026", "Desa", "Jimbe", "Rina", "3"))
    view.render(DistributionPlanState(rows=rows_of((Row("0", cells),))))
    assert view.findChild(Table).model().rowCount() == 1
