"""From the icon to the first sealed record by a person who never opens a terminal: keys into windows, nothing else.

The short way ends where the new petugas has two days on the laptop: one with a list from a file, one that the office
sent. The long one trusts the provider of simulated devices before and goes on to the seal.
"""

from __future__ import annotations

import gc
import re
import shlex
import sys
from collections.abc import Iterator
from configparser import RawConfigParser
from contextlib import contextmanager
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.commands import fieldkit
from support.day import people
from support.homes import CLOCK, FAST, NOWHERE, open_office

from fieldkit.app.bootstrap import core_dumps
from fieldkit.app.bootstrap.catalogue import FieldCatalogues
from fieldkit.app.bootstrap.devices import connect_devices
from fieldkit.app.bootstrap.enrolment import HomeFirstStart
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.ways_back import HomeWaysBack
from fieldkit.app.bootstrap.window import open_window
from fieldkit.app.cli import main
from fieldkit.app.demo.kit import PETUGAS, PINS, DemoDoor, DeviceTime, Hands
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.outreach.files import write_list
from fieldkit.app.demo.people import DISTRICT, REGION, VILLAGE, Resident
from fieldkit.app.demo.robot import Robot
from fieldkit.app.demo.world import Devices, World
from fieldkit.domain.people import Slip
from fieldkit.services.context.set_up import SetUpStep
from sync.gateway import provision
from ui.presenters.amounts import day_text
from ui.presenters.form import FormPresenter
from ui.presenters.home.first_start import AGAIN, CODE, LANGUAGE, NAME, SLIP, FirstStartPresenter
from ui.presenters.home.home import HomePresenter
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.lists import ListPresenter
from ui.presenters.parts import Stage
from ui.presenters.settings.settings import SettingsPresenter
from ui.presenters.targets.import_targets import ImportTargetsPresenter
from ui.runtime.navigation import Page
from ui.runtime.typist import Typist
from ui.views.home.home import FirstStartWindow

PACKAGE = Path(__file__).parents[2] / "packaging" / "debian" / "kit"
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


def do_what_is_missing(hands: Hands, step: SetUpStep) -> None:
    """Go from its line on Beranda to where a step of the set-up is done."""
    home = hands.arrive(HomePresenter)
    hands.wait("lines", lambda: bool(home.state.duties and home.state.duties.count))
    hands.press_until("Down", lambda: home._selected == f"set_up-{step.value}")
    hands.typist.press("Return")


def trust_provider(hands: Hands, certificate: Path) -> None:
    """Name the file, compare the fingerprint that it shows, save it."""
    do_what_is_missing(hands, SetUpStep.PROVIDERS)
    hands.wait("providers", lambda: hands.application.screen == "settings")
    settings = hands.arrive(SettingsPresenter)
    Clerk(hands.application, hands.pictures).fill_in({"pengaturan.provider": str(certificate)})
    hands.typist.press("Return")
    hands.wait("fingerprint", lambda: len(facts_of(settings)) > 1)
    assert not hands.context.set_up.providers.listed()
    hands.typist.press("Return")
    hands.wait("trusted", lambda: bool(hands.context.set_up.providers.listed()))
    hands.press_until("Esc", lambda: isinstance(hands.front(), HomePresenter))


def facts_of(settings: SettingsPresenter) -> tuple[object, ...]:
    return next(field.facts for field in settings.state.fields if field.name == "found")


def add_petugas(hands: Hands) -> None:
    """Go from the line on Beranda to the accounts and add who records."""
    do_what_is_missing(hands, SetUpStep.USERS)
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
    hands.press_until("Esc", lambda: isinstance(hands.front(), HomePresenter))


def begin_day(hands: Hands, residents: list[Resident], folder: Path) -> ListPresenter[object]:
    """Write down the letter of a desa and take over its list; leave the cursor on the first person."""
    clerk = Clerk(hands.application, hands.pictures)
    clerk.arrive(HomePresenter)
    clerk.do("show_activities")
    clerk.arrive_at("activities")
    clerk.do("new_request")
    form = clerk.arrive(FormPresenter)
    clerk.wait("fields", lambda: bool(form.state.fields))
    texts = {"sender": f"Desa {VILLAGE.title()}", "number": "470/12/2026", "village": VILLAGE.title()}
    texts |= {"district": DISTRICT.title(), "region": REGION, "on": day_text(clerk.context.clock.today())}
    clerk.fill_in({f"request.{name}": text for name, text in texts.items()})
    clerk.pick("sop", "blitar_si_jaran_ijo")  # none of the five is of this dinas
    clerk.do("accept")
    clerk.arrive_at("activities")
    clerk.press_until("Esc", lambda: isinstance(clerk.front(), HomePresenter))
    clerk.arrive(HomePresenter)
    clerk.do("record")
    targets = clerk.arrive_at("targets")
    clerk.do("import_targets")
    clerk.arrive(ImportTargetsPresenter)
    clerk.typist.type(str(write_list(folder / "daftar-sasaran.xlsx", residents)))
    clerk.do("accept")
    clerk.wait("rows", lambda: bool(clerk.front().state.rows.count))
    clerk.do("accept")
    clerk.arrive_at("targets")
    clerk.wait("people", lambda: targets.state.rows.count == len(residents))
    return targets


