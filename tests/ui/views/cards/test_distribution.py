from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.handed import distributed, stop
from support.recording import ScriptedDevice
from support.whole_office import settle_people

from fieldkit.domain.cards.card import MarkKind, Place
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
    window.go("distribution", activity_id="a1")
    window.wait(lambda: window.view.state.rows.count == 10)
    return window


@pytest.mark.days
def test_one_document_goes_to_its_owner_by_keyboard(opened, kit, shoot) -> None:
    window = opened
    shoot("distribution")
    window.press(Qt.Key.Key_Return)
    window.reach("Handover")
    window.press(Qt.Key.Key_Tab, Qt.Key.Key_Tab)
    shoot("handover-who")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.mark.ink is not None)
    shoot("handover-signed")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.phase is Phase.DONE)
    shoot("handover-done")
    card = kit.context.office.handover.get("card-005")
    assert (card.place, card.receipt.receiver, card.receipt.mark) == (Place.PERSON, card.name, MarkKind.SIGNATURE)
    window.press(Qt.Key.Key_Return)
    window.reach("Distribution")
    window.wait(lambda: window.view.state.rows.count == 9)


@pytest.mark.days
def test_a_batch_goes_to_the_desa_with_its_ba(opened, kit, shoot) -> None:
    window = opened
    window.press(Qt.Key.Key_Space, Qt.Key.Key_Down, Qt.Key.Key_Space)
    window.wait(
        lambda: window.view.state.tags and window.view.state.tags[-1].words == message("ui.list.ticked", count=2)
    )
    shoot("distribution-chosen")
    window.press(Qt.Key.Key_B, to=CTRL)
    window.reach("Form")
    window.type("Suyatno")
    window.press(Qt.Key.Key_Tab)
    window.type("Kepala Desa Jimbe")
    window.press(Qt.Key.Key_Tab)
    window.type("Pemerintah Desa Jimbe")
    shoot("handover-ba")
    window.press(Qt.Key.Key_Return)
    window.reach("Letter")
    window.wait(lambda: bool(window.view.state.pages))
    shoot("handover-ba-letter")
    window.press(Qt.Key.Key_Return, to=CTRL)
    window.type("470/77/409.110/2026")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: not window.view.state.ask and bool(window.view.state.facts) and not window.view.state.is_open)
    window.press(Qt.Key.Key_Escape)
    window.reach("Distribution")
    window.press(Qt.Key.Key_Return)
    window.reach("Handover")
    shoot("handover-desa")
    assert [field.text for field in window.view.state.fields] == [
        "desa",
        "Suyatno",
        "Kepala Desa Jimbe",
        "470/77/409.110/2026",
    ]
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.mark.ink is not None)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.phase is Phase.DONE)
    handing = kit.context.office.handover.get("card-006").handings[-1]
    assert (handing.to, handing.receipt.proof) == (Place.DESA, "470/77/409.110/2026")
    assert kit.context.office.handover.mark(handing.receipt).media_type == "image/png"


@pytest.mark.days
def test_a_scan_stands_for_a_signature(opened, kit, shoot, tmp_path) -> None:
    window, scan = opened, tmp_path / "tanda-terima.pdf"
    scan.write_bytes(b"%PDF-1.7 tanda terima")
    window.press(Qt.Key.Key_Return)
    window.reach("Handover")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.phase is Phase.SIGN)
    window.press(Qt.Key.Key_J)
    window.wait(lambda: window.view.state.mark.kind is MarkKind.THUMB)
    shoot("handover-thumb")
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: window.view.state.phase is Phase.SIGN)
    window.press(Qt.Key.Key_F)
    window.wait(lambda: window.view.state.mark.kind is MarkKind.SCAN and bool(window.view.state.mark.away))
    window.type(str(scan))
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: bool(window.view.state.mark.content))
    shoot("handover-scan")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: window.view.state.phase is Phase.DONE)
    assert kit.context.office.handover.get("card-005").receipt.mark is MarkKind.SCAN


@pytest.mark.days
def test_what_could_not_be_handed_over_says_why(opened, kit, shoot) -> None:
    window = opened
    window.press(Qt.Key.Key_H, to=CTRL)
    window.reach("Form")
    window.type("rumah kosong")
    shoot("handover-failed")
    window.press(Qt.Key.Key_Return)
    window.reach("Distribution")
    assert kit.context.office.handover.get("card-005").tries == 1


@pytest.mark.days
def test_the_schedule_shows_its_stops(opened, kit, shoot) -> None:
    window = opened
    stops = [stop(kit, 3, "Balai Desa Jimbe"), stop(kit, 1, "Balai Desa Dawuhan"), stop(kit, -2, "Plumpungrejo")]
    kit.context_of(next(user for user in users(kit) if user.role.value == "kasi")).office.handover.plan_distribution(
        "a1", stops
    )
    window.press(Qt.Key.Key_T, to=CTRL)
    window.reach("DistributionPlan")
    shoot("distribution-plan")
    assert window.view.state.rows.count == 3


def users(kit):
    with kit.store.read() as unit:
        return unit.users()
