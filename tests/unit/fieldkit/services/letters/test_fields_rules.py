"""What stands in the fields of a letter for each thing that is known or not; nothing of it needs a store."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta
from typing import Any

import pytest
from support.app_context import ACTIVITY, TARGETS
from support.applied import APPLICATION
from support.clock import NOW
from support.known import EVERYTHING, NOTHING
from support.letters import HEAD, KASI, MONDAY, PLAN, REQUEST, TEAM

from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.cards.card import Place, Stop
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.targets.requests import Applicant, Disposisi, Harapan, Sifat
from fieldkit.domain.visits import Coordination, Leg, Moment, Outcome, Trip, Visit
from fieldkit.services.letters.fields import NOBODY, Known, compose, person

_K = LetterKind
WORDING = TypstLetters()
DECIDED = Disposisi("d", "a1", "r1", Sifat.RAHASIA, (Role.KASI,), (Harapan.PROSES_LEBIH_LANJUT,), "Segera", "u9", NOW)
REPLY = Letter(
    *("b", "a1", _K.SURAT_BALASAN, "t", "KIT-0001", {"dated": "2026-11-20", "hal": "Jemput bola", "to": "Lurah"}),
    *("u1", NOW, LetterState.ISSUED),
)
STOP = Stop(MONDAY, Place.DESA, "Balai desa", "Rina")
NONE: dict[str, Any] = {}
SOP = f"Standar Operasional Prosedur {EVERYTHING.sop.name} Nomor SOP-01" if EVERYTHING.sop else ""


def composed(kind: LetterKind, known: Known, **changes: Any) -> dict[str, Any]:
    return compose(kind, replace(known, wording=WORDING.wording(kind.value), **changes))


def trip(**legs: datetime) -> Trip:
    return Trip("t", "a1", "u1", tuple(Moment(Leg(leg), at) for leg, at in legs.items()))


@pytest.mark.parametrize(
    ("kind", "changes", "fields"),
    [
        (_K.SURAT_PERMOHONAN, NONE, {"village": "Jimbe", "district": "Kademangan", "targets": 7, "dated": ""}),
        (_K.SURAT_PERMOHONAN, NONE, {"contact": REQUEST.contact}),
        (_K.SURAT_PERMOHONAN, {"request": None}, {"village": "Jimbe", "district": "", "targets": 7, "contact": ""}),
        (_K.SURAT_PERMOHONAN, {"request": replace(REQUEST, targets=12)}, {"targets": 12}),
        (_K.SURAT_PERMOHONAN, {"request": replace(REQUEST, village="Dawuhan")}, {"village": "Dawuhan"}),
        (_K.LEMBAR_DISPOSISI, NONE, {"sifat": "segera", "sender": REQUEST.sender, "received": "2026-11-17"}),
        (_K.LEMBAR_DISPOSISI, NONE, {"forwarded": [], "harapan": [], "note": "", "hal": REQUEST.subject}),
        (_K.LEMBAR_DISPOSISI, NONE, {"letter_number": REQUEST.number, "letter_dated": "2026-11-16"}),
        (_K.LEMBAR_DISPOSISI, {"disposisi": DECIDED}, {"sifat": "rahasia", "forwarded": ["kasi"], "note": "Segera"}),
        (_K.LEMBAR_DISPOSISI, {"disposisi": DECIDED}, {"harapan": ["proses_lebih_lanjut"], "agenda": "1187"}),
        (_K.LEMBAR_DISPOSISI, {"request": None}, {"sifat": "biasa", "sender": "", "received": "", "agenda": ""}),
        (_K.LEMBAR_DISPOSISI, {"request": None}, {"letter_number": "", "letter_dated": "", "hal": ""}),
        (_K.JADWAL_DISTRIBUSI, {"stops": (STOP,)}, {"activity": ACTIVITY.name}),
        (_K.JADWAL_DISTRIBUSI, {"activity": None}, {"activity": "", "schedule": []}),
        (_K.TANDA_TERIMA_SURAT, NONE, {"reply_number": "", "reply_dated": "", "hal": "", "to": ""}),
        (_K.TANDA_TERIMA_SURAT, {"reply": REPLY}, {"reply_number": "KIT-0001", "reply_dated": "2026-11-20"}),
        (_K.TANDA_TERIMA_SURAT, {"reply": REPLY}, {"hal": "Jemput bola", "to": "Lurah"}),
        (_K.TANDA_TERIMA_SURAT, {"reply": replace(REPLY, number="400/1")}, {"reply_number": "400/1"}),
        (_K.SURAT_BALASAN, NONE, {"sifat": "Biasa", "signing": "tte", "dated": "2026-11-23", "targets": 7}),
        (_K.SURAT_BALASAN, {"targets": (), "request": replace(REQUEST, targets=12)}, {"targets": 12}),
        (_K.SURAT_BALASAN, {"targets": (), "request": None}, {"targets": 0, "to": "Kepala Desa Jimbe"}),
        (_K.SURAT_BALASAN, {"request": replace(REQUEST, targets=12)}, {"targets": 7}),
        (_K.SURAT_BALASAN, {"plan": replace(PLAN, companions="Pak RT")}, {"companions": "Pak RT"}),
        (_K.SURAT_BALASAN, NONE, {"companions": WORDING.wording("surat_balasan")["companions"]}),
        (_K.SURAT_TUGAS, NONE, {"signing": "tangan", "signer": person(HEAD), "hours": "08.30 – selesai"}),
        (_K.SURAT_TUGAS, NONE, {"activity": ACTIVITY.name, "place": "Desa Jimbe"}),
        (_K.SURAT_TUGAS, {"activity": None}, {"activity": "", "place": ""}),
        (_K.NOTULEN, NONE, {"signer": person(TEAM[1]), "leader": HEAD.name, "writer": KASI.name}),
        (_K.SPPD, NONE, {"traveller": person(TEAM[0]), "vehicle": PLAN.vehicle, "from_place": "Blitar"}),
        (_K.SPPD, NONE, {"leaves": "2026-11-23", "returns": "2026-11-23", "ordered_by": HEAD.jabatan}),
        (_K.SPPD, {"team": (), "plan": None}, {"traveller": dict(NOBODY), "vehicle": "Kendaraan dinas"}),
        (_K.SPPD, {"plan": replace(PLAN, vehicle="")}, {"vehicle": "Kendaraan dinas"}),
        (_K.SPPD, {"letterhead": replace(NOTHING.letterhead, city="")}, {"from_place": "Dinas Uji"}),
        (_K.SPPD, {"plan": None, "activity": None}, {"leaves": "", "returns": ""}),
        (_K.SPPD, NONE, {"other": f"Surat tugas Nomor K07-0031; {SOP}"}),
        (_K.SPPD, {"activity": replace(ACTIVITY, surat_tugas="")}, {"other": SOP}),
        (_K.SPPD, {"activity": None, "sop": None}, {"other": ""}),
        (_K.SPJ, NONE, {"treasurer": dict(NOBODY), "sppd_number": "", "receiver": person(TEAM[0]), "visum": []}),
        (_K.SPJ, {"team": ()}, {"receiver": person(TEAM[1])}),
        (_K.SPJ, {"treasurer": HEAD, "travel_order": replace(REPLY, number="204")}, {"treasurer": person(HEAD)}),
        (_K.SPJ, {"travel_order": replace(REPLY, number="204")}, {"sppd_number": "204"}),
        (_K.BA_SERAH_TERIMA, NONE, {"dasar": f"UU Nomor 24 Tahun 2013 serta {SOP}"}),
        (
            *(_K.BA_SERAH_TERIMA, {"sop": None}),
            {"dasar": "Standar Operasional Prosedur pelayanan jemput bola perekaman KTP-el"},
        ),
        (_K.BA_SARPRAS, NONE, {"direction": "keluar", "lead": person(TEAM[0]), "keeper": dict(NOBODY)}),
        (_K.BA_PENGEMBALIAN, {"team": ()}, {"direction": "masuk", "lead": dict(NOBODY)}),
        (_K.LAPORAN_KEGIATAN, NONE, {"surat_tugas": "K07-0031", "targets": 7}),
        (_K.LAPORAN_KEGIATAN, {"sop": None, "activity": None}, {"dasar": [], "surat_tugas": ""}),
        (_K.LAPORAN_KEGIATAN, {"targets": (), "applications": (APPLICATION,)}, {"targets": 1}),
        (_K.DAFTAR_CETAK, NONE, {"place": "Desa Jimbe"}),
        (_K.DAFTAR_CETAK, {"activity": None}, {"place": "Semua kegiatan"}),
        (_K.REKAPITULASI, NONE, {"dated": "2026-11-23", "printed": []}),
    ],
)
def test_a_field_says_what_is_known_and_else_what_is_usual(
    kind: LetterKind, changes: dict[str, Any], fields: dict[str, Any]
) -> None:
    said = composed(kind, EVERYTHING, **changes)
    assert {name: said[name] for name in fields} == fields


@pytest.mark.parametrize(
    ("applicant", "sender", "village", "addressed"),
    [
        (Applicant.PEMERINTAH_DESA, "Pemerintah Desa Jimbe", "Jimbe", "Kepala Desa Jimbe"),
        (Applicant.PEMERINTAH_DESA, "Pemerintah Desa Jimbe", "", "Pimpinan Pemerintah Desa Jimbe"),
        (Applicant.PENANGANAN_MEDIS, "Puskesmas Kademangan", "Jimbe", "Kepala Puskesmas Kademangan"),
        (Applicant.BANTUAN_SOSIAL, "Kelurahan Babadan", "", "Lurah Babadan"),
        (Applicant.KONDISI_DARURAT, "Yayasan Kasih", "Jimbe", "Pimpinan Yayasan Kasih"),
    ],
)
def test_the_reply_goes_to_whoever_leads_the_sender(
    applicant: Applicant, sender: str, village: str, addressed: str
) -> None:
    request = replace(REQUEST, applicant=applicant, sender=sender, village=village)
    assert composed(_K.SURAT_BALASAN, EVERYTHING, request=request)["to"] == addressed


def test_the_order_rests_on_the_request_where_there_is_one_and_ends_with_a_full_stop() -> None:
    asked = composed(_K.SURAT_TUGAS, EVERYTHING)["dasar"]
    unasked = composed(_K.SURAT_TUGAS, EVERYTHING, request=None)["dasar"]
    assert asked[-1] == (
        f"Surat {REQUEST.sender} Nomor {REQUEST.number} tanggal 16 November 2026 hal {REQUEST.subject}."
    )
    assert unasked == [*asked[:-2], f"{SOP}."]
    assert asked[-2] == f"{SOP};"


def test_each_day_of_the_plan_is_a_row_of_the_schedule() -> None:
    days = (MONDAY, date(2026, 11, 24))
    rows = composed(_K.JADWAL, EVERYTHING, plan=replace(PLAN, days=days))["schedule"]
    assert [row["on"] for row in rows] == ["2026-11-23", "2026-11-24"]
    assert rows[0]["work"] == "Penerbitan KIA"
    (stop,) = composed(_K.JADWAL_DISTRIBUSI, EVERYTHING, stops=(STOP,))["schedule"]
    assert stop == {"on": "2026-11-23", "place": "Balai desa", "team": "Rina"}


@pytest.mark.parametrize(
    ("legs", "arrived", "back"),
    [
        ({"departed": NOW}, "", ""),
        ({"at_location": NOW}, "pukul 02.00", ""),
        ({"arrived": NOW, "at_location": NOW + timedelta(hours=1)}, "pukul 02.00", ""),
        ({"arrived": NOW, "returned": NOW + timedelta(hours=6)}, "pukul 02.00", "pukul 08.00"),
    ],
)
def test_the_visum_tells_when_a_team_came_and_was_back(legs: dict[str, datetime], arrived: str, back: str) -> None:
    way = trip(**legs)
    (row,) = composed(_K.SPJ, EVERYTHING, trips=(trip(), way))["visum"]
    assert (row["arrived"][-11:], row["back"][-11:]) == (arrived, back)
    assert (row["name"], row["jabatan"]) == ("", "")
    met = replace(way, coordination=Coordination(NOW, "Ibu Sekdes", "Sekretaris Desa"))
    (row,) = composed(_K.SPJ, EVERYTHING, trips=(met,))["visum"]
    assert (row["name"], row["jabatan"]) == ("Ibu Sekdes", "Sekretaris Desa")


@pytest.mark.parametrize(
    ("state", "outcome", "told"),
    [
        (TargetState.POSTPONED, Outcome.MENOLAK, "menolak"),
        (TargetState.CANCELLED, Outcome.PINDAH, "pindah"),
        (TargetState.POSTPONED, None, "postponed"),
        (TargetState.CANCELLED, None, "cancelled"),
        (TargetState.RECORDED, Outcome.MENOLAK, "recorded"),
        (TargetState.PLANNED, Outcome.TIDAK_DI_TEMPAT, "planned"),
    ],
)
def test_the_report_tells_the_last_visit_of_who_was_put_off_and_else_how_the_target_stands(
    state: TargetState, outcome: Outcome | None, told: str
) -> None:
    visit = Visit("v", "a1", TARGETS[0].target_id, "u1", NOW, outcome=outcome)
    only = (replace(TARGETS[0], state=state),)
    report = composed(_K.LAPORAN_KEGIATAN, EVERYTHING, targets=only, visits=(visit,), applications=(APPLICATION,))
    assert report["outcomes"] == [{"outcome": told, "count": 1}]


def test_the_report_of_applications_counts_them_by_state() -> None:
    report = composed(_K.LAPORAN_KEGIATAN, EVERYTHING, targets=(), applications=(APPLICATION, APPLICATION))
    assert report["outcomes"] == [{"outcome": APPLICATION.state.value, "count": 2}]
