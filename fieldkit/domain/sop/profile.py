"""A standard operating procedure as a kabupaten wrote it: steps, who does them, with what, for how long.

A profile is read from a file and never changes; what happens in one activity is a `SopRun`.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime
from enum import StrEnum
from typing import ClassVar

from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role
from fieldkit.domain.sarpras import SarprasKind
from fieldkit.domain.visits import Perekaman

# A person's word that a step was done: who did it, when, why nobody saw it happen, and what shows it.


@dataclass(frozen=True, slots=True)
class Declaration:
    """What was said about a step; its day, its files and who wrote it down stand in the ending beside it."""

    who: str  # did it, by name: an account or an outsider
    why: str  # it is said by hand
    said_at: datetime
    letter: str = ""  # number of a letter that shows it

    def demand(self, no: int, at: datetime, earliest: datetime, files: int) -> None:
        """Demand that somebody, a day, a reason and evidence are there.

        Raise `InputError("sop.name_needed")`, `why_needed`, `evidence_needed`, `in_future`, `before_activity`.
        """
        if not self.who.strip():
            raise InputError("sop.name_needed", step=no).at("who")
        if not self.why.strip():
            raise InputError("sop.why_needed", step=no).at("why")
        if not files and not self.letter.strip():
            raise InputError("sop.evidence_needed", step=no).at("paper")
        if at > self.said_at:
            raise InputError("sop.in_future", step=no).at("at")
        if at < earliest:
            raise InputError("sop.before_activity", step=no).at("at")


# What the document of an SOP holds besides its steps: law, people, things, warnings, records, who approved it.


@dataclass(frozen=True, slots=True)
class Equipment:
    """A thing of the peralatan; `kind` where it goes along and stands on the checklist, None for what stays."""

    name: str
    kind: SarprasKind | None = None


@dataclass(frozen=True, slots=True)
class SopDocument:
    """The head and the boxes of the form of PermenPANRB 35/2012, in the document's own words; empty what it lacks."""

    heading: str = ""  # of its page, where that says more than the name
    approved_by: str = ""
    made_on: date | None = None
    revised_on: date | None = None
    effective_on: date | None = None
    laws: tuple[str, ...] = ()
    qualifications: tuple[str, ...] = ()
    related: tuple[str, ...] = ()
    equipment: tuple[Equipment, ...] = ()
    supplies: tuple[str, ...] = ()  # what is used up: "tisu"
    warnings: tuple[str, ...] = ()
    archiving: tuple[str, ...] = ()
    cited: tuple[str, ...] = ()  # the laws that letters cite, in full and as they are in force

    @property
    def letter_laws(self) -> tuple[str, ...]:
        """Return the laws that letters cite: all of the document where the profile does not choose."""
        return self.cited or self.laws

    @property
    def taken_along(self) -> tuple[Equipment, ...]:
        """Return the equipment that the checklist of an activity asks for."""
        return tuple(thing for thing in self.equipment if thing.kind is not None)


NO_DOCUMENT = SopDocument()
"""Of a file that names nothing but steps."""


# What the program itself can tell about a step of an SOP: facts that complete steps without anybody ticking them.


class Fulfilment(StrEnum):
    """A fact about an activity. A profile names, per step, which of them complete it (`dipenuhi_oleh`)."""

    REQUEST_RECEIVED = "request_received"
    TARGETS_COLLECTED = "targets_collected"
    DISPOSED = "disposed"
    TARGETS_VERIFIED = "targets_verified"
    SCHEDULED = "scheduled"
    PLAN_APPROVED = "plan_approved"
    PLAN_DIRECTED = "plan_directed"
    MEETING_HELD = "meeting_held"
    NOTICE_SENT = "notice_sent"  # surat pemberitahuan, or everybody who applied was told
    TEAM_ASSIGNED = "team_assigned"  # surat tugas
    REPLY_DRAFTED = "reply_drafted"  # surat balasan
    REPLY_SIGNED = "reply_signed"
    REPLY_HANDED_OVER = "reply_handed_over"
    TRAVEL_ORDERED = "travel_ordered"  # SPPD
    SARPRAS_OUT = "sarpras_out"
    ARRIVED = "arrived"
    COORDINATED = "coordinated"
    AT_LOCATION = "at_location"
    RECORDED = "recorded"
    SARPRAS_IN = "sarpras_in"
    SENT = "sent"
    PRINTED = "printed"
    HANDOVER_WRITTEN = "handover_written"
    DISTRIBUTION_PLANNED = "distribution_planned"
    CARDS_TO_KECAMATAN = "cards_to_kecamatan"
    CARDS_TO_DESA = "cards_to_desa"
    CARDS_TO_PERSONS = "cards_to_persons"
    APPLICATION_RECEIVED = "application_received"
    PHOTOS_TAKEN = "photos_taken"  # of everybody whose document bears one
    APPLICATION_CHECKED = "application_checked"
    APPLICATION_ENTERED = "application_entered"
    APPLICATION_VERIFIED = "application_verified"
    APPLICATION_APPROVED = "application_approved"
    DOCUMENT_PRINTED = "document_printed"
    DOCUMENT_RECEIVED = "document_received"
    DOCUMENT_HANDED_OVER = "document_handed_over"
    COURIER_TOLD = "courier_told"
    COURIER_DELIVERED = "courier_delivered"
    AID_COORDINATED = "aid_coordinated"
    AID_PROPOSED = "aid_proposed"
    AID_EVALUATED = "aid_evaluated"
    AID_DELIVERED = "aid_delivered"
    EVALUATED = "evaluated"  # the activity, by its laporan kegiatan


