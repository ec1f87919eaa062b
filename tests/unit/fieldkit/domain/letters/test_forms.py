"""What is typed into a form becomes the value of its field, or is refused with what was typed."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.forms import PERSON, Column, Field, Form, as_text, check, empty, from_text, unfilled
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.official_forms import MEMBER, OFFICIAL_FORMS
from fieldkit.domain.letters.requirements import NOT_ASKED, AttachmentBox

SPJ = LetterKind.SPJ
EXPENSES = Field(
    "expenses", Form.ROWS, columns=(Column("what"), Column("count", Form.COUNT), Column("price", Form.MONEY))
)


@pytest.mark.parametrize(
    ("form", "text", "value"),
    [
        (Form.LINE, "  Desa Jimbe-Atas ", "Desa Jimbe-Atas"),
        (Form.CHOICE, " a ", "a"),
        (Form.TEXT, "satu\ndua\n", "satu\ndua"),
        (Form.LINES, "satu\n\n dua ", ["satu", "dua"]),
        (Form.DAY, "23-11-2026", "2026-11-23"),
        (Form.DAY, "23/11/2026", "2026-11-23"),
        (Form.DAY, "2026-11-23", "2026-11-23"),
        (Form.DAY, "3-1-2026", "2026-01-03"),
        (Form.DAY, "", ""),
        (Form.COUNT, "12", 12),
        (Form.COUNT, "", 0),
        (Form.MONEY, "Rp1.250.000", 1_250_000),
        (
            Form.PERSON,
            "Siti | 1985 | | Operator",
            {"name": "Siti", "nip": "1985", "pangkat": "", "jabatan": "Operator"},
        ),
        (Form.PERSON, "", {"name": "", "nip": "", "pangkat": "", "jabatan": ""}),
    ],
)
def test_typed_text_becomes_a_value(form: Form, text: str, value: object) -> None:
    field = Field("f", form, choices=("a", "b"))
    assert from_text(SPJ, field, text) == value
    assert from_text(SPJ, field, as_text(field, value)) == value
    check(SPJ, {"f": value}, (field,))


def test_a_line_that_the_form_does_not_have_is_refused() -> None:
    (field,) = (field for field in OFFICIAL_FORMS[LetterKind.F_1_02] if field.name == "attached")
    assert from_text(LetterKind.F_1_02, field, AttachmentBox.LOSS) == [AttachmentBox.LOSS]
    with pytest.raises(InputError, match=r"letter\.typed_wrong"):
        from_text(LetterKind.F_1_02, field, f"{AttachmentBox.LOSS}\nKK lama")


def test_days_are_shown_with_the_day_first() -> None:
    assert as_text(Field("f", Form.DAY), "2026-11-03") == "03-11-2026"
    rows = Field("f", Form.ROWS, columns=(Column("on", Form.DAY), Column("what")))
    assert as_text(rows, [{"on": "2026-11-03", "what": "a"}]) == "03-11-2026 | a"
    assert as_text(rows, [{"on": "", "what": "a"}]) == " | a"


def test_rows_are_typed_one_a_line() -> None:
    rows = from_text(SPJ, EXPENSES, "BBM Pertamax | 2 | 350.000\n\nMakan|4|25000\n")
    assert rows == [
        {"what": "BBM Pertamax", "count": 2, "price": 350_000},
        {"what": "Makan", "count": 4, "price": 25_000},
    ]
    assert as_text(EXPENSES, rows) == "BBM Pertamax | 2 | 350000\nMakan | 4 | 25000"


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (Field("f", Form.DAY), "31-02-2026"),
        (Field("f", Form.DAY), "besok"),
        (Field("f", Form.DAY), "23-11"),
        (Field("f", Form.COUNT), "-1"),
        (Field("f", Form.COUNT), "1,5"),
        (Field("f", Form.COUNT), "٣"),
        (Field("f", Form.MONEY), "9" * 16),
        (Field("f", Form.CHOICE, choices=("a", "b")), "c"),
        (EXPENSES, "BBM | dua"),
    ],
)
def test_what_is_none_of_its_form_is_refused(field: Field, text: str) -> None:
    with pytest.raises(InputError, match=r"letter\.typed_wrong"):
        from_text(SPJ, field, text)


def test_too_many_columns_are_told() -> None:
    with pytest.raises(InputError, match=r"letter\.too_many_columns"):
        from_text(SPJ, EXPENSES, "a | 1 | 2 | 3")


@given(st.text(), st.sampled_from(Form))
def test_whatever_is_typed_either_fits_or_is_refused(text: str, form: Form) -> None:
    field = Field("f", form, columns=(Column("a"), Column("b", Form.COUNT)), choices=("a",))
    try:
        value = from_text(SPJ, field, text)
    except InputError:
        return
    check(SPJ, {"f": value}, (field,))


@pytest.mark.parametrize("form", [form for form in Form if form is not Form.CHOICE])
def test_the_empty_value_fits_and_shows_as_nothing(form: Form) -> None:
    field = Field("f", form)
    check(SPJ, {"f": empty(form)}, (field,))
    assert as_text(field, empty(form)) == ""
    assert list(unfilled({"f": empty(form)}, (field,))) == ["f"]


@pytest.mark.parametrize(
    ("form", "value"),
    [
        (Form.LINE, 3),
        (Form.LINES, "one"),
        (Form.LINES, [1]),
        (Form.DAY, "2026-13-01"),
        (Form.COUNT, True),
        (Form.COUNT, -1),
        (Form.PERSON, {"name": "x"}),
        (Form.PERSON, "x"),
        (Form.ROWS, [{"name": 1}]),
        (Form.ROWS, ["x"]),
        (Form.ROWS, ""),
        (Form.COUNT, "3"),
        (Form.DAY, "03-11-2026"),
        (Form.CHOICE, "x"),
    ],
)
def test_values_of_another_form_are_found(form: Form, value: object) -> None:
    with pytest.raises(InputError, match=r"letter\.field_wrong"):
        check(SPJ, {"f": value}, (Field("f", form, columns=PERSON, choices=("a",)),))


@pytest.mark.parametrize(
    ("form", "value", "is_required", "is_open"),
    [
        (Form.LINE, "", True, True),
        (Form.LINE, "", False, False),
        (Form.LINE, "x", True, False),
        (Form.PERSON, {"name": ""}, True, True),
        (Form.PERSON, {"name": "", "nip": "1985"}, True, True),
        (Form.PERSON, {"name": "Siti"}, True, False),
        (Form.PERSON, None, True, True),
        (Form.ROWS, [], True, True),
        (Form.COUNT, 0, True, True),
    ],
)
def test_only_what_a_letter_needs_is_unfilled(form: Form, value: object, is_required: bool, is_open: bool) -> None:
    fields = {} if value is None else {"f": value}
    assert list(unfilled(fields, (Field("f", form, is_required),))) == ["f"] * is_open


def test_a_table_that_nobody_types_may_lack_the_columns_of_later_programs() -> None:
    (members,) = (field for field in OFFICIAL_FORMS[LetterKind.F_1_01] if field.name == "members")
    check(LetterKind.F_1_01, {"members": [{"name": "SITI"}]}, (members,))
    for table in (replace(members, is_shown=True), members):
        with pytest.raises(InputError, match=r"letter\.field_wrong"):
            check(LetterKind.F_1_01, {"members": [{"name": None if table is members else "SITI"}]}, (table,))


def test_a_missing_field_is_named() -> None:
    with pytest.raises(InputError, match=r"letter\.field_missing"):
        check(SPJ, {}, (EXPENSES,))


def test_nothing_of_a_form_but_its_day_has_to_be_known() -> None:
    for form in OFFICIAL_FORMS.values():
        assert [field.name for field in form if field.is_required and field.form is not Form.CHOICE] == ["dated"]


def test_a_request_is_ticked_once_and_by_a_name_of_its_own() -> None:
    groups = [field.choices for field in OFFICIAL_FORMS[LetterKind.F_1_02] if field.form is Form.CHOICE]
    assert {group[0] for group in groups} == {NOT_ASKED}
    named = [choice for group in groups for choice in group[1:]]
    assert len(named) == len(set(named)) == 27
    assert len({column.name for column in MEMBER}) == len(MEMBER)
