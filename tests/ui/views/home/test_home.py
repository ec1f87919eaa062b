from __future__ import annotations

import os
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt, QTimer
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from support.activities import add_activity
from support.app_context import PETUGAS, TARGETS, Kit, absent
from support.ways import ListedWays

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Role, User
from fieldkit.domain.typed import DraftName, draft_of_recording
from fieldkit.ports.devices import DeviceKind
from ui.runtime.typist import grab
from ui.views.home.home import StartProblemWindow
from ui.widgets.button import ActionButton
from ui.widgets.cards import NoticeCard

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


@pytest.mark.days
def test_enter_sends_once_everybody_is_recorded(window, kit, shoot) -> None:
    for number, target in enumerate(TARGETS):
        kit.seal(number + 1, target, timedelta(hours=50))
    window.sign_in()
    shoot("home-all-done")
    window.press(Qt.Key.Key_Return)
    window.reach("Queue")


@pytest.mark.days
def test_a_recording_left_open_is_one_key_away(window, kit, shoot) -> None:
    session = kit.context.recording.open("t2")
    kit.context.recording.give_notice(session.session_id, "id")
    kit.devices.listed = (*kit.devices.listed[:3], absent(DeviceKind.SIGNATURE_PAD))
    window.sign_in()
    shoot("home-left-open")
    window.press(Qt.Key.Key_5)
    window.reach("Recording")


@pytest.mark.days
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


@pytest.mark.days
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


@pytest.mark.days
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


@pytest.mark.days
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


FIELD = ("Visits", "Trip", "Recap", "Aid", "Distribution", "Applications", "Reports", "Exchange", "Conflicts")


@pytest.mark.parametrize(("digit", "screen"), tuple(enumerate(FIELD, 1)))
def test_every_screen_of_the_field_is_two_keys_away(window, shoot, digit: int, screen: str) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_M)
    window.reach("More")
    window.settle()
    if digit == 1:
        shoot("more-field")
    window.press(Qt.Key(Qt.Key.Key_0 + digit))
    window.wait(lambda: window.name == screen)


MESSAGES = {language: strict_catalogue(language) for language in LANGUAGES}


@pytest.mark.parametrize(("key", "wants_again"), [(Qt.Key.Key_Return, True), (Qt.Key.Key_Escape, False)])
@pytest.mark.usefixtures("alone")
def test_enter_tries_once_more_and_esc_closes(qtbot: QtBot, key: Qt.Key, wants_again: bool) -> None:
    window = StartProblemWindow(Problem("store.in_use"), MESSAGES, "id", ListedWays())
    qtbot.addWidget(window.shell)
    QTimer.singleShot(200, lambda: QTest.keyClick(window.shell.focusWidget() or window.shell, key))
    assert window.exec() is wants_again
    assert not window.shell.isVisible()


def test_it_speaks_both_languages(qtbot: QtBot, tmp_path: Path) -> None:
    folder = Path(os.environ.get("FIELDKIT_SHOTS", tmp_path))
    folder.mkdir(parents=True, exist_ok=True)
    window = StartProblemWindow(Problem("store.in_use"), MESSAGES, "id", ListedWays())
    qtbot.addWidget(window.shell)
    window.shell.show()
    for width, height in ((1366, 768), (1024, 560)):
        window.shell.resize(width, height)
        for language in ("id", "en"):
            grab(window.shell, folder / f"start-problem-{width}-{language}.png")
            QTest.keyClick(window.shell.focusWidget() or window.shell, Qt.Key.Key_F2)
    window.shell.close()
