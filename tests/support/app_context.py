"""An application context over a real encrypted store, with a data center and devices that do what the test wants."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

from support.accounts import ListedAccounts, set_up_of
from support.again import NikByRote, NobodyElse
from support.care import NothingWrong
from support.clock import NOW, HandClock
from support.credentials import credential_of
from support.kept import MISINEM
from support.laptop_check import PresetCheck
from support.laptops import sealer
from support.sticks import Courier, ListedSticks
from support.walk_through import WalkThrough

from drivers.pcsc.ktp_el import KtpElFiles, NoSam
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.office_parts import LaptopBench, OfficeParts, open_office
from fieldkit.app.bootstrap.sop_profiles import SopFolder
from fieldkit.documents.letters import TypstLetters, TypstSheets
from fieldkit.domain.delivery import CentralStatus, SealedRecord
from fieldkit.domain.errors import VaultError
from fieldkit.domain.nik import MaritalStatus, Nik, Sex
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Activity, ModePerekaman, ServiceCategory, Target, TargetState
from fieldkit.domain.recording.record import ChainLink
from fieldkit.domain.sarpras import LaptopReading
from fieldkit.domain.trusted_time import ClockVerdict
from fieldkit.formats.pictures import RecordPictures
from fieldkit.formats.rules import is_known_region, load_policy, load_tables
from fieldkit.formats.signature import StrokeCodec
from fieldkit.ports.delivery import Credential, StatusReceived
from fieldkit.ports.devices import (
    Device,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotConnectedError,
)
from fieldkit.ports.repositories import Choice, choice_of
from fieldkit.quality.inspection import score_signature
from fieldkit.services.context.app_context import AppContext, DoorSign
from fieldkit.services.delivery.check_store import BackUp, CheckAudit, CheckStore
from fieldkit.services.delivery.deliver import CarryRecords, Deliver, VouchRecords
from fieldkit.services.delivery.keep_time import KeepTime
from fieldkit.services.devices import ChooseDevice, SelfTest
from fieldkit.services.home import ListLeft
from fieldkit.services.letters.print_papers import Archive, PrintPapers
from fieldkit.services.people.keep_accounts import KeepAccounts, KeepSecondFactor, UnlockByFinger
from fieldkit.services.recording.capture import Capture
from fieldkit.services.recording.find_again import FindAgain
from fieldkit.services.recording.run_session import CardTools, CheckCard, RunSession
from fieldkit.services.recording.seal_record import SealingTools, SealRecord
from fieldkit.services.unit_of_work import KeepDrafts, UnitsOfWork
from fieldkit.services.visits.plan_visits import PlanVisits
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.storage.store import open_store
from fieldkit.vault.certificates import create_ca
from fieldkit.vault.one_time_codes import TotpCodes

TODAY = date(2026, 11, 21)
PETUGAS = User("u1", "Rina Wulandari", Role.PETUGAS_PEREKAMAN)
KETUA = User("u2", "Bagus Santoso", Role.KETUA_TIM)
PENGURUS = User("u3", "Sri Handayani", Role.PENGURUS_BARANG)
ACTIVITY = Activity(
    "a1",
    "Jemput bola Desa Jimbe, Kademangan",
    "Desa Jimbe",
    TODAY,
    ModePerekaman.LURING,
    "K07-0031",
    "si_jaran_ijo",
)
DINAS = {
    "dinas": "Dinas Kependudukan dan Pencatatan Sipil",
    "regency": "Kabupaten Blitar",
    "address": "Jalan Contoh Nomor 1, Kanigoro",
    "contact": "disdukcapil@example.go.id",
    "city": "Blitar",
    "code": "409.12",
}
PIN = "270845"
AUTHORITY = create_ca("Dispendukcapil Kabupaten Blitar", NOW)
PASSPHRASE = "sawah hijau subuh"


class ListedDevices:
    """A `Registry` over a list that the test writes."""

    def __init__(self) -> None:
        self.listed: tuple[DeviceStatus, ...] = tuple(map(ready, list(DeviceKind)[:4]))
        self.scans = 0
        self.there: dict[DeviceKind, Device] = {}  # what answers when a device is asked for
        self.chosen: dict[DeviceKind, Choice] = {}
        self.listeners: list[Callable[[], None]] = []

    def scan(self) -> Sequence[DeviceStatus]:
        self.scans += 1
        return self.listed

    def statuses(self) -> Iterator[DeviceStatus]:
        return iter(self.listed)

    def listen(self, heard: Callable[[], None]) -> Callable[[], None]:
        self.listeners.append(heard)
        return lambda: self.listeners.remove(heard)

    def device_for(self, kind: DeviceKind) -> Device:
        if kind not in self.there:
            raise NotConnectedError("device.not_connected", address=kind.value)
        return self.there[kind]

    def device(self, status: DeviceStatus) -> Device:
        return self.device_for(status.kind)

    def choose(self, status: DeviceStatus) -> None:
        self.chosen[status.kind] = choice_of(status)

    def choices(self) -> Mapping[DeviceKind, Choice]:
        return self.chosen

    def restore(self, choices: Mapping[DeviceKind, Choice]) -> None:
        self.chosen |= choices


def ready(kind: DeviceKind) -> DeviceStatus:
    identity = DeviceIdentity("Suprema", f"BioMini {kind.value}", f"SN-{kind.value[:3].upper()}-20817", "1.4")
    return DeviceStatus("sbi", "http://127.0.0.1:4501", kind, DeviceState.READY, identity, is_simulated=True)


def absent(kind: DeviceKind) -> DeviceStatus:
    return DeviceStatus(
        "topaz", "/dev/ttyUSB0", kind, DeviceState.ABSENT, None, "device.not_connected", {"address": "/dev/ttyUSB0"}
    )


class PresetLaptop:
    """A `Laptop` whose gauges the test sets."""

    def __init__(self, clock: HandClock) -> None:
        self._clock = clock
        self.battery_percent: int | None = 96
        self.is_plugged: bool | None = False
        self.free_bytes: int | None = 212 * 1024**3
        self.clock_skew_s: float | None = 0.4

    def read(self) -> LaptopReading:
        return LaptopReading(
            self._clock.now(), self.battery_percent, self.is_plugged, self.free_bytes, self.clock_skew_s
        )


class Kit:
    """The application context and everything behind it that a test may touch."""

    sop_folder: Path | None = None  # of a dinas; asked when a context is made

    def __init__(
        self, folder: Path, user: User = PETUGAS, accounts: Sequence[User] = (PETUGAS, KETUA, PENGURUS)
    ) -> None:
        """`accounts` are who may sign in; what is kept names the first three people in any case."""
        self.clock, self.devices = HandClock(), ListedDevices()
        self._ids = UuidV7(self.clock)
        self.store = open_store(folder / "kit.db", b"k" * 32, "KIT-07", self.clock, self._ids)
        self._files = FolderOfSealedFiles(folder / "sealed")
        self.outbox = SqlOutbox(self.store, self._files, self.clock)
        self.center = WalkThrough(self.outbox, self.clock)
        with self.store.write() as unit:
            for account in (PETUGAS, KETUA, PENGURUS):
                unit.save_user(account)
        self.laptop = PresetLaptop(self.clock)
        self.sticks = ListedSticks(self.clock)
        self.courier = Courier()
        self.accounts = ListedAccounts(accounts)
        self.trust = folder / "trust"
        self.context = self.context_of(user)

    def close(self, *_: object) -> None:
        self.store.close()

    def __enter__(self) -> Kit:
        return self

    __exit__ = close

    def context_of(self, user: User) -> AppContext:
        """Return the context of another user of this kit."""
        policy, tables, nik_key, ids = load_policy(), load_tables(), NikByRote(), self._ids
        signatures, letters = StrokeCodec(score_signature), TypstLetters()
        time = KeepTime(self.store, self.clock, user)
        time.begin()
        unused = SealingTools(None, None, None, self._files, nik_key, None, time)  # no test of this room seals
        units = UnitsOfWork(self.store, self.clock, ids, user)
        office = open_office(
            OfficeParts(
                *(self.store, self.clock, ids, user, "KIT-07", letters, DINAS, self.devices, RecordPictures()),
                *(signatures, self.laptop.read, self.outbox, nik_key, sealer("KIT-07", user)),
                *(credential_of(AUTHORITY, user), LaptopBench(self.clock), SopFolder(self.sop_folder)),
            )
        )
        return AppContext(
            user=user,
            kit_id="KIT-07",
            kit_certificate=b"",
            dinas="Dispendukcapil Kabupaten Blitar",
            clock=self.clock,
            policy=policy,
            tables=tables,
            registry=self.devices,
            signatures=signatures,
            pictures=RecordPictures(),
            visits=PlanVisits(units, is_known_region),
            recording=RunSession(self.store, self.clock, ids, credential_of(AUTHORITY, user), policy, tables, nik_key),
            capture=Capture(self.devices, None, None, signatures, self.clock, ids),
            sealing=SealRecord(self.store, unused, self.clock, ids, user, "KIT-07"),
            again=FindAgain(self.store, NobodyElse(), nik_key, self.clock, user),
            papers=PrintPapers(units, letters, Archive("KIT-07"), DINAS, signatures),
            backups=BackUp(units, self.outbox, self.sticks),
            delivery=Deliver(units, self.outbox, self.center),
            vouching=VouchRecords(units, credential_of(AUTHORITY, user)),
            carrying=CarryRecords(units, lambda _: self.courier.pairs, self.courier, self._files, None, adopt=list),
            audit=CheckAudit(self.store),
            cards=CheckCard(
                self.devices,
                CardTools(KtpElFiles(), NoSam(), RecordPictures(), nik_key),
                self.store,
                self.clock,
                user,
            ),
            choosing=ChooseDevice(self.devices, self.store, self.clock, user),
            self_test=SelfTest(self.devices, self.clock, ids),
            finger_lock=UnlockByFinger(self.store, self.devices, user, self.clock),
            office=office,
            time=time,
            drafts=KeepDrafts(self.store, self.clock, user),
            left=ListLeft(self.store, user),
            listen=self.store.listen,
            check_store=CheckStore(NothingWrong(), self.clock),
            accounts=(accounts := KeepAccounts(units, self.accounts)),
            second_factor=(factor := KeepSecondFactor(units, TotpCodes(), TypstSheets(), "KIT-07", "Dinas Uji")),
            set_up=set_up_of(units, office, accounts, factor, self.trust),
            laptop=PresetCheck(),
            left_open=(),
        )

    def plan(self, *targets: Target) -> None:
        self.context.visits.take_over(ACTIVITY, targets)

    def seal(self, number: int, target: Target, age: timedelta = timedelta(hours=5), size: int = 1_800_000) -> str:
        """Put a sealed record into the queue, as the seal leaves it; return its id."""
        who = target.biodata
        record = SealedRecord(
            record_id=f"0199-{number:04}",
            session_id=f"s{number}",
            activity_id="a1",
            target_id=target.target_id,
            link=ChainLink("c1", number, ""),
            sealed_at=self.clock.now() - age,
            size_bytes=size,
            sha256=f"{number:064x}",
            manifest_jws="manifest",
            masked_name=who.masked_name,
            masked_nik=who.nik.masked,
            nik_digest=NikByRote().digest(who.nik.digits),
            place="Desa Jimbe",
            card_from=date(2027, 3, 12) if who.name == "DIMAS" else None,
            exceptions=0,
        )
        with self.store.write() as unit:
            unit.records.add(record)
            unit.targets.mark(target.target_id, TargetState.RECORDED)
        return record.record_id

    def apply(self, record_id: str, *codes: str, source: str = "uji coba") -> None:
        """Let the data center have said these codes, an hour apart."""
        at = self.clock.now()
        items = [
            StatusReceived(record_id, CentralStatus(code, source, at + timedelta(hours=n)), "valid")
            for n, code in enumerate(codes)
        ]
        self.outbox.save_statuses(items, codes[-1])


class OpenDoor:
    """A `Door` that knows one passphrase and one PIN, and counts as a real one does."""

    def __init__(self, context: AppContext, people: tuple[User, ...] = (PETUGAS, KETUA, PENGURUS)) -> None:
        self.context, self.people = context, people
        self.left, self.is_locked = 5, False
        self.clock: ClockVerdict | None = None
        self.demo_pins: dict[str, str] = {PETUGAS.user_id: PIN}
        self.codes: list[str] = []  # of the second factor; each counts once, without any none is asked for
        self._halfway = ""

    def sign(self) -> DoorSign:
        return DoorSign("Dispendukcapil Kabupaten Blitar", "KIT-07", self.people, NOW, self.demo_pins, self.clock)

    def unlock(self, user_id: str, passphrase: str) -> AppContext:
        if passphrase != PASSPHRASE:
            self.left -= 1
            raise VaultError("vault.wrong_passphrase", left=self.left)
        if self.codes:
            self._halfway = user_id
            raise VaultError("factor.wanted")
        return self._let_in(user_id)

    def enter_code(self, code: str) -> AppContext:
        if code not in self.codes:
            raise VaultError("factor.wrong", left=4)
        self.codes.remove(code)
        return self._let_in(self._halfway)

    def _let_in(self, user_id: str) -> AppContext:
        self.is_locked = False
        return replace(self.context, user=next(user for user in self.people if user.user_id == user_id))

    def check_lead(self, user_id: str, passphrase: str) -> Credential:
        self.unlock(user_id, passphrase)
        return credential_of(AUTHORITY, KETUA)

    def check_attendant(self, user_id: str, passphrase: str) -> Credential:
        return credential_of(AUTHORITY, self.unlock(user_id, passphrase).user)

    def verify_passphrase(self, user_id: str, passphrase: str) -> User:
        return self.unlock(user_id, passphrase).user

    def check_pin(self, pin: str) -> None:
        if pin != PIN:
            self.left -= 1
            if self.left <= 0:
                raise VaultError("vault.pin_exhausted")
            raise VaultError("vault.wrong_pin", left=self.left)

    def lock(self) -> None:
        self.is_locked = True

    def leads(self) -> Sequence[User]:
        return (KETUA,)


def target(
    house: int,
    name: str,
    nik: str,
    born: date,
    category: ServiceCategory = ServiceCategory.UMUM,
    state: TargetState = TargetState.PLANNED,
    **changes: object,
) -> Target:
    who = replace(MISINEM, name=name, nik=Nik.parse(nik), birth_date=born, **changes)
    return Target(f"t{house}", "a1", house, who, category, state)


SINGLE = {"marital_status": MaritalStatus.BELUM_KAWIN, "family_relation": 4}
TARGETS = (
    target(1, "MISINEM", "3505125207510003", date(1951, 7, 12), ServiceCategory.LANSIA),
    target(2, "KARTONO WIBOWO", "3505121204880001", date(1988, 4, 12), sex=Sex.MALE),
    target(3, "DIMAS", "3505121203100002", date(2010, 3, 12), ServiceCategory.PEMULA, sex=Sex.MALE, **SINGLE),
    target(4, "NADIA PUTRI", "3505125505120003", date(2012, 5, 15), ServiceCategory.PEMULA, **SINGLE),
    target(5, "SULASTRI", "3505125507600009", date(1962, 7, 15), ServiceCategory.DISABILITAS),
    target(6, "WARSITO", "3505120101700001", date(1970, 1, 1), ServiceCategory.ODGJ, sex=Sex.MALE),
    target(7, "JUMINAH", "3505124808450005", date(1945, 8, 8), ServiceCategory.SAKIT),
)