DOES = "pelaksana"  # the part of whoever does a step; others accompany, receive, are consulted


@dataclass(frozen=True, slots=True)
class Column:
    """A column of the SOP's table: the accounts that stand for it, or an outsider whose acts staff records."""

    name: str  # as printed: "Op/ ADB"
    roles: tuple[Role, ...] = ()
    recorded_by: tuple[Role, ...] = ()  # not empty for an outsider only

    @property
    def is_outsider(self) -> bool:
        """Return whether nobody of this column has an account."""
        return not self.roles


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody's part in a step. The documents lost their symbols: `confidence` (0..1) says how sure the reading is."""

    column: str
    part: str = DOES
    confidence: float = 1.0
    roles: tuple[Role, ...] = ()  # where this step has other accounts than its column


class TimeUnit(StrEnum):
    """How the document counts."""

    MINUTES = "menit"
    HOURS = "jam"
    DAYS = "hari"
    CALENDAR_HOURS = "jam_kalender"


@dataclass(frozen=True, slots=True)
class StandardTime:
    """How long a step may take. `working_minutes` counts a day as 450, None where the clock never stops."""

    words: str  # "2 jam"
    minutes: int
    unit: TimeUnit
    working_minutes: int | None

    @property
    def never_stops(self) -> bool:
        """Return whether nights and weekends count too: clock hours, and days that are no working days."""
        is_by_day = self.unit in (TimeUnit.CALENDAR_HOURS, TimeUnit.DAYS)
        return is_by_day and self.working_minutes is None

    @property
    def limit(self) -> int:
        """Return the minutes to which a real time is compared: of office hours, unless the clock never stops."""
        return self.minutes if self.working_minutes is None else self.working_minutes


@dataclass(frozen=True, slots=True)
class StepInput:
    """A kelengkapan: there when its paper, fact or step is, or when somebody ticks it."""

    name: str
    papers: tuple[LetterKind, ...] = ()
    facts: tuple[Fulfilment, ...] = ()
    steps: tuple[int, ...] = ()


@dataclass(frozen=True, slots=True)
class StepOutput:
    """What a step leaves behind; `papers` are those that this program writes, and it is there with all of them.

    Of `drafts` it is enough that they were begun: somebody signs them in a later step. Where earlier steps leave papers
    of the same kind, `nth` says which of them, in the order of the steps, is its own.
    """

    name: str
    papers: tuple[LetterKind, ...] = ()
    drafts: tuple[LetterKind, ...] = ()
    nth: int = 1


@dataclass(frozen=True, slots=True)
class Branch:
    """A way that a decision takes: on, or back to a step that is then done again."""

    when: str
    then: str
    to: int


@dataclass(frozen=True, slots=True)
class SopStep:
    """One row of the SOP."""

    no: int
    words: str
    actors: tuple[Actor, ...] = ()  # the likeliest reading stands first
    inputs: tuple[StepInput, ...] = ()
    standard: StandardTime | None = None
    varies_with: str = ""  # "jarak_tempuh": no standard can be given
    per: str = ""  # "1 kali perekaman": the standard is for one of them
    outputs: tuple[StepOutput, ...] = ()
    fulfilled_by: tuple[tuple[Fulfilment, ...], ...] = ()  # all of these, one of each
    beside: tuple[int, ...] = ()  # steps that may run at the same time (bersama)
    branches: tuple[Branch, ...] = ()
    remarks: tuple[str, ...] = ()
    refers_to: str = ""  # another SOP that goes on here
    is_terminator: bool = False
    short: str = ""  # where there is no room for the words of the document

    @property
    def title(self) -> str:
        """Return the short words, those of the document where the profile has none."""
        return self.short or self.words

    @property
    def doer(self) -> Actor | None:
        """Return whose step it is."""
        return next((actor for actor in self.actors if actor.part == DOES), None)

    @property
    def ends_itself(self) -> bool:
        """Return whether it is over when all else is: a terminator that waits for no fact."""
        return self.is_terminator and not self.fulfilled_by


