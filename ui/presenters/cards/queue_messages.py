"""The queue of a printing day in words: a number, how far it is, what its person came for."""

from __future__ import annotations

from fieldkit.domain.cards.printing_day import QueueTicket, TicketState
from ui.presenters.figures import Cell
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone

_S = TicketState
_TONES = {_S.WAITING: Tone.SOFT, _S.CALLED: Tone.GOOD, _S.SERVED: Tone.NEUTRAL, _S.ABSENT: Tone.CAUTION}


def number_cell(number: int) -> Cell:
    """Return a number as it stands on its slip, nothing for 0."""
    return Cell(f"{number:03}" if number else "", is_strong=True)


def state_tag(state: TicketState) -> Tag:
    """Return how far a number is."""
    return Tag(message(f"antrean.state_{state.value}"), _TONES[state])


def came_for(card_id: str, record_id: str, tone: Tone = Tone.SOFT) -> Cell:
    """Return what somebody came for: a card that is there, one to print, or what no list says."""
    if card_id:
        return Cell(tags=(Tag(message("antrean.needs_card"), tone),))
    return Cell(tags=(Tag(message("antrean.needs_print"), tone),)) if record_id else Cell("–")


def called_words(ticket: QueueTicket) -> Message:
    """Return whom a call was for, or that nobody was left."""
    if ticket.state is _S.CALLED:
        return message("antrean.called", number=ticket.number, name=ticket.name)
    return message("antrean.was_last", number=ticket.number)


def taken_words(ticket: QueueTicket) -> Message:
    """Return which number somebody has, and that it has to be written down where no slip came out."""
    key = "antrean.taken" if ticket.has_slip else "antrean.taken_no_slip"
    return message(key, number=ticket.number, name=ticket.name)
