from __future__ import annotations

from fieldkit.domain.letters.inks import signers_of
from fieldkit.domain.letters.letter import LetterKind

PERSON = {"name": "Rina", "nip": "", "pangkat": "", "jabatan": ""}
NOBODY = {**PERSON, "name": ""}


def test_a_form_is_signed_by_the_person_the_officer_and_its_witnesses() -> None:
    fields = {"name": "Ani", "officer": "Dwi", "witnesses": [{"name": "Pak RT"}, {"name": ""}, {"name": "Bu RW"}]}
    assert signers_of(LetterKind.F_1_04, fields) == {
        "person": "Ani",
        "officer": "Dwi",
        "witness1": "Pak RT",
        "witness3": "Bu RW",
    }


def test_exceptions_are_signed_by_every_petugas_and_witness_once() -> None:
    mark = {"witness": "Pak RT", "attendants": ["Rina", "Agus"]}
    fields = {"name": "Ani", "attendants": ["Rina"], "exceptions": [mark, {**mark, "witness": "Bu RW"}]}
    assert signers_of(LetterKind.BA_PENGECUALIAN, fields) == {
        "attendant1": "Rina",
        "attendant2": "Agus",
        "witness1": "Pak RT",
        "witness2": "Bu RW",
    }


def test_whose_signature_came_with_the_act_is_not_asked_again() -> None:
    fields = {"first": PERSON, "second": PERSON, "witnesses": ["Pak RT"], "signer": PERSON}
    assert list(signers_of(LetterKind.BA_SERAH_TERIMA, {**fields, "mark": ""})) == ["first", "second", "witness1"]
    assert list(signers_of(LetterKind.BA_SERAH_TERIMA, {**fields, "mark": "a1"})) == ["first", "witness1"]
    assert signers_of(LetterKind.SPJ, {"receiver": NOBODY, "visum": [{"name": "Sekdes"}]}) == {"visum1": "Sekdes"}
    assert signers_of(LetterKind.SURAT_TUGAS, {"signer": PERSON, "people": [PERSON]}) == {}