def fetch(hands: Hands) -> None:
    """Press Ambil dari kantor at the empty queue and wait for the end of the run."""
    sending = hands.application.program.signed_in().sending
    runs = sending.runs
    Clerk(hands.application, hands.pictures).do("send")
    hands.wait("end of a run", lambda: sending.runs > runs and not sending.is_running)


def take_day_of_office(hands: Hands, office: Path, residents: list[Resident]) -> None:
    """Let the office send an activity with its list, once the kit has told it its key; find it on Beranda."""
    hands.press_until("Esc", lambda: isinstance(hands.front(), HomePresenter))
    hands.arrive(HomePresenter)
    hands.typist.press("3")
    hands.arrive_at("queue")
    fetch(hands)
    day = ("--activity", "Sekolah", "--place", "SMAN 1", "--date", f"{hands.context.clock.today()}", "--kit", "K31")
    sheet = write_list(office / "sekolah.xlsx", residents)
    fieldkit("gateway", "publish", "--dir", office, "targets", sheet, "--name", "sekolah", *day)
    fetch(hands)
    hands.press_until("Esc", lambda: isinstance(hands.front(), HomePresenter))
    hands.arrive(HomePresenter)
    hands.typist.press("6")
    activities = hands.arrive_at("activities")
    hands.wait("both", lambda: activities.state.rows.count == 2)


class OwnTrust(DemoDoor):
    """Simulated devices at a kit that believes only the providers whom its own admin trusted."""

    def __init__(self, home: Home, devices: Devices, residents: list[Resident], spent: DeviceTime) -> None:
        super().__init__(home, devices, residents, spent)
        self._devices_of = lambda trust: connect_devices(trust, home.clock(), devices.addresses)


def test_the_icon_opens_the_wizard_on_a_laptop_without_a_kit(
    qtbot: QtBot, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    entry = RawConfigParser(delimiters=("=",))
    entry.read(PACKAGE / "fieldkit.desktop", "utf-8")
    program, *words = shlex.split(entry["Desktop Entry"]["Exec"])
    linked = re.search(rf"--install {program} \S+ (\S+)", (PACKAGE / "postinst").read_text("utf-8"))
    assert linked
    assert linked[1].endswith("/fieldkit")
    assert (PACKAGE / "fieldkit").read_text("utf-8").endswith(' -m fieldkit "$@"\n')
    opened: list[Page] = []

    def look(window: FirstStartWindow) -> bool:
        window.shell.show()
        opened.append(window.shell.navigation.page)
        window.tasks.shutdown()
        window.shell.close()
        return False

    for name in ("FIELDKIT_HOME", "FIELDKIT_LANG"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("DISPLAY", ":0")
    monkeypatch.setattr(FirstStartWindow, "exec", look)
    monkeypatch.setattr(core_dumps, "forbid", lambda: None)  # neither can be taken back in this process
    monkeypatch.setattr(gc, "disable", lambda: None)  # it would hold for all tests that follow
    monkeypatch.setattr(sys, "argv", [program, *words])
    with pytest.raises(SystemExit) as left:
        main()
    (page,) = opened
    assert left.value.code == 0
    assert isinstance(page.presenter, FirstStartPresenter)
    assert not any(tmp_path.iterdir()), "nothing was made yet"


@pytest.fixture
def home(tmp_path: Path) -> Home:
    return Home(tmp_path / "kit")


def test_a_laptop_becomes_a_kit_whose_petugas_has_lists(qtbot: QtBot, home: Home, tmp_path: Path) -> None:
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
            hands.typist.press("F10")
            enter(hands, PETUGAS.user_id, PETUGAS_SECRET)
            assert (hands.context.user.name, hands.context.kit_id) == ("Rina Wulandari", "K31")
            (resident,) = residents = people(1)
            targets = begin_day(hands, residents, tmp_path)
            assert targets.state.rows.row(0).cells[1].words == resident.biodata.name
            take_day_of_office(hands, office.folder, residents)
        finally:
            application.close()
            kit.leave()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    with World(tmp_path / "world", 1) as world:
        yield world


@pytest.mark.days
def test_the_first_record_is_sealed(qtbot: QtBot, home: Home, world: World, tmp_path: Path) -> None:
    residents, spent = people(1), DeviceTime()
    first_start(home, slip_of(world.data_center.folder, world.url))
    door = OwnTrust(home, world.devices, residents, spent)
    application = open_window(door, home.path, tmp_path / "papers", "id")
    try:
        application.shell.show()
        robot = Robot(application, tmp_path / "out" / "pictures", spent)
        enter(robot, "ani", ADMIN_SECRET)
        add_petugas(robot)
        trust_provider(robot, world.devices.trust)
        robot.typist.press("F10")
        enter(robot, PETUGAS.user_id, PETUGAS_SECRET)
        begin_day(robot, residents, tmp_path)
        record_id, _ = robot.record(residents[0])
        assert [entry.record.record_id for entry in robot.context.delivery.queue().entries] == [record_id]
        assert list(home.sealed.glob("*"))
    finally:
        application.close()
        door.leave()
