"""What lies before a person behind the door: the services of the signed-in user."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import TYPE_CHECKING, NamedTuple, Protocol

if TYPE_CHECKING:
    from collections.abc import Callable

    from fieldkit.domain.errors import Problem
    from fieldkit.domain.office_bundles import OfferedProgram
    from fieldkit.domain.people import User
    from fieldkit.domain.recording.biodata import CodeTables
    from fieldkit.domain.recording.capture import CapturePolicy
    from fieldkit.domain.recording.session import CaptureSession
    from fieldkit.domain.trusted_time import ClockVerdict
    from fieldkit.ports.clock import Clock
    from fieldkit.ports.delivery import Credential
    from fieldkit.ports.devices import WatchedRegistry
    from fieldkit.ports.laptop import LaptopCheck
    from fieldkit.ports.recording import SamplePictures, SignatureCodec
    from fieldkit.services.aid import FollowAid
    from fieldkit.services.applications.begin_application import EnterFamilies, KeepPapers
    from fieldkit.services.applications.import_applications import ImportApplications
    from fieldkit.services.applications.notify import NotifyApplicants
    from fieldkit.services.applications.serve_applications import ServeApplications
    from fieldkit.services.cards.hand_over import HandOver, SendByCourier
    from fieldkit.services.cards.keep_blanks import KeepBlanks
    from fieldkit.services.cards.print_cards import PrintCards, RunQueue
    from fieldkit.services.context.set_up import SetUp
    from fieldkit.services.delivery.check_store import BackUp, CheckAudit, CheckStore
    from fieldkit.services.delivery.deliver import CarryRecords, Deliver, VouchRecords
    from fieldkit.services.delivery.keep_time import KeepTime
    from fieldkit.services.devices import ChooseDevice, SelfTest
    from fieldkit.services.exchange.exchange import Exchange
    from fieldkit.services.exchange.settle_conflicts import SettleConflicts
    from fieldkit.services.home import ListDuties, ListLeft
    from fieldkit.services.letters.keep_signing import KeepSigning
    from fieldkit.services.letters.official_forms import OfficialForms
    from fieldkit.services.letters.print_papers import KeepLetterhead, Paper, PrintPapers
    from fieldkit.services.letters.sign_letters import SignLetters
    from fieldkit.services.letters.write_letters import InkLetters, WriteLetters
    from fieldkit.services.people.keep_accounts import KeepAccounts, KeepSecondFactor, ReadKit, UnlockByFinger
    from fieldkit.services.people.keep_staff import ImportStaff, KeepStaff
    from fieldkit.services.planning import KeepCalendar, KeepDurations, ListActivities, PlanOutreach
    from fieldkit.services.recording.capture import Capture
    from fieldkit.services.recording.find_again import FindAgain
    from fieldkit.services.recording.run_session import CheckCard, RunSession
    from fieldkit.services.recording.seal_record import SealRecord
    from fieldkit.services.reports.evaluate import Evaluate
    from fieldkit.services.reports.make_reports import Reports
    from fieldkit.services.sarpras.check_out_kit import Sarpras
    from fieldkit.services.sarpras.keep_inventory import KeepInventory
    from fieldkit.services.sop.run_sop import RunSop
    from fieldkit.services.sop.view import ReadDocument
    from fieldkit.services.statuses import FollowStatuses, RunClocks, TellResidents
    from fieldkit.services.targets.import_targets import ImportTargets
    from fieldkit.services.targets.register_request import AddNik, Dispose, ReadScans, RegisterRequest
    from fieldkit.services.targets.verify_targets import VerifyTargets
    from fieldkit.services.unit_of_work import KeepDrafts, UnitsOfWork
    from fieldkit.services.visits.plan_visits import PlanVisits, RunTrips
    from fieldkit.services.visits.run_visits import AskResidents, RunVisits


@dataclass(frozen=True, slots=True)
class AppContext:
    """The services of one signed-in user. `left_open` are recordings that a stop of the program interrupted."""

    user: User
    kit_id: str
    kit_certificate: bytes  # DER; travels with exported manifests
    dinas: str
    clock: Clock
    policy: CapturePolicy
    tables: CodeTables
    registry: WatchedRegistry
    signatures: SignatureCodec
    pictures: SamplePictures
    visits: PlanVisits
    recording: RunSession
    again: FindAgain
    capture: Capture
    sealing: SealRecord
    papers: PrintPapers
    backups: BackUp
    delivery: Deliver
    vouching: VouchRecords
    carrying: CarryRecords
    audit: CheckAudit
    cards: CheckCard
    choosing: ChooseDevice
    self_test: SelfTest
    finger_lock: UnlockByFinger
    office: Office
    time: KeepTime
    drafts: KeepDrafts
    left: ListLeft
    check_store: CheckStore
    listen: Callable[[Callable[[frozenset[str]], None]], Callable[[], None]]  # `Store.listen`
    accounts: KeepAccounts
    second_factor: KeepSecondFactor
    set_up: SetUp
    laptop: LaptopCheck
    left_open: tuple[CaptureSession, ...]
    to_tell: list[Problem] = field(default_factory=list)  # what the start found; each is told once, on Beranda
    offered: OfferedProgram | None = None  # a later version of the program that the office wants here
    # Papers of records sealed since sign-in, by record id: biodata is erased at the seal, so they live only here.
    fresh_papers: dict[str, tuple[Paper, ...]] = field(default_factory=dict)


# What stands before a person: the door of a locked kit. Behind it lies the context.


class DoorSign(NamedTuple):
    """What the locked kit shows: who may sign in, when it last met the data center, and the demo's PINs."""

    dinas: str
    kit_id: str
    people: tuple[User, ...]
    last_sync_at: datetime | None
    demo_pins: dict[str, str]  # user id → PIN; empty on a real kit
    clock: ClockVerdict | None = None  # None when nothing is known of the time
    now: datetime | None = None  # the kit's clock, local


