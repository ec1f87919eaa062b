from __future__ import annotations

from pytestqt.qtbot import QtBot

from ui.presenters.actions import Action
from ui.runtime.theme_context import ThemeContext
from ui.widgets.letter_pages import LetterPages

PNG = b"\x89PNG"


def test_it_turns_within_its_pages_and_begins_anew_with_others(theming: ThemeContext, qtbot: QtBot) -> None:
    pages = LetterPages(theming)
    qtbot.addWidget(pages)
    pages.render_pages((PNG + b"1", PNG + b"2"), "Surat")
    for step, at in ((-1, 0), (1, 1), (1, 1)):
        pages.turn(step)
        assert pages.at == at
    pages.render_pages((PNG + b"1", PNG + b"3"), "Surat")
    assert pages.at == 1  # drawn anew while somebody types
    pages.render_pages((PNG + b"1", PNG + b"3"), "Nota")
    assert pages.at == 0
    assert pages.perform(Action.NEXT_STEP)
    assert not pages.perform(Action.REFRESH)
    assert pages.at == 1
    pages.render_pages((PNG + b"3",), "Nota")
    assert pages.at == 0
    pages.render_pages((), "")
    pages.turn(1)
    assert pages.at == 0
