"""Before the seal: whether this person's fingers are in a record of this kit without a receipt, or an operator's.

It is advice. What it found, and who decided to seal all the same, stands in the log and so in the record.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.domain.people import Permission, User
from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.exceptions import Act
from fieldkit.domain.recording.positions import FINGERS, Position
from fieldkit.domain.recording.session import CaptureSession, LogEvent
from fieldkit.ports.clock import Clock
from fieldkit.ports.delivery import Credential, answered
from fieldkit.ports.recording import NikKey, PersonFinder, SamePerson
from fieldkit.ports.store import Store, Unit
from fieldkit.services.people.keep_accounts import OPERATOR, operator_key
from fieldkit.services.recording.run_session import note

FOUND = "person_found_again"
OPERATOR_FOUND = "operators_finger_found"


@dataclass(frozen=True, slots=True)
class RecordedBefore:
    """A record of this kit whose fingers are taken for this person's."""

    record_id: str
    masked_name: str
    masked_nik: str
    sealed_at: datetime
    is_same_nik: bool
    fingers: int
    score: float


@dataclass(frozen=True, slots=True)
class OperatorsFinger:
    """A finger of this recording that is taken for one of the kit's operators'; `record_id` stands for the user."""

    record_id: str
    name: str
    position: Position
    score: float


Found = RecordedBefore | OperatorsFinger
_Compared = tuple[tuple[str, ...], frozenset[str]]  # samples, and with whose fingers
_Owners = tuple[Sequence[SamePerson], Sequence[SamePerson]]  # operators, records


class FindAgain:
    """For the user who is signed in."""

    def __init__(self, store: Store, finder: PersonFinder, nik_key: NikKey, clock: Clock, user: User) -> None:
        self._store, self._finder, self._nik_key, self._clock, self._user = store, finder, nik_key, clock, user
        self._compared: tuple[_Compared, _Owners] | None = None  # what was compared last, and who was found

    def look_ahead(self, session_id: str) -> None:
        """Compare already while the person gives what comes after the fingers; `look` needs only what changed since.

        Raise `StoreError`.
        """
        with self._store.read() as unit:
            compared, samples = self._to_compare(unit, unit.sessions.get(session_id))
        self._find(compared, samples)
        self._finder.describe(samples)  # as the seal will

    def look(self, session_id: str) -> Sequence[Found]:
        """Compare the fingers of a recording with operators' and with records without a receipt, and log what is found.

        Takes up to a second. Raise `StoreError`.
        """
        with self._store.read() as unit:
            session = unit.sessions.get(session_id)
            compared, samples = self._to_compare(unit, session)
        owners, records = self._find(compared, samples)
        self._compared = None  # who asks again wants to know how it is then
        return [*self._operators(session, owners), *self._records(session, records)]

    def _to_compare(self, unit: Unit, session: CaptureSession) -> tuple[_Compared, Sequence[Sample]]:
        ids = tuple(ref.sample_id for _, ref in session.kept if ref.position in FINGERS)
        return (ids, frozenset(unit.finger_templates.held())), [unit.sessions.sample(id_) for id_ in ids]

    def _find(self, compared: _Compared, samples: Sequence[Sample]) -> _Owners:
        if self._compared is None or self._compared[0] != compared:
            held = compared[1]
            operators = {key for key in held if key.startswith(OPERATOR)}
            owners = self._finder.find_owners(samples, operators, self._load)
            self._compared = compared, (owners, self._finder.find(samples, held - operators, self._load))
        return self._compared[1]

    def _operators(self, session: CaptureSession, found: Sequence[SamePerson]) -> Sequence[OperatorsFinger]:
        if not found:
            return ()
        with self._store.write() as unit:
            names = {operator_key(user.user_id): user for user in unit.users()}
            fingers = [
                OperatorsFinger(names[each.record_id].user_id, names[each.record_id].name, each.fingers[0], each.score)
                for each in found
                if each.record_id in names
            ]
            if fingers and not _is_noted(unit, session, OPERATOR_FOUND, fingers[0].record_id):
                said = {
                    "operator": fingers[0].record_id,
                    "position": fingers[0].position.value,
                    "score": fingers[0].score,
                    "method": self._finder.method,
                }
                note(unit, session, LogEvent(OPERATOR_FOUND, said), self._user.user_id, self._clock)
        return fingers

    def _records(self, session: CaptureSession, found: Sequence[SamePerson]) -> Sequence[RecordedBefore]:
        if not found:
            return ()
        digest = self._nik_key.digest(session.biodata.nik.digits) if session.biodata is not None else ""
        with self._store.write() as unit:
            known = unit.records.with_ids([same.record_id for same in found])
            before = [
                RecordedBefore(
                    record_id=same.record_id,
                    masked_name=record.masked_name,
                    masked_nik=record.masked_nik,
                    sealed_at=record.sealed_at,
                    is_same_nik=record.nik_digest == digest,
                    fingers=len(same.fingers),
                    score=same.score,
                )
                for same in found
                if same.record_id in known and (record := known[same.record_id].record) is not None
            ]
            if before and not _is_noted(unit, session, FOUND, before[0].record_id):
                said = {
                    "record": before[0].record_id,
                    "same_nik": before[0].is_same_nik,
                    "fingers": before[0].fingers,
                    "score": before[0].score,
                    "method": self._finder.method,
                }
                note(unit, session, LogEvent(FOUND, said), self._user.user_id, self._clock)
        return before

    def allow(self, session_id: str, record_id: str, lead: Credential) -> None:
        """Note that a team lead lets the recording be sealed although the person seems to be in another record.

        Raise `RuleError` when that is no team lead, or nobody else than the user.
        """
        if not lead.user.may(Permission.ALLOW_FAILURE):
            raise RuleError("session.lead_only", role=lead.user.role.value)
        if lead.user.user_id == self._user.user_id:
            raise RuleError("session.second_person")
        with self._store.write() as unit:
            session = unit.sessions.get(session_id)
            act = answered(lead, Act.AGAIN, session_id, "", FOUND, self._clock.now(), (record_id,))
            said = {"record": record_id, "allowed_by": act.by, **act.payload}
            note(unit, session, LogEvent(Act.AGAIN, said), self._user.user_id, self._clock)

    def _load(self, record_id: str) -> bytes:
        with self._store.read() as unit:
            try:
                return unit.finger_templates.get(record_id)
            except StoreError as gone:  # its receipt came in between
                if gone.code != "store.not_found":
                    raise
                return b""


def _is_noted(unit: Unit, session: CaptureSession, kind: str, record_id: str) -> bool:
    return any(event.kind == kind and record_id in event.payload for event in unit.events.of(session.session_id))
