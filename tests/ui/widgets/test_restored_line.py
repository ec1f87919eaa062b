from __future__ import annotations

from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.restored_line import RestoredLine


def test_it_says_since_when_and_offers_to_throw_away(theming: ThemeContext, qtbot) -> None:
    line = RestoredLine(theming)
    qtbot.addWidget(line)
    line.show_words(message("isian.restored", at="21-11-2026 09.00"))
    assert line.accessibleName() == theming.say(message("isian.restored", at="21-11-2026 09.00"))
    with qtbot.waitSignal(line.thrown):
        line.findChild(ActionButton).click()
