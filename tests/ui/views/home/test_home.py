from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.activities import add_activity
from support.app_context import PETUGAS, TARGETS, Kit, absent

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.drafts import DraftName, draft_of_recording
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Role, User
from fieldkit.ports.devices import DeviceKind
from ui.widgets.button import ActionButton
from ui.widgets.problem_card import NoticeCard

CHIEF = User("u8", "Hadi Prasetyo", Role.KEPALA_DINAS)
OPERATOR = User("u7", "Dewi Lestari", Role.OPERATOR_CETAK)
ADMIN = User("u9", "Yuni Astuti", Role.ADMIN_DINAS)
SOPS = {profile.sop_id: profile for profile in own_profiles()}


@pytest.mark.parametrize(
    ("key", "screen"),
    [
        (Qt.Key.Key_1, "Targets"),
        (Qt.Key.Key_3, "Queue"),
        (Qt.Key.Key_6, "Activities"),
        (Qt.Key.Key_9, "Statuses"),
        (Qt.Key.Key_0, "Devices"),
        (Qt.Key.Key_Return, "Targets"),
    ],
)
def test_each_digit_opens_its_card_and_esc_comes_back(window, key: Qt.Key, screen: str) -> None:
    window.sign_in()
    window.press(key)
    window.wait(lambda: window.name == screen)
    window.settle()
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")


def test_enter_sends_once_everybody_is_recorded(window, kit, shoot) -> None:
    for number, target in enumerate(TARGETS):
        kit.seal(number + 1, target, timedelta(hours=50))
    window.sign_in()
    shoot("home-all-done")
    window.press(Qt.Key.Key_Return)
    window.reach("Queue")


def test_a_recording_left_open_is_one_key_away(window, kit, shoot) -> None:
    session = kit.context.recording.open("t2")
    kit.context.recording.give_notice(session.session_id, "id")
    kit.devices.listed = (*kit.devices.listed[:3], absent(DeviceKind.SIGNATURE_PAD))
    window.sign_in()
    shoot("home-left-open")
    window.press(Qt.Key.Key_5)
    window.reach("Recording")


def test_several_left_open_are_listed_and_one_of_them_is_chosen(window, kit, shoot) -> None:
    for target_id in ("t1", "t2", "t4", "t5"):
        session = kit.context.recording.open(target_id)
        kit.context.recording.give_notice(session.session_id, "id")
        kit.clock.advance(minutes=10)
    kit.context.drafts.keep(DraftName("walk_in", {"activity_id": "a1"}), {"name": "SITI AMINAH"})
    kit.context.drafts.keep(draft_of_recording(session.session_id), {"biodata.name": "SUL"})
    window.sign_in()
    shoot("home-left-many")
    window.press(Qt.Key.Key_5)
    window.reach("LeftOpen")
    shoot("left-open")
    window.type("kar")
    window.wait(lambda: window.view.state.rows.count == 1)
    window.press(Qt.Key.Key_Return)
    window.reach("Recording")
    assert window.view.state.form.values["name"] == "KARTONO WIBOWO"
    window.press(Qt.Key.Key_Escape)
    window.reach("LeftOpen")


def test_without_an_activity_the_way_to_the_queue_stays_open(window, kit, shoot) -> None:
    with kit.store.write() as unit:
        unit.connection.exec_driver_sql("DELETE FROM targets")
        unit.connection.exec_driver_sql("DELETE FROM activities")
    window.sign_in()
    shoot("home-empty")
    window.press(Qt.Key.Key_3)
    window.wait(lambda: window.name == "Queue")


def test_f11_locks(window) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_F11)
    assert window.shell.lock.isVisible()


def test_the_sop_of_the_day_stands_beside_the_cards(window, kit, shoot) -> None:
    add_activity(kit, "Desa Dawuhan", SOPS["blitar_si_jaran_ijo"], done=9)
    window.sign_in()
    shoot("home-sop")
    assert len(window.view.state.side) == 12


@pytest.fixture
def kit(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kit]:
    kit = Kit(tmp_path, getattr(request, "param", PETUGAS))
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def sit_down(window, user: User) -> None:
    window.door.people = (user,)
    window.shell.navigation.restart("sign_in")
    window.settle()
    window.sign_in()


@pytest.mark.parametrize("kit", [CHIEF], indirect=True)
def test_the_office_sees_what_waits_for_it(window, kit, shoot) -> None:
    for name, sop, done in (("Dawuhan", "blitar_si_jaran_ijo", 1), ("Dolopo", "grobogan_jemput_bola", 2)):
        add_activity(kit, name, SOPS[sop], done=done)
    sit_down(window, CHIEF)
    shoot("home-office")
    assert window.view.state.duties.count == 2
    window.press(Qt.Key.Key_6)
    window.reach("Activities")
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")


@pytest.mark.parametrize("kit", [ADMIN], indirect=True)
def test_nothing_waiting_says_what_else_there_is(window, shoot) -> None:
    sit_down(window, ADMIN)
    shoot("home-office-nothing")
    window.press(Qt.Key.Key_9)
    window.reach("Statuses")


@pytest.mark.parametrize("kit", [OPERATOR], indirect=True)
def test_cards_and_statuses_that_wait_are_lines_that_lead_there(window, kit, shoot) -> None:
    for number in (1, 2):
        kit.apply(kit.seal(number, TARGETS[number - 1]), "SFE", "RECEIVED_AT_CENTRAL", "PRR")
    kit.apply(kit.seal(4, TARGETS[3]), "SFE", "RECEIVED_AT_CENTRAL", "DUPLICATE_RECORD")
    sit_down(window, OPERATOR)
    shoot("home-operator")
    assert window.view.state.duties.count == 2
    window.press(Qt.Key.Key_Return)
    window.reach("Prints")


def test_a_long_notice_leaves_the_day_where_it_is(window, kit, shoot) -> None:
    files = ", ".join(f"sop/berkas-{n}.yaml" for n in range(30))
    kit.context.to_tell.append(Problem("audit.files_changed", {"files": files}))
    window.sign_in()
    window.wait(lambda: window.view.state.problem is not None)
    card = window.view.findChild(NoticeCard)
    assert card.height() < 130
    shoot("home-notice-folded")
    (turn,) = [button for button in card.findChildren(ActionButton) if button.isVisible()]
    turn.setFocus()
    window.press(Qt.Key.Key_Space)
    window.wait(lambda: card.height() > 130)
    shoot("home-notice-open")
