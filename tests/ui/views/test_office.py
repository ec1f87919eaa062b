from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.aided import key
from support.app_context import absent, ready
from support.field_office import half_a_day
from support.whole_office import Paperless

from fieldkit.domain.aid import AidNote, Program
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.ports.delivery import CarryReport, NotCarried
from fieldkit.ports.devices import DeviceKind, DeviceState
from fieldkit.ports.exchange import Drive
from ui.presenters.parts import Light, Stage, Tone
from ui.presenters.planning.steps import screens_of
from ui.presenters.presenter import message
from ui.views.office import aid_factories, office_factories
from ui.views.page_parts import PageParts
from ui.widgets.bars import StatusBarWidget


@pytest.mark.parametrize("screen", ["aid", "aid_note", "aid_step", "aid_meeting", "aid_result", "evaluation"])
def test_each_page_is_wired_and_opens(window, kit, screen: str) -> None:
    kit.context.office.aid.note("t1", AidNote(wanted=(Program.PKH,)))
    made = aid_factories(
        PageParts(window.door, window.tasks, window.shell.navigation, window.theming, Paperless(), lambda: kit.context)
    )
    assert screen in made
    window.sign_in()
    window.go(screen, activity_id="a1", target_id=key(1).target_id, keys="t1 pkh")
    assert window.view.state.stage is Stage.CONTENT


@pytest.mark.days
def test_a_stick_of_another_laptop_goes_from_kirim_to_the_data_center(window, kit, tmp_path: Path, shoot) -> None:
    stick = tmp_path / "KINGSTON"
    stick.mkdir()
    kit.sticks.listed = [Drive(str(stick), "KINGSTON", 14_000_000_000)]
    ids = [f"0199a1f2-7c3d-7e11-9a0b-00000000000{n}" for n in range(6)]
    kit.courier.finds(*ids)
    kit.courier.report = CarryReport(
        held_already=(ids[0],),
        refused=(NotCarried(ids[1], "sync.no_manifest"), NotCarried(ids[2], "sync.kit_revoked")),
    )
    window.sign_in()
    window.press(Qt.Key.Key_3)
    window.wait(lambda: window.name == "Queue" and window.view.state.nothing.title == message("kirim.empty"))
    shoot("queue-empty-hand-in")
    window.press(Qt.Key.Key_Insert)
    window.reach("HandIn")
    window.wait(lambda: bool(window.view.state.fields))
    shoot("hand-in")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: bool(window.view.state.counts))
    shoot("hand-in-done")
    assert [number.value for number in window.view.state.counts] == ["6", "3", "1", "2"]
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: window.name == "Queue")


def refused(window, name: str) -> str:
    return next(action.refused for action in window.view.state.bar.actions if action.name == name)


def test_f5_finds_what_was_plugged_in_and_trouble_stands_below(window, kit, shoot) -> None:
    kit.devices.listed = (ready(DeviceKind.FINGERPRINT), absent(DeviceKind.SIGNATURE_PAD))
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    window.press(Qt.Key.Key_Down)
    shoot("devices")
    assert window.view.state.trouble is not None
    kit.devices.listed = tuple(ready(kind) for kind in DeviceKind if kind is not DeviceKind.UNKNOWN)
    window.wait(lambda: not refused(window, "refresh"))  # while the first scan runs, F5 asks for none of its own
    window.press(Qt.Key.Key_F5)
    window.wait(lambda: window.view.state.rows.count == 6)
    assert window.view.state.trouble is None


def test_a_device_whose_provider_is_not_trusted_is_nowhere_green(window, kit, shoot) -> None:
    untrusted = {"state": DeviceState.NOT_READY, "detail": "device.jws_untrusted"}
    kit.devices.listed = tuple(replace(ready(kind), **untrusted) for kind in DeviceKind)
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    shoot("devices-untrusted")
    assert window.view.state.trouble is not None
    rows = window.view.state.rows
    shown = [rows.row(at) for at in range(rows.count)]
    tones = {tag.tone for row in shown for cell in row.cells for tag in cell.tags if row.name != "screen"}
    assert tones == {Tone.CAUTION}
    status_bar = window.shell.findChild(StatusBarWidget)._status_bar
    assert {light.light for light in status_bar.devices} == {Light.CAUTION}


def test_no_device_at_all(window, kit, shoot) -> None:
    kit.devices.listed = ()
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    shoot("devices-none")


@pytest.mark.days
def test_t_tests_and_enter_chooses(window, kit, shoot) -> None:
    first = ready(DeviceKind.FINGERPRINT)
    second = replace(first, address="http://127.0.0.1:4502", identity=replace(first.identity, serial="SN-2"))
    kit.devices.listed = (first, second)
    window.sign_in()
    window.press(Qt.Key.Key_0)
    window.reach("Devices")
    window.press(Qt.Key.Key_T)
    window.wait(lambda: window.view.state.trouble is not None)  # nothing answers behind the list
    window.press(Qt.Key.Key_Down)
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: bool(kit.devices.chosen))
    assert kit.devices.chosen[DeviceKind.FINGERPRINT].serial == "SN-2"
    shoot("devices-tested")


@pytest.mark.parametrize(
    ("screen", "name"), [("visits", "Visits"), ("trip", "Trip"), ("recap", "Recap"), ("walk_in", "Form")]
)
def test_every_page_of_the_field_is_opened_by_its_name(window, kit, screen: str, name: str) -> None:
    half_a_day(kit)
    window.sign_in()
    window.go(screen, activity_id="a1")
    assert (window.name, window.view.state.stage) == (name, Stage.CONTENT)


@pytest.mark.days
@pytest.mark.parametrize("screen", ["visits", "trip", "recap"])
def test_without_an_activity_it_is_that_of_the_day(window, kit, screen: str) -> None:
    half_a_day(kit)
    window.sign_in()
    window.go(screen, activity_id="")
    assert window.view.state.stage is Stage.CONTENT


@pytest.mark.days
def test_a_row_of_the_visits_opens_its_card(window, kit) -> None:
    window.sign_in()
    window.go("visits", activity_id="a1")
    window.view.table.selected.emit("t5")
    window.press(Qt.Key.Key_Return)
    window.reach("Visit")
    assert window.view.state.side[0].title == "SULASTRI"


FROM_BERANDA = {"check_out", "check_in", "activities", "activity", "letters", "sarpras", "disposition", "sign_letters"}
FROM_ACTIVITIES = {"request", "plan"}


def test_every_screen_of_the_office_stands_behind_the_door(window) -> None:
    window.sign_in()
    mine = office_factories(
        PageParts(window.door, window.tasks, window.shell.navigation, window.theming, None, lambda: window.kit.context)
    )
    assert set(mine) <= set(window.shell.navigation._factories)


def test_no_key_leads_nowhere(window) -> None:
    window.sign_in()
    wanted = {screen for fact in Fulfilment for screen in screens_of((fact,))} | FROM_BERANDA | FROM_ACTIVITIES
    assert wanted - set(window.shell.navigation._factories) == set()