class Door(Protocol):
    """A kit whose store is locked."""

    def sign(self) -> DoorSign:
        """Return what the sign-in screen shows."""
        ...

    def unlock(self, user_id: str, passphrase: str) -> AppContext:
        """Open the store for a user. Raise `VaultError`; of it `factor.wanted` asks for `enter_code`."""
        ...

    def enter_code(self, code: str) -> AppContext:
        """Go on with who was asked for a second factor.

        Raise `VaultError`: `factor.wrong` (left) may be tried again, all else begins with the passphrase.
        """
        ...

    def check_lead(self, user_id: str, passphrase: str) -> Credential:
        """Return the key of the team lead whose passphrase this is, without signing anybody out.

        Raise `RuleError` for another role, `VaultError`.
        """
        ...

    def check_attendant(self, user_id: str, passphrase: str) -> Credential:
        """Return the key of an attendant, as of a team lead."""
        ...

    def verify_passphrase(self, user_id: str, passphrase: str) -> User:
        """Return the user whose passphrase this is, without signing anybody out. Raise `VaultError`."""
        ...

    def check_pin(self, pin: str) -> None:
        """Confirm the signed-in user by PIN. Raise `VaultError` with the tries left."""
        ...

    def lock(self) -> None:
        """Close the store; open recordings stay on disk."""
        ...

    def leads(self) -> Sequence[User]:
        """Return who may let a failed step pass."""
        ...


# The services of office and field around the recordings: what lies on the context beside the recording itself.


@dataclass(frozen=True, slots=True)
class Office:
    """One field per service, in the order of an SOP."""

    units: UnitsOfWork
    requests: RegisterRequest
    scans: ReadScans
    dispositions: Dispose
    imports: ImportTargets
    verification: VerifyTargets
    niks: AddNik
    activities: ListActivities
    duties: ListDuties
    sop: RunSop
    sop_documents: ReadDocument
    calendar: KeepCalendar
    staff: KeepStaff
    staff_imports: ImportStaff
    planning: PlanOutreach
    durations: KeepDurations
    clocks: RunClocks
    letterhead: KeepLetterhead
    letters: WriteLetters
    forms: OfficialForms
    inks: InkLetters
    signing: SignLetters
    signing_setup: KeepSigning
    inventory: KeepInventory
    sarpras: Sarpras
    kit: ReadKit
    trips: RunTrips
    visits: RunVisits
    asking: AskResidents
    statuses: FollowStatuses
    news: TellResidents
    printing: PrintCards
    blanks: KeepBlanks
    queue: RunQueue
    handover: HandOver
    courier: SendByCourier
    applications: ServeApplications
    application_papers: KeepPapers
    families: EnterFamilies
    notices: NotifyApplicants
    application_imports: ImportApplications
    aid: FollowAid
    evaluation: Evaluate
    reports: Reports
    exchange: Exchange
    conflicts: SettleConflicts
