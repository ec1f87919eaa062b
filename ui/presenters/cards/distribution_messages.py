"""Printed documents in words: where one is, what happened to it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime, timedelta

from fieldkit.domain.cards.card import CardCase, Handing, Place
from fieldkit.ports.clock import Clock
from ui.presenters.amounts import moment_text
from ui.presenters.figures import Step, StepMark
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone

LATE_DAYS = 14
"""A document that stood this long at one place asks for a look."""

_TONES = {
    Place.DINAS: Tone.NEUTRAL,
    Place.KECAMATAN: Tone.SOFT,
    Place.DESA: Tone.SOFT,
    Place.COURIER: Tone.SOFT,
    Place.PERSON: Tone.GOOD,
}


def document(card: CardCase) -> Message:
    """Return what kind of document it is."""
    return message(f"distribusi.document.{card.document.value}")


def place_tag(card: CardCase) -> Tag:
    """Return where a document is; what came back says so."""
    if card.is_returned:
        return Tag(message("distribusi.returned"), Tone.CAUTION, "repeat")
    return Tag(message(f"distribusi.place.{card.place.value}"), _TONES[card.place])


def waited(card: CardCase, clock: Clock) -> timedelta:
    """Return how long a document is where it is."""
    return clock.now() - card.moved_at


def waited_words(card: CardCase, clock: Clock) -> Message:
    """Return since when a document is there, and how often somebody tried."""
    if card.receipt is not None:
        return moment_text(clock.local(card.receipt.at))
    days = max(0, waited(card, clock).days)
    if card.tries:
        return message("distribusi.waits_tried", days=days, tries=card.tries)
    return message("distribusi.waits", days=days)


def way_of(card: CardCase, clock: Clock) -> tuple[Step, ...]:
    """Return the way of a document so far, oldest first; what went wrong is marked."""
    first, *again = card.prints
    happened = [(first.at, _step("was_printed", first.batch))]
    happened += [(each.at, _step("printed_again", each.why, StepMark.EXCEPTED)) for each in again]
    happened += [(each.at, _handed(each, card)) for each in card.handings]
    happened += [(each.at, _step("not_taken", each.note, StepMark.MISSING)) for each in card.attempts]
    tried = card.courier.attempts if card.courier else ()
    happened += [(each.at, _step("courier_went", each.note)) for each in tried]
    return dated(happened, clock)


def dated(happened: Iterable[tuple[datetime, Step]], clock: Clock) -> tuple[Step, ...]:
    """Return what happened, oldest first, each with its time before its detail."""
    return tuple(
        replace(step, name=str(at), detail=" · ".join(filter(None, (moment_text(clock.local(at)), str(step.detail)))))
        for at, step in sorted(happened, key=lambda pair: pair[0])
    )


def courier_words(card: CardCase) -> Message:
    """Return how far the courier is."""
    return message(f"distribusi.courier.{card.courier.state.value if card.courier else 'no'}")


def _handed(handing: Handing, card: CardCase) -> Step:
    if handing.reason:
        return _step("came_back", handing.reason, StepMark.MISSING)
    relation = card.receipt.relation if handing.to is Place.PERSON and card.receipt else ""
    return _step(f"handed_to.{handing.to.value}", f"{handing.receiver} ({relation})" if relation else handing.receiver)


def _step(key: str, detail: str, mark: StepMark = StepMark.DONE) -> Step:
    return Step("", message(f"distribusi.{key}"), mark, detail)
