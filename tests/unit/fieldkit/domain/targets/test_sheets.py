from __future__ import annotations

from dataclasses import replace

from support.clock import NOW

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.targets.sheets import CellError, Field, Layout, Reason, statement_of


def test_every_reason_has_words() -> None:
    for language in ("id", "en"):
        catalogue = strict_catalogue(language)
        assert all(catalogue.text(reason) for reason in Reason)


def test_a_cell_error_tells_its_reason() -> None:
    assert str(CellError(Reason.NO_DATE)) == "list.no_date"


def test_a_layout_has_what_one_of_its_columns_means() -> None:
    layout = Layout(0, ("NIK",), 1, {Field.NIK: 0})
    assert layout.has(Field.NAME, Field.NIK)
    assert not layout.has(Field.NAME)


WITNESS = {"name": "Karsono", "nik": "", "address": "", "relation": "tetangga"}
FIELDS = {"subject": "t1", "witnesses": [WITNESS, {**WITNESS, "name": "Sulastri"}]}
STATEMENT = Letter("l1", "a1", LetterKind.F_1_04, "F-1.04", "K-1", FIELDS, "u1", NOW, LetterState.ISSUED)


def test_a_statement_counts_once_it_is_issued_and_names_two_witnesses() -> None:
    assert statement_of([STATEMENT], "t1") is STATEMENT
    for other in (
        replace(STATEMENT, state=LetterState.DRAFT),
        replace(STATEMENT, state=LetterState.VOID),
        replace(STATEMENT, letter=LetterKind.SPTJM),
        replace(STATEMENT, fields={**FIELDS, "subject": "t2"}),
        replace(STATEMENT, fields={**FIELDS, "witnesses": [WITNESS, {**WITNESS, "name": ""}]}),
    ):
        assert statement_of([other], "t1") is None
