"""What is known of an activity when one of its letters is written: the one data set behind all of them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from typing import Any

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.card import Distribution, Stop
from fieldkit.domain.documents import DOCUMENT_NAMES
from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.letters.letterhead import Letterhead
from fieldkit.domain.letters.terbilang import clock_text, days_text, long_date
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.people.staff import Staff
from fieldkit.domain.planning.outreach import Activity, OutreachCount, Target
from fieldkit.domain.planning.plan import Plan
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.targets.requests import Disposisi, SuratPermohonan
from fieldkit.domain.visits import Trip, Visit
from fieldkit.ports.clock import Clock
from fieldkit.ports.store import Unit
from fieldkit.services.letters.keep_letterhead import head_of
from fieldkit.services.sop.read_document import profile_of

SERVICE = "perekaman KTP-el"
NOBODY: Mapping[str, str] = {"name": "", "nip": "", "pangkat": "", "jabatan": ""}


@dataclass(frozen=True, slots=True)
class Known:
    """Everything that a letter of an activity can be composed from; what does not exist yet is None or empty."""

    letterhead: Letterhead
    user: User
    today: date
    activity: Activity | None = None
    request: SuratPermohonan | None = None
    disposisi: Disposisi | None = None
    plan: Plan | None = None
    team: tuple[Staff, ...] = ()
    head: Staff | None = None
    mine: Staff | None = None  # who is signed in
    treasurer: Staff | None = None  # whose jabatan says so
    chief: User | None = None  # the account that signs
    targets: tuple[Target, ...] = ()
    count: OutreachCount | None = None
    visits: tuple[Visit, ...] = ()
    trips: tuple[Trip, ...] = ()  # with their moments in the time of the place
    reply: Letter | None = None  # the surat balasan that counts
    travel_order: Letter | None = None  # the SPPD that counts
    stops: tuple[Stop, ...] = ()  # of the distribution
    applications: tuple[Application, ...] = ()  # that count
    sop: SopProfile | None = None  # that the activity follows
    wording: Mapping[str, Any] = field(default_factory=dict)

    @property
    def days(self) -> tuple[date, ...]:
        """Return the days of the outreach, as planned or as the activity says."""
        if self.plan and self.plan.days:
            return self.plan.days
        return (self.activity.on,) if self.activity else ()

    @property
    def days_out(self) -> tuple[date, ...]:
        """Return the days on which the team was out; as long as nobody wrote its way down, those that were planned."""
        return tuple(sorted({moment.at.date() for trip in self.trips for moment in trip.moments})) or self.days

    @property
    def hours(self) -> str:
        """Return from when the team works, "" without a plan."""
        return f"{clock_text(self.plan.starts)} – selesai" if self.plan else ""

    @property
    def place(self) -> str:
        """Return where the team goes."""
        return self.activity.place if self.activity else ""

    def signer(self) -> dict[str, str]:
        """Return who signs for the dinas as a letter names them."""
        if self.head:
            return person(self.head)
        return {**NOBODY, "name": self.chief.name if self.chief else "", "jabatan": "Kepala Dinas"}

    def me(self) -> dict[str, str]:
        """Return who is signed in as a letter names them."""
        return person(self.mine) if self.mine else {**NOBODY, "name": self.user.name}

    def words(self) -> dict[str, str]:
        """Return what fills the names in a proposed wording."""
        request, activity = self.request, self.activity
        return {
            "dinas": self.letterhead.dinas,
            "regency": self.letterhead.regency,
            "activity": activity.name if activity else "",
            "place": self.place,
            "days": days_text(self.days),
            "sender": request.sender if request else "",
            "letter_number": request.number if request else "",
            "letter_dated": long_date(request.dated) if request else "",
            "subject": request.subject if request else "",
            "village": request.village if request else self.place,
            "law": _cited(self.sop)[0] if _cited(self.sop) else "",
            "sop": self.sop.name if self.sop else "",
            "sop_number": self.sop.number if self.sop else "",
            **service_words(self.sop),
        }

    def laws(self) -> list[str]:
        """Return what the SOP rests on and the SOP as lines of a letter, else the proposed wording."""
        if not _cited(self.sop):
            return list(self.propose("dasar"))
        return [*(f"{law};" for law in _cited(self.sop)), self.propose("dasar_sop")]

    def basis(self) -> str:
        """Return what a letter rests on in one phrase: the SOP, after its first law where there is room for it."""
        if self.sop is None:
            return ""
        names_law = "dasar_law" in self.wording and bool(_cited(self.sop))
        return str(self.propose("dasar_law" if names_law else "dasar_sop"))

    def propose(self, name: str) -> Any:
        """Return the proposed wording of a field, filled; "" when there is none."""
        if name == "requirements" and self.sop and self.sop.requirements and name in self.wording:
            return list(self.sop.requirements)
        said, words = self.wording.get(name, ""), self.words()
        if isinstance(said, str):
            return said.format_map(words)
        return [line.format_map(words) for line in said]


def _cited(sop: SopProfile | None) -> tuple[str, ...]:
    return tuple(law.rstrip(" ;.") for law in sop.document.laws) if sop else ()


def service_words(sop: SopProfile | None) -> dict[str, str]:
    """Return what letters call the service of an SOP and what it gives; without one the recording of KTP-el."""
    service = sop.service if sop and sop.service else SERVICE
    given = ", ".join(DOCUMENT_NAMES[each] for each in sop.gives) if sop and sop.gives else "KTP-el"
    return {"service": service, "Service": service[:1].upper() + service[1:], "given": given}


def person(staff: Staff) -> dict[str, str]:
    """Return a member of the staff as a row of a letter."""
    return {"name": staff.name, "nip": staff.nip, "pangkat": staff.pangkat, "jabatan": staff.jabatan}


def gather(
    unit: Unit, activity_id: str, letterhead: Letterhead, user: User, clock: Clock, wording: Mapping[str, Any]
) -> Known:
    """Return what is known of an activity; an id without an activity (yet) is no error."""
    activity = activity_of(unit, activity_id)
    plan = unit.repository(Plan).find(activity_id) if activity_id else None
    staff = unit.repository(Staff)
    named = (staff.find(thing_id) for thing_id in plan.team) if plan else ()
    request = _last(unit.repository(SuratPermohonan).of(activity_id)) if activity_id else None
    return Known(
        letterhead=letterhead,
        user=user,
        today=clock.today(),
        activity=activity,
        request=request,
        disposisi=_last(unit.repository(Disposisi).of(activity_id)) if activity_id else None,
        plan=plan,
        team=tuple(person for person in named if person is not None),
        head=head_of(unit, letterhead),
        mine=next((each for each in staff.search() if each.user_id == user.user_id), None),
        treasurer=next((each for each in staff.search() if "bendahara" in each.jabatan.lower()), None),
        chief=next((account for account in unit.users() if account.may(Permission.SIGN)), None),
        targets=tuple(unit.targets.search(activity_id)) if activity else (),
        count=unit.activities.count(activity_id) if activity else None,
        visits=tuple(unit.repository(Visit).of(activity_id)) if activity else (),
        trips=tuple(_local(trip, clock) for trip in unit.repository(Trip).of(activity_id)) if activity else (),
        reply=_latest(unit, activity_id, LetterKind.SURAT_BALASAN),
        travel_order=_latest(unit, activity_id, LetterKind.SPPD),
        stops=_stops(unit, activity_id),
        applications=tuple(each for each in unit.repository(Application).of(activity_id) if each.counts)
        if activity
        else (),
        sop=profile_of(unit, activity_id),
        wording=wording,
    )


def _local(trip: Trip, clock: Clock) -> Trip:
    return replace(trip, moments=tuple(replace(moment, at=clock.local(moment.at)) for moment in trip.moments))


def _latest(unit: Unit, activity_id: str, kind: LetterKind) -> Letter | None:
    """Return the latest letter of a kind that was not made void."""
    mine = unit.repository(Letter).of(activity_id) if activity_id else ()
    counting = [each for each in mine if each.letter is kind and each.state is not LetterState.VOID]
    return counting[-1] if counting else None


def _stops(unit: Unit, activity_id: str) -> tuple[Stop, ...]:
    plan = unit.repository(Distribution).find(activity_id) if activity_id else None
    return plan.stops if plan else ()


def activity_of(unit: Unit, activity_id: str) -> Activity | None:
    """Return an activity, or None when it does not exist (yet)."""
    try:
        return unit.activities.get(activity_id) if activity_id else None
    except StoreError as error:
        if error.code != "store.not_found":
            raise
        return None


def _last(things: Any) -> Any:
    return things[-1] if things else None
