"""Check the store after sign-in, in the background: damage is told while everything else is still whole."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from fieldkit.domain.delivery import (
    ANCHOR_TYP,
    FILE,
    FILES,
    FILES_ACCEPTED,
    RECEIPT,
    STATE,
    STATE_KEPT,
    UNACKNOWLEDGED,
    Anchor,
    AnchorSource,
    AuditFault,
    AuditReport,
    DeliveryState,
    Witness,
    chain_faults,
    known_losses,
    noted_state,
    proven_to,
    state_faults,
)
from fieldkit.domain.errors import InputError, Problem, Recovery, VaultError
from fieldkit.domain.events import ChainFault, ChainHead, Event, verify_chain
from fieldkit.domain.people import Permission
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import Manifests, Outbox
from fieldkit.ports.devices import Cancel
from fieldkit.ports.exchange import CopySink, Drive, StickBackup, Sticks
from fieldkit.ports.laptop import StoreCare
from fieldkit.ports.recording import SealedFiles
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import SignatureVerifier, Signer
from fieldkit.services.delivery.deliver import pending_vouches
from fieldkit.services.unit_of_work import UnitsOfWork

# Backups on a stick, records handed over on one, and whether it is time for either.

_LAST = "backup.last_at"
FRESH = timedelta(days=1)


@dataclass(frozen=True, slots=True)
class BackupStanding:
    """How many records exist only here, and when a stick last took them over."""

    unsent: int
    last_at: datetime | None
    is_due: bool


class BackUp:
    """Backups by the signed-in user."""

    def __init__(self, units: UnitsOfWork, outbox: Outbox, sticks: Sticks) -> None:
        self._units, self._outbox, self._sticks = units, outbox, sticks

    def standing(self) -> BackupStanding:
        """Return whether unsent records exist and no backup is younger than a day."""
        with self._units.read() as unit:
            stored = unit.settings.get(_LAST)
        last = datetime.fromisoformat(stored) if isinstance(stored, str) else None
        counts = self._outbox.counts()
        unsent = sum(counts.get(state, 0) for state in UNACKNOWLEDGED)
        # A backup dated in the future comes from a clock that was wrong, and says nothing about its age.
        is_fresh = last is not None and timedelta() <= self._units.clock.now() - last < FRESH
        return BackupStanding(unsent, last, unsent > 0 and not is_fresh)

    def drives(self) -> Sequence[Drive]:
        """Return the sticks that are plugged in."""
        return self._sticks.drives()

    def make(self, place: str, sink: CopySink, cancel: Cancel) -> StickBackup:
        """Copy the store and everything unacknowledged to a stick, verified there. Blocks for as long as it takes.

        Raise `RuleError` `role.not_yours`, `backup.stopped`; `InputError` and `StoreError` `stick.…`.
        """
        self._units.demand(Permission.SEND)
        held = self._outbox.held()
        proven = {record.record_id for record in held if record.state is DeliveryState.ACKNOWLEDGED}
        made = self._sticks.back_up(place, proven, sink, cancel)
        with self._units.write(Permission.SEND) as work:
            work.note("backup_made", made.kit, digest=made.digest, records=made.records, bytes=made.size_bytes)
            work.unit.settings.put(_LAST, made.made_at.isoformat())
        return made

    def hand_over(self, record_id: str, place: str) -> str:
        """Copy one record with its manifest to a stick and return the folder; it stays in this queue as it is.

        What a team lead signed for it, and the data center does not have yet, goes along.

        Raise `RuleError` `role.not_yours`; `InputError` and `StoreError` `stick.…`, `store.file_gone`.
        """
        self._units.demand(Permission.SEND)
        with self._units.read() as unit:
            vouches = pending_vouches(unit)
        folder = self._sticks.carry(place, [record_id], vouches)
        with self._units.write(Permission.SEND) as work:
            work.note("record_carried", record_id)
        return folder


# Whether the log still says what happened, and everything else is still what the log says.

Files = Callable[[], Mapping[str, str]]
_RECEIVED = (DeliveryState.ACKNOWLEDGED, DeliveryState.PURGED)


def no_files() -> Mapping[str, str]:
    """Return the digests of a kit without trust roots and SOP files of its own."""
    return {}


@dataclass(frozen=True, slots=True)
class AuditTools:
    """Who else knows something: the files beside the store, the kit's signature, trust roots and SOP files.

    `files` returns digests of trust roots and SOP files by their path within the home, `uncertified_slots` the ids of
    users whose key slot says what no certificate of the dinas says.
    """

    sealed: SealedFiles
    manifests: Manifests
    signer: Signer
    kit_signature: SignatureVerifier
    files: Files = no_files
    uncertified_slots: Callable[[], Iterable[str]] = tuple


class CheckAudit:
    """Verifies the chains of the log against everybody who knows their ends, and what is kept against the log."""

    def __init__(self, store: Store, units: UnitsOfWork | None = None, tools: AuditTools | None = None) -> None:
        self._store, self._units, self._tools = store, units, tools

    def verify(self) -> tuple[int, ChainFault | None]:
        """Return how many rows were checked and the first fault of the chains alone."""
        with self._store.read() as unit:
            return unit.events.verify()

    def begin(self) -> Problem | None:
        """Note what the log says nothing of yet; return what somebody changed outside the program since."""
        files = self._files()
        with self._store.read() as unit:
            noted = noted_state(event for event in unit.events.of(FILES) if event.kit == unit.events.kit)
        if not noted:
            noted = self._begin_noting(files)
        changed = sorted(fault.thing_id for fault in state_faults(_of(noted, FILE), files))
        if not changed:
            return None
        return Problem("audit.files_changed", {"files": ", ".join(changed)}, Recovery.ASK_OFFICE)

    def accept_files(self, reason: str) -> None:
        """Note that trust roots and SOP files are right as they are now.

        Raise `RuleError("role.not_yours")`, `InputError("audit.reason_needed")`.
        """
        assert self._units is not None
        if not reason.strip():
            raise InputError("audit.reason_needed")
        with self._units.write(Permission.KEEP_PROFILE) as work:
            events = [event for event in work.unit.events.all() if event.kit == work.unit.events.kit]
            gone = dict.fromkeys(_of(noted_state(events), FILE), "")
            kept = {"kept": {**gone, **self._files()}, "reason": reason.strip()}
            work.unit.events.append(FILES_ACCEPTED, FILES, kept, work.user.user_id, work.at)

    def report(self) -> AuditReport:
        """Check everything. A log of ten thousand rows takes about a second."""
        with self._store.read() as unit:
            events, kit = list(unit.events.all()), unit.events.kit
            chains = {chain: tuple(rows) for chain, rows in groupby(events, key=lambda event: event.chain)}
            own = {chain: rows for chain, rows in chains.items() if rows[0].kit == kit}
            faults = [fault for rows in chains.values() for fault in _broken(rows)]
            broken = {fault.thing_id.rpartition(":")[0] for fault in faults}
            witnesses = list(self._witnesses(unit, own, faults))
            sound = {chain: rows for chain, rows in own.items() if chain not in broken}
            losses = tuple(known_losses(sound, witnesses))
            faults += chain_faults(own, witnesses, losses)
            noted = noted_state(event for rows in own.values() for event in rows)
            found = {**unit.state.found(), **_keyed(RECEIPT, unit.state.receipts()), **self._files()}
        faults += state_faults(noted, found)
        slots = self._tools.uncertified_slots() if self._tools else ()
        faults += (AuditFault("slot", user_id, "audit.slot_uncertified") for user_id in slots)
        return AuditReport(len(events), proven_to(own, witnesses), tuple(faults), losses)

    def sign_head(self) -> None:
        """Sign the end of the log as it is now, at sign-out: another word that a change of the log must answer to."""
        if self._tools is None or self._units is None:
            return
        at = self._units.clock.now()
        with self._store.write() as unit:
            head = unit.events.head()
            if head is not None:
                word = {"kit": unit.events.kit, "chain": head.chain, "sequence": head.sequence, "digest": head.digest}
                jws = self._tools.signer.sign({**word, "at": at.isoformat()}, ANCHOR_TYP)
                unit.anchors.keep(Anchor(head.chain, head.sequence, head.digest, at, AnchorSource.KIT, jws))

    # --- parts

    def _witnesses(
        self, unit: Unit, own: Mapping[str, tuple[Event, ...]], faults: list[AuditFault]
    ) -> Iterator[Witness]:
        if (mark := self._store.mark()) is not None:
            yield Witness(mark, AnchorSource.KIT)
        for rows in own.values():
            for event in rows:
                if event.kind == "chain_begun" and (marked := json.loads(event.payload).get("marked")):
                    chain, sequence, digest = str(marked).split(":")
                    yield Witness(ChainHead(chain, int(sequence), digest), AnchorSource.KIT, event.at)
        for anchor in unit.anchors.all():
            head = ChainHead(anchor.chain, anchor.sequence, anchor.digest)
            if self._is_signed(anchor.jws, head):
                yield Witness(head, anchor.source, anchor.at, anchor.source is AnchorSource.CENTER)
            else:
                faults.append(AuditFault("anchor", f"{anchor.chain}:{anchor.sequence}", "audit.anchor_invalid"))
        yield from self._of_records(unit, faults)

    def _of_records(self, unit: Unit, faults: list[AuditFault]) -> Iterator[Witness]:
        if self._tools is None:
            return
        sealed = self._tools.sealed
        texts = {**sealed.archived().texts, **{i: sealed.manifest(i) for i in sealed.found().manifests}}
        entries = unit.records.with_ids(texts)
        for record_id in sorted(texts):
            try:
                stated = self._tools.manifests.read(texts[record_id])
            except VaultError:
                faults.append(AuditFault("manifest", record_id, "audit.manifest_invalid"))
                continue
            entry = entries.get(record_id)
            if entry is not None and entry.record.manifest_jws != stated.record.manifest_jws:
                faults.append(AuditFault("manifest", record_id, "audit.changed"))
            if stated.head is not None:
                is_there = entry is not None and entry.state in _RECEIVED
                yield Witness(stated.head, AnchorSource.RECORD, stated.record.sealed_at, is_there)

    def _is_signed(self, jws: str, head: ChainHead) -> bool:
        if self._tools is None:
            return True
        try:
            word = self._tools.kit_signature.verify(jws, ANCHOR_TYP)
        except VaultError:
            return False
        return (word.get("chain"), word.get("sequence"), word.get("digest")) == (head.chain, head.sequence, head.digest)

    def _files(self) -> dict[str, str]:
        return _keyed(FILE, self._tools.files()) if self._tools else {}

    def _begin_noting(self, files: Mapping[str, str]) -> dict[str, str]:
        """Note once what the log says nothing of; return what it says of files, older programs' words included."""
        with self._store.read() as unit:
            of_state = noted_state(event for event in unit.events.of(STATE) if event.kit == unit.events.kit)
            missing = dict[str, str]()
            if not any(key.startswith(("setting/", "user/")) for key in of_state):  # written by an older program
                known = noted_state(event for event in unit.events.all() if event.kit == unit.events.kit)
                missing = {key: digest for key, digest in unit.state.found().items() if key not in known}
        noted = {key: digest for key, digest in of_state.items() if key.startswith(f"{FILE}/")}
        noted = noted or {f"{FILE}/": "", **files}  # the empty key says that somebody looked, also where nothing was
        with self._store.write() as unit:
            if missing:
                self._note(unit, STATE, missing)
            self._note(unit, FILES, noted)
        return noted

    def _note(self, unit: Unit, aggregate: str, kept: Mapping[str, str]) -> None:
        assert self._units is not None
        user_id, at = self._units.user.user_id, self._units.clock.now()
        unit.events.append(STATE_KEPT, aggregate, {"kept": dict(kept)}, user_id, at)


