"""Record one resident: each act loads the session, lets the machine decide, commits state, samples and log at once."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from enum import StrEnum

from fieldkit.domain.errors import InputError, Problem, RuleError
from fieldkit.domain.events import canonical_json, digest_of
from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.nik import Nik
from fieldkit.domain.people import Permission, User
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording import session as ev
from fieldkit.domain.recording.biodata import Biodata, CodeTables, check_biodata
from fieldkit.domain.recording.capture import (
    UNASKED,
    Attempt,
    CapturePolicy,
    DeviceLink,
    ExceptionInk,
    Fault,
    QualityScore,
    Sample,
    SampleFormat,
    SampleRef,
    StepKind,
)
from fieldkit.domain.recording.exceptions import ATTEMPTS_SPENT, Act, InkGiven, InkRole, InkWanted
from fieldkit.domain.recording.positions import INDEX_FINGERS, ExceptionMark, ExceptionReason, Position, demand_lead
from fieldkit.domain.recording.record import FORM, IndexComparison, Notice
from fieldkit.domain.recording.session import CaptureSession, DropSamples, EraseSession, LogEvent, Phase
from fieldkit.domain.targets.sheets import statement_of
from fieldkit.domain.typed import draft_of_recording
from fieldkit.domain.visits import Perekaman
from fieldkit.ports.clock import Clock, Ids
from fieldkit.ports.delivery import Credential, answered
from fieldkit.ports.devices import Cancel, CaptureResult, DeviceError, DeviceKind, Registry, SampleFault
from fieldkit.ports.recording import Match, Matcher, MatchVerdict, NikKey, SamplePictures
from fieldkit.ports.repositories import CardReader, KtpElChip
from fieldkit.ports.store import Store, Unit
from fieldkit.ports.vault import Sam
from fieldkit.services.sop.run_sop import perekaman_of, recording_begun, target_settled
from fieldkit.services.unit_of_work import UnitOfWork
from fieldkit.services.visits.run_visits import demand_new, visit_broken_off

# Look at the card that a resident already has: before recording, and when a new one is handed over.

WAIT_MS = 15_000
PHOTO_PX = 480


class CardMoment(StrEnum):
    """Why the card was looked at."""

    BEFORE_RECORDING = "before_recording"
    HANDOVER = "handover"


@dataclass(frozen=True, slots=True)
class CardSeen:
    """What the card told. `closed_by` says why the biodata on it stays closed, None when a SAM is at hand."""

    is_ktp_el: bool
    uid_digest: str = ""  # keyed; empty when the card tells no number or makes one up each time
    photograph: bytes = b""  # JPEG; empty when the chip's picture cannot be shown
    closed_by: Problem | None = None
    number: str = ""  # of the chip, in capital hex digits; empty where `uid_digest` is


@dataclass(frozen=True, slots=True)
class CardTools:
    """What reading a card takes besides the reader."""

    chip: KtpElChip
    sam: Sam
    pictures: SamplePictures
    key: NikKey


class CheckCard:
    """Reads the card in the kit's reader and remembers that it was seen."""

    def __init__(self, registry: Registry, tools: CardTools, store: Store, clock: Clock, user: User) -> None:
        self._registry, self._tools, self._store, self._clock, self._user = registry, tools, store, clock, user

    def read(self, cancel: Cancel, timeout_ms: int = WAIT_MS) -> CardSeen:
        """Wait for a card and read what it tells freely; blocks. Raise a `DeviceError`."""
        reader = self._registry.device_for(DeviceKind.CARD_READER)
        assert isinstance(reader, CardReader)
        reader.open(cancel)
        try:
            card = self._tools.chip.read(reader, reader.wait_for_card(cancel, timeout_ms))
        finally:
            reader.close()
        if card is None:
            return CardSeen(is_ktp_el=False)
        number = "" if _is_made_up(card.uid) else card.uid.hex()
        digest = self._tools.key.digest(number) if number else ""
        return CardSeen(True, digest, self._picture(card.photograph), self._closed_by(cancel), number.upper())

    def number(self, cancel: Cancel) -> str:
        """Return the number of the chip of a new card. Raise like `read`, `RuleError("blank.no_chip_number")`."""
        seen = self.read(cancel)
        if not seen.number:
            raise RuleError("blank.no_chip_number")
        return seen.number

    def note(self, target_id: str, seen: CardSeen, moment: CardMoment) -> None:
        """Write down that this person showed a KTP-el; nothing is written of another card."""
        if not seen.is_ktp_el:
            return
        with self._store.write() as unit:
            payload = {"moment": moment.value, "uid": seen.uid_digest}
            unit.events.append("card_seen", target_id, payload, self._user.user_id, self._clock.now())

    def _picture(self, photograph: bytes) -> bytes:
        try:
            return self._tools.pictures.photo(photograph, PHOTO_PX)
        except InputError:
            return b""

    def _closed_by(self, cancel: Cancel) -> Problem | None:
        try:
            self._tools.sam.open(cancel)
        except DeviceError as error:
            return error.problem
        self._tools.sam.close()
        return None


