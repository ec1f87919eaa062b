from __future__ import annotations

from datetime import UTC, datetime
from enum import unique

from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.things import Thing

MADE_AT = datetime(2026, 11, 21, 3, tzinfo=UTC)


def test_a_letter_is_found_by_both_numbers_and_its_kind() -> None:
    letter = Letter(
        "l1", "a1", LetterKind.SURAT_TUGAS, "Desa Jimbe", "sementara K07-1", {}, "u1", MADE_AT, number="800/7"
    )
    assert isinstance(letter, Thing)
    for word in ("Desa Jimbe", "K07-1", "800/7", "surat tugas"):
        assert word in letter.words


def test_every_paper_has_its_own_template_name() -> None:
    unique(LetterKind)
    assert all(kind.value.isidentifier() for kind in LetterKind)
