"""What lies before a person behind the door: the services of the signed-in user."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:  # the door names this class before anybody signs in; what lies on the context may load later
    from collections.abc import Callable

    from fieldkit.domain.errors import Problem
    from fieldkit.domain.offered_program import OfferedProgram
    from fieldkit.domain.people.accounts import User
    from fieldkit.domain.recording.biodata import CodeTables
    from fieldkit.domain.recording.capture_policy import CapturePolicy
    from fieldkit.domain.recording.session import CaptureSession
    from fieldkit.ports.clock import Clock
    from fieldkit.ports.codec import SamplePictures, SignatureCodec
    from fieldkit.ports.devices import WatchedRegistry
    from fieldkit.ports.laptop_check import LaptopCheck
    from fieldkit.services.context.list_left import ListLeft
    from fieldkit.services.context.office import Office
    from fieldkit.services.context.set_up import SetUp
    from fieldkit.services.delivery.back_up import BackUp
    from fieldkit.services.delivery.carry_records import CarryRecords
    from fieldkit.services.delivery.check_audit import CheckAudit
    from fieldkit.services.delivery.check_store import CheckStore
    from fieldkit.services.delivery.deliver import Deliver
    from fieldkit.services.delivery.keep_time import KeepTime
    from fieldkit.services.delivery.vouch_records import VouchRecords
    from fieldkit.services.devices.choose_device import ChooseDevice
    from fieldkit.services.devices.self_test import SelfTest
    from fieldkit.services.keep_drafts import KeepDrafts
    from fieldkit.services.letters.print_papers import Paper, PrintPapers
    from fieldkit.services.people.keep_accounts import KeepAccounts
    from fieldkit.services.people.keep_second_factor import KeepSecondFactor
    from fieldkit.services.people.unlock_by_finger import UnlockByFinger
    from fieldkit.services.recording.capture import Capture
    from fieldkit.services.recording.check_card import CheckCard
    from fieldkit.services.recording.find_again import FindAgain
    from fieldkit.services.recording.run_session import RunSession
    from fieldkit.services.recording.seal_record import SealRecord
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
