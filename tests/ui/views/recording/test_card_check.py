from __future__ import annotations

from PySide6.QtCore import Qt
from support.cards import Tray

from drivers.simulators.subject import SyntheticSubject
from drivers.simulators.vpcd import KtpElCard


def test_a_card_on_the_reader_is_shown_and_esc_puts_it_away(window, kit, shoot, monkeypatch) -> None:
    tray = Tray()
    tray.chip = KtpElCard.of(SyntheticSubject(3))
    monkeypatch.setattr(kit.devices, "device_for", lambda _kind: tray)
    window.sign_in()
    window.press(Qt.Key.Key_1)
    window.reach("Targets")
    window.press(Qt.Key.Key_F4)
    window.reach("CardCheck")
    window.wait(lambda: window.view.state.card is not None and window.view.state.card.photo is not None)
    shoot("card_check")
    window.press(Qt.Key.Key_Escape)
    window.reach("Targets")
