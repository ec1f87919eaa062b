from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
import shiboken6
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from support.app_context import PASSPHRASE, PIN, TARGETS, Kit, OpenDoor
from support.whole_office import PEOPLE

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.errors import Problem
from fieldkit.domain.people import PERMISSIONS, Permission, Role
from fieldkit.ports.delivery import SyncReport
from ui.presenters.cards.prints import QueueBoardPresenter
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.home.status_bar import Gauges
from ui.presenters.parts import Stage, StatusBar
from ui.presenters.presenter import PLACES, Action
from ui.runtime.printing import LaptopPrinting
from ui.runtime.theme import ThemeName
from ui.views.cards import QueueBoardWindow, toggle_board
from ui.views.window.window import Application, Laptop
from ui.widgets.preview import PinBoxes
from ui.widgets.rail import PlaceButton


def is_empty(window) -> bool:
    """The window has answered: the boxes are ready for another PIN."""
    return window.shell.lock.findChild(PinBoxes)._digits == ""


def test_the_status_bar_follows_who_is_signed_in(window) -> None:
    assert window.shell._status_bar_state == StatusBar()
    window.sign_in()
    window.wait(lambda: window.shell._status_bar_state.where == "Desa Jimbe")
    assert window.shell._status_bar_state.user == "Rina Wulandari"
    window.program.sign_out()
    window.reach("SignIn")
    assert window.shell._status_bar_state == StatusBar()
    window.wait(lambda: window.door.is_locked)


def test_the_board_of_the_queue_goes_with_who_opened_it(window) -> None:
    window.sign_in()
    context = window.program.signed_in().context
    toggle_board(window.theming, window.shell, QueueBoardPresenter(context, window.tasks, "a1"))
    board = window.shell.findChild(QueueBoardWindow)
    window.program.sign_out()
    window.reach("SignIn")
    window.wait(lambda: window.door.is_locked)
    window.wait(lambda: not shiboken6.isValid(board))  # it would show the numbers of that moment for good


@pytest.mark.days
def test_f11_locks_and_only_the_pin_opens(window, shoot) -> None:
    window.sign_in()
    window.press(Qt.Key.Key_F11)
    shoot("lock")
    assert window.shell.lock.isVisible()
    window.press(Qt.Key.Key_Escape, Qt.Key.Key_1)
    assert window.name == "Home"
    window.type("00000")
    window.wait(lambda: window.door.left == 4 and is_empty(window))
    shoot("lock-wrong")
    assert window.shell.lock.isVisible()
    window.type(PIN)
    window.wait(lambda: not window.shell.lock.isVisible())
    window.press(Qt.Key.Key_Return, Qt.Key.Key_Enter)  # from habit: the last digit has opened already
    assert window.name == "Home"
    window.press(Qt.Key.Key_1)
    window.reach("Targets")


@pytest.mark.parametrize("is_locked", [False, True])
def test_whom_the_office_shut_out_is_out_at_once(window, shoot, is_locked: bool) -> None:
    window.sign_in()
    if is_locked:
        window.press(Qt.Key.Key_F11)
    now = window.program.signed_in().context.clock.now()
    window.program.signed_in().sending._ended(SyncReport(now, now, shut_out=Problem("office.user_disabled")))
    window.reach("SignIn")
    shoot("shut-out")
    assert not window.shell.lock.isVisible()
    window.wait(lambda: window.door.is_locked)


@pytest.mark.parametrize("is_locked", [False, True])
def test_f10_lets_somebody_else_sign_in(window, is_locked: bool) -> None:
    window.sign_in()
    if is_locked:
        window.press(Qt.Key.Key_F11)
    window.press(Qt.Key.Key_F10)
    window.reach("SignIn")
    assert not window.shell.lock.isVisible()
    window.wait(lambda: window.door.is_locked)
    window.press(Qt.Key.Key_F10)  # nobody is there to leave
    assert window.name == "SignIn"


