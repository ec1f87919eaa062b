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
    from fieldkit.services.context.office import Office
    from fieldkit.services.context.set_up import SetUp
    from fieldkit.services.delivery.check_store import BackUp, CheckAudit, CheckStore
    from fieldkit.services.delivery.deliver import CarryRecords, Deliver, VouchRecords
    from fieldkit.services.delivery.keep_time import KeepTime
    from fieldkit.services.devices import ChooseDevice, SelfTest
    from fieldkit.services.home import ListLeft
    from fieldkit.services.letters.print_papers import Paper, PrintPapers
    from fieldkit.services.people.keep_accounts import KeepAccounts, KeepSecondFactor, UnlockByFinger
    from fieldkit.services.recording.capture import Capture
    from fieldkit.services.recording.find_again import FindAgain
    from fieldkit.services.recording.run_session import CheckCard, RunSession
    from fieldkit.services.recording.seal_record import SealRecord
    from fieldkit.services.unit_of_work import KeepDrafts
    from fieldkit.services.visits.plan_visits import PlanVisits


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
