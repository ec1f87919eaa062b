from __future__ import annotations

from fieldkit.domain.targets.notes import LegalCategory, TargetNotes


def test_notes_are_found_by_no_word() -> None:
    notes = TargetNotes("t1", "a1", LegalCategory.ORANG_TERLANTAR, safety="takut seragam", contact="Sri 0812")
    assert notes.words == ""
