from __future__ import annotations

from dataclasses import replace

from support.clock import NOW

from fieldkit.domain.cards.blanks import BlankAct, BlankEntry
from fieldkit.domain.documents import Document
from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.services.cards.keep_blanks import Agreement, BlankLine, SortStock
from ui.presenters.cards.blank_messages import agreement_words, left_numbers, low_hints, place_name, tags_of
from ui.presenters.messages import message
from ui.presenters.parts import Tone

STOCK = SortStock(Document.KTP_EL, 12, 25, True, {"": 14, "KIT-07": -2, "KIT-08": 0})
AGREES = Agreement(Document.KTP_EL, 3, 3)
SPOILT = BlankLine(BlankEntry("e1", "", BlankAct.SPOILED, Document.KTP_EL, 1, NOW, "u1"))
BA = Letter("l1", "", LetterKind.BA_PEMUSNAHAN, "BA", "K07-0001", {}, "u1", NOW)


def test_what_is_left_stands_place_by_place_and_below_zero_is_bad() -> None:
    assert [(number.value, number.tone) for number in left_numbers(STOCK)] == [("14", Tone.CAUTION), ("-2", Tone.BAD)]
    assert [number.value for number in left_numbers(replace(STOCK, places={}))] == ["0"]
    assert (place_name(""), place_name("KIT-07")) == ("Dinas", "KIT-07")


def test_only_what_is_low_is_reminded_of() -> None:
    (hint,) = low_hints([STOCK, replace(STOCK, is_low=False)])
    assert hint.title == message("blangko.low", sort="KTP-el", left=12, minimum=25)


def test_ledger_and_print_list_agree_or_the_difference_is_named() -> None:
    assert agreement_words(AGREES) == message("blangko.agrees", sort="KTP-el", count=3)
    assert agreement_words(replace(AGREES, noted=4)) == message("blangko.differs", sort="KTP-el", printed=3, noted=4)


def test_an_entry_says_what_became_of_it() -> None:
    told = [
        tags_of(line)[0].words
        for line in (
            SPOILT,
            replace(SPOILT, is_revoked=True),
            replace(SPOILT, letter=BA),
            replace(SPOILT, letter=replace(BA, state=LetterState.ISSUED, number="470/1")),
        )
    ]
    assert told == [
        message("blangko.to_destroy"),
        message("blangko.was_revoked"),
        message("blangko.in_ba"),
        message("blangko.destroyed", number="470/1"),
    ]
    assert tags_of(BlankLine(replace(SPOILT.entry, act=BlankAct.RECEIVED))) == ()
