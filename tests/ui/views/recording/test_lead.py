from __future__ import annotations

from dataclasses import replace

from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.recording.panels import LeadPanel
from ui.runtime.theme_context import ThemeContext
from ui.views.recording.lead import LeadPage
from ui.widgets.text import Text

PANEL = LeadPanel((Choice("u2", "Bagus"), Choice("u3", "Sri")), "u2")
HINT = message("rekam.lead_hint")


def test_the_passphrase_stays_while_typed_and_goes_when_refused(qtbot: QtBot, theming: ThemeContext) -> None:
    page = LeadPage(theming)
    qtbot.addWidget(page)
    page.show()
    page.show_panel(PANEL, HINT)
    page.passphrase.render_field("Kata sandi", "sawah")
    page.show_panel(replace(PANEL, chosen="u3"), HINT)
    assert page.passphrase.text() == "sawah"
    wrong = Problem("vault.wrong_passphrase", {"left": 2})
    page.show_panel(replace(PANEL, clear_serial=1, problem=wrong), HINT)
    assert page.passphrase.text() == ""
    said = [text.text() for text in page.findChildren(Text) if text.isVisible()]
    assert "Kata sandi tidak cocok. Coba lagi; tersisa 2 kali." in said
    page.passphrase.render_field("Kata sandi", "sawah")
    page.forget()
    assert page.passphrase.text() == ""
