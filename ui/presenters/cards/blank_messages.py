"""The ledger of blanks in words: what is left where, whether it is enough, whether the print list agrees."""

from __future__ import annotations

from collections.abc import Sequence

from fieldkit.domain.cards.blanks import OFFICE
from fieldkit.domain.letters.letter import LetterState
from fieldkit.services.cards.keep_blanks import SORT_NAMES, Agreement, BlankLine, SortStock
from ui.presenters.figures import Number
from ui.presenters.lists import Hint
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone


def place_name(place: str) -> str:
    """Return what a place is called: the office, or a kit by its number."""
    return "Dinas" if place == OFFICE else place


def left_numbers(stock: SortStock) -> tuple[Number, ...]:
    """Return what is left of a sort as numbers, place by place where they are at several."""
    places = {place: count for place, count in stock.places.items() if count} or {OFFICE: 0}
    return tuple(
        Number(
            str(count),
            message("blangko.left_at", sort=SORT_NAMES[stock.sort], place=place_name(place)),
            Tone.BAD if count < 0 else Tone.CAUTION if stock.is_low else Tone.NEUTRAL,
        )
        for place, count in sorted(places.items())
    )


def low_hints(stock: Sequence[SortStock]) -> tuple[Hint, ...]:
    """Return what says that a sort is about to run out."""
    return tuple(
        Hint(
            message("blangko.low", sort=SORT_NAMES[each.sort], left=each.left, minimum=each.minimum),
            message("blangko.low_hint"),
            Tone.CAUTION,
        )
        for each in stock
        if each.is_low
    )


def agreement_words(agreement: Agreement) -> Message:
    """Return whether the ledger and the print list say the same of a sort."""
    sort, printed = SORT_NAMES[agreement.sort], agreement.printed
    if agreement.noted == printed:
        return message("blangko.agrees", sort=sort, count=printed)
    return message("blangko.differs", sort=sort, printed=printed, noted=agreement.noted)


def tags_of(line: BlankLine) -> tuple[Tag, ...]:
    """Return whether an entry was revoked, waits for its BA pemusnahan, or stands in one."""
    if line.is_revoked:
        return (Tag(message("blangko.was_revoked"), Tone.NEUTRAL),)
    if line.is_to_destroy:
        return (Tag(message("blangko.to_destroy"), Tone.CAUTION),)
    if line.letter is None:
        return ()
    if line.letter.state is LetterState.DRAFT:
        return (Tag(message("blangko.in_ba"), Tone.SOFT),)
    return (Tag(message("blangko.destroyed", number=line.letter.number or line.letter.provisional), Tone.GOOD),)
