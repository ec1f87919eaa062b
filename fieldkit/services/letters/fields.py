"""Composes the fields of each letter from the one data set; a person edits them before the letter is issued."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from fieldkit.domain.letters.fields import BY_TTE, fields_of
from fieldkit.domain.letters.forms import empty
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.terbilang import clock_text, days_text, long_date, weekday
from fieldkit.domain.planning.outreach import Target, TargetState
from fieldkit.domain.targets.requests import Applicant
from fieldkit.domain.visits import Leg, Trip
from fieldkit.services.letters.facts import NOBODY, Known, person

Fields = dict[str, Any]
_K = LetterKind


def compose(kind: LetterKind, known: Known) -> Fields:
    """Return every field of a letter; what nobody knows is empty."""
    composed = COMPOSERS[kind](known) if kind in COMPOSERS else {}
    made: Fields = {}
    for field in fields_of(kind):
        if field.name in composed:
            made[field.name] = composed[field.name]
        elif field.name == "dated":
            made[field.name] = known.today.isoformat()
        elif field.name == "signer":
            made[field.name] = known.signer()
        else:
            proposed = known.propose(field.name)
            made[field.name] = proposed or (field.choices[0] if field.choices else empty(field.form))
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
        ended.get(target.target_id, target.state.value) if target.state in unsettled else target.state.value
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
