from __future__ import annotations

from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.widgets.button import ActionButton
from ui.widgets.restored_line import RestoredLine


def test_it_says_since_when_and_offers_to_throw_away(look: Look, qtbot) -> None:
    line = RestoredLine(look)
    qtbot.addWidget(line)
    line.show_words(phrase("isian.restored", at="21-11-2026 09.00"))
    assert line.accessibleName() == look.say(phrase("isian.restored", at="21-11-2026 09.00"))
    with qtbot.waitSignal(line.commanded) as heard:
        line.findChild(ActionButton).click()
    assert heard.args[0].name == "throw_away"