def _is_made_up(uid: bytes) -> bool:
    """Return whether a number is empty or random: four bytes beginning with 08 (ISO/IEC 14443-3, 6.5.4)."""
    return not uid or (len(uid) == 4 and uid[0] == 0x08)


class RunSession:
    """The acts of a recording, for the user who is signed in."""

    def __init__(
        self,
        store: Store,
        clock: Clock,
        ids: Ids,
        me: Credential,
        policy: CapturePolicy,
        tables: CodeTables,
        nik_key: NikKey,
        matcher: Matcher | None = None,
    ) -> None:
        self._store, self._clock, self._ids, self._me, self._user = store, clock, ids, me, me.user
        self._policy, self._tables, self._nik_key, self._matcher = policy, tables, nik_key, matcher

    def open(self, target_id: str) -> CaptureSession:
        """Open the recording of a target, or go on with the one that was left.

        Raise `RuleError("session.recorded_before")` when this laptop holds a record of the same NIK,
        `RuleError("session.official_mode")` where the activity records in the official application.
        """
        if not self._user.may(Permission.RECORD):
            raise RuleError("session.not_your_role", role=self._user.role.value)
        with self._store.write() as unit:
            target = unit.targets.get(target_id)
            for left in unit.sessions.unfinished():
                if left.target_id == target_id:
                    return self._handle(unit, left, ev.Resumed()) if left.phase is Phase.SUSPENDED else left
            if perekaman_of(unit, target.activity_id) is Perekaman.RESMI:
                raise RuleError("session.official_mode")
            demand_new(unit, target.biodata.nik, self._nik_key)
            session = CaptureSession(
                session_id=self._ids.new(),
                activity_id=target.activity_id,
                target_id=target_id,
                attendant=self._user.user_id,
                opened_at=self._clock.now(),
                policy=self._policy,
            )
            unit.sessions.save(session)  # the target stays as it was until the notice is given
            self._log(unit, session, LogEvent("session_opened", {"target": target_id, "form": FORM}))
            return session

    def find(self, session_id: str) -> CaptureSession:
        """Return the session as it is on disk."""
        with self._store.read() as unit:
            return unit.sessions.get(session_id)

    def give_notice(self, session_id: str, language: str, companion: str = "") -> CaptureSession:
        """Note that the subject was informed; from now on the target is being recorded."""
        with self._store.write() as unit:
            notice = Notice(self._clock.now(), language, companion)
            session = self._handle(unit, unit.sessions.get(session_id), ev.NoticeGiven(notice))
            unit.targets.mark(session.target_id, TargetState.RECORDING)
            recording_begun(self._writing(unit), session.activity_id)
            return session

    def note_work(self, session_id: str, ms: int) -> CaptureSession:
        """Add milliseconds of work; what comes after the end of the session changes nothing."""
        return self._move(session_id, ev.Worked(ms))

    def confirm_biodata(self, session_id: str, biodata: Biodata) -> CaptureSession:
        """Take the biodata that was read out and confirmed.

        Raise `InputError` for what cannot be on a KK, `RuleError("session.recorded_before")` for a NIK that is known,
        `RuleError("session.no_statement")` for somebody without a NIK whose F-1.04 with two witnesses is not there,
        `RuleError("session.nik_untraced")` for a NIK that is typed over a provisional number.
        """
        today = self._clock.today()
        check_biodata(biodata, self._tables, today)
        digest = digest_of(
            canonical_json({"nik": biodata.nik.official, "kk": biodata.no_kk.digits, "name": biodata.name})
        )
        with self._store.write() as unit:
            self._demand_statement(unit, unit.sessions.get(session_id).target_id, biodata.nik)
            demand_new(
                unit, biodata.nik, self._nik_key
            )  # the NIK may have been corrected since the recording was opened
            return self._handle(unit, unit.sessions.get(session_id), ev.BiodataConfirmed(biodata, digest, today))

    def keep_attempt(
        self,
        session_id: str,
        step: StepKind,
        device: str,
        asked: Sequence[Position],
        result: CaptureResult,
        firmware: str = "",
    ) -> CaptureSession:
        """Keep what a device delivered. Positions that were asked for and did not come count as a fault."""
        with self._store.write() as unit:
            session = unit.sessions.get(session_id)
            number = len(session.step(step).attempts) + 1
            samples = {self._ids.new(): sample for sample in result.samples if sample.position in asked}
            refs = tuple(_ref(sample_id, sample, number) for sample_id, sample in samples.items())
            came = {ref.position for ref in refs}
            faults = {fault.position: _fault(fault) for fault in result.faults}
            missing = tuple(faults.get(p, Fault(p, "device.not_seen")) for p in asked if p not in came)
            links = _links(result, refs, missing)
            attempt = Attempt(number, self._clock.now(), device, refs, missing, firmware, self._user.user_id, links)
            after = self._handle(unit, session, ev.AttemptMade(step, attempt, result.last_hash))
            unit.sessions.put_samples(session_id, samples)  # after it: what is no better than before is never written
            return after

    def accept(self, session_id: str, step: StepKind) -> CaptureSession:
        """Take the best samples of a step."""
        return self._act(session_id, ev.StepAccepted(step))

    def mark_exceptions(
        self,
        session_id: str,
        step: StepKind,
        positions: Sequence[Position],
        reason: ExceptionReason,
        witness: str,
        second: Credential | None = None,
        photo: bytes = b"",
        witness_nik: str = "",
    ) -> CaptureSession:
        """Mark positions that the subject cannot give, before a witness; `photo` (JPEG) shows why.

        Every attendant signs the marks, the user and the `second` one.

        Raise `RuleError` `session.no_photo`, `session.no_second` or `session.no_lead` where the dinas wants a photo, a
        second attendant or a lead, `InputError` for a NIK of the witness that is none, or lacks where it is wanted.
        """
        with self._store.write() as unit:
            session = unit.sessions.get(session_id)
            if session.policy.exception_photo and not photo:
                raise RuleError("session.no_photo")
            if session.policy.exception_ink is ExceptionInk.BOTH and second is None:
                raise RuleError("session.no_second")
            if session.policy.witness_nik or witness_nik:
                Nik.parse(witness_nik)
            attendants, at = (self._me, *([second] if second else [])), self._clock.now()
            photo_id = self._ids.new() if photo else ""
            if photo:
                shown = Sample(positions[0], SampleFormat.PHOTO, photo, QualityScore(0, "none"))
                unit.sessions.put_samples(session_id, {photo_id: shown})
            marks = tuple(
                ExceptionMark(
                    position,
                    reason,
                    session.step(step).attempts_at(position),
                    tuple(each.user.user_id for each in attendants),
                    witness,
                    at,
                    photo_id,
                    witness_nik,
                )
                for position in positions
            )
            leads = {user.user_id for user in unit.users() if user.may(Permission.ALLOW_FAILURE)}
            demand_lead((*session.exceptions, *marks), leads, session.policy.exceptions_alone)
            about = tuple(mark.digest for mark in marks)
            acts = tuple(
                answered(each, Act.EXCEPTION, session_id, step, reason.value, at, about) for each in attendants
            )
            return self._handle(unit, session, ev.ExceptionMarked(step, marks, acts))

    def take_exception_back(self, session_id: str, step: StepKind, position: Position) -> CaptureSession:
        """Undo a mark."""
        return self._act(session_id, ev.ExceptionTakenBack(step, position))

    def inks_open(self, session_id: str) -> Sequence[tuple[InkWanted, str]]:
        """Return whose ink the exceptions of a recording lack, with their names."""
        with self._store.read() as unit:
            names = {user.user_id: user.name for user in unit.users()}
            return [(each, _name_of(each, names)) for each in unit.sessions.get(session_id).inks_open]

    def take_ink(self, session_id: str, wanted: InkWanted, sample: Sample, device: str) -> CaptureSession:
        """Keep what a witness or the second attendant signed. Raise `RuleError("session.ink_unwanted")`."""
        with self._store.write() as unit:
            names = {user.user_id: user.name for user in unit.users()}
            sample_id, digest = self._ids.new(), hashlib.sha256(sample.data).hexdigest()
            who, at = self._user.user_id, self._clock.now()
            ink = InkGiven(wanted, _name_of(wanted, names), sample_id, digest, at, device, who)
            unit.sessions.put_samples(session_id, {sample_id: sample})
            return self._handle(unit, unit.sessions.get(session_id), ev.InkTaken(ink))

    def allow_failure(self, session_id: str, step: StepKind, lead: Credential) -> CaptureSession:
        """Let a step pass whose attempts are spent; the team lead signs it."""
        if not lead.user.may(Permission.ALLOW_FAILURE):
            raise RuleError("session.lead_only", role=lead.user.role.value)
        act = answered(lead, Act.FAILURE, session_id, step, ATTEMPTS_SPENT, self._clock.now())
        return self._act(session_id, ev.FailureAllowed(step, act))

    @property
    def has_matcher(self) -> bool:
        """Return whether index fingers can be compared here."""
        return self._matcher is not None

    def prepare_indexes(self, session_id: str) -> None:
        """Let the matcher read the recorded index fingers while the subject gives them again."""
        if self._matcher is not None:
            for reference in self._indexes(session_id).values():
                self._matcher.prepare(reference)

    def read_ahead(self, probe: Sample) -> None:
        """Let the matcher read a finger that was given again, while the next one is given. Raise `InputError`."""
        if self._matcher is not None:
            self._matcher.prepare(probe)

    def verify_indexes(self, session_id: str, probes: Sequence[Sample] = ()) -> CaptureSession:
        """Compare the index fingers with fresh ones; without a matcher or a finger it is noted as not compared.

        The result is advice that the record keeps; whatever it says, the recording goes on when people want it to.
        """
        references = self._indexes(session_id) if probes else {}
        pairs = [(references[probe.position], probe) for probe in probes if probe.position in references]
        # Not inside the transaction: comparing takes its time.
        matcher = self._matcher
        found = [(probe.position, matcher.compare(reference, probe)) for reference, probe in pairs] if matcher else []
        return self._act(
            session_id,
            ev.IndexesVerified(
                _verdict_of([match for _, match in found]),
                f"{found[0][1].algorithm} {found[0][1].version}" if found else "",
                tuple((position, match.score) for position, match in found),
            ),
        )

    def decide_mismatch(self, session_id: str) -> CaptureSession:
        """Note that the index fingers are not those recorded. Raise `RuleError` before two touches that seem so."""
        return self._act(session_id, ev.MismatchDecided())

    def review(self, session_id: str) -> CaptureSession:
        """Open the review. Raise `RuleError` while something is missing."""
        return self._move(session_id, ev.ReviewOpened())

    def leave_review(self, session_id: str) -> CaptureSession:
        """Go back to capturing."""
        return self._move(session_id, ev.ReviewLeft())

    def suspend(self, session_id: str, reason: str = "") -> CaptureSession:
        """Pause; everything captured stays."""
        return self._act(session_id, ev.Suspended(reason))

    def refuse(self, session_id: str, reason: ev.EndReason) -> CaptureSession:
        """End without a record because the subject does not want or cannot."""
        return self._end(session_id, ev.Refused(reason), TargetState.POSTPONED)

    def abandon(self, session_id: str, reason: ev.EndReason) -> CaptureSession:
        """End without a record because the team gave up."""
        return self._end(session_id, ev.Abandoned(reason), TargetState.POSTPONED)

    def sample(self, sample_id: str) -> Sample:
        """Return the bytes of a kept sample, for a picture on the screen."""
        with self._store.read() as unit:
            return unit.sessions.sample(sample_id)

    def _demand_statement(self, unit: Unit, target_id: str, nik: Nik) -> None:
        target = unit.targets.get(target_id)
        if nik.is_provisional and statement_of(unit.repository(Letter).of(target.activity_id), target_id) is None:
            raise RuleError("session.no_statement").at("nik")
        if target.biodata.nik.is_provisional and nik != target.biodata.nik:
            raise RuleError("session.nik_untraced").at("nik")

    def _end(self, session_id: str, event: ev.Refused | ev.Abandoned, state: TargetState) -> CaptureSession:
        with self._store.write() as unit:
            session = self._handle(unit, unit.sessions.get(session_id), event)
            unit.targets.mark(session.target_id, state, event.reason.value)
            visit_broken_off(self._writing(unit), session, event.reason)
            target_settled(self._writing(unit), session.activity_id)
            return session

    def _writing(self, unit: Unit) -> UnitOfWork:
        return UnitOfWork(unit, self._user, self._clock.now(), self._ids)

    def _indexes(self, session_id: str) -> dict[Position, Sample]:
        with self._store.read() as unit:
            kept = [ref for _, ref in unit.sessions.get(session_id).kept if ref.position in INDEX_FINGERS]
            return {ref.position: unit.sessions.sample(ref.sample_id) for ref in kept}

    def _act(self, session_id: str, event: ev.SessionEvent) -> CaptureSession:
        with self._store.write() as unit:
            return self._handle(unit, unit.sessions.get(session_id), event)

    def _move(self, session_id: str, event: ev.Worked | ev.ReviewOpened | ev.ReviewLeft) -> CaptureSession:
        """Do what the log does not tell of: a power cut may take it, and nothing is lost."""
        with self._store.write_lazily() as unit:
            return self._handle(unit, unit.sessions.get(session_id), event)

    def _handle(self, unit: Unit, session: CaptureSession, event: ev.SessionEvent) -> CaptureSession:
        return carry_out(unit, session, event, self._user.user_id, self._clock)

    def _log(self, unit: Unit, session: CaptureSession, event: LogEvent) -> None:
        note(unit, session, event, self._user.user_id, self._clock)


