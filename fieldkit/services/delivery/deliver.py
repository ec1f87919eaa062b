"""The queue as people see it, and the button that sends."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from hashlib import sha256
from pathlib import Path

from fieldkit.domain.delivery import UNACKNOWLEDGED, DeliveryState, QueueEntry, SealedRecord
from fieldkit.domain.errors import InputError, RuleError, StoreError, VaultError
from fieldkit.domain.office_bundles import BundleStanding
from fieldkit.domain.people import Permission
from fieldkit.domain.recording.exceptions import LEAD_WANTED, Act, SignedAct
from fieldkit.ports.delivery import (
    Brought,
    Budget,
    CarriedPair,
    Carrier,
    CarryReport,
    Credential,
    Delivery,
    Manifests,
    NotCarried,
    Outbox,
    ProgressSink,
    SyncReport,
    answered,
)
from fieldkit.ports.devices import Cancel
from fieldkit.ports.messages import MediaFile
from fieldkit.ports.recording import SealedFiles
from fieldkit.ports.store import Store, Unit
from fieldkit.services.office_bundles import standings_in
from fieldkit.services.sop.run_sop import records_delivered
from fieldkit.services.unit_of_work import UnitsOfWork

# Brings in what lies on a stick: other laptops' records are handed to the data center, our own go into our queue.

FindPairs = Callable[[Path], Sequence[CarriedPair]]
Adopt = Callable[[], Sequence[str]]
_DAMAGED = "sync.sealed_file_damaged"
_MOST_MANIFEST_BYTES = 256 * 1024
_THERE = frozenset({DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED})


@dataclass(frozen=True, slots=True)
class _Own:
    """A file of one of our own records, the text beside it, and the record as that states it."""

    file: MediaFile
    manifest: str
    record: SealedRecord


class CarryRecords:
    """Carries by the signed-in user."""

    def __init__(
        self,
        units: UnitsOfWork,
        find: FindPairs,
        carrier: Carrier,
        files: SealedFiles,
        manifests: Manifests,
        adopt: Adopt,
        bring: Callable[[Path], Brought] = lambda _: Brought(),
    ) -> None:
        """`adopt` takes up what lies in `files` and the store does not know, and returns the ids.

        `bring` takes the bundles of the office in a tree of folders.
        """
        self._units, self._find, self._carrier = units, find, carrier
        self._files, self._manifests, self._adopt, self._bring = files, manifests, adopt, bring

    def carry(self, folder: Path, progress: ProgressSink, cancel: Cancel) -> CarryReport:
        """Hand in all sealed records of a tree of folders, and take what the office laid beside them.

        Raise `RuleError("role.not_yours")`, `InputError("stick.not_there")`, `StoreError`.
        """
        self._units.demand(Permission.SEND)
        if not folder.is_dir():
            raise InputError("stick.not_there", where=str(folder))
        brought = self._bring(folder)
        pairs = self._find(folder)
        ours, others = self._sorted(pairs)
        report = self._carrier.carry(others, progress, cancel)
        adopted = tuple(self._adopt()) if self._taken_in(ours) else ()
        with self._units.read() as unit:
            states = unit.records.states(ours)
        held, queued, damaged = _parted(tuple(ours), states, adopted)
        report = replace(
            report,
            held_already=(*report.held_already, *held),
            adopted=adopted,
            queued=queued,
            refused=(*report.refused, *(NotCarried(record_id, _DAMAGED) for record_id in damaged)),
            found=len({pair.record_id for pair in pairs}),
            brought=brought,
        )
        if report.carried or report.adopted:
            with self._units.write(Permission.SEND) as work:
                work.note("records_carried", "sync", carried=list(report.carried), adopted=list(adopted))
        return report

    def _sorted(self, pairs: Sequence[CarriedPair]) -> tuple[dict[str, _Own], list[CarriedPair]]:
        """Part our own records by their id, which the ordinary queue sends, from those of others."""
        ours: dict[str, _Own] = {}
        others = []
        for pair in pairs:
            own = self._own(pair)
            if own is None:
                others.append(pair)
            else:
                ours.setdefault(pair.record_id, own)
        return ours, others

    def _taken_in(self, ours: Mapping[str, _Own]) -> bool:
        """Put beside the queue what this laptop does not have whole, and return whether that was anything."""
        with self._units.read() as unit:
            states = unit.records.states(ours)
        taken = False
        for own in ours.values():
            record = own.record
            if states.get(record.record_id) in _THERE:
                continue
            if self._files.measure(record.record_id) != (record.size_bytes, record.sha256):
                taken |= self._take_in(own)
        return taken

    def _take_in(self, own: _Own) -> bool:
        try:
            content = own.file.read(own.record.size_bytes)
        except OSError:
            return False
        if (len(content), sha256(content).hexdigest()) != (own.record.size_bytes, own.record.sha256):
            return False
        self._files.put(own.record.record_id, content, own.manifest)
        return True

    def _own(self, pair: CarriedPair) -> _Own | None:
        """Return one of our own records, None for those of others."""
        if pair.manifest is None:
            return None
        try:
            text = pair.manifest.read(_MOST_MANIFEST_BYTES).decode("ascii")
            record = self._manifests.read(text).record
        except (OSError, UnicodeDecodeError, VaultError):
            return None
        return _Own(pair.file, text, record) if record.record_id == pair.record_id else None


def _parted(
    ours: Sequence[str], states: Mapping[str, DeliveryState], adopted: Sequence[str]
) -> tuple[tuple[str, ...], tuple[str, ...], tuple[str, ...]]:
    """Part our own records into those that are there, those that wait here, and those that no copy could be made of."""
    held = tuple(each for each in ours if states.get(each) in _THERE)
    waiting = tuple(each for each in ours if each in states and each not in {*held, *adopted})
    return held, waiting, tuple(each for each in ours if each not in states)


_MOST_SHOWN = 500  # all that waits in practice, then the newest that arrived; a search finds the others


@dataclass(frozen=True, slots=True)
class QueueView:
    """Entries as searched, counts of all, and the age of the oldest record that nobody acknowledged."""

    entries: tuple[QueueEntry, ...]
    counts: Mapping[DeliveryState, int]
    oldest_unsent_at: datetime | None
    last_run_at: datetime | None
    why_aside: Mapping[str, str] = field(default_factory=dict)  # by record: what the person wrote
    from_office: BundleStanding | None = None  # what came last

    @property
    def sealed(self) -> int:
        """Return how many records this kit ever sealed."""
        return sum(self.counts.values())

    @property
    def unsent(self) -> int:
        """Return how many are not acknowledged."""
        return sum(self.counts.get(state, 0) for state in UNACKNOWLEDGED)


class Deliver:
    """Shows the queue and sends it."""

    def __init__(self, units: UnitsOfWork, outbox: Outbox, delivery: Delivery) -> None:
        self._units, self._outbox, self._delivery = units, outbox, delivery

    def queue(self, text: str = "") -> QueueView:
        """Return the queue, oldest unacknowledged record first."""
        with self._units.read() as unit:
            entries = tuple(unit.records.search(text, _MOST_SHOWN))
            applied = {at: each for each in standings_in(unit) if (at := each.applied_at) is not None}
        aside = (entry.record.record_id for entry in entries if entry.state is DeliveryState.SET_ASIDE)
        why_aside = {each: self.why_aside(each) for each in aside}
        came = applied[max(applied)] if applied else None
        return replace(self.glance(), entries=entries, why_aside=why_aside, from_office=came)

    def glance(self) -> QueueView:
        """Return the numbers of the queue without its entries."""
        with self._units.read() as unit:
            oldest = unit.records.oldest_waiting()
        last = self._outbox.last_run()
        return QueueView((), self._outbox.counts(), oldest, last.at if last else None)

    def from_office(self) -> Sequence[BundleStanding]:
        """Return where this kit is with everything that the office sent down."""
        with self._units.read() as unit:
            return standings_in(unit)

    def entry(self, record_id: str) -> QueueEntry:
        """Return one record of the queue. Raise `StoreError("store.not_found")`."""
        with self._units.read() as unit:
            return unit.records.get(record_id)

    def send(self, progress: ProgressSink, cancel: Cancel, budget: Budget | None = None) -> SyncReport:
        """Send what waits; what the network does to us is in the report."""
        self._demand_role()
        report = self._delivery.run_once(budget or Budget(), progress, cancel)
        try:
            self._keep(report)
        except StoreError as error:
            # What was delivered stays delivered and the person hears of it, though the log could not take it.
            return replace(report, stopped_by=report.stopped_by or error.problem)
        return report

    def _keep(self, report: SyncReport) -> None:
        if report.is_forked:
            # Before anything else is written: what follows must not stand on a place that somebody else has too.
            self._units.begin_chain(Permission.SEND, report.forked)
        with self._units.write(Permission.SEND) as work:
            work.note(
                "sync_run",
                "sync",
                acknowledged=list(report.acknowledged),
                quarantined=list(report.quarantined),
                lost=list(report.lost),
                resent=list(report.resent),
                purged=list(report.purged),
            )
            records_delivered(work, report.acknowledged)

    def send_again(self, record_id: str) -> None:
        """Put a record that is held back or waits for later into the queue, to be sent with the next run.

        Raise `RuleError`: `delivery.not_your_role`, `delivery.not_held`.
        """
        self._demand_role()
        self._outbox.send_again(record_id, self._units.user.user_id)

    def set_aside(self, record_id: str, reason: str) -> None:
        """Decide, with a reason, that a held record is not sent.

        Raise `InputError("delivery.reason_needed")`, `RuleError`: `delivery.not_your_role`, `delivery.not_held`.
        """
        self._demand_role()
        if not reason.strip():
            raise InputError("delivery.reason_needed")
        self._outbox.set_aside(record_id, reason.strip(), self._units.user.user_id)

    def take_back(self, record_id: str) -> None:
        """Put a record that was set aside into the queue again.

        Raise `RuleError`: `delivery.not_your_role`, `delivery.not_aside`.
        """
        self._demand_role()
        self._outbox.take_back(record_id, self._units.user.user_id)

    def why_aside(self, record_id: str) -> str:
        """Return the reason with which a record was set aside, "" when it was not."""
        return self._outbox.why_aside(record_id)

    def _demand_role(self) -> None:
        if not self._units.user.may(Permission.SEND):
            raise RuleError("delivery.not_your_role", role=self._units.user.role.value)

    def due(self) -> Sequence[str]:
        """Return the ids of the records that may be sent now."""
        return [record.record_id for record in self._outbox.pending(self._units.clock.now())]


# The end of the event log as a paper prints it: who holds the paper can prove the log up to there.

_SHOWN_HEX = 16


def log_line(unit: Unit) -> dict[str, str]:
    """Return chain, row and the beginning of the digest, nothing for a log without a row."""
    head = unit.events.head()
    if head is None:
        return {}
    return {"chain": head.chain, "sequence": str(head.sequence), "digest": head.digest[:_SHOWN_HEX]}


# A team lead answers for a record that lacks a signature which the data center wants.

_PENDING = "vouches"


class VouchRecords:
    """Signs for records with the key of who is signed in; the next run of delivery takes it along."""

    def __init__(self, units: UnitsOfWork, me: Credential) -> None:
        self._units, self._me = units, me

    def vouch(self, record_id: str) -> None:
        """Sign for a record that the data center holds back.

        Raise `RuleError`: `role.not_yours`, `delivery.not_waiting`; `StoreError("store.not_found")`.
        """
        with self._units.write(Permission.ALLOW_FAILURE) as work:
            entry = work.unit.records.get(record_id)
            if entry.central is None or entry.central.reason != LEAD_WANTED:
                raise RuleError("delivery.not_waiting")
            about = (record_id, entry.record.sha256)
            act = answered(self._me, Act.VOUCHED, entry.record.session_id, "", LEAD_WANTED, work.at, about)
            work.note(Act.VOUCHED, record_id, **act.payload)
            work.unit.settings.put(_PENDING, {**_pending(work.unit), record_id: dict(act.payload)})


class StoredVouches:
    """Implements `VouchBook` over the store."""

    def __init__(self, store: Store) -> None:
        self._store = store

    def pending(self) -> Mapping[str, SignedAct]:
        """Return what is still to be handed in."""
        with self._store.read() as unit:
            return pending_vouches(unit)

    def settle(self, record_id: str) -> None:
        """Forget one."""
        with self._store.write() as unit:
            left = {record: of for record, of in _pending(unit).items() if record != record_id}
            unit.settings.put(_PENDING, left or None)


def pending_vouches(unit: Unit) -> Mapping[str, SignedAct]:
    """Return what team leads signed and the data center does not have yet, by record id."""
    kept = _pending(unit)
    return {record: SignedAct(of["by"], of["signature"], of["certificate"]) for record, of in kept.items()}


def _pending(unit: Unit) -> dict[str, dict[str, str]]:
    return dict(unit.settings.get(_PENDING) or {})