@pytest.mark.days
def test_five_wrong_pins_ask_for_the_passphrase_and_the_place_is_lost_but_nothing_else(window, kit) -> None:
    window.sign_in()
    session = kit.context.recording.open("t2")
    kit.context.recording.give_notice(session.session_id, "id")
    window.press(Qt.Key.Key_F11)
    for left in (4, 3, 2, 1):
        window.type("000000")
        window.wait(lambda expected=left: window.door.left == expected and is_empty(window))
    window.type("000000")
    window.reach("SignIn")
    assert not window.shell.lock.isVisible()
    assert window.shell._toast.isVisible(), "why it ended is said"
    window.door.left = 5
    window.sign_in()
    assert window.view.state.notice.params == {"name": "KAR•••"}
    assert kit.context.recording.find(session.session_id).session_id == session.session_id


def test_nobody_signed_in_has_nothing_to_lock(window) -> None:
    window.press(Qt.Key.Key_F11)
    assert not window.shell.lock.isVisible()
    with pytest.raises(RuntimeError, match="nobody"):
        window.program.signed_in()


@pytest.mark.days
def test_language_and_theme_change_on_every_screen(window) -> None:
    window.sign_in()
    for name in ("home", "targets", "devices"):
        window.go(name)
        before = window.theming.catalog.language
        window.press(Qt.Key.Key_F2)
        assert window.theming.catalog.language != before
        window.press(Qt.Key.Key_F3)
    window.theming.theme.choose(ThemeName.TERANG)


@pytest.mark.days
@pytest.mark.parametrize("theme", [ThemeName.MALAM, ThemeName.KONTRAS_TINGGI])
def test_other_themes_look_right_too(window, shoot, theme: ThemeName) -> None:
    window.theming.theme.choose(theme)
    window.sign_in()
    shoot(f"home-{theme.value}")
    window.press(Qt.Key.Key_1)
    window.reach("Targets")
    shoot(f"targets-{theme.value}")
    window.theming.theme.choose(ThemeName.TERANG)


@pytest.mark.days
def test_a_small_window_clips_nothing(window, shoot) -> None:
    window.shell.resize(1024, 700)
    shoot("sign_in-1024")
    window.sign_in()
    shoot("home-1024")
    for name in ("targets", "devices"):
        window.go(name)
        shoot(f"{name}-1024")


@pytest.mark.days
def test_signing_in_again_is_a_new_context(window) -> None:
    window.sign_in()
    first = window.program.signed_in()
    window.program.sign_out()
    window.reach("SignIn")
    window.press(Qt.Key.Key_Down)
    window.type(PASSPHRASE)
    window.press(Qt.Key.Key_Return)
    window.reach("Home")
    assert window.program.signed_in().context.user != first.context.user
    assert window.program.signed_in().sending is not first.sending


@pytest.fixture
def application(qtbot: QtBot, tmp_path: Path) -> Iterator[Application]:
    kit = Kit(tmp_path)
    messages = {language: strict_catalogue(language) for language in ("id", "en")}
    laptop = Laptop(Gauges(lambda: None, lambda: None), LaptopPrinting(tmp_path))
    application = Application(OpenDoor(kit.context), messages, "en", laptop)
    qtbot.addWidget(application.shell)
    yield application
    application.close()
    kit.store.close()


def test_it_stands_at_the_sign_in_screen(application: Application) -> None:
    assert isinstance(application.presenter, SignInPresenter)
    assert application.theming.catalog.language == "en"


@pytest.mark.allow_logs
def test_a_bug_is_kept_and_shown_instead_of_lost(application: Application) -> None:
    bug = ZeroDivisionError("planted")
    sys.excepthook(ZeroDivisionError, bug, None)
    assert application.bugs == [bug]
    assert application.shell.navigation.page is not None


def test_closing_gives_the_hook_back(application: Application) -> None:
    application.close()
    assert sys.excepthook is not application._caught


def let_in(window, kit: Kit) -> None:
    """Sign the user of a kit in, whom the door of these tests does not know."""
    window.program._enter(kit.context)
    window.reach("Home")


