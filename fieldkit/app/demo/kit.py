"""The demo kit: enrolled like any other, with demo users, an outreach day, and devices that know who is recorded."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any, TypeVar

from fieldkit.app.bootstrap.devices import connect_devices
from fieldkit.app.bootstrap.enrolment import NewUser, add_users, enrol_kit
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import DEMO_PASSPHRASE, LockedKit
from fieldkit.app.demo.people import DISTRICT, VILLAGE, Resident
from fieldkit.app.demo.world import Devices, World, present_words
from fieldkit.domain.errors import KnownError
from fieldkit.domain.people import Role, Slip, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, Target
from fieldkit.domain.recording.biodata import background_for
from fieldkit.domain.recording.capture import Sample, StepKind
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.domain.recording.session import CaptureSession
from fieldkit.ports.delivery import SyncReport
from fieldkit.ports.devices import Cancel, CaptureResult, PreviewSink, SignaturePad, StrokeSink
from fieldkit.ports.recording import SampleInspector
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording.capture import Capture, Captured
from fieldkit.services.recording.run_session import RunSession
from fieldkit.vault.keyslots import Hardness, OpenSlot
from sync.gateway import provision
from ui.presenters.lists import ListPresenter
from ui.presenters.parts import Stage, ViewState
from ui.presenters.presenter import Presenter
from ui.runtime.typist import Typist, grab
from ui.views.window.window import Application

# The hands and eyes of a scripted person: keys into a window, looks at what its screens show, pictures of them.

_PATIENCE_S = 30.0
P = TypeVar("P", bound=Presenter[Any])


class Hands:
    """Works the window by keyboard. Raise `KnownError("demo.stuck")` where a screen does not come."""

    def __init__(self, application: Application, pictures: Path) -> None:
        self.application, self.pictures = application, pictures
        self.typist = Typist(application.shell)
        self.screenshots: list[Path] = []
        self.picture_seconds = 0.0  # taking pictures is the demo's own work, not the program's
        pictures.mkdir(parents=True, exist_ok=True)

    @property
    def keystrokes(self) -> int:
        """Return how many keys were pressed so far."""
        return self.typist.keystrokes

    @property
    def context(self) -> AppContext:
        """Return the context of who is signed in."""
        return self.application.program.signed_in().context

    def front(self) -> Presenter[Any]:
        """Return the presenter of the screen in front. Raise `KeyboardInterrupt` when somebody pressed Ctrl-C."""
        if self.application.shell.navigation.page is None:  # it closed the window under these hands
            raise KeyboardInterrupt
        return self.application.presenter

    def arrive(self, kind: type[P]) -> P:
        """Wait until a screen of this kind stands in front with its content."""

        def is_there() -> bool:
            state = self.front().state
            is_ready = not isinstance(state, ViewState) or state.stage in (Stage.CONTENT, Stage.EMPTY)
            return isinstance(self.front(), kind) and is_ready

        self.wait(kind.__name__, is_there)
        front = self.front()
        assert isinstance(front, kind)
        return front

    def arrive_at(self, screen: str) -> ListPresenter[Any]:
        """Wait until the list of this name stands in front with its content."""
        self.wait(screen, lambda: self.application.screen == screen)
        return self.arrive(ListPresenter)

    def press_until(self, key: str, is_so: Callable[[], bool]) -> None:
        """Press a key again and again until something is so."""
        for _ in range(12):
            if is_so():
                return
            self.typist.press(key)
            self.typist.wait_until(is_so, 0.4)
        self.fail(key)

    def wait(self, what: str, is_so: Callable[[], bool]) -> None:
        """Serve the window until something is so."""

        def is_so_or_broken() -> bool:
            self.front()
            return bool(self.application.bugs) or is_so()

        if not self.typist.wait_until(is_so_or_broken, _PATIENCE_S):
            self.fail(what)
        if self.application.bugs:
            raise self.application.bugs[0]

    def fail(self, what: str) -> None:
        """Give up with a picture of where it got stuck."""
        self.shoot("macet")
        raise KnownError("demo.stuck", screen=type(self.front()).__name__, what=what)

    def shoot(self, name: str, settle_s: float = 0.0, until: Callable[[], bool] = lambda: False) -> None:
        """Take a picture, once per name, when `until` is so or `settle_s` went by.

        Its number tells the order, also of others who work at this window.
        """
        if any(path.stem.partition("-")[2] == name for path in self.screenshots):
            return
        path = self.pictures / f"{len(list(self.pictures.glob('*.png'))) + 1:03}-{name}.png"
        begun = time.monotonic()
        self.typist.wait_until(until, settle_s)
        grab(self.application.shell, path)
        self.screenshots.append(path)
        self.picture_seconds += time.monotonic() - begun


KIT = "K07"
PETUGAS = User("petugas", "Petugas A (demo)", Role.PETUGAS_PEREKAMAN)
LEAD = User("ketua", "Ketua Tim B (demo)", Role.KETUA_TIM)
ADMIN = User("admin", "Admin Dinas (demo)", Role.ADMIN_DINAS)
KASI = User("kasi", "Kasi C (demo)", Role.KASI)
KABID = User("kabid", "Kabid D (demo)", Role.KABID)
HEAD = User("kepala", "Kepala Dinas E (demo)", Role.KEPALA_DINAS)
STOREKEEPER = User("pengurus", "Pengurus Barang F (demo)", Role.PENGURUS_BARANG)
COUNTER = User("loket", "Petugas Loket G (demo)", Role.LOKET)
PRINTER = User("cetak", "Operator Cetak H (demo)", Role.OPERATOR_CETAK)
OFFICE = (KASI, KABID, HEAD, STOREKEEPER, COUNTER, PRINTER)
PINS = {
    PETUGAS.user_id: "246810",
    LEAD.user_id: "135791",
    ADMIN.user_id: "102938",
    KASI.user_id: "314159",
    KABID.user_id: "271828",
    HEAD.user_id: "161803",
    STOREKEEPER.user_id: "141421",
    COUNTER.user_id: "173205",
    PRINTER.user_id: "223606",
}
# Their PINs stand on the sign-in screen; six more slots as hard as real ones would only take seconds of every demo.
_EASY = Hardness(memory_kib=16 * 1024, iterations=1, lanes=1)
ACTIVITY = "demo-jimbe"


@dataclass(slots=True)
class DeviceTime:
    """How long devices and persons took, in seconds: what is not the program's own time."""

    seconds: float = 0.0
    sync_reports: list[SyncReport] = field(default_factory=list)

    @contextmanager
    def counted(self) -> Iterator[None]:
        """Count what happens inside."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds += time.monotonic() - begun

    @contextmanager
    def without(self) -> Iterator[None]:
        """Leave out what the program does itself inside of what is counted."""
        begun = time.monotonic()
        try:
            yield
        finally:
            self.seconds -= time.monotonic() - begun


def enrol(home: Home, world: World) -> None:
    """Enrol the kit with the demo users, nine accounts of nine roles."""
    slip = provision.enrol_code(world.data_center.folder, world.url, KIT, ADMIN.user_id, world.clock)
    enrol_kit(home, Slip(slip.url, slip.code, slip.ca_fingerprint), _new(ADMIN))
    add_users(home, ADMIN.user_id, _new(ADMIN).passphrase, tuple(map(_new, (PETUGAS, LEAD))))
    add_users(home, ADMIN.user_id, _new(ADMIN).passphrase, tuple(map(_new, OFFICE)), _EASY)
    home.write_public(replace(home.read_public(), demo_pins=PINS))


def prepare(home: Home, world: World, residents: Sequence[Resident]) -> None:
    """Enrol the kit with the demo users and lay the outreach day in; a prepared home stays as it is."""
    if home.is_enrolled:
        return
    enrol(home, world)
    clock = world.clock
    kit = LockedKit(home, lambda trust: connect_devices(trust, clock, is_watching=False))
    try:
        context = kit.unlock(PETUGAS.user_id, PINS[PETUGAS.user_id])
        activity = Activity(
            activity_id=ACTIVITY,
            name=f"Jemput bola Desa {VILLAGE.title()}, {DISTRICT.title()}",
            place=f"Desa {VILLAGE.title()}",
            on=clock.today(),
            mode=ModePerekaman.LURING,
            surat_tugas=f"sementara {KIT}-0001",
            sop="blitar_si_jaran_ijo",
        )
        context.visits.take_over(activity, [_target(number, person) for number, person in enumerate(residents, 1)])
        context.office.sop.begin(ACTIVITY, activity.sop)
    finally:
        kit.leave()


def _new(user: User) -> NewUser:
    pin = PINS[user.user_id]
    return NewUser(user, DEMO_PASSPHRASE.format(pin=pin), pin)


def _target(house: int, resident: Resident) -> Target:
    return Target(f"{ACTIVITY}-{house:03d}", ACTIVITY, house, resident.biodata, resident.category)


class DemoDoor(LockedKit):
    """A kit whose simulated devices see the person that is recorded, and that notes how long devices took."""

    def __init__(self, home: Home, devices: Devices, residents: Sequence[Resident], spent: DeviceTime) -> None:
        self._simulated, self._spent = devices, spent
        self._by_nik = {person.biodata.nik.digits: person for person in residents}
        clock = home.clock()
        super().__init__(home, lambda _trust: connect_devices(devices.trust, clock, devices.addresses), clock)

    def _enter(self, opened: OpenSlot, code: str = "") -> AppContext:
        """Open the kit like any other, with a second factor or without."""
        context = super()._enter(opened, code)
        return replace(
            context,
            recording=_PresentingSession(context.recording, lambda s: self._present(context, s), self._spent),
            capture=_TimedCapture(context.capture, self._spent),
        )

    def _present(self, context: AppContext, session: CaptureSession) -> None:
        who = context.visits.target(session.target_id).biodata
        resident = self._by_nik.get(who.nik.digits)
        if resident is None:
            self._simulated.say("nobody")
            self._simulated.say("card", "out")
            return
        background = background_for(who.birth_date, who.citizenship).value
        self._simulated.say(*present_words(resident.who, background, resident.marks))
        # Without a virtual reader here the line answers so, and the reader stays listed as absent.
        self._simulated.say("card", "in")

    def _note_sync(self, report: SyncReport) -> None:
        super()._note_sync(report)
        self._spent.sync_reports.append(report)


class _PresentingSession(RunSession):
    """Puts the person in front of the devices when a recording is opened."""

    def __init__(self, inner: RunSession, present: Callable[[CaptureSession], None], spent: DeviceTime) -> None:
        vars(self).update(vars(inner))
        self._present, self._spent = present, spent

    def open(self, target_id: str) -> CaptureSession:
        """Open as ever, then present; that a person comes is not the program's own time."""
        session = super().open(target_id)
        with self._spent.counted():
            self._present(session)
        return session


