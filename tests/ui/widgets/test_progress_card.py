from __future__ import annotations

import pytest
from pytestqt.qtbot import QtBot

from ui.presenters.commands import Command
from ui.presenters.parts import Progress
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.progress_card import ProgressBar, ProgressCard


@pytest.mark.parametrize(("permille", "filled"), [(0, 0), (500, 200), (1000, 400), (2000, 400)])
def test_the_bar_fills_as_far_as_the_work_is(qtbot: QtBot, theming: ThemeContext, permille: int, filled: int) -> None:
    bar = ProgressBar(theming)
    qtbot.addWidget(bar)
    bar.resize(400, 14)
    bar.show_permille(permille)
    image = bar.grab().toImage()
    primary = theming.theme.colour("primary")
    assert abs(sum(image.pixelColor(x, 7) == primary for x in range(400)) - filled) <= 2


def test_work_of_unknown_size_shows_no_bar_and_cancel_tells(qtbot: QtBot, theming: ThemeContext) -> None:
    card = ProgressCard(theming)
    qtbot.addWidget(card)
    card.show()
    card.render_progress(Progress("Membuka …"))
    bar, button = card.findChild(ProgressBar), card.findChild(ActionButton)
    assert (bar.isVisible(), button.isVisible()) == (False, False)
    card.render_progress(Progress("Mengirim", 1, 4, "30 detik lagi", Command("pause", "Jeda")))
    assert (bar.isVisible(), bar.accessibleName()) == (True, "25 %")
    with qtbot.waitSignal(card.commanded) as told:
        button.click()
    assert told.args[0].name == "pause"
