from __future__ import annotations

from dataclasses import replace

from support.clock import NOW

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.targets.identity import statement_of

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