class _OwnTime:
    """Inspects samples as ever; the time of it is the program's own, though a capture is under way."""

    def __init__(self, inner: SampleInspector, spent: DeviceTime) -> None:
        self._inner, self._spent = inner, spent

    def prepare(self) -> None:
        """Prepare as ever."""
        self._inner.prepare()

    def inspect(self, result: CaptureResult, known: Sequence[Sample] = ()) -> CaptureResult:
        """Inspect as ever."""
        with self._spent.without():
            return self._inner.inspect(result, known)


class _TimedCapture(Capture):
    """Adds up the time that devices and persons take."""

    def __init__(self, inner: Capture, spent: DeviceTime) -> None:
        vars(self).update(vars(inner))
        self._spent = spent
        self._inspector = _OwnTime(self._inspector, spent)

    def take(
        self, session: CaptureSession, step: StepKind, preview: PreviewSink, cancel: Cancel, timeout_ms: int = 10_000
    ) -> Captured:
        """Capture as ever."""
        with self._spent.counted():
            return super().take(session, step, preview, cancel, timeout_ms)

    def probe(
        self, position: Position, preview: PreviewSink, cancel: Cancel, timeout_ms: int = 10_000
    ) -> CaptureResult:
        """Capture one finger as ever."""
        with self._spent.counted():
            return super().probe(position, preview, cancel, timeout_ms)

    def sign(self, step: StepKind, ink: StrokeSink, cancel: Cancel, screen: SignaturePad | None = None) -> Captured:
        """Let sign as ever."""
        with self._spent.counted():
            return super().sign(step, ink, cancel, screen)

    def _known(self, session: CaptureSession, modality: Modality) -> tuple[Sample, ...]:
        """Read what was kept as ever; the device has answered by then, and somebody waits for the program."""
        with self._spent.without():
            return super()._known(session, modality)