def carry_out(unit: Unit, session: CaptureSession, event: ev.SessionEvent, actor: str, clock: Clock) -> CaptureSession:
    """Let the machine handle an event and carry its commands out within the open transaction."""
    after, commands = session.handle(event)
    unit.sessions.save(after)
    for command in commands:
        match command:
            case LogEvent():
                note(unit, session, command, actor, clock)
            case DropSamples(sample_ids):
                unit.sessions.drop_samples(sample_ids)
            case EraseSession():
                unit.sessions.erase(session.session_id)
                unit.drafts.erase_all_of(draft_of_recording(session.session_id))
    return after


def note(unit: Unit, session: CaptureSession, event: LogEvent, actor: str, clock: Clock) -> None:
    """Append an event of a recording; it names the one before it, for the record holds no others of the log."""
    last = unit.events.last_of(session.session_id)
    payload = {**event.payload, "after": last.digest if last else ""}
    unit.events.append(event.kind, session.session_id, payload, actor, clock.now())


def _name_of(wanted: InkWanted, names: Mapping[str, str]) -> str:
    return wanted.who if wanted.role is InkRole.WITNESS else names.get(wanted.who, wanted.who)


def _fault(fault: SampleFault) -> Fault:
    refused = fault.refused
    if refused is None:
        return Fault(fault.position, fault.code)
    chain_hash = refused.evidence.chain_hash if refused.evidence else ""
    return Fault(fault.position, fault.code, hashlib.sha256(refused.data).hexdigest(), chain_hash)


