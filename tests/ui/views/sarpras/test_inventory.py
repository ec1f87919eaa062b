from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.app_context import PENGURUS, TARGETS, Kit
from support.recording import ScriptedDevice
from support.recording_window import jpeg
from support.sarpras import stock_inventory, take_out

from fieldkit.domain.sarpras import Condition
from fieldkit.ports.devices import DeviceKind
from ui.presenters.lists import Photo

KEY = Qt.Key


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan(*TARGETS)
    camera = ScriptedDevice(DeviceKind.CAMERA)
    camera.frame, camera.streams_on = jpeg(), True
    kit.devices.there = {DeviceKind.CAMERA: camera}
    yield kit
    kit.store.close()


def opened(window) -> None:
    window.press(KEY.Key_Down, KEY.Key_Down)  # the sign-in screen stands on the first name
    window.sign_in()
    window.go("sarpras")


def choose_chip(window, name: str) -> None:
    window.press(KEY.Key_S, to=Qt.KeyboardModifier.ControlModifier)
    window.wait(lambda: any(chip.is_on and chip.name == name for chip in window.view.state.chips[0]))


def test_an_empty_inventory_is_filled_by_keys(window, kit, shoot) -> None:
    opened(window)
    shoot("inventory-empty")
    window.press(KEY.Key_B, to=Qt.KeyboardModifier.ControlModifier)
    window.reach("Form")
    window.type("Kamera iris")
    shoot("inventory-item-new")
    window.press(KEY.Key_Return)
    window.reach("Sarpras")
    window.wait(lambda: window.view.state.rows.count == 1)
    choose_chip(window, "consumables")
    shoot("inventory-no-consumables")
    window.view.command(window.view.state.nothing.action)
    window.wait(lambda: window.view.state.rows.count == 6)
    shoot("inventory-consumables")


@pytest.mark.days
def test_a_form_that_cannot_be_kept_says_why_and_keeps_what_was_typed(window, kit, shoot) -> None:
    opened(window)
    window.press(KEY.Key_B, to=Qt.KeyboardModifier.ControlModifier)
    window.reach("Form")
    window.press(KEY.Key_Return)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("inventory-item-nameless")
    assert [field.problem.code for field in window.view.state.fields if field.problem] == ["sarpras.no_name"]
    window.press(KEY.Key_Escape)
    window.reach("Sarpras")


@pytest.mark.days
def test_items_kits_and_what_is_out(window, kit, shoot) -> None:
    stock_inventory(kit)
    take_out(kit)
    opened(window)
    window.wait(lambda: window.view.state.rows.count == 8)
    shoot("inventory-items")
    window.type("iri")
    window.wait(lambda: window.view.state.rows.count == 1)
    window.press(KEY.Key_Escape)
    window.wait(lambda: window.view.state.rows.count == 8)
    choose_chip(window, "consumables")
    choose_chip(window, "kits")
    window.wait(lambda: window.view.state.rows.count == 1)
    window.press(KEY.Key_Return)
    window.reach("Form")
    shoot("inventory-kit")
    window.press(KEY.Key_Escape)
    window.reach("Sarpras")
    choose_chip(window, "out")
    window.wait(lambda: window.view.state.rows.count == 1)
    shoot("inventory-out")
    window.press(KEY.Key_Return)
    window.reach("Checklist")


@pytest.mark.days
def test_a_photo_is_taken_with_the_camera_and_shown_in_the_history(window, kit, shoot) -> None:
    stock_inventory(kit)
    take_out(kit)
    opened(window)
    window.wait(lambda: bool(window.view.state.rows.count))
    window.press(KEY.Key_Down, KEY.Key_F)
    window.reach("PhotoTaking")
    window.wait(lambda: window.view.state.is_live)
    shoot("inventory-photo")
    window.press(KEY.Key_Return)
    window.reach("Sarpras")
    window.wait(lambda: any(item.photo for item in kit.context.office.inventory.items()))
    window.press(KEY.Key_F7)
    window.reach("ItemHistory")
    window.wait(lambda: window.view.state.rows.count == 2)
    assert any(isinstance(panel, Photo) for panel in window.view.state.panels)
    shoot("item-history")


@pytest.mark.days
def test_a_repair_is_described(window, kit, shoot) -> None:
    stock_inventory(kit)
    inventory = kit.context.office.inventory
    first = inventory.items()[0]
    inventory.keep_item(replace(first, condition=Condition.HILANG))
    opened(window)
    window.wait(lambda: bool(window.view.state.rows.count))
    window.press(KEY.Key_F8)
    window.reach("Form")
    window.type("ditemukan di mobil")
    window.press(KEY.Key_Return)
    window.reach("Sarpras")
    window.wait(lambda: inventory.item(first.thing_id).condition is Condition.BAIK)
