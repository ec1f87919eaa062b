"""Hari cetak: the waiting list of a printing day, worked with one key per person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.cards.printing_day import QueueTicket, TicketState, minutes_each
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.cards.run_queue import QueueLine
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.cards.queue_numbers import called_words, came_for, number_cell, slip_of, state_tag
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.figures import Cell, Number
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, Numbers, Panel, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opens
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tone
from ui.presenters.printing import Printing

_S = TicketState


class PrintingDay(OfficeList):
    """The list; `show_board` opens the screen for those who wait."""

    _needs = (Permission.HAND_OVER, "antrean.not_yours")

    def __init__(
        self,
        context: AppContext,
        navigator: Navigator,
        printing: Printing,
        activity_id: str = "",
        show_board: Callable[[], None] | None = None,
    ) -> None:
        super().__init__(context, navigator, activity_id)
        self._printing, self._queue, self._show_board = printing, context.office.queue, show_board

    def screen(self) -> ListScreen[QueueLine]:
        """Return the list: who stands at the desk, then who waits."""
        here: Filter[QueueLine] = Filter("open", message("antrean.open"), lambda line: line.ticket.is_open)
        return ListScreen(
            title=message("antrean.title"),
            heads=(
                Head(
                    message("antrean.number"),
                    lambda line: number_cell(line.ticket.number),
                    110,
                    lambda line: line.ticket.number,
                ),
                Head.named(
                    message("status.person"), lambda line: line.ticket.name, lambda line: line.ticket.masked_nik
                ),
                Head(message("antrean.needs"), _came_for, 230),
                Head(message("antrean.state"), self._state, 240),
            ),
            load=lambda: self._queue.lines(self._of),
            name=lambda line: line.ticket.thing_id,
            text=lambda line: f"{line.ticket.words} {line.ticket.masked_nik}",
            reads=frozenset({QueueTicket.KIND, CardCase.KIND}),
            filters=((here, *Filter.each(TicketState, "antrean.state_", _of), ALL),),
            empty=nothing_yet("antrean.nothing"),
            side=self._side,
            commands=self._commands,
            hint=message("antrean.search"),
        )

    def _state(self, line: QueueLine) -> Cell:
        ticket, now = line.ticket, self._context.clock.now()
        tag = state_tag(ticket.state)
        if ticket.state is _S.WAITING:
            return Cell(message("antrean.waits", minutes=(now - ticket.taken_at) // timedelta(minutes=1)), tags=(tag,))
        return Cell(message("antrean.called_times", count=ticket.calls) if ticket.calls > 1 else "", tags=(tag,))

    def _side(self, listed: Listed[QueueLine]) -> tuple[Panel, ...]:
        tickets = [line.ticket for line in listed.everything]
        now = next((str(each.number) for each in tickets if each.state is _S.CALLED), "–")
        last = str(max((each.number for each in tickets), default=0))
        counts = (
            Number(str(sum(each.state is s for each in tickets)), state_tag(s).words, state_tag(s).tone)
            for s in TicketState
        )
        minutes = Number(str(minutes_each(tickets)), message("antrean.minutes"))
        return (
            Numbers(
                message("antrean.now"),
                (Number(now, message("antrean.at_desk"), Tone.GOOD), Number(last, message("antrean.last"))),
            ),
            Numbers(message("antrean.today"), (*counts, minutes)),
        )

    def _commands(self, listed: Listed[QueueLine]) -> tuple[Command, ...]:
        line, go, not_yours = listed.current, self._opens, self._not_yours
        of, at = {"activity_id": self._of}, line.ticket.thing_id if line else ""
        row = not_yours or ("" if line else message("antrean.choose_first"))
        over = row or (message("antrean.is_over") if line and line.ticket.state is _S.SERVED else "")
        nobody = not any(each.ticket.is_open for each in listed.everything)
        is_called = any(each.ticket.state is _S.CALLED for each in listed.everything)
        following = message("antrean.next_done" if is_called else "antrean.next")
        bare = [each.ticket for each in listed.everything if not each.ticket.has_slip and each.ticket.is_open]
        slip = max(bare, key=lambda each: each.number) if bare else line.ticket if line else None
        no_slip = row or ("" if self._printing.receipt_printer() else message("antrean.no_printer"))
        print_slip = slip_of(self._context, self._printing, slip.thing_id if slip else "")
        slip_words = message("antrean.slip", number=slip.number if slip else 0)
        again, to_end = message("antrean.again"), message("antrean.to_end")
        board = Command("board", message("antrean.board"), Action.GROUP, Weight.PLAIN, runs=self._show_board)
        return (
            *((board,) if self._show_board else ()),
            Command("slip", slip_words, Action.PRINT, Weight.PLAIN, no_slip, print_slip),
            go("walk_in", message("antrean.walk_in"), Action.LOCATE, not_yours, "queue_walk_in", **of),
            go("take", message("antrean.take"), Action.ADD, not_yours, "queue_numbers", **of),
            Command("again", again, Action.REPEAT, Weight.PLAIN, row, _act(self._queue.call_again, at)),
            Command("to_end", to_end, Action.SEND_AGAIN, Weight.PLAIN, over, _act(self._queue.to_the_end, at)),
            Command("skip", message("antrean.skip"), Action.REMOVE, refused=over, runs=_act(self._queue.skip, at)),
            self._serve(line, not_yours),
            enter(following, self._next(), not_yours or (message("antrean.nobody") if nobody else "")),
        )

    def _serve(self, line: QueueLine | None, refused: Message) -> Command:
        """Return what the person under the cursor came for: the print is noted, or the document handed over."""
        words = message("antrean.hand_over" if line and line.card_id else "antrean.print")
        if line is None or not (line.card_id or line.record_id):
            refused = refused or message("antrean.needs_nothing" if line else "antrean.choose_first")
            return Command("serve", words, Action.HAND_OVER, refused=refused)
        if line.card_id:
            runs = opens(self._navigator, "handover", card_ids=line.card_id)
        else:
            refused = refused or self._refusal(Permission.PRINT_CARDS, "cetak.not_yours")
            runs = opens(self._navigator, "print_note", record_ids=line.record_id)
        return Command("serve", words, Action.HAND_OVER, refused=refused, runs=runs)

    def _next(self) -> Operation[Any]:
        return Operation(work=lambda: self._queue.call_next(self._of), told=called_words)


def _act(act: Callable[[str], QueueTicket], ticket_id: str) -> Operation[Any]:
    return Operation(work=lambda: act(ticket_id))


def _of(line: QueueLine) -> TicketState:
    return line.ticket.state


def _came_for(line: QueueLine) -> Cell:
    return came_for(line.card_id, line.record_id, Tone.CAUTION if line.ticket.state is _S.SERVED else Tone.SOFT)