def _links(result: CaptureResult, refs: Sequence[SampleRef], faults: Sequence[Fault]) -> tuple[DeviceLink, ...]:
    """Return the links of the device's chain, each that has no sample with the reason."""
    reasons = {fault.sha256: fault.code for fault in faults} | {ref.sha256: "" for ref in refs}
    return tuple(
        link if link.discarded else replace(link, discarded=reasons.get(link.sha256, UNASKED)) for link in result.links
    )


def _ref(sample_id: str, sample: Sample, attempt: int) -> SampleRef:
    return SampleRef(
        sample_id=sample_id,
        position=sample.position,
        format=sample.format,
        quality=sample.quality,
        sha256=hashlib.sha256(sample.data).hexdigest(),
        size_bytes=len(sample.data),
        attempt=attempt,
        hints=sample.hints,
        chain_hash=sample.evidence.chain_hash if sample.evidence else "",
        device_quality=sample.device_quality,
    )


def _verdict_of(matches: Sequence[Match]) -> IndexComparison:
    """Return one word for all fingers: one that seems different counts for more than one that is the same."""
    verdicts = {match.verdict for match in matches}
    if not verdicts:
        return IndexComparison.NOT_COMPARED
    if MatchVerdict.DIFFERENT in verdicts:
        return IndexComparison.DOUBTED
    return IndexComparison.MATCHED if verdicts == {MatchVerdict.SAME} else IndexComparison.NOT_COMPARABLE
