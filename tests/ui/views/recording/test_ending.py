from __future__ import annotations

from collections.abc import Callable

from pytestqt.qtbot import QtBot

from ui.presenters.recording.ending_panel import EndingPanel
from ui.runtime.theme_context import ThemeContext
from ui.views.recording.ending import EndingPage, EndingSide
from ui.widgets.text import Text


def test_choices_tell_their_names_and_the_side_what_becomes_of_the_recording(
    qtbot: QtBot, theming: ThemeContext, picture: Callable[..., bytes]
) -> None:
    page, side = EndingPage(theming), EndingSide(theming)
    qtbot.addWidget(page)
    qtbot.addWidget(side)
    page.show_panel(EndingPanel())
    with qtbot.waitSignal(page.choices.chosen) as told:
        page.choices.choose(1)
    assert told.args == ["declined"]
    side.show_panel(EndingPanel())
    kept = [text.text() for text in side.findChildren(Text)]
    side.show_panel(EndingPanel("declined"))
    erased = [text.text() for text in side.findChildren(Text)]
    assert "Tidak ada yang hilang" in kept
    assert "Semua hasil rekam orang ini dihapus" in erased