@pytest.mark.parametrize("role", [role for role in Role if Permission.RECORD not in PERMISSIONS[role]])
def test_every_place_beside_the_screens_opens_for_its_role(
    role: Role, make_window, theming, qtbot: QtBot, tmp_path: Path
) -> None:
    with Kit(tmp_path, PEOPLE[role]) as kit:
        window = make_window(kit, theming, qtbot, tmp_path)
        assert "_rail" not in vars(window.shell), "nobody at the sign-in screen waits for it"
        let_in(window, kit)
        rail = window.shell._rail
        assert rail.isVisible()
        for act, place in reversed(list(zip(PLACES, rail.places, strict=False))):
            window.shell.perform(act)
            window.settle()
            assert window.shell.navigation.name == place.screen
            assert window.view.state.stage in (Stage.CONTENT, Stage.EMPTY), place.screen
            assert [b.leads_to for b in rail.findChildren(PlaceButton) if b.isVisible() and b.is_here] == [place.screen]
        assert window.shell.navigation.names == ("home",)
        window.program.sign_out()
        window.reach("SignIn")
        assert not rail.isVisible()
        window.wait(lambda: window.door.is_locked)
        window.close()


def test_the_frame_folds_where_the_window_is_small_and_who_records_has_all_of_it(
    make_window, theming, kit, qtbot: QtBot, tmp_path: Path
) -> None:
    with Kit(tmp_path / "office", PEOPLE[Role.KASI]) as office:
        window = make_window(office, theming, qtbot, tmp_path)
        let_in(window, office)
        shell, sizes = window.shell, []
        for size in ((1366, 768), (1024, 600)):
            shell.resize(*size)
            sizes.append((shell._rail.width(), shell._status_bar.height(), shell._bar.height()))
            assert shell.size().toTuple() == size
        assert sizes == [(200, 56, 76), (60, 52, 64)]
        window.close()
    field = make_window(kit, theming, qtbot, tmp_path)
    field.sign_in()
    assert "_rail" not in vars(field.shell)
    field.shell.perform(PLACES[1])
    assert field.name == "Home"
    field.close()


@pytest.mark.parametrize("role", [Role.KASI, Role.LOKET])
def test_ctrl_k_finds_a_person_from_every_place_and_from_a_field(
    role: Role, make_window, theming, qtbot: QtBot, tmp_path: Path
) -> None:
    with Kit(tmp_path, PEOPLE[role]) as kit:
        kit.plan(*TARGETS)
        window = make_window(kit, theming, qtbot, tmp_path)
        let_in(window, kit)
        for place in window.shell._rail.places:
            window.shell.go_to(place.screen)
            window.settle()
            field = next((f for f in window.view.findChildren(QLineEdit) if f.isVisible()), None)
            if field is not None:
                field.setFocus()
            window.press(Qt.Key.Key_K, to=Qt.KeyboardModifier.ControlModifier)
            assert window.shell.finder.isVisible(), place.screen
            window.type("nad put")
            window.wait(lambda: [line.words for line in window.shell.finder._state.lines] == ["NADIA PUTRI"])
            window.press(Qt.Key.Key_Return)
            window.reach("Targets")
            assert window.view.state.rows.row(window.view.state.cursor).name == "t4"
            window.press(Qt.Key.Key_Escape)
            assert window.shell.navigation.name == place.screen
        window.go("targets", activity_id="a1")
        for words, told in (("rekam", "toast"), ("cek kartu", "card_check"), ("kunci layar", "lock")):
            window.shell.perform(Action.FIND)
            window.type(words)
            window.wait(lambda: not window.shell.finder._state.is_asking)
            window.press(Qt.Key.Key_Return)
            is_told = {
                "toast": window.shell._toast.isVisible(),
                "card_check": window.shell.navigation.name == "card_check",
                "lock": "lock" in vars(window.shell) and window.shell.lock.isVisible(),
            }
            assert is_told[told], words
            window.shell.lock.close_overlay()
        window.shell.perform(Action.FIND)
        window.program.sign_out()
        assert not window.shell.finder.isVisible()
        window.shell.perform(Action.FIND)
        assert not window.shell.finder.isVisible(), "nobody is signed in"
        window.reach("SignIn")
        window.wait(lambda: window.door.is_locked)
        window.close()
