"""Enrolled kits of a real gateway over TLS, with key slots that open fast."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from pathlib import Path

import pytest
from support.kept import biodata
from support.room import PETUGAS
from support.samples import captured

from fieldkit.app.bootstrap.clock import WIB, SystemClock
from fieldkit.app.bootstrap.devices import Addresses, KitDevices, connect_devices
from fieldkit.app.bootstrap.enrolment import NewUser, Slip, add_user, enrol_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.domain.delivery import QueueEntry
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, ServiceCategory, Target
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.capture import CAPTURED_AT
from fieldkit.ports.delivery import SyncProgress
from fieldkit.services.context.app_context import AppContext
from fieldkit.vault.keyslots import Hardness
from sync.gateway import provision
from sync.gateway.server import GatewayServer, gateway_server

FAST = Hardness(64, 1, 1)
ADMIN = User("admin", "Admin Dinas", Role.ADMIN_DINAS)
PASSPHRASE, PIN = "sawah hijau subuh", "246813"
CLOCK = SystemClock(WIB)
NOWHERE = Addresses({}, frozenset({"sbi", "opencv", "topaz", "pcsc"}))


class Office:
    """A gateway that serves, and slips for kits."""

    def __init__(self, folder: Path, server: GatewayServer) -> None:
        self.folder, self.server, self.url, self._numbers = folder, server, server.url, count(1)

    def slip(self, kit: str = "", admin: str = ADMIN.user_id) -> Slip:
        name = kit or f"K{next(self._numbers):02d}"
        made = provision.enrol_code(self.folder, self.url, name, admin, CLOCK)
        return Slip(made.url, made.code, made.ca_fingerprint)

    def kit(self, path: Path, *users: User) -> Home:
        """Enrol a kit with its admin and these users; everybody has the same passphrase and PIN."""
        home = Home(path)
        enrol_kit(home, self.slip(), new(ADMIN), FAST)
        for user in users:
            add_user(home, ADMIN.user_id, PASSPHRASE, new(user), FAST)
        return home


def new(user: User, passphrase: str = PASSPHRASE, pin: str = PIN) -> NewUser:
    return NewUser(user, passphrase, pin)


@contextmanager
def open_office(folder: Path, **limits: int) -> Iterator[Office]:
    """Open an office in a new folder; `limits` are those that differ from what the program has."""
    provision.init(folder, {"dinas": "Dinas Uji", "zone": "WITA"}, ["127.0.0.1", "localhost"], CLOCK, "trial")
    if limits:
        settings = folder / provision.SETTINGS
        settings.write_text(json.dumps({**json.loads(settings.read_text()), "limits": limits}))
    server = gateway_server(folder, CLOCK)
    server.start()
    try:
        yield Office(folder, server)
    finally:
        server.stop()


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Office]:
    with open_office(tmp_path_factory.mktemp("office") / "gateway") as made:
        yield made


class Repository:
    """Connects a kit without any device and knows whether it was let go of."""

    def __init__(self) -> None:
        self.lent = 0

    def __call__(self, trust: Path) -> KitDevices:
        devices = connect_devices(trust, CLOCK, NOWHERE, is_watching=False)
        self.lent += 1

        def give_back() -> None:
            self.lent -= 1
            devices.close()

        return replace(devices, close=give_back)


@contextmanager
def opened(
    home: Home,
    user: User = PETUGAS,
    devices: Callable[[Path], KitDevices] | None = None,
    passphrase: str = PASSPHRASE,
) -> Iterator[AppContext]:
    """Sign in for a block."""
    kit = LockedKit(home, devices or Repository())
    try:
        yield kit.unlock(user.user_id, passphrase)
    finally:
        kit.leave()


def record(context: AppContext, who: Biodata | None = None, house: int = 1) -> QueueEntry:
    """Plan, record and seal a person at a context; the test plays every device."""
    return context.sealing.seal(planned(context, who, house))


def planned(context: AppContext, who: Biodata | None, house: int, during: Callable[[], None] = lambda: None) -> str:
    """Plan a person and record up to the seal; return the id of the recording. `during` is called in its middle."""
    person = who or biodata()
    day = context.clock.today()
    activity = Activity("act-1", "Jemput bola", "Desa Jimbe", day, ModePerekaman.LURING, "ST/1", "sop")
    target = Target(f"t{house}", "act-1", house, person, ServiceCategory.UMUM)
    context.visits.take_over(activity, [target])
    session_id = context.recording.open(target.target_id).session_id
    context.recording.give_notice(session_id, "id")
    context.recording.confirm_biodata(session_id, person)
    for step, positions in CAPTURED_AT.items():
        context.recording.keep_attempt(session_id, step, "Device 1", positions, captured(dict.fromkeys(positions, 80)))
        context.recording.accept(session_id, step)
    during()
    context.recording.verify_indexes(session_id)
    context.recording.review(session_id)
    return session_id


class Nobody:
    """Watches nothing and cancels nothing."""

    def offer(self, progress: SyncProgress) -> None: ...

    def is_cancelled(self) -> bool:
        return False
