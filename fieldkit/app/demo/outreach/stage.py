"""Where an SOP is walked: data center, devices and signing service as processes and servers, a kit with nine accounts,
and the office's own set-up (letterhead, staff, sarpras, signing), as an admin of the dinas would have typed it in.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from datetime import time, timedelta
from pathlib import Path
from types import TracebackType

from drivers.simulators.bsre.authority import DemoSigner
from drivers.simulators.bsre.server import KEPALA_DINAS, SECRET, USER, SimulatedBsre
from fieldkit.app.bootstrap.devices import connect_devices
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit import LockedKit
from fieldkit.app.bootstrap.window import open_window
from fieldkit.app.demo.clock import ClockedHome, DemoClock
from fieldkit.app.demo.kit import (
    ADMIN,
    COUNTER,
    HEAD,
    KABID,
    KASI,
    LEAD,
    PETUGAS,
    PINS,
    PRINTER,
    STOREKEEPER,
    DemoDoor,
    DeviceTime,
    enrol,
)
from fieldkit.app.demo.outreach.clerk import Clerk
from fieldkit.app.demo.people import Resident
from fieldkit.app.demo.world import DINAS, World
from fieldkit.domain.cards.blanks import OFFICE
from fieldkit.domain.documents import Document
from fieldkit.domain.people import Kedudukan, Staff, User
from fieldkit.domain.sarpras import BLANKS, CRITICAL, Portion, SarprasItem, SarprasKind, SarprasKit
from fieldkit.domain.visits import Perekaman
from fieldkit.services.cards.keep_blanks import Blanks
from fieldkit.services.context.office import Office

_STAFF: tuple[tuple[User, str, str, str], ...] = (
    (HEAD, "196803121994031005", "Pembina Utama Muda (IV/c)", "Kepala Dinas"),
    (KABID, "197105201996032002", "Pembina (IV/a)", "Kepala Bidang Pelayanan Pendaftaran Penduduk"),
    (KASI, "198001172005011003", "Penata Tingkat I (III/d)", "Sub Koordinator Identitas Penduduk"),
    (LEAD, "198504092010012007", "Penata (III/c)", "Ketua Tim Perekaman"),
    (PETUGAS, "199212302019021004", "Pengatur (II/c)", "Petugas Perekaman"),
    (STOREKEEPER, "197909142006042001", "Penata Muda (III/a)", "Pengurus Barang"),
    (COUNTER, "199405172020122009", "Pengatur (II/c)", "Petugas Loket"),
    (PRINTER, "199108242019031006", "Pengatur (II/c)", "Operator Cetak"),
)
_LAP_TOP, _SCANNER = "1.3.2.10.01.02.002", "1.3.2.10.02.03.004"  # in the books of regional goods
_ITEMS: tuple[tuple[SarprasKind, str, str], ...] = (
    (SarprasKind.LAPTOP, "Laptop perekaman", "LPT-0007"),
    (SarprasKind.FINGERPRINT_SCANNER, "Pemindai sidik jari", ""),
    (SarprasKind.IRIS_CAMERA, "Kamera iris", ""),
    (SarprasKind.PHOTO_CAMERA, "Kamera foto", ""),
    (SarprasKind.SIGNATURE_PAD, "Signature pad", ""),
    (SarprasKind.CABLE, "Kabel USB cadangan", "KBL-0003"),
    (SarprasKind.BACKGROUND, "Kain latar merah dan biru", "KLT-0002"),
    (SarprasKind.VEHICLE, "Mobil layanan", "AG 1234 KP"),
)
_BOOKS = {  # kode barang, merk/tipe and year; borrowed or consumed things stand in no book
    SarprasKind.LAPTOP: (_LAP_TOP, "Simulasi L-14", 2024),
    SarprasKind.FINGERPRINT_SCANNER: (_SCANNER, "Simulasi FP-4", 2023),
}
_CHIEF = DemoSigner(KEPALA_DINAS.nik, KEPALA_DINAS.passphrase, HEAD.name)  # whom the letters name
_TAKEN_ALONG = 5  # of each consumable
_IN_STOCK = 60
_BOX = "BL-0101 – BL-0160"


@dataclass(frozen=True, slots=True)
class Dinas:
    """The office whose SOP is walked, as its letterhead names it. `code` is its own within a number."""

    regency: str
    city: str
    code: str


IN_BLITAR = Dinas("Kabupaten Blitar (demo)", "Blitar", "409.20")
IN_GROBOGAN = Dinas("Kabupaten Grobogan (demo)", "Purwodadi", "DKC")
IN_MADIUN = Dinas("Kabupaten Madiun (demo)", "Madiun", "402.113")


class Stage:
    """One SOP's world while the context is open; `clerk` works its window, `clock` is the world's."""

    def __init__(
        self,
        out: Path,
        seed: int,
        residents: Sequence[Resident],
        language: str,
        clock: DemoClock,
        dinas: Dinas,
        perekaman: Perekaman = Perekaman.KIT,
    ) -> None:
        self.out, self.residents, self.clock, self._dinas = out, residents, clock, dinas
        self.perekaman = perekaman
        self._seed, self._language = seed, language
        self._open = ExitStack()

    def __enter__(self) -> Stage:
        with ExitStack() as stack:
            self.bsre = stack.enter_context(
                SimulatedBsre((_CHIEF,), now=lambda: self.clock.now().replace(microsecond=0))
            )
            profile = {**DINAS, "regency": self._dinas.regency}
            self.world = stack.enter_context(World(self.out, self._seed, None, self.clock, profile))
            home = ClockedHome(self.out / "home", self.clock)
            enrol(home, self.world)
            self._set_up(home)
            self.spent = DeviceTime()
            door = DemoDoor(home, self.world.devices, self.residents, self.spent)
            stack.callback(door.leave)
            application = open_window(door, home.path, self.out / "papers", self._language)
            stack.callback(application.close)
            application.shell.show()
            self.clerk = Clerk(application, self.out / "screenshots")
            self._open = stack.pop_all()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._open.close()

    def at(self, hour: str) -> None:
        """Let it be this hour of the day ("08:30"), if it is not later yet."""
        self.clock.wait_until(time.fromisoformat(hour))

    def on_planned_day(self, hour: str) -> None:
        """Let it be this hour of the first day that was planned."""
        plan = self.clerk.context.office.planning.plan(self.clerk.activity_id)
        assert plan is not None
        self.clock.wait_until(time.fromisoformat(hour), plan.days[0])

    def on_next_workday(self, hour: str) -> None:
        """Let it be this hour of the office's next working day."""
        calendar = self.clerk.context.office.calendar.calendar()
        self.clock.wait_until(time.fromisoformat(hour), calendar.next_workday(self.clock.today()))

    def minutes_pass(self, count: int) -> None:
        """Let people take their time for something that is no key of the program."""
        self.clock.pass_by(timedelta(minutes=count))

    def _set_up(self, home: Home) -> None:
        kit = LockedKit(home, lambda trust: connect_devices(trust, self.clock, is_watching=False))
        try:
            office = kit.unlock(ADMIN.user_id, PINS[ADMIN.user_id]).office
            head = _introduce_staff(office)
            ours = replace(office.letterhead.read(), city=self._dinas.city, code=self._dinas.code, head=head)
            office.letterhead.edit(ours)
            _fill_store_room(office)
            setup = office.signing_setup
            setup.set_service(self.bsre.url, USER, SECRET, self.bsre.tls_pem)
            setup.set_trust(self.bsre.ca_pem)
            setup.set_nik(HEAD.user_id, KEPALA_DINAS.nik)
            kit.leave()
            blanks = kit.unlock(PRINTER.user_id, PINS[PRINTER.user_id]).office.blanks
            blanks.receive(Blanks(Document.KTP_EL, _BOX), OFFICE, "Kotak 0117 (contoh)")
        finally:
            kit.leave()


