"""What one search reaches: the newest of each kind, by the beginnings of words."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

from support.app_context import TARGETS, Kit
from support.applied import CARD
from support.clock import NOW

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.services.search import SearchResult

LETTER = Letter("s1", "a1", LetterKind.SURAT_TUGAS, "Surat tugas Sulastri", "K07-1", {}, "u1", NOW)


def test_a_person_her_letter_and_her_card_are_found_by_one_word(tmp_path: Path) -> None:
    with Kit(tmp_path) as kit:
        kit.plan(*TARGETS)
        card = replace(CARD, name="SULASTRI")
        with kit.store.write() as unit:
            unit.repository(Letter).save(LETTER)
            unit.repository(CardCase).save_all([card, replace(card, thing_id="later")])
        find = kit.context.office.search.find
        found = find("sulas", 5)
        assert [target.biodata.name for target in found.people] == ["SULASTRI"]
        assert [*found.letters] == [LETTER]
        assert [each.thing_id for each in found.documents] == ["later", card.thing_id]
        assert len(find("sulas", 1).documents) == 1
        assert find("krajan", 5).people == [], "a street is no name"
        assert [t.target_id for t in find("3505 1255 0760 0009", 5).people] == ["t5"]
        assert find("  ", 5) == SearchResult()