class SlaKind(StrEnum):
    """What a deadline counts."""

    CALENDAR_MINUTES = "jam_kalender"
    WORKING_DAYS = "hari_kerja"


class ClockStart(StrEnum):
    """From when a deadline counts."""

    PENUNGGALAN = "penunggalan"  # the data center said PRINT_READY_RECORD
    FILE_AND_RECORDING = "berkas_dan_perekaman"  # the later of complete file and recording


class PauseReason(StrEnum):
    """Why a clock stands still."""

    GANGGUAN_TEKNIS = "gangguan_teknis"
    DI_LUAR_KEWENANGAN = "di_luar_kewenangan"


@dataclass(frozen=True, slots=True)
class Sla:
    """A promise of the dinas that is never the sum of the steps' times."""

    words: str
    kind: SlaKind
    amount: int  # minutes or working days
    starts: str = ""  # as the document words it
    step: int | None = None
    condition: str = ""
    pauses: str = ""  # as the document words it
    counted_from: ClockStart | None = None  # None: an older program read it off the words
    paused_by: tuple[PauseReason, ...] = ()


@dataclass(frozen=True, slots=True)
class SopProfile:
    """One SOP of one kabupaten."""

    sop_id: str
    number: str
    name: str
    office: str
    region: str
    columns: tuple[Column, ...]
    steps: tuple[SopStep, ...]
    sla: tuple[Sla, ...] = ()
    serves: tuple[str, ...] = ()  # whom: "Lansia"
    short: str = ""
    document: SopDocument = NO_DOCUMENT
    service: str = ""  # what letters call it: "penerbitan Kartu Identitas Anak (KIA)"; "" for the recording of KTP-el
    gives: tuple[Document, ...] = ()  # what people apply for, where its own steps are the way of an application
    requirements: tuple[str, ...] = ()  # what letters ask people to prepare
    perekaman: Perekaman = Perekaman.KIT  # what its activities begin with

    @property
    def title(self) -> str:
        """Return the short name, the whole one where the profile has none."""
        return self.short or self.name

    def is_of(self, regency: str) -> bool:
        """Return whether an office of this kabupaten or kota made it; what stands in brackets is not of its name."""
        plain = regency.partition("(")[0].strip().casefold()
        return bool(plain) and plain in self.office.casefold()

    def step(self, no: int) -> SopStep:
        """Return a step. Raise `RuleError("sop.unknown_step")`."""
        found = next((step for step in self.steps if step.no == no), None)
        if found is None:
            raise RuleError("sop.unknown_step", step=no, sop=self.name)
        return found

    def column(self, name: str) -> Column:
        """Return a column that a step names; readers of files see to it that it is there."""
        return next(column for column in self.columns if column.name == name)

    @property
    def facts(self) -> frozenset[Fulfilment]:
        """Return every fact that one of its steps waits for."""
        return frozenset(fact for step in self.steps for group in step.fulfilled_by for fact in group)

    def before(self, no: int) -> tuple[int, ...]:
        """Return the steps that must be over before this one may begin."""
        mine = self.step(no)
        return tuple(s.no for s in self.steps if s.no < no and s.no not in mine.beside and no not in s.beside)

    @property
    def standard_minutes(self) -> int:
        """Return the sum of the standard times as written; steps without one add nothing."""
        return sum(step.standard.minutes for step in self.steps if step.standard)


@dataclass(frozen=True, slots=True)
class StepRoles:
    """Whose step it is at this dinas: accounts that do it, or that record what an outsider did."""

    no: int
    roles: tuple[Role, ...] = ()
    recorded_by: tuple[Role, ...] = ()


@dataclass(frozen=True, slots=True)
class SopActors:
    """The actors that a dinas set for one SOP, because the documents leave them blank; its id is the SOP's."""

    KIND: ClassVar[str] = "sop_actors"

    thing_id: str
    steps: tuple[StepRoles, ...] = ()
    activity_id: str = ""

    @property
    def words(self) -> str:
        """Nothing that anybody searches for."""
        return ""

    def of(self, no: int) -> StepRoles | None:
        """Return what was set for a step."""
        return next((step for step in self.steps if step.no == no), None)

    def setting(self, step: StepRoles) -> SopActors:
        """Return these actors with one step set anew."""
        others = tuple(old for old in self.steps if old.no != step.no)
        return SopActors(self.thing_id, tuple(sorted((*others, step), key=lambda s: s.no)))


def roles_of(profile: SopProfile, no: int, actors: SopActors | None = None) -> StepRoles:
    """Return which accounts do a step, and which record it when an outsider does it."""
    if actors is not None and (mine := actors.of(no)) is not None:
        return mine
    doer = profile.step(no).doer
    if doer is None:
        return StepRoles(no)
    column = profile.column(doer.column)
    return StepRoles(no, doer.roles or column.roles, () if doer.roles else column.recorded_by)
