"""In the field: the way of a team to its place, and what happened at each door."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from enum import StrEnum
from functools import cache
from itertools import pairwise
from typing import ClassVar

from fieldkit.domain.delivery import CentralStatus, DeliveryState, QueueEntry, SealedRecord
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.planning.outreach import Spot, TargetState
from fieldkit.domain.recording.positions import REASONS, ExceptionReason, Position
from fieldkit.domain.recording.record import ChainLink

VISIT_MINUTES = 30  # SI JARAN IJO step 10: one recording of a cooperative person


class Leg(StrEnum):
    """A moment of the way, in the order in which they come."""

    DEPARTED = "departed"
    ARRIVED = "arrived"  # at the office of the desa
    AT_LOCATION = "at_location"  # where people are recorded
    RETURNED = "returned"


_LEGS = tuple(Leg)


@dataclass(frozen=True, slots=True)
class Moment:
    """When a leg was reached; `spot` is there when GPS told it, else somebody typed the time."""

    leg: Leg
    at: datetime
    spot: Spot | None = None


@dataclass(frozen=True, slots=True)
class Coordination:
    """With whom of the desa or institution the team spoke, and what place they agreed upon."""

    at: datetime
    name: str
    jabatan: str
    agreed: str = ""


@dataclass(frozen=True, slots=True)
class Trip:
    """One way out and back of one team; several days or teams make several trips of one activity."""

    KIND: ClassVar[str] = "trip"

    thing_id: str
    activity_id: str
    by: str  # user_id of who wrote it down
    moments: tuple[Moment, ...] = ()
    coordination: Coordination | None = None
    companions: tuple[str, ...] = ()
    is_escort_wanted: bool = False
    escort: str = ""  # who came along for the safety of the team
    note: str = ""

    @property
    def words(self) -> str:
        """Nothing: a trip is found by its activity."""
        return ""

    def at(self, leg: Leg) -> datetime | None:
        """Return when a leg was reached."""
        return next((moment.at for moment in self.moments if moment.leg is leg), None)

    @property
    def way_minutes(self) -> int | None:
        """Return how long the way out took, None while that cannot be said."""
        departed, arrived = self.at(Leg.DEPARTED), self.at(Leg.ARRIVED)
        return None if departed is None or arrived is None else _minutes(arrived - departed)

    def spot(self, leg: Leg) -> Spot | None:
        """Return where a leg was reached, when GPS told it."""
        return next((moment.spot for moment in self.moments if moment.leg is leg), None)

    @property
    def next_leg(self) -> Leg | None:
        """Return the leg that comes next, None when the team is back."""
        last = max((_LEGS.index(moment.leg) for moment in self.moments), default=-1)
        return _LEGS[last + 1] if last + 1 < len(_LEGS) else None

    def reaching(self, *told: Moment) -> Trip:
        """Return the trip with moments noted or corrected. Raise `InputError("visit.times_wrong")` out of order."""
        by_leg = {moment.leg: moment for moment in (*self.moments, *told)}
        moments = tuple(by_leg[leg] for leg in _LEGS if leg in by_leg)
        if any(after.at < before.at for before, after in pairwise(moments)):
            raise InputError("visit.times_wrong")
        return replace(self, moments=moments)


class Outcome(StrEnum):
    """How a visit ended."""

    DIREKAM = "direkam"
    DIREKAM_DENGAN_PENGECUALIAN = "direkam_dengan_pengecualian"
    DIREKAM_RESMI = "direkam_resmi"  # in the official application, with or without exceptions
    SUDAH_MEREKAM = "sudah_merekam"
    MENINGGAL = "meninggal"
    PINDAH = "pindah"
    TIDAK_DI_TEMPAT = "tidak_di_tempat"
    MENOLAK = "menolak"
    LARI = "lari"
    SAKIT = "sakit"
    ALAT_RUSAK = "alat_rusak"
    TANPA_SINYAL = "tanpa_sinyal"
    NIK_BERMASALAH = "nik_bermasalah"


RECORDED = (Outcome.DIREKAM, Outcome.DIREKAM_DENGAN_PENGECUALIAN, Outcome.DIREKAM_RESMI)
"""The outcomes of a visit that ended with a recording, here or in the official application."""
FOR_GOOD = frozenset({Outcome.SUDAH_MEREKAM, Outcome.MENINGGAL, Outcome.PINDAH})
_DONE = frozenset({TargetState.RECORDED, TargetState.RECORDED_WITH_EXCEPTION})
OPEN = (TargetState.PLANNED, TargetState.RECORDING)


def may_wish_revisit(outcome: Outcome) -> bool:
    """Return whether coming again makes sense."""
    return outcome not in RECORDED and outcome not in FOR_GOOD


def settles(outcome: Outcome, wants_revisit: bool, state: TargetState) -> TargetState:
    """Return the state of a target after a visit. Raise `RuleError` when it tells another story than the target.

    Only a sealed record or a noted recording of the official application says "direkam"; and what was recorded is not
    taken back by an outcome.
    """
    if outcome in RECORDED:
        if state not in _DONE:
            raise RuleError("visit.not_recorded")
        return state
    if state in _DONE:
        raise RuleError("visit.was_recorded")
    return TargetState.POSTPONED if wants_revisit and may_wish_revisit(outcome) else TargetState.CANCELLED


class Doors(StrEnum):
    """Which doors of a day are meant; the values are keys of words behind `field.show_`."""

    ALL = "all"
    OPEN = "open"
    AGAIN = "again"
    WALK_INS = "walk_ins"
    DONE = "done"


@cache  # asked for thousands of doors at once, of which few differ
def belongs(state: TargetState, last: Outcome | None, *, is_walk_in: bool) -> frozenset[Doors]:
    """Return where a door belongs after its last visit."""
    found = {Doors.ALL}
    if state in OPEN:
        found.add(Doors.OPEN)
    if state is TargetState.POSTPONED and last not in FOR_GOOD:
        found.add(Doors.AGAIN)
    if is_walk_in:
        found.add(Doors.WALK_INS)
    if state in _DONE:
        found.add(Doors.DONE)
    return frozenset(found)


@dataclass(frozen=True, slots=True)
class Visit:
    """One call at one door. `safety` is private: shown on the visit card, never printed, never searched."""

    KIND: ClassVar[str] = "visit"

    thing_id: str
    activity_id: str
    target_id: str
    by: str  # user_id
    started_at: datetime
    ended_at: datetime | None = None
    outcome: Outcome | None = None
    companion: str = ""
    note: str = ""
    safety: str = ""
    wants_revisit: bool = False
    revisit_note: str = ""  # when the family is at home, what to bring
    revisit_on: date | None = None  # the day that was agreed upon, None when nobody could say
    worked_ms: int = 0  # at the recording that ended it, without its pauses; 0 where nothing was measured

    @property
    def words(self) -> str:
        """Nothing: what was noted at a door is not to be found by words."""
        return ""

    @property
    def is_open(self) -> bool:
        """Return whether it still goes on."""
        return self.ended_at is None

    def minutes(self, now: datetime) -> int:
        """Return how long it took, or takes until now; of a recording the time that was worked."""
        if self.worked_ms:
            return _minutes(timedelta(milliseconds=self.worked_ms))
        return max(0, _minutes((self.ended_at or now) - self.started_at))

    def ending(self, outcome: Outcome, at: datetime) -> Visit:
        """Return the visit as it ended. Raise `RuleError("visit.ended_before")`."""
        if not self.is_open:
            raise RuleError("visit.ended_before")
        return replace(self, outcome=outcome, ended_at=max(at, self.started_at))


# Recording in the official application: which activities do, and what the team noted; nothing of it is sealed here.


class Perekaman(StrEnum):
    """In which program the people of an activity are recorded."""

    KIT = "kit"  # captured and sealed by this kit
    RESMI = "resmi"  # in the official application; here it is noted that it happened


@dataclass(frozen=True, slots=True)
class PerekamanChoice:
    """What was chosen for an activity, whose id it has; an activity without one records with the kit."""

    KIND: ClassVar[str] = "perekaman"

    thing_id: str
    activity_id: str
    perekaman: Perekaman

    @property
    def words(self) -> str:
        """Nothing: a choice is not searched for."""
        return ""


@dataclass(frozen=True, slots=True)
class OfficialException:
    """What the official application let pass without a sample. `witness` is somebody of the desa or the family."""

    position: Position
    reason: ExceptionReason
    witness: str

    def demand(self) -> None:
        """Raise `InputError`: `official.reason_unfit` for a reason of other parts, `official.no_witness`."""
        if self.reason not in REASONS[self.position.modality]:
            raise InputError("official.reason_unfit").at("reason")
        if not self.witness.strip():
            raise InputError("official.no_witness").at("witness")


@dataclass(frozen=True, slots=True)
class OfficialRecording:
    """One per target, whose id it has: two laptops that note the same person differ, and a person settles it."""

    KIND: ClassVar[str] = "official_recording"

    thing_id: str  # the target_id, and what statuses and cards know it by
    activity_id: str
    visit_id: str  # which it ended
    recorded_at: datetime
    by: str  # user_id of the petugas
    kit_id: str  # the laptop of ours that noted it
    machine: str  # the equipment that recorded, as the team calls it
    masked_name: str
    masked_nik: str
    place: str
    card_from: date | None  # print not before this day; None = at once
    exceptions: tuple[OfficialException, ...] = ()
    proof: str = ""  # number on the proof of the official application

    @property
    def words(self) -> str:
        """Nothing: it is found by the name and NIK of its target."""
        return ""

    @property
    def state(self) -> TargetState:
        """Return the state that it gives its target."""
        return TargetState.RECORDED_WITH_EXCEPTION if self.exceptions else TargetState.RECORDED

    def entry(self, nik_digest: str, statuses: tuple[CentralStatus, ...]) -> QueueEntry:
        """Return it as lists of records read it; nothing of it is delivered from here."""
        record = SealedRecord(
            record_id=self.thing_id,
            session_id="",
            activity_id=self.activity_id,
            target_id=self.thing_id,
            link=ChainLink("", 0, ""),
            sealed_at=self.recorded_at,
            size_bytes=0,
            sha256="",
            manifest_jws="",
            masked_name=self.masked_name,
            masked_nik=self.masked_nik,
            nik_digest=nik_digest,
            place=self.place,
            card_from=self.card_from,
            exceptions=len(self.exceptions),
        )
        return QueueEntry(record, DeliveryState.OFFICIAL, 0, 0, "", None, None, "", statuses)


def _minutes(length: timedelta) -> int:
    return round(length / timedelta(minutes=1))
