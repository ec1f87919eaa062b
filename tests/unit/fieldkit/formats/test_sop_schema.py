from __future__ import annotations

from datetime import date

import pytest
from pydantic import ValidationError

from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people.accounts import Role
from fieldkit.domain.sarpras.inventory import SarprasKind
from fieldkit.domain.sop.document import NO_DOCUMENT, Equipment
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import Column, StepInput
from fieldkit.formats.sop_schema import SopFile

FILE = {
    "id": "contoh",
    "nomor": "1",
    "nama": "Contoh",
    "instansi": "DINAS",
    "kode_wilayah": "35.05",
    "peran": {"Kasi": ["kasi"], "Pemohon": {"luar": "ya", "dicatat_oleh": ["loket"]}},
    "langkah": [
        {
            "urutan": "1",
            "kegiatan": "Bekerja",
            "pelaksana": [{"peran": "Pemohon", "sebagai": "penerima"}, {"peran": "Kasi", "keyakinan": "0.5"}],
            "kelengkapan": ["Kalender", {"nama": "Jadwal", "surat": ["jadwal"], "fakta": ["scheduled"]}],
            "dipenuhi_oleh": ["scheduled", {"salah_satu": ["recorded", "sent"]}],
        }
    ],
}


def test_short_forms_stand_for_long_ones() -> None:
    profile = SopFile.model_validate(FILE).profile()
    step = profile.steps[0]
    assert profile.columns == (Column("Kasi", (Role.KASI,)), Column("Pemohon", (), (Role.LOKET,)))
    assert step.inputs == (
        StepInput("Kalender"),
        StepInput("Jadwal", (LetterKind.JADWAL,), (Fulfilment.SCHEDULED,)),
    )
    assert step.fulfilled_by == ((Fulfilment.SCHEDULED,), (Fulfilment.RECORDED, Fulfilment.SENT))


def test_who_does_a_step_stands_first() -> None:
    actors = SopFile.model_validate(FILE).profile().steps[0].actors
    assert [(actor.column, actor.part, actor.confidence) for actor in actors] == [
        ("Kasi", "pelaksana", 0.5),
        ("Pemohon", "penerima", 1.0),
    ]


@pytest.mark.parametrize("answer", ["ya", "tidak", "true", "false"])
def test_yes_and_no_are_said_in_two_languages(answer: str) -> None:
    read = SopFile.model_validate({**FILE, "peran": {"Pemohon": {"luar": answer, "dicatat_oleh": ["loket"]}}})
    assert read.peran["Pemohon"].luar is (answer in ("ya", "true"))


def test_unknown_fields_are_refused() -> None:
    with pytest.raises(ValidationError):
        SopFile.model_validate({**FILE, "catatan": "x"})


def test_what_the_document_holds_besides_steps() -> None:
    document = {
        "judul": "SOP CONTOH",
        "disahkan_oleh": "Kepala Dinas",
        "tanggal_pembuatan": "2022-01-04",
        "tanggal_revisi": None,
        "dasar_hukum": ["UU 24/2013"],
        "peralatan": ["ATK", {"nama": "Mobil", "sarpras": "vehicle"}],
    }
    read = SopFile.model_validate({**FILE, **document}).profile().document
    assert (read.heading, read.approved_by, read.laws) == ("SOP CONTOH", "Kepala Dinas", ("UU 24/2013",))
    assert (read.made_on, read.revised_on, read.effective_on) == (date(2022, 1, 4), None, None)
    assert read.equipment == (Equipment("ATK"), Equipment("Mobil", SarprasKind.VEHICLE))
    assert SopFile.model_validate(FILE).profile().document == NO_DOCUMENT