def _broken(rows: tuple[Event, ...]) -> Iterator[AuditFault]:
    fault = verify_chain(rows)
    if fault is not None:
        yield AuditFault("chain", f"{fault.chain}:{fault.sequence}", fault.code)


def _of(state: Mapping[str, str], kind: str) -> dict[str, str]:
    return {key: digest for key, digest in state.items() if key.startswith(f"{kind}/") and digest}


def _keyed(kind: str, digests: Mapping[str, str]) -> dict[str, str]:
    return {f"{kind}/{name}": digest for name, digest in digests.items()}


_WHOLE_EVERY = timedelta(days=7)


class CheckStore:
    """Looks at every page once a day and after a cut, at everything once a week, and keeps the daily copy."""

    def __init__(self, care: StoreCare, clock: Clock, *, was_cut: bool = False) -> None:
        """`was_cut` when the store was not closed the last time: the power may have gone."""
        self._care, self._clock, self._was_cut = care, clock, was_cut
        self.is_due = True

    def run(self) -> Sequence[Problem]:
        """Do what this sign-in owes the store, and return what a person must hear.

        Raise `StoreError` when the disk is full.
        """
        self.is_due = False
        # After years a look at every page takes seconds of a processor: not at each sign-in of a day.
        told = self.check() if self._was_cut or self._care.is_copy_due(self._clock.now()) else ()
        if not told:
            self._care.tidy()
        return told

    def check(self) -> Sequence[Problem]:
        """Look at every page and copy, and return what a person must hear. Raise `StoreError`."""
        now = self._clock.now()
        last = self._care.checked_whole_at()
        is_whole = last is None or not now - _WHOLE_EVERY < last <= now
        damage = self._care.damage() or (self._care.deep_damage() if is_whole else ())
        if damage:
            self._care.note_damage()
            return [Problem("store.damage_found", {"places": len(damage)}, Recovery.SIGN_IN)]
        told = []
        if is_whole:
            if bad := self._care.bad_files():
                told.append(Problem("store.files_damaged", {"count": len(bad), "first": bad[0]}, Recovery.ASK_OFFICE))
            self._care.note_whole_check(now)
        self._care.copy(now)
        return told
