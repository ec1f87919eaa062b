from __future__ import annotations

import re

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from support.app_context import TARGETS
from support.handed import distributed
from support.recording import ScriptedDevice
from support.whole_office import settle_people

from fieldkit.domain.cards.card import CourierState
from fieldkit.ports.devices import DeviceKind
from ui.presenters.cards.handover import Phase
from ui.presenters.presenter import message

CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.fixture
def opened(window, kit):
    settle_people(kit)
    distributed(kit)
    kit.devices.there = {DeviceKind.SIGNATURE_PAD: ScriptedDevice(DeviceKind.SIGNATURE_PAD)}
    window.sign_in()
    window.go("courier")
    window.wait(lambda: window.view.state.rows.count == 3)
    return window


def state(kit, card_id: str) -> CourierState:
    return kit.context.office.handover.get(card_id).courier.state


def sign(window) -> None:
    window.reach("Handover")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.mark.ink is not None)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.phase is Phase.DONE)
    window.press(Qt.Key.Key_Return)
    window.reach("Courier")


def stand_on(window, card_id: str, far: str) -> None:
    """Wait until the list says how far a document is, then put the cursor on it."""

    def row() -> int:
        rows = window.view.state.rows
        shown = [rows.row(at) for at in range(rows.count)]
        wanted = message(f"distribusi.courier.{far}")
        return next((at for at, r in enumerate(shown) if r.name == card_id and r.cells[-1].tags[0].words == wanted), -1)

    window.wait(lambda: row() >= 0)
    window.press(*[Qt.Key.Key_Up] * window.view.state.rows.count, *[Qt.Key.Key_Down] * row())


@pytest.mark.days
def test_from_the_dinas_to_the_second_receipt_by_keyboard(opened, kit, shoot) -> None:
    window, card = opened, "card-013"
    shoot("courier")
    stand_on(window, card, "no")
    window.press(Qt.Key.Key_Return)
    stand_on(window, card, "siap_diambil_kurir")
    assert "KIT-07-R00013" in window.view.state.panels[0].words
    window.press(Qt.Key.Key_Return)
    window.reach("Handover")
    window.type("Joko Kurir")
    shoot("courier-receipt")
    sign(window)
    stand_on(window, card, "diserahkan_ke_kurir")
    window.press(Qt.Key.Key_Return)
    stand_on(window, card, "diantar")
    window.press(Qt.Key.Key_Return)
    sign(window)
    assert state(kit, card) is CourierState.DITERIMA
    window.wait(lambda: window.view.state.rows.count == 2)


@pytest.mark.days
def test_the_message_is_on_the_clipboard_and_names_nobody(opened, kit, shoot) -> None:
    window = opened
    window.press(Qt.Key.Key_F5, to=Qt.KeyboardModifier.ShiftModifier)
    window.wait(lambda: kit.context.office.handover.get("card-011").courier.told_at is not None)
    shoot("courier-copied")
    said = QGuiApplication.clipboard().text()
    assert said.count("KIT-07-R") == 1
    assert "Gratis" in said
    assert not re.search(r"[0-9]{16}|•", said)
    assert not [target.biodata.name for target in TARGETS if target.biodata.name in said]
