"""The form keeps what was typed, also what cannot be read yet."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime

import pytest

from fieldkit.domain.letters.fields import fields_of
from fieldkit.domain.letters.forms import empty
from fieldkit.domain.letters.letter import Letter, LetterKind
from ui.presenters.letters.letter import UNFILLED, LetterField, LetterForm
from ui.presenters.presenter import message


def form(kind: LetterKind = LetterKind.SPJ) -> LetterForm:
    fields = {field.name: field.choices[0] if field.choices else empty(field.form) for field in fields_of(kind)}
    return LetterForm(Letter("l1", "a1", kind, "Surat", "K-1", fields, "u1", datetime(2026, 11, 21, tzinfo=UTC)))


def field(shown: LetterForm, name: str) -> LetterField:
    return next(one for one in shown.shown() if one.name == name)


def test_typing_changes_the_letter() -> None:
    typed = form()
    assert typed.type_into("expenses", "BBM | 2 | liter | 12.950")
    assert typed.changes["expenses"][0]["price"] == 12_950
    assert typed.is_sound


def test_what_cannot_be_read_stays_typed_and_is_marked() -> None:
    typed = form()
    assert not typed.type_into("expenses", "BBM | dua")
    assert not typed.is_sound
    assert field(typed, "expenses").text == "BBM | dua"
    assert field(typed, "expenses").problem
    assert "expenses" not in typed.changes
    typed.forget_problems()
    assert not typed.is_sound, "only typing repairs it"
    assert typed.type_into("expenses", "BBM | 2")
    assert typed.is_sound


def test_an_unfilled_field_is_marked_until_something_is_typed() -> None:
    typed = form()
    typed.point_out("place", UNFILLED)
    typed.point_out("stranger", UNFILLED)
    assert field(typed, "place").problem == UNFILLED
    typed.forget_problems()
    assert typed.is_sound


def test_only_what_was_kept_is_forgotten() -> None:
    typed = form()
    typed.type_into("place", "Desa A")
    typed.type_into("days", "Senin")
    saved = dict(typed.changes)
    typed.type_into("place", "Desa AB")
    typed.kept(replace(typed.letter, fields={**typed.letter.fields, **saved}))
    assert typed.changes == {"place": "Desa AB"}


def test_tables_name_their_columns_and_choices_their_words() -> None:
    assert message("surat.column_price") in field(form(), "expenses").columns
    signing = field(form(LetterKind.SURAT_TUGAS), "signing")
    assert [choice.name for choice in signing.choices] == ["tangan", "tte"]


@pytest.mark.parametrize(
    ("kind", "name", "hint", "is_long", "columns"),
    [
        (LetterKind.SURAT_TUGAS, "dated", "surat.hint_day", False, ()),
        (LetterKind.SURAT_TUGAS, "place", "", False, ()),
        (LetterKind.SURAT_TUGAS, "signer", "", False, ("name", "nip", "pangkat", "jabatan")),
        (LetterKind.SPJ, "expenses", "", True, ("what", "count", "unit", "price", "proof")),
        (LetterKind.SPJ, "report", "", True, ()),
    ],
)
def test_a_field_says_how_it_is_typed(
    kind: LetterKind, name: str, hint: str, is_long: bool, columns: tuple[str, ...]
) -> None:
    shown = field(form(kind), name)
    assert (shown.hint, shown.is_long) == (message(hint) if hint else "", is_long)
    assert shown.columns == tuple(message(f"surat.column_{column}") for column in columns)


def test_what_is_not_kept_is_what_was_changed_or_cannot_be_read() -> None:
    typed = form()
    typed.type_into("place", "Desa A")
    typed.type_into("expenses", "BBM | dua")
    typed.point_out("days", UNFILLED)
    assert typed.unkept() == {"place": "Desa A", "expenses": "BBM | dua"}


def test_the_list_of_targets_is_not_typed() -> None:
    assert "targets" not in [one.name for one in form(LetterKind.DAFTAR_SASARAN).shown()]
