from __future__ import annotations

from datetime import date

from support.clock import NOW

from fieldkit.domain.cards.printing_day import QueueTicket, TicketState
from ui.presenters.cards.queue_messages import called_words, came_for, number_cell, state_tag, taken_words
from ui.presenters.messages import message
from ui.presenters.parts import Tone

TICKET = QueueTicket("t7", "a1", date(2026, 11, 21), 7, 7, "ANI", NOW, "u1")


def test_a_number_stands_as_on_its_slip() -> None:
    assert (number_cell(7).words, number_cell(0).words) == ("007", "")


def test_what_somebody_came_for_is_the_card_before_the_print() -> None:
    assert came_for("c1", "r1").tags[0].words == message("antrean.needs_card")
    assert came_for("", "r1", Tone.CAUTION).tags[0].tone is Tone.CAUTION
    assert (came_for("", "").words, came_for("", "").tags) == ("–", ())


def test_each_state_has_its_words_and_a_call_names_the_person() -> None:
    assert {state_tag(state).words.key for state in TicketState} == {  # type: ignore[union-attr]
        f"antrean.state_{state.value}" for state in TicketState
    }
    assert called_words(TICKET.called(NOW)) == message("antrean.called", number=7, name="ANI")
    assert called_words(TICKET.ended(TicketState.SERVED, NOW)) == message("antrean.was_last", number=7)
    assert taken_words(TICKET) == message("antrean.taken_no_slip", number=7, name="ANI")
