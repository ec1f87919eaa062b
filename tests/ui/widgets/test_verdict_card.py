from __future__ import annotations

from dataclasses import replace

from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from support.clock import NOW, HandClock

from fieldkit.ports.signer import SignatureSeen, conclude
from ui.presenters.letters.verify_letter import shown
from ui.runtime.theme_context import ThemeContext
from ui.widgets.verdict_card import VerdictCard

SEEN = SignatureSeen("Endang", NOW, True, True, True, True, "CA BSrE")


def test_the_card_follows_the_verdict(theming: ThemeContext, qtbot: QtBot) -> None:
    card = VerdictCard(theming)
    qtbot.addWidget(card)
    card.show()

    def seen() -> set[str]:
        return {label.text() for label in card.findChildren(QLabel) if label.isVisible()}

    card.render_verdict(shown(conclude((SEEN, replace(SEEN, signer="Agus"))), HandClock().local))
    assert {"Endang", "Agus"} <= seen()
    card.render_verdict(shown(conclude((SEEN,)), HandClock().local))
    assert "Agus" not in seen()
    card.render_verdict(None)
    assert card.isHidden()
