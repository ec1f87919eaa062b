"""Composes the fields of each letter from the one data set; a person edits them before the letter is issued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import date, datetime
from typing import Any

from fieldkit.domain.applications import Application
from fieldkit.domain.cards.card import Distribution, Stop
from fieldkit.domain.documents import DOCUMENT_NAMES
from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.fields import BY_TTE, fields_of
from fieldkit.domain.letters.forms import empty
from fieldkit.domain.letters.letter import (
    Letter,
    Letterhead,
    LetterKind,
    LetterState,
    clock_text,
    days_text,
    long_date,
    weekday,
)
from fieldkit.domain.people import Permission, Staff, User
from fieldkit.domain.planning.outreach import Activity, OutreachCount, Plan, Target, TargetState
from fieldkit.domain.sop.profile import SopProfile
from fieldkit.domain.targets.requests import Applicant, Disposisi, SuratPermohonan
from fieldkit.domain.visits import Leg, Outcome, Trip, Visit
from fieldkit.ports.clock import Clock
from fieldkit.ports.store import Unit
from fieldkit.services.letters.print_papers import head_of
from fieldkit.services.sop.view import profile_of

# What is known of an activity when one of its letters is written: the one data set behind all of them.

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
    return tuple(law.rstrip(" ;.") for law in sop.document.letter_laws) if sop else ()


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


Fields = dict[str, Any]
_K = LetterKind


def compose(kind: LetterKind, known: Known) -> Fields:
    """Return every field of a letter; what nobody knows is empty."""
    composed = COMPOSERS[kind](known) if kind in COMPOSERS else {}
    made: Fields = {}
    for asked in fields_of(kind):
        if asked.name in composed:
            made[asked.name] = composed[asked.name]
        elif asked.name == "dated":
            made[asked.name] = known.today.isoformat()
        elif asked.name == "signer":
            made[asked.name] = known.signer()
        else:
            proposed = known.propose(asked.name)
            made[asked.name] = proposed or (asked.choices[0] if asked.choices else empty(asked.form))
    return made


def _visit(known: Known) -> Fields:
    return {
        "activity": known.activity.name if known.activity else "",
        "place": known.place,
        "days": days_text(known.days),
        "hours": known.hours,
    }


def _to(known: Known) -> str:
    request = known.request
    if request is None:
        return leader_of(known.place)
    if request.applicant is Applicant.PEMERINTAH_DESA and request.village:
        return f"Kepala Desa {request.village}"
    return leader_of(request.sender) if request.sender.split(" ")[0] in _LEADERS else f"Pimpinan {request.sender}"


_LEADERS = {
    "Kelurahan": "Lurah",
    "Kecamatan": "Camat",
    **dict.fromkeys(("Desa", "Dinas", "Puskesmas", "Sekolah", "SD", "SMP", "SMA", "SMK", "SLB"), "Kepala"),
    **dict.fromkeys(("SDN", "SMPN", "SMAN", "SMKN", "SLBN", "MI", "MTs", "MA", "MAN", "Lapas", "Rutan"), "Kepala"),
}


def leader_of(place: str) -> str:
    """Return who is addressed of a place: Kepala Desa Jimbe, Lurah Babadan, Camat Dolopo."""
    kind, _, name = place.partition(" ")
    leader = _LEADERS.get(kind, "")
    return place if not leader else f"{leader} {place if leader == 'Kepala' else name}"


def _letter_of(known: Known) -> Fields:
    request = known.request
    return {
        "letter_number": request.number if request else "",
        "letter_dated": request.dated.isoformat() if request else "",
    }


def _permohonan(known: Known) -> Fields:
    request = known.request
    return {
        "village": request.village if request else known.place.removeprefix("Desa "),
        "district": request.district if request else "",
        "targets": request.targets if request else len(known.targets),
        "contact": request.contact if request else "",
        "dated": "",  # the desa dates its own letter
    }


def _disposisi(known: Known) -> Fields:
    request, decided = known.request, known.disposisi
    urgency = decided or request
    return {
        **_letter_of(known),
        "sender": request.sender if request else "",
        "received": request.received_on.isoformat() if request else "",
        "agenda": request.agenda if request else "",
        "sifat": urgency.sifat.value if urgency else "biasa",
        "hal": request.subject if request else "",
        "forwarded": [role.value for role in decided.forwarded_to] if decided else [],
        "harapan": [wish.value for wish in decided.harapan] if decided else [],
        "note": decided.note if decided else "",
    }


def _jadwal(known: Known) -> Fields:
    team = ", ".join(staff.name for staff in known.team)
    work = known.propose("work")
    rows = [
        {"on": day.isoformat(), "time": known.hours, "place": known.place, "work": work, "team": team}
        for day in known.days
    ]
    return {**_visit(known), "schedule": rows}


def _distribusi(known: Known) -> Fields:
    rows = [{"on": stop.on.isoformat(), "place": stop.where, "team": stop.by} for stop in known.stops]
    return {"activity": known.activity.name if known.activity else "", "schedule": rows}


def _terima_surat(known: Known) -> Fields:
    """Return the receipt of the reply; who took it is asked from whoever hands it over."""
    reply = known.reply
    said = reply.fields if reply else {}
    return {
        "reply_number": (reply.number or reply.provisional) if reply else "",
        "reply_dated": said.get("dated", ""),
        "hal": said.get("hal", ""),
        "to": said.get("to", ""),
        "place": known.place,
        "officer": known.user.name,
    }


def _tugas(known: Known) -> Fields:
    dasar = known.laws()
    if known.request:
        dasar.append(known.propose("dasar_request"))
    dasar[-1:] = [f"{last.rstrip(' ;.')}." for last in dasar[-1:]]
    return {**_visit(known), "dasar": dasar, "people": [person(staff) for staff in known.team]}


def _balasan(known: Known) -> Fields:
    request = known.request
    companions = known.plan.companions if known.plan and known.plan.companions else known.propose("companions")
    return {
        **_visit(known),
        **_letter_of(known),
        "to": _to(known),
        "dasar": known.basis(),
        "targets": len(known.targets) or (request.targets if request else 0),
        "companions": companions,
        "signing": BY_TTE,  # the SOP wants it signed electronically
    }


def _pemberitahuan(known: Known) -> Fields:
    return {**_visit(known), "to": _to(known), "dasar": known.basis()}


def _notulen(known: Known) -> Fields:
    return {
        "on": known.today.isoformat(),
        "place": f"Kantor {known.letterhead.dinas}",
        "leader": known.signer()["name"],
        "writer": known.user.name,
        "attendees": [{"name": staff.name, "jabatan": staff.jabatan} for staff in known.team],
        "signer": known.me(),
    }


def _sppd(known: Known) -> Fields:
    team, days = known.team, known.days
    return {
        "ordered_by": known.signer()["jabatan"],
        "traveller": person(team[0]) if team else dict(NOBODY),
        "vehicle": known.plan.vehicle if known.plan and known.plan.vehicle else known.propose("vehicle"),
        "from_place": known.letterhead.city or known.letterhead.dinas,
        "to_place": known.place,
        "leaves": min(days).isoformat() if days else "",
        "returns": max(days).isoformat() if days else "",
        "companions": [{"name": staff.name, "born": "", "note": staff.jabatan} for staff in team[1:]],
        "other": "; ".join(filter(None, (_ordered_in(known), known.basis()))),
    }


def _ordered_in(known: Known) -> str:
    number = known.activity.surat_tugas if known.activity else ""
    return f"Surat tugas Nomor {number}" if number else ""


def _spj(known: Known) -> Fields:
    return {
        **_visit(known),
        "days": days_text(known.days_out),
        "visum": [_visum(known, trip) for trip in known.trips if trip.moments],
        "treasurer": person(known.treasurer) if known.treasurer else dict(NOBODY),
        "sppd_number": known.travel_order.number if known.travel_order else "",
        "receiver": person(known.team[0]) if known.team else known.me(),
    }


def _visum(known: Known, trip: Trip) -> Fields:
    """Return when a team came to its place and was back, and who of the place signs that it did."""
    met = trip.coordination
    arrived, back = trip.at(Leg.ARRIVED) or trip.at(Leg.AT_LOCATION), trip.at(Leg.RETURNED)
    return {
        "place": known.place,
        "arrived": _moment(arrived),
        "back": _moment(back),
        "name": met.name if met else "",
        "jabatan": met.jabatan if met else "",
    }


def _moment(at: datetime | None) -> str:
    return f"{weekday(at.date())}, {long_date(at.date())}, pukul {clock_text(at.time())}" if at else ""


def _sasaran(known: Known) -> Fields:
    return {**_visit(known), "targets": [_target_row(target) for target in known.targets]}


def _target_row(target: Target) -> Fields:
    """Return what a printed list may say of a person: the NIK masked, the category never."""
    who, home = target.biodata, target.biodata.address
    return {
        "name": who.name,
        "nik": who.nik.masked,
        "sex": who.sex.value,
        "born": who.birth_date.isoformat(),
        "address": home.street,
        "rt": home.rt,
        "rw": home.rw,
        "village": home.village,
    }


def _serah_terima(known: Known) -> Fields:
    dasar = {"dasar": known.basis()} if known.sop else {}
    parties = {"first": known.me(), "second": dict(NOBODY), "acknowledged": known.signer(), "mark": ""}
    return {"place": known.place, **parties, **dasar}


def _sarpras(known: Known) -> Fields:
    lead = person(known.team[0]) if known.team else dict(NOBODY)
    place = f"Kantor {known.letterhead.dinas}"
    keeper = dict(NOBODY)
    return {**_visit(known), "dasar": known.basis(), "lead": lead, "keeper": keeper, "place": place, "mark": ""}


def _officer(known: Known) -> Fields:
    return {"officer": known.user.name, "place": known.place}


def _laporan(known: Known) -> Fields:
    ended = {visit.target_id: visit.outcome.value for visit in known.visits if visit.outcome}
    # Why somebody was put off or struck off the list stands in the last visit; a seal speaks for itself.
    unsettled = (TargetState.POSTPONED, TargetState.CANCELLED)
    outcomes = Counter(
        ended.get(target.target_id, target.state.value) if target.state in unsettled else _recorded_as(target)
        for target in known.targets
    ) or Counter(each.state.value for each in known.applications)
    return {
        **_visit(known),
        "days": days_text(known.days_out),
        "dasar": known.laws(),
        "acknowledged": known.signer(),
        "surat_tugas": known.activity.surat_tugas if known.activity else "",
        "team": [staff.name for staff in known.team],
        "targets": len(known.targets) or len(known.applications),
        "outcomes": [{"outcome": outcome, "count": count} for outcome, count in outcomes.items()],
        "signer": known.me(),
    }


def _recorded_as(target: Target) -> str:
    """Return how a target stands; who was recorded in the official application was not recorded by us."""
    if target.reason != Outcome.DIREKAM_RESMI:
        return target.state.value
    is_excepted = target.state is TargetState.RECORDED_WITH_EXCEPTION
    return f"{target.reason}_pengecualian" if is_excepted else target.reason


def _pemusnahan(known: Known) -> Fields:
    kasi = {**NOBODY, "jabatan": "Kepala Seksi Identitas Penduduk"}
    return {"place": f"Kantor {known.letterhead.dinas}", "operator": known.me(), "kasi": kasi}


def _cetak(known: Known) -> Fields:
    return {"place": known.place or "Semua kegiatan"}


COMPOSERS: Mapping[LetterKind, Callable[[Known], Fields]] = {
    _K.SURAT_PERMOHONAN: _permohonan,
    _K.LEMBAR_DISPOSISI: _disposisi,
    _K.JADWAL: _jadwal,
    _K.JADWAL_DISTRIBUSI: _distribusi,
    _K.TANDA_TERIMA_SURAT: _terima_surat,
    _K.SURAT_TUGAS: _tugas,
    _K.SURAT_BALASAN: _balasan,
    _K.SURAT_PEMBERITAHUAN: _pemberitahuan,
    _K.NOTULEN: _notulen,
    _K.SPPD: _sppd,
    _K.SPJ: _spj,
    _K.DAFTAR_SASARAN: _sasaran,
    _K.DAFTAR_CETAK: _cetak,
    _K.BA_PEMUSNAHAN: _pemusnahan,
    _K.BA_SERAH_TERIMA: _serah_terima,
    _K.BA_SARPRAS: _sarpras,
    _K.BA_PENGEMBALIAN: lambda known: {**_sarpras(known), "direction": "masuk"},
    _K.TANDA_TERIMA: lambda known: {**_officer(known), "mark": ""},
    _K.LAPORAN_KEGIATAN: _laporan,
    _K.FORMULIR: _officer,
    _K.BUKTI_PENGAMBILAN: _officer,
    _K.KABAR_WARGA: _officer,
}
