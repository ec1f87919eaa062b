"""The table of fields covers every letter, without a field twice."""

from __future__ import annotations

from fieldkit.domain.letters.fields import FIELDS, FOR_RESIDENTS, OF_RECORDS, fields_of
from fieldkit.domain.letters.forms import Form
from fieldkit.domain.letters.letter import LetterKind


def test_every_letter_has_its_fields() -> None:
    assert set(FIELDS) | OF_RECORDS == set(LetterKind)
    assert {LetterKind.BUKTI_PEREKAMAN, LetterKind.BA_PENGECUALIAN, LetterKind.BA_PENGIRIMAN} == OF_RECORDS
    assert not set(FIELDS) & OF_RECORDS
    assert set(LetterKind) >= FOR_RESIDENTS
    assert fields_of(LetterKind.BUKTI_PEREKAMAN) == ()


def test_fields_are_well_formed() -> None:
    for kind, fields in FIELDS.items():
        names = [field.name for field in fields]
        assert len(names) == len(set(names)), kind
        for field in fields:
            assert bool(field.columns) is (field.form is Form.ROWS), (kind, field.name)
            assert all(isinstance(column.name, str) for column in field.columns), (kind, field.name)
            assert bool(field.choices) is (field.form is Form.CHOICE), (kind, field.name)