def _introduce_staff(office: Office) -> str:
    """Write everybody down and return the head's id."""
    staff = (Staff("", user.name, nip, rank, post, user.user_id) for user, nip, rank, post in _STAFF)
    heads = {HEAD.user_id: Kedudukan.KEPALA_DINAS}
    kept = [office.staff.save(replace(each, kedudukan=heads.get(each.user_id))) for each in staff]
    return kept[0].thing_id


def _fill_store_room(office: Office) -> None:
    store = office.inventory
    items = []
    for number, (kind, name, serial) in enumerate(_ITEMS, 1):
        item = SarprasItem(store.new_id(), kind, name, serial, f"{number:04}", is_critical=kind in CRITICAL)
        code, model, acquired = _BOOKS.get(kind, ("", "", None))
        items.append(store.keep_item(replace(item, goods_code=code, model=model, acquired=acquired)))
    consumables = store.begin_with_usual()
    for consumable in consumables:
        store.restock(consumable.thing_id, _IN_STOCK)
    portions = tuple(Portion(name, _TAKEN_ALONG) for name in (*(each.thing_id for each in consumables), BLANKS))
    store.keep_kit(SarprasKit(store.new_id(), "Kit 1", tuple(item.thing_id for item in items), portions))


# A script: for each step of an SOP, what people do at the screens until that step is over.

Step = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Script:
    """Steps by their number in the SOP, in the order in which they are walked, and whose SOP it is."""

    sop_id: str
    dinas: Dinas
    steps: Mapping[int, Step]
    records: bool = True  # people are recorded in it
