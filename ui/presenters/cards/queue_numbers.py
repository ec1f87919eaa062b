"""Ambil nomor: whoever comes on a printing day gets the next number and its slip; by name, NIK or as a walk-in."""

from __future__ import annotations

from typing import Any

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.cards.printing_day import QueueTicket, TicketState
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.cards.run_queue import Candidate
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import Cell
from ui.presenters.form import Form, FormField
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.printing import Printing
from ui.presenters.tasks import COMPUTE

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


class QueueNumbers(OfficeList):
    """Everybody whose card waits; Enter gives the row under the cursor its number."""

    _needs = (Permission.HAND_OVER, "antrean.not_yours")

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing, activity_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._printing = printing

    def screen(self) -> ListScreen[Candidate]:
        """Return the list, by name."""
        queue = self._office.queue
        without: Filter[Candidate] = Filter("without", message("antrean.without"), lambda who: not who.number)
        return ListScreen(
            title=message("antrean.take_title"),
            heads=(
                Head.named(message("status.person"), lambda who: who.name, lambda who: who.masked_nik),
                Head.plain(message("cetak.place"), lambda who: who.village, 220),
                Head(message("antrean.needs"), lambda who: came_for(who.card_id, who.record_id), 220),
                Head(message("antrean.number"), lambda who: number_cell(who.number), 110, lambda who: who.number),
            ),
            load=lambda: queue.candidates(self._of),
            name=lambda who: who.key,
            text=lambda who: f"{who.name} {who.finds} {who.masked_nik} {who.village}",
            reads=frozenset({"record", CardCase.KIND, QueueTicket.KIND}),
            filters=((without, ALL),),
            empty=nothing_yet("antrean.no_people"),
            commands=self._commands,
        )

    def _commands(self, listed: Listed[Candidate]) -> tuple[Command, ...]:
        who, not_yours, words = listed.current, self._not_yours, message("antrean.walk_in")
        refused = not_yours or ("" if who else message("antrean.choose_first"))
        if who and who.number:
            refused = refused or message("antrean.has_number", number=who.number)
        walk_in = self._opens("walk_in", words, Action.LOCATE, not_yours, "queue_walk_in", activity_id=self._of)
        take = Operation(work=lambda: self._take(who), then=self._slip, told=taken_words)
        return (walk_in, enter(message("antrean.take"), take, refused))

    def _take(self, who: Candidate | None) -> QueueTicket:
        assert who is not None  # the command is refused
        return self._office.queue.take(self._of, who)

    def _slip(self, ticket: QueueTicket) -> Operation[Any]:
        if not self._printing.receipt_printer():
            return Operation(work=lambda: ticket, told=taken_words)
        return slip_of(self._context, self._printing, ticket.thing_id)


def slip_of(context: AppContext, printing: Printing, ticket_id: str) -> Operation[Any]:
    """Return what prints the slip of a number, and notes that it came out."""
    queue = context.office.queue

    def noted(_none: object) -> Operation[QueueTicket]:
        return Operation(work=lambda: queue.note_slip(ticket_id), told=taken_words)

    def out(receipt: Any) -> Operation[None]:
        return Operation(work=lambda: printing.print_receipt(receipt), executor=COMPUTE, then=noted)

    return Operation(work=lambda: queue.slip(ticket_id), then=out)


def walk_in_form(context: AppContext, activity_id: str) -> Form:
    """The name of somebody who stands on no list."""
    return Form(
        message("antrean.walk_in"),
        lambda: (FormField("name", message("antrean.name"), hint=message("antrean.name_hint")),),
        lambda values: context.office.queue.take_walk_in(activity_id, values["name"]),
        message("antrean.walk_in_about"),
        message("antrean.take"),
    )
