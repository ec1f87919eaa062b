"""Printed documents in words: where one is, what happened to it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import timedelta

from fieldkit.domain.cards.card import CardCase, Document, Handing, Place
from fieldkit.ports.clock import Clock
from ui.presenters.amounts import moment_text
from ui.presenters.figures import Number
from ui.presenters.parts import Tag, Tone
from ui.presenters.planning.sop_figures import Fact
from ui.presenters.words import Words, phrase

LATE_DAYS = 14
"""A document that stood this long at one place asks for a look."""

_TONES = {
    Place.DINAS: Tone.NEUTRAL,
    Place.KECAMATAN: Tone.SOFT,
    Place.DESA: Tone.SOFT,
    Place.COURIER: Tone.SOFT,
    Place.PERSON: Tone.GOOD,
}


def place_words(place: Place) -> Words:
    """Return what a place is called."""
    return phrase(f"distribusi.place.{place.value}")


def document_words(document: Document) -> Words:
    """Return what a kind of document is called."""
    return phrase(f"distribusi.document.{document.value}")


def place_tag(card: CardCase) -> Tag:
    """Return where a document is; what came back says so."""
    if card.is_returned:
        return Tag(phrase("distribusi.returned"), Tone.CAUTION, "repeat")
    return Tag(place_words(card.place), _TONES[card.place])


def waited(card: CardCase, clock: Clock) -> timedelta:
    """Return how long a document is where it is."""
    return clock.now() - card.moved_at


def waited_words(card: CardCase, clock: Clock) -> Words:
    """Return since when a document is there, and how often somebody tried."""
    if card.receipt is not None:
        return moment_text(clock.local(card.receipt.at))
    days = max(0, waited(card, clock).days)
    if card.tries:
        return phrase("distribusi.waits_tried", days=days, tries=card.tries)
    return phrase("distribusi.waits", days=days)


def numbers_of(cards: Iterable[CardCase]) -> tuple[Number, ...]:
    """Return how many documents are at each place."""
    counted = Counter(card.place for card in cards)
    return tuple(Number(str(counted[place]), place_words(place), _TONES[place]) for place in Place)


def facts_of(card: CardCase, clock: Clock) -> tuple[Fact, ...]:
    """Return the way of a document so far."""
    first, *again = card.prints
    facts = [Fact(phrase("distribusi.was_printed", at=moment_text(clock.local(first.at)), batch=first.batch or "–"))]
    facts += [
        Fact(phrase("distribusi.printed_again", at=moment_text(clock.local(each.at)), why=each.why), Tone.CAUTION)
        for each in again
    ]
    facts += [_handing_fact(each, card, clock) for each in card.handings]
    facts += [
        Fact(phrase("distribusi.not_taken", at=moment_text(clock.local(each.at)), note=each.note), Tone.CAUTION)
        for each in card.attempts
    ]
    if card.courier is not None:
        facts.append(Fact(courier_words(card), head=phrase("distribusi.by_courier")))
        facts += [
            Fact(phrase("distribusi.courier_went", at=moment_text(clock.local(each.at)), note=each.note or "–"))
            for each in card.courier.attempts
        ]
    return tuple(facts)


def courier_words(card: CardCase) -> Words:
    """Return how far the courier is."""
    return phrase(f"distribusi.courier.{card.courier.state.value}") if card.courier else phrase("distribusi.courier.no")


def _handing_fact(handing: Handing, card: CardCase, clock: Clock) -> Fact:
    at = moment_text(clock.local(handing.at))
    if handing.reason:
        return Fact(phrase("distribusi.came_back", at=at, reason=handing.reason), Tone.CAUTION)
    relation = card.receipt.relation if handing.to is Place.PERSON and card.receipt else ""
    key = "distribusi.handed_to_person" if relation else f"distribusi.handed_to.{handing.to.value}"
    params = {"relation": relation} if relation else {}
    return Fact(phrase(key, at=at, receiver=handing.receiver, **params), Tone.GOOD if relation else Tone.SOFT)
