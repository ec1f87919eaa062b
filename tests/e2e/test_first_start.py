"""From the icon to the first sealed record by a person who never opens a terminal: keys into windows, nothing else.

The short way ends where the new petugas stands before Beranda. The long one goes on to the seal with simulated devices;
the day and its list come from the office there, as they do in `test_outreach.py`, which walks them by keys.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.day import people
from support.homes import CLOCK, FAST, NOWHERE, open_office

from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from fieldkit.app.bootstrap.devices import connect_devices
from fieldkit.app.bootstrap.first_start import HomeFirstStart
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.ways_back import HomeWaysBack
from fieldkit.app.bootstrap.window import open_window
from fieldkit.app.demo.hands import Hands
from fieldkit.app.demo.kit import PETUGAS, PINS, DemoDoor, DeviceTime
from fieldkit.app.demo.robot import Robot
from fieldkit.app.demo.world import World
from fieldkit.domain.people.slip import Slip
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, Target
from fieldkit.services.context.set_up import SetUpStep
from sync.gateway import provision
from ui.presenters.form import FormPresenter
from ui.presenters.home.first_start import AGAIN, CODE, LANGUAGE, NAME, SLIP, FirstStartPresenter
from ui.presenters.home.home import HomePresenter
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.parts import Stage
from ui.runtime.typist import Typist
from ui.views.home.first_start import FirstStartWindow

_PATIENCE_S = 30.0
ADMIN_SECRET, PETUGAS_SECRET = "kunci lemari besi", "jendela kayu biru"


def slip_of(folder: Path, url: str) -> Slip:
    made = provision.enrol_code(folder, url, "K31", "ani", CLOCK)
    return Slip(made.url, made.code, made.ca_fingerprint, "K31", "ani")


@contextmanager
def first_window(home: Home) -> Iterator[tuple[Typist, FirstStartPresenter]]:
    """Open the wizard; it is closed in the next moment after the last key, whatever it still had to keep."""
    window = FirstStartWindow(HomeFirstStart(home, FAST), FieldCatalogues(), "id", HomeWaysBack(home))
    try:
        window.shell.show()
        presenter = window.shell.navigation.page.presenter
        assert isinstance(presenter, FirstStartPresenter)
        yield Typist(window.shell), presenter
    finally:
        window.tasks.shutdown()
        window.shell.close()


def shows(presenter: FirstStartPresenter, field: str) -> bool:
    return presenter.state.stage is Stage.CONTENT and field in [each.name for each in presenter.state.fields]


def first_start(home: Home, slip: Slip) -> None:
    """Walk through the wizard; closed in its middle it goes on there."""
    with first_window(home) as (typist, presenter):
        assert typist.wait_until(lambda: shows(presenter, LANGUAGE), _PATIENCE_S)
        typist.press("Return")
        assert typist.wait_until(lambda: shows(presenter, SLIP), _PATIENCE_S)
        typist.type(slip.line)
        typist.press("Return")
        assert typist.wait_until(lambda: shows(presenter, NAME), _PATIENCE_S)
    with first_window(home) as (typist, presenter):
        assert typist.wait_until(lambda: shows(presenter, NAME), _PATIENCE_S)
        assert not shows(presenter, CODE)
        for text in ("Ani Wijaya", ADMIN_SECRET, ADMIN_SECRET, "135790"):
            typist.type(text)
            typist.press("Tab")
        assert shows(presenter, AGAIN)
        typist.press("Return")
        assert typist.wait_until(lambda: home.is_enrolled, _PATIENCE_S), presenter.state.problem


def enter(hands: Hands, user_id: str, passphrase: str) -> None:
    """Sign in; the names are picked by the arrow keys."""
    presenter = hands.arrive(SignInPresenter)
    hands.press_until("Down", lambda: presenter.state.chosen == user_id)
    hands.typist.type(passphrase)
    hands.typist.press("Return")
    hands.arrive(HomePresenter)


def add_petugas(hands: Hands) -> None:
    """Go from the line on Beranda to the accounts and add who records."""
    home = hands.arrive(HomePresenter)
    line = f"set_up-{SetUpStep.USERS.value}"
    hands.wait("lines", lambda: bool(home.state.duties and home.state.duties.count))
    hands.press_until("Down", lambda: home._selected == line)
    hands.typist.press("Return")
    hands.arrive_at("accounts")
    hands.typist.press("Ctrl+B")
    hands.arrive(FormPresenter)
    for text in (PETUGAS.user_id, "Rina Wulandari"):
        hands.typist.type(text)
        hands.typist.press("Tab")
    hands.typist.press("Space")  # the role with the keyboard: petugas perekaman
    hands.typist.press("Tab")
    for text in (PETUGAS_SECRET, PETUGAS_SECRET, PINS[PETUGAS.user_id]):
        hands.typist.type(text)
        hands.typist.press("Tab")
    hands.typist.press("Return")
    listing = hands.arrive_at("accounts")
    hands.wait("account", lambda: listing.state.rows.count == 2)
    hands.typist.press("F10")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "kit")


def test_a_laptop_becomes_a_kit_whose_petugas_signs_in(qtbot: QtBot, home: Home, tmp_path: Path) -> None:
    with open_office(tmp_path / "gateway") as office:
        first_start(home, slip_of(office.folder, office.url))
        kit = LockedKit(home, lambda trust: connect_devices(trust, CLOCK, NOWHERE, is_watching=False))
        application = open_window(kit, home.path, tmp_path / "papers", "id")
        try:
            application.shell.show()
            hands = Hands(application, tmp_path / "pictures")
            enter(hands, "ani", ADMIN_SECRET)
            assert SetUpStep.USERS in hands.context.set_up.missing()
            add_petugas(hands)
            enter(hands, PETUGAS.user_id, PETUGAS_SECRET)
            assert (hands.context.user.name, hands.context.kit_id) == ("Rina Wulandari", "K31")
        finally:
            application.close()
            kit.leave()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", 1) as world:
        yield world


@pytest.mark.faults
def test_the_first_record_is_sealed(qtbot: QtBot, home: Home, world: World, tmp_path: Path) -> None:
    residents, spent = people(1), DeviceTime()
    first_start(home, slip_of(world.data_center.folder, world.url))
    door = DemoDoor(home, world.devices, residents, spent)
    application = open_window(door, home.path, tmp_path / "papers", "id")
    try:
        application.shell.show()
        robot = Robot(application, tmp_path / "out" / "pictures", spent)
        enter(robot, "ani", ADMIN_SECRET)
        add_petugas(robot)
        enter(robot, PETUGAS.user_id, PETUGAS_SECRET)
        context = robot.context
        day = Activity("a1", "Jemput bola", "Desa Uji", context.clock.today(), ModePerekaman.LURING, "ST/1", "")
        context.visits.take_over(day, [Target("t1", "a1", 1, residents[0].biodata, residents[0].category)])
        robot.press_until("M", lambda: robot.application.screen == "more")
        robot.press_until("Esc", lambda: isinstance(robot.front(), HomePresenter))
        beranda = robot.arrive(HomePresenter)
        robot.wait("the day", lambda: bool(beranda.state.actions))
        record_id, _ = robot.record(residents[0])
        assert [entry.record.record_id for entry in robot.context.delivery.queue().entries] == [record_id]
        assert list(home.sealed.glob("*"))
    finally:
        application.close()
        door.leave()
