from __future__ import annotations

from datetime import UTC, date, datetime

from fieldkit.domain.events import Thing
from fieldkit.domain.people import Role
from fieldkit.domain.targets.requests import (
    Applicant,
    Disposisi,
    Harapan,
    LegalCategory,
    Sifat,
    SuratPermohonan,
    TargetNotes,
)

REQUEST = SuratPermohonan(
    "r1", "a1", Applicant.PEMERINTAH_DESA, "Pemerintah Desa Jimbe", "470/12/2026", date(2026, 11, 2), date(2026, 11, 4),
    "Perekaman rentan adminduk", "Jimbe", "Kademangan", "35.05.05", 12, "0812-0000-0000", agenda="A-77",
)  # fmt: skip


def test_a_request_is_found_by_what_people_remember() -> None:
    assert isinstance(REQUEST, Thing)
    for word in ("Pemerintah Desa Jimbe", "470/12/2026", "rentan", "Kademangan", "A-77"):
        assert word in REQUEST.words
    assert "0812" not in REQUEST.words


def test_a_disposisi_is_found_by_its_note() -> None:
    at = datetime(2026, 11, 5, 2, tzinfo=UTC)
    slip = Disposisi("d1", "a1", "r1", Sifat.SEGERA, (Role.KABID,), (Harapan.TANGGAPAN,), "segera jadwalkan", "u9", at)
    assert isinstance(slip, Thing)
    assert slip.words == "segera jadwalkan"


def test_notes_are_found_by_no_word() -> None:
    notes = TargetNotes("t1", "a1", LegalCategory.ORANG_TERLANTAR, safety="takut seragam", contact="Sri 0812")
    assert notes.words == ""
