"""What docs/official-forms.md says of each form is true: its labels are printed, its fields are those of the form."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import pytest
from pypdfium2 import PdfDocument

from fieldkit.documents.letters import TypstLetters
from fieldkit.domain.letters.forms import empty
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.letters.official_forms import MEMBER, OFFICIAL_FORMS, RETIRED

PAGE = Path(__file__).parents[5] / "docs/official-forms.md"
BY_HAND = {"by hand", "row"}
NOT_PRINTED = {"witnesses"}  # of F-1.04: a sheet of our own
FORMS = [kind for kind in OFFICIAL_FORMS if kind not in RETIRED]


def code_of(kind: LetterKind) -> str:
    return kind.value.upper().replace("_", "-", 1).replace("_", ".")


def rows_of(kind: LetterKind) -> Iterator[tuple[str, list[str]]]:
    """Yield label and fields of each row of the table."""
    for line in PAGE.read_text("utf-8").splitlines():
        if line.startswith(f"| {code_of(kind)} | "):
            label, fields = line.strip("| ").split(" | ")[1:]
            yield (
                label,
                [name for name in re.sub(r"\(.*?\)", "", fields).replace(" third by hand", "").split(",") if name],
            )


@cache
def printed(kind: LetterKind) -> str:
    """Return the words of the empty form, in small letters and without spaces."""
    fields: dict[str, Any] = {
        field.name: field.choices[0] if field.choices else empty(field.form) for field in OFFICIAL_FORMS[kind]
    }
    known = {"dinas": {}, "letter_id": "1", "title": "-", "provisional": "-", "number": "", "digest": "-"}
    pdf = TypstLetters().render(kind.value, {**known, **fields, "made_at": "2026-11-21T10:32:00+07:00"})
    with PdfDocument(pdf) as document:
        return plain("".join(page.get_textpage().get_text_range() for page in document))


def plain(words: str) -> str:
    return re.sub(r"[\W_]", "", words).lower()


@pytest.mark.parametrize("kind", FORMS)
def test_each_label_stands_on_the_empty_form(kind: LetterKind) -> None:
    labels = [label for label, _ in rows_of(kind)]
    assert labels
    for label in labels:
        # Numbers stand apart from their words, and what is in brackets says of whom a field is.
        parts = re.split(r"[:,·/]|\b\d+\.? |\b(?:I|II|III|IV)\.? |\(.*?\)", label)
        for part in filter(None, map(plain, parts)):
            if part not in ("tanggal", "tempat"):  # day and place of the signature are dots
                assert part in printed(kind), label


@pytest.mark.parametrize("kind", FORMS)
def test_the_table_names_every_field_of_a_form_and_no_other(kind: LetterKind) -> None:
    told = {name.strip() for _, fields in rows_of(kind) for name in fields} - BY_HAND - {""}
    fields = {field.name for field in OFFICIAL_FORMS[kind]} - (NOT_PRINTED if kind is LetterKind.F_1_04 else set())
    columns = {column.name for column in MEMBER} if kind is LetterKind.F_1_01 else set()
    assert told == fields | columns


def test_f_1_01_numbers_its_columns_through_to_41() -> None:
    labels = [label for label, _ in rows_of(LetterKind.F_1_01)]
    first = labels.index("1 No.")
    assert [int(label.split()[0]) for label in labels[first : first + 41]] == list(range(1, 42))
