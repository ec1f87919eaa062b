"""Every letter can be composed, of everything and of nothing, and its fields are of their form."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import TARGETS, Kit
from support.applied import APPLICATION
from support.clock import NOW
from support.field_office import go_out
from support.letters import AT, HEAD, KADIS, KASI, MONDAY, PLAN, REQUEST, TEAM, office
from support.sops import SMALL

from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.applications import Application, ApplicationState
from fieldkit.domain.cards.card import Distribution, Place, Stop
from fieldkit.domain.errors import StoreError
from fieldkit.domain.letters.fields import FIELDS, fields_of
from fieldkit.domain.letters.forms import check
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role, Staff
from fieldkit.domain.planning.outreach import Plan, ServiceCategory
from fieldkit.domain.sop.profile import SopDocument
from fieldkit.domain.targets.requests import Disposisi, Sifat, SuratPermohonan
from fieldkit.domain.visits import Coordination, Leg, Moment, Trip, Visit
from fieldkit.services.letters.fields import Known, activity_of, compose, gather, leader_of


@pytest.fixture(scope="module")
def full(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with office(tmp_path_factory.mktemp("full")) as kit:
        yield kit


@pytest.fixture(scope="module")
def bare(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with Kit(tmp_path_factory.mktemp("bare"), KASI) as kit:
        yield kit


@pytest.fixture
def kit_with_sop(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KASI) as kit:
        laws = ("UU Nomor 24 Tahun 2013;", "Permendagri Nomor 109 Tahun 2019.")
        kit.plan()
        add_activity(kit, "x", replace(SMALL, document=SopDocument(laws=laws)))
        yield kit


def composed(kit: Kit, kind: LetterKind, activity_id: str = AT) -> dict[str, object]:
    head, wording = kit.context.office.letterhead.read(), TypstLetters().wording(kind.value)
    with kit.store.read() as unit:
        return compose(kind, gather(unit, activity_id, head, KASI, kit.clock, wording))


@pytest.mark.parametrize("kind", FIELDS)
def test_fields_are_of_their_form(full: Kit, bare: Kit, kind: LetterKind) -> None:
    for kit, activity_id in ((full, AT), (bare, AT), (bare, "")):
        fields = composed(kit, kind, activity_id)
        check(kind, fields, fields_of(kind))
        assert json.loads(json.dumps(fields)) == fields


@pytest.mark.parametrize("kind", FIELDS)
def test_no_letter_tells_a_nik_or_a_category(full: Kit, kind: LetterKind) -> None:
    written = json.dumps(composed(full, kind)).lower()
    assert not any(target.biodata.nik.digits in written for target in TARGETS)
    for category in (ServiceCategory.ODGJ, ServiceCategory.DISABILITAS):
        # The wording of the desa's own template names no category either.
        assert category.value not in written or kind is LetterKind.SURAT_PERMOHONAN


def test_the_spj_names_the_travel_order_that_counts(full: Kit) -> None:
    assert composed(full, LetterKind.SPJ)["sppd_number"] == ""
    letters = full.context.office.letters
    sppd = letters.issue(letters.draft(LetterKind.SPPD, AT).thing_id, "204")
    assert sppd.number
    assert composed(full, LetterKind.SPJ)["sppd_number"] == sppd.number


def test_the_reply_answers_the_request(full: Kit) -> None:
    fields = composed(full, LetterKind.SURAT_BALASAN)
    assert (fields["to"], fields["letter_number"]) == ("Kepala Desa Jimbe", "470/112/409.55.3/2026")
    assert (fields["targets"], fields["signing"]) == (7, "tte")


def test_the_disposition_says_what_was_decided(full: Kit) -> None:
    fields = composed(full, LetterKind.LEMBAR_DISPOSISI)
    assert fields["forwarded"] == ["kabid", "kasi"]
    assert fields["sifat"] == "segera"
    assert fields["agenda"] == "1187"


def test_the_traveller_is_the_lead_and_the_others_follow(full: Kit) -> None:
    fields = composed(full, LetterKind.SPPD)
    assert fields["traveller"]["name"] == "Bagus Santoso, S.Kom."  # type: ignore[index]
    assert [row["name"] for row in fields["companions"]] == ["Rina Wulandari", "Agus Prasetyo"]  # type: ignore[attr-defined]
    assert (fields["leaves"], fields["returns"]) == ("2026-11-23", "2026-11-23")


def test_the_list_of_targets_is_in_the_order_of_visits(full: Kit) -> None:
    rows = composed(full, LetterKind.DAFTAR_SASARAN)["targets"]
    assert [row["name"] for row in rows] == [target.biodata.name for target in TARGETS]  # type: ignore[attr-defined]
    assert all("•" in row["nik"] for row in rows)  # type: ignore[attr-defined]


def test_the_report_says_why_somebody_was_not_recorded(tmp_path: Path) -> None:
    kit = office(tmp_path)
    go_out(kit, AT)
    outcomes = {row["outcome"]: row["count"] for row in composed(kit, LetterKind.LAPORAN_KEGIATAN)["outcomes"]}
    assert outcomes == {"planned": 5, "tidak_di_tempat": 1, "menolak": 1}
    kit.store.close()


def test_a_letter_rests_on_the_law_of_its_sop_and_on_the_sop(kit_with_sop: Kit) -> None:
    dasar = composed(kit_with_sop, LetterKind.SURAT_TUGAS, "x")["dasar"]
    assert dasar == [
        "UU Nomor 24 Tahun 2013;",
        "Permendagri Nomor 109 Tahun 2019;",
        "Standar Operasional Prosedur Jemput bola kecil Nomor SOP-01.",
    ]
    handed = composed(kit_with_sop, LetterKind.BA_SERAH_TERIMA, "x")["dasar"]
    assert handed == "UU Nomor 24 Tahun 2013 serta Standar Operasional Prosedur Jemput bola kecil Nomor SOP-01"


def test_without_law_in_the_sop_the_usual_wording_stays(full: Kit) -> None:
    dasar = composed(full, LetterKind.SURAT_TUGAS)["dasar"]
    assert str(dasar[0]).startswith("Undang-Undang Nomor 23 Tahun 2006")  # type: ignore[index]


@pytest.mark.parametrize(
    ("place", "addressed"),
    [
        ("Desa Jimbe", "Kepala Desa Jimbe"),
        ("Kelurahan Babadan", "Lurah Babadan"),
        ("Kecamatan Dolopo", "Camat Dolopo"),
        ("Dinas Sosial", "Kepala Dinas Sosial"),
        ("SMK Negeri 1", "Kepala SMK Negeri 1"),
        ("Pondok Al Hikmah", "Pondok Al Hikmah"),
    ],
)
def test_who_leads_a_place_is_addressed(place: str, addressed: str) -> None:
    assert leader_of(place) == addressed


_BY_SOP = "Standar Operasional Prosedur Jemput bola kecil Nomor SOP-01"
_BY_LAW = f"UU Nomor 24 Tahun 2013 serta {_BY_SOP}"


@pytest.mark.parametrize(
    ("kind", "field", "expected"),
    [
        (LetterKind.SURAT_BALASAN, "dasar", _BY_LAW),
        (LetterKind.SURAT_PEMBERITAHUAN, "dasar", _BY_LAW),
        (LetterKind.BA_SARPRAS, "dasar", _BY_SOP),
        (LetterKind.BA_PENGEMBALIAN, "dasar", _BY_SOP),
        (LetterKind.SPPD, "other", f"Surat tugas Nomor K07-0031; {_BY_SOP}"),
    ],
)
def test_letters_name_the_sop_they_rest_on_and_its_first_law_where_there_is_room(
    kit_with_sop: Kit, full: Kit, kind: LetterKind, field: str, expected: str
) -> None:
    assert composed(kit_with_sop, kind, "x")[field] == expected
    assert "Standar" not in str(composed(full, kind)[field])


def test_the_report_lists_all_law_and_who_acknowledges_it(kit_with_sop: Kit, full: Kit) -> None:
    report = composed(kit_with_sop, LetterKind.LAPORAN_KEGIATAN, "x")
    assert [str(line)[:3] for line in report["dasar"]] == ["UU ", "Per", "Sta"]  # type: ignore[attr-defined]
    assert (
        composed(full, LetterKind.LAPORAN_KEGIATAN)["acknowledged"] == composed(full, LetterKind.SURAT_TUGAS)["signer"]
    )


def test_the_spj_and_the_report_tell_the_days_that_were_and_not_those_that_were_planned(tmp_path: Path) -> None:
    kit = office(tmp_path)
    leaves = datetime(2026, 11, 24, 0, 30, tzinfo=UTC)
    with kit.store.write() as unit:
        moments = (Moment(Leg.DEPARTED, leaves), Moment(Leg.ARRIVED, leaves + timedelta(hours=1)))
        met = Coordination(leaves, "Ibu Sekdes", "Sekretaris Desa")
        unit.repository(Trip).save(Trip("t1", AT, KASI.user_id, moments, met))
        unit.repository(Staff).save(Staff("b", "Dewi", "1", jabatan="Bendahara Pengeluaran Pembantu"))
    spj = composed(kit, LetterKind.SPJ)
    assert spj["days"] == composed(kit, LetterKind.LAPORAN_KEGIATAN)["days"] == "Selasa, 24 November 2026"
    assert composed(kit, LetterKind.SURAT_TUGAS)["days"] == "Senin, 23 November 2026"
    assert spj["visum"] == [
        {
            "place": "Desa Jimbe",
            "arrived": "Selasa, 24 November 2026, pukul 08.30",
            "back": "",
            "name": "Ibu Sekdes",
            "jabatan": "Sekretaris Desa",
        }
    ]
    assert spj["treasurer"]["name"] == "Dewi"  # type: ignore[index]
    kit.close()


STOP = Stop(MONDAY, Place.DESA, "Balai desa", "Rina")


def known(kit: Kit, activity_id: str) -> Known:
    head = kit.context.office.letterhead.read()
    with kit.store.read() as unit:
        return gather(unit, activity_id, head, kit.context.user, kit.clock, {"hal": "Ke {place}", "l": ["{sender}"]})


def test_everything_that_is_there_is_found(tmp_path: Path) -> None:
    kit = office(tmp_path)
    found = known(kit, AT)
    kit.close()
    assert (found.request, found.plan, found.head, found.chief) == (REQUEST, PLAN, HEAD, KADIS)
    assert found.team == TEAM
    assert found.days == (MONDAY,)
    assert len(found.targets) == 7
    assert found.signer()["jabatan"] == HEAD.jabatan
    assert found.me()["name"] == KASI.name
    assert found.propose("hal") == "Ke Desa Jimbe"
    assert found.propose("l") == ["Pemerintah Desa Jimbe"]
    assert found.propose("none") == ""


def test_whoever_signed_in_is_known_by_rank_and_post_also_outside_the_team(tmp_path: Path) -> None:
    kit = office(tmp_path)
    mine = Staff("s9", KASI.name, "198001172005011003", "Penata Tingkat I (III/d)", "Kepala Seksi", KASI.user_id)
    with kit.store.write() as unit:
        unit.repository(Staff).save(mine)
    assert known(kit, AT).me()["jabatan"] == "Kepala Seksi"
    assert known(kit, "").me()["nip"] == mine.nip
    kit.close()


def test_nothing_is_no_error(tmp_path: Path) -> None:
    for activity_id in ("", "stranger"):
        with Kit(tmp_path / (activity_id or "none")) as kit:
            found = known(kit, activity_id)
        assert (found.activity, found.request, found.plan, found.team, found.targets) == (None, None, None, (), ())
        assert found.days == ()
        assert found.hours == found.place == ""
        assert found.signer() == {"name": "", "nip": "", "pangkat": "", "jabatan": "Kepala Dinas"}


def letter(name: str, kind: LetterKind, state: LetterState = LetterState.ISSUED, activity_id: str = AT) -> Letter:
    return Letter(name, activity_id, kind, name, name, {}, "u1", NOW, state)


def test_the_latest_letter_of_a_kind_counts_unless_it_is_void(tmp_path: Path) -> None:
    kit = office(tmp_path)
    with kit.store.write() as unit:
        for each in (
            letter("b1", LetterKind.SURAT_BALASAN),
            letter("b2", LetterKind.SURAT_BALASAN),
            letter("b3", LetterKind.SURAT_BALASAN, LetterState.VOID),
            letter("s1", LetterKind.SPPD, LetterState.VOID),
            letter("b4", LetterKind.SURAT_BALASAN, activity_id=""),
        ):
            unit.repository(Letter).save(each)
    found = known(kit, AT)
    assert (found.reply and found.reply.thing_id, found.travel_order) == ("b2", None)
    assert known(kit, "").reply is None
    kit.close()


def test_only_who_is_there_and_what_counts_is_found(tmp_path: Path) -> None:
    kit = office(tmp_path)
    treasurer = Staff("s8", "Dewi", jabatan="BENDAHARA Pengeluaran")
    withdrawn = replace(APPLICATION, thing_id="p2", activity_id=AT, state=ApplicationState.DITARIK)
    with kit.store.write() as unit:
        unit.repository(Plan).save(replace(PLAN, team=("s1", "gone", "s3")))
        unit.repository(Distribution).save(Distribution(AT, AT, (STOP,), "u1", NOW))
        for each in (replace(APPLICATION, activity_id=AT), withdrawn):
            unit.repository(Application).save(each)
        unit.repository(Application).save(replace(APPLICATION, thing_id="p3", activity_id=""))
    found = known(kit, AT)
    assert found.team == (TEAM[0], TEAM[2])
    assert (found.treasurer, found.stops) == (None, (STOP,))
    assert [each.thing_id for each in found.applications] == ["p1"]
    assert found.count is not None
    nowhere = known(kit, "")
    assert (nowhere.count, nowhere.applications, nowhere.stops, nowhere.targets) == (None, (), (), ())
    with kit.store.write() as unit:
        unit.repository(Staff).save(treasurer)
        unit.save_user(replace(KADIS, role=Role.KABID))
    assert (known(kit, AT).treasurer, known(kit, AT).chief) == (treasurer, None)
    kit.close()


def test_what_belongs_to_no_activity_or_to_one_that_is_not_here_is_not_taken_for_its_own(tmp_path: Path) -> None:
    decided = Disposisi("d1", "", "r9", Sifat.BIASA, (), (), "", "u1", NOW)
    with office(tmp_path) as kit:
        with kit.store.write() as unit:
            unit.repository(SuratPermohonan).save(replace(REQUEST, thing_id="r9", activity_id=""))
            unit.repository(Disposisi).save(decided)
            unit.repository(Visit).save(Visit("v1", "stranger", "t-1", "u1", NOW))
            unit.repository(Trip).save(Trip("p1", "stranger", "u1"))
            unit.repository(Application).save(replace(APPLICATION, thing_id="p4", activity_id="stranger"))
        nowhere, stranger = known(kit, ""), known(kit, "stranger")
        with kit.store.write() as unit:
            unit.repository(Disposisi).save(replace(decided, activity_id=AT))
            unit.repository(Visit).save(Visit("v1", AT, "t-1", "u1", NOW))
            unit.repository(Trip).save(Trip("p1", AT, "u1"))
        found = known(kit, AT)
    assert (nowhere.request, nowhere.disposisi) == (None, None)
    assert (stranger.visits, stranger.trips, stranger.applications) == ((), (), ())
    assert (found.disposisi and found.disposisi.thing_id, len(found.visits), len(found.trips)) == ("d1", 1, 1)


def test_a_store_that_fails_is_not_an_activity_that_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with office(tmp_path) as kit, kit.store.read() as unit:

        def fail(_activity_id: str) -> None:
            raise StoreError("store.damaged")

        assert activity_of(unit, "stranger") is None
        monkeypatch.setattr(unit.activities, "get", fail)
        with pytest.raises(StoreError, match=r"store\.damaged"):
            activity_of(unit, AT)
