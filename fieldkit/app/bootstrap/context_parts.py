"""Builds the context of a signed-in user from the store, the vault, the codecs, the letters and the wire."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from datetime import timedelta
from functools import cache
from pathlib import Path

from fieldkit import VERSION
from fieldkit.app.bootstrap import pending_keys
from fieldkit.app.bootstrap.account_slots import SlotAccounts
from fieldkit.app.bootstrap.clock import UuidV7
from fieldkit.app.bootstrap.devices import KitDevices, ProviderFolder
from fieldkit.app.bootstrap.diagnosis import DoctorOfHome
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.kit_settings import HmacNikKey, KitSettings
from fieldkit.app.bootstrap.laptop import ThisLaptop
from fieldkit.app.bootstrap.office_bundles import FromOffice
from fieldkit.app.bootstrap.office_parts import (
    LaptopBench,
    OfficeParts,
    audit_of,
    open_office,
    watched_files,
    wire_delivery,
)
from fieldkit.app.bootstrap.open_home import DAMAGED, OpenedHome, Opener, open_home
from fieldkit.app.bootstrap.place import KitPlace
from fieldkit.app.bootstrap.reserve_watch import ReserveWatch
from fieldkit.app.bootstrap.restore import begin_again, take_proven
from fieldkit.app.bootstrap.sop_profiles import SopFolder
from fieldkit.app.bootstrap.standing import demand_slot
from fieldkit.app.bootstrap.stick_backups import BackupTools, HomeOnSticks
from fieldkit.documents.letters import TypstLetters, TypstSheets
from fieldkit.domain.errors import KnownError, Problem, StoreError, VaultError
from fieldkit.domain.trusted_time import TimeSource
from fieldkit.formats.bundle import BundleFiles
from fieldkit.formats.container import ContainerCodec
from fieldkit.formats.rules import is_known_region
from fieldkit.formats.signature import StrokeCodec
from fieldkit.media.place import Place
from fieldkit.media.sealed_pairs import find_pairs
from fieldkit.ports.clock import KitClock
from fieldkit.ports.delivery import Budget, Delivery, ProgressSink, SyncReport
from fieldkit.ports.devices import Cancel
from fieldkit.ports.laptop import Fix, Whereabouts
from fieldkit.ports.store import Store
from fieldkit.quality.inspection import score_signature
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.set_up import SetUp
from fieldkit.services.delivery.check_store import BackUp, CheckStore
from fieldkit.services.delivery.deliver import CarryRecords, Deliver, VouchRecords
from fieldkit.services.delivery.keep_time import KeepTime, TimeFacts
from fieldkit.services.devices import ChooseDevice, KeepProviders, SelfTest
from fieldkit.services.exchange.exchange import BundleTools, Exchange
from fieldkit.services.home import ListLeft
from fieldkit.services.letters.print_papers import Archive, PrintPapers
from fieldkit.services.older_entries import settle_older_entries
from fieldkit.services.people.keep_accounts import KeepAccounts, KeepSecondFactor, UnlockByFinger
from fieldkit.services.recording.capture import Capture
from fieldkit.services.recording.find_again import FindAgain
from fieldkit.services.recording.run_session import CardTools, CheckCard, RunSession
from fieldkit.services.recording.seal_record import Recover, SealingTools, SealRecord
from fieldkit.services.unit_of_work import KeepDrafts, UnitsOfWork
from fieldkit.services.visits.plan_visits import PlanVisits
from fieldkit.storage.copies import copy_store
from fieldkit.storage.migrate import SHIPPED
from fieldkit.storage.outbox import SqlOutbox
from fieldkit.storage.sealed_files import FolderOfSealedFiles
from fieldkit.storage.store import FileCare
from fieldkit.vault.bundles import SignedManifests
from fieldkit.vault.cms import RecordSealer
from fieldkit.vault.credentials import KeyCredential
from fieldkit.vault.device_trust import JwsSigner
from fieldkit.vault.erasing import FileEraser
from fieldkit.vault.keyslots import KeySlotFile, OpenSlot
from fieldkit.vault.one_time_codes import TotpCodes


@dataclass(frozen=True, slots=True)
class Parts:
    """What the open door has in hand."""

    home: Home
    kit_id: str
    opened: OpenSlot
    slots: KeySlotFile
    clock: KitClock
    ids: UuidV7
    renewed_user: Callable[[bytes], None]  # keeps a new certificate (DER) of the signed-in user
    code: str = ""  # of the second factor, as it was typed
    is_offered_code: bool = False  # a second factor is offered now, for it was wanted at the first start


@dataclass(frozen=True, slots=True)
class LaidOut:
    """The application context and what must be closed behind it."""

    context: AppContext
    store: Store
    devices: KitDevices
    end: Callable[[], None]


def lay_out(
    parts: Parts,
    connect: Callable[[], KitDevices],
    synced: Callable[[SyncReport], None],
    timed: Callable[[TimeFacts], None],
) -> LaidOut:
    """Open the store and build every service; when that fails nothing stays open. Raise `StoreError`, `VaultError`.

    Devices are connected once, and only for who was let in.
    """
    with ExitStack() as undo:

        @cache
        def devices() -> KitDevices:
            connected = connect()
            undo.callback(connected.close)
            return connected

        opener = Opener(parts.home, parts.opened.db_key, parts.kit_id, parts.opened.user, parts.clock, parts.ids)
        try:
            laid = _open_and_lay_out(parts, opener, devices, synced, timed)
        except StoreError as error:
            if error.code != DAMAGED:
                raise
            opener.damage.write()  # it opened, and a page that the context needs is bad: now it is replaced
            laid = _open_and_lay_out(parts, opener, devices, synced, timed)
        undo.pop_all()
    return laid


def _open_and_lay_out(
    parts: Parts,
    opener: Opener,
    devices: Callable[[], KitDevices],
    synced: Callable[[SyncReport], None],
    timed: Callable[[TimeFacts], None],
) -> LaidOut:
    opened = open_home(opener)
    try:
        return _lay_out(parts, opened, devices, synced, timed)
    except BaseException:
        opened.store.close()
        raise


def _lay_out(
    parts: Parts,
    opened: OpenedHome,
    connected: Callable[[], KitDevices],
    synced: Callable[[SyncReport], None],
    timed: Callable[[TimeFacts], None],
) -> LaidOut:
    clock, ids, user = parts.clock, parts.ids, parts.opened.user
    store, settings = opened.store, opened.settings
    untaken = take_proven(parts.home.path, settings.ca_certificate)
    to_tell: list[Problem] = []
    reserve = ReserveWatch(parts.home, to_tell.append)
    office = FromOffice(store, settings, parts.opened, clock)
    office.begin()
    demand_slot(store, parts.opened, clock.now())
    units, sheets = UnitsOfWork(store, clock, ids, user), TypstSheets()
    second_factor = KeepSecondFactor(
        *(units, TotpCodes(), sheets, parts.kit_id, settings.dinas, office.second_factor_roles(parts.home.policy)),
        is_offered=parts.is_offered_code,
    )
    second_factor.admit(parts.code)
    devices = connected()
    parts.home.note(settings.gateway_url, SHIPPED.head)
    restored = begin_again(parts.home.path, store, user.user_id, clock.now())
    files = FolderOfSealedFiles(parts.home.sealed, FileEraser().erase)
    manifests = SignedManifests(settings.kit_id, settings.kit_certificate, settings.ca_certificate, settings.nik_key)
    recovering = Recover(store, files, manifests, clock, ids, user, parts.kit_id)
    recovered = recovering.run()
    nik_key = HmacNikKey(settings.nik_key)
    policy, tables = office.policy(parts.home.policy), office.tables()
    signatures, signer = StrokeCodec(score_signature), JwsSigner(settings.kit_private, settings.kit_id)
    sealer = RecordSealer(settings.kit_key, parts.opened.signing_key, settings.age_recipients)
    time = KeepTime(store, clock, user, sealer.spans(), timed)
    time.begin()
    outbox = SqlOutbox(store, files, clock)
    team = office.team(Exchange(units, BundleTools(parts.kit_id, BundleFiles(), office.sealer)))
    wired = wire_delivery(settings, store, outbox, clock, parts.opened, parts.renewed_user, office.pulling(), team)
    dinas = {
        "dinas": settings.dinas,
        **{k: str(v) for k, v in settings.profile.items() if isinstance(v, str | int | float)},
    }
    letters = TypstLetters()
    papers = PrintPapers(units, letters, Archive(parts.kit_id), dinas, signatures)
    finder = devices.finder
    tools = SealingTools(
        *(ContainerCodec(), sealer, signer, files, nik_key, manifests, time, VERSION),
        *(papers.inside, finder.describe, devices.forget),
    )
    audit = audit_of(parts.home, parts.slots, settings, store, units, files, manifests, signer)
    changed_files = audit.begin()
    settle_older_entries(store, units)
    choosing = ChooseDevice(devices.registry, store, clock, user)
    choosing.recall()
    me = KeyCredential(user, parts.opened.signing_key)
    recording = RunSession(store, clock, ids, me, policy, tables, nik_key, devices.matcher)
    services = open_office(
        OfficeParts(
            *(store, clock, ids, user, parts.kit_id, letters, dinas, devices.registry, devices.pictures, signatures),
            *(ThisLaptop(parts.home, clock).read, outbox, nik_key, office.sealer, me, LaptopBench(clock)),
            profiles=SopFolder(parts.home.path / "sop", office.sops),
            tables=tables,
            places=_Dated(KitPlace(parts.home), time),
        )
    )
    accounts = KeepAccounts(units, SlotAccounts(parts.slots, parts.opened, clock, settings, store))
    providers = KeepProviders(units, ProviderFolder(parts.home.trust), lambda: watched_files(parts.home))
    to_tell += [
        *devices.faults,
        *opened.problems(clock),
        *([restored.problem(clock)] if restored else []),
        *([untaken] if untaken else []),
        *recovered.problems(),
    ]

    def ended(report: SyncReport) -> None:
        reserve.take_again()  # a purge made room
        synced(report)

    context = AppContext(
        user=user,
        kit_id=parts.kit_id,
        kit_certificate=settings.kit_certificate,
        dinas=settings.dinas,
        clock=clock,
        policy=policy,
        tables=tables,
        registry=devices.registry,
        signatures=signatures,
        pictures=devices.pictures,
        visits=PlanVisits(units, is_known_region),
        recording=recording,
        again=FindAgain(store, finder, nik_key, clock, user),
        capture=Capture(
            *(devices.registry, devices.portraits, devices.inspector, signatures, clock, ids),
            *(recording.sample, devices.live),
        ),
        sealing=SealRecord(store, tools, clock, ids, user, parts.kit_id),
        papers=papers,
        backups=BackUp(units, outbox, _sticks(parts, settings, signer)),
        delivery=Deliver(units, outbox, _Noted(_Heeding(wired.engine, office, parts.slots), ended, time, clock)),
        vouching=VouchRecords(units, me),
        carrying=CarryRecords(
            *(units, lambda tree: find_pairs(Place(tree)).pairs, wired.carrier, files, manifests),
            adopt=lambda: recovering.run().adopted,
            bring=lambda tree: office.bring(tree, parts.slots),
        ),
        audit=audit,
        cards=CheckCard(
            devices.registry, CardTools(devices.chip, devices.sam, devices.pictures, nik_key), store, clock, user
        ),
        choosing=choosing,
        self_test=SelfTest(devices.registry, clock, ids),
        finger_lock=UnlockByFinger(store, devices.registry, user, clock, finder.describe),
        office=services,
        time=time,
        drafts=KeepDrafts(store, clock, user),
        left=ListLeft(store, user),
        accounts=accounts,
        second_factor=second_factor,
        set_up=SetUp(services, accounts, second_factor, providers, sheets, parts.kit_id, settings.dinas),
        laptop=DoctorOfHome(
            parts.home,
            clock,
            lambda: tuple(devices.registry.statuses()),
            lambda: {state.value: count for state, count in outbox.counts().items()},
        ),
        left_open=recovered.unfinished,
        to_tell=to_tell,
        offered=office.offered(),
        listen=store.listen,
        check_store=CheckStore(
            FileCare(parts.home.database, parts.opened.db_key, files), clock, was_cut=opened.was_cut
        ),
    )
    if changed_files is not None:
        to_tell.append(changed_files)
    reserve.look()
    store.listen(lambda _: reserve.look())

    if settings.slip_sha256:  # keys of an enrolment killed at its very end; one that is under way still needs them
        with suppress(VaultError):
            pending_keys.erase(parts.home.path)

    def end() -> None:
        wired.close()
        with suppress(KnownError):  # a disk that is full signs nothing; the last signed end still stands
            audit.sign_head()

    return LaidOut(context, store, devices, end)


def _sticks(parts: Parts, settings: KitSettings, signer: JwsSigner) -> HomeOnSticks:
    def copied(target: Path) -> None:
        copy_store(parts.home.database, parts.opened.db_key, target)

    tools = BackupTools(signer, settings.kit_certificate, copied, parts.clock, parts.opened.user.user_id)
    return HomeOnSticks(parts.home, parts.kit_id, tools)


class _Heeding:
    """Lets what came from the office count for the session under way."""

    def __init__(self, inner: Delivery, office: FromOffice, slots: KeySlotFile) -> None:
        self._inner, self._office, self._slots = inner, office, slots

    def run_once(self, budget: Budget, progress: ProgressSink, cancel: Cancel) -> SyncReport:
        return self._office.heed(self._inner.run_once(budget, progress, cancel), self._slots)


class _Noted:
    """Tells how each run of delivery ended."""

    def __init__(self, inner: Delivery, ended: Callable[[SyncReport], None], time: KeepTime, clock: KitClock) -> None:
        self._inner, self._ended, self._time, self._clock = inner, ended, time, clock

    def run_once(self, budget: Budget, progress: ProgressSink, cancel: Cancel) -> SyncReport:
        report = self._inner.run_once(budget, progress, cancel)
        self._ended(report)
        if report.stopped_by is None:
            self._time.learn(self._clock.now() + timedelta(seconds=report.clock_skew_s), TimeSource.CENTER)
        return report


class _Dated:
    """Tells the kit what time satellites say whenever somebody asks them for the place."""

    def __init__(self, inner: Whereabouts, time: KeepTime) -> None:
        self._inner, self._time = inner, time

    def fix(self, cancel: Cancel, timeout_ms: int) -> Fix:
        fix = self._inner.fix(cancel, timeout_ms)
        self._time.learn(fix.at, TimeSource.SATELLITES)
        return fix
