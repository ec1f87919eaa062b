"""Hari cetak: who gets a number, and the waiting list that is worked with one key per person."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from fieldkit.domain.cards.card import CardCase
from fieldkit.domain.cards.printing_day import QueueTicket, TicketState, minutes_each
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.cards.run_queue import Candidate, QueueLine
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.figures import Cell, Number
from ui.presenters.form import Form, FormField
from ui.presenters.lists import ALL, Filter, Head, Listed, ListScreen, Numbers, Panel, nothing_yet
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opens
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
                Head.named(message("common.person"), lambda who: who.name, lambda who: who.masked_nik),
                Head.plain(message("common.place"), lambda who: who.village, 220),
                Head(message("antrean.needs"), lambda who: came_for(who.card_id, who.record_id), 220),
                Head(message("common.number"), lambda who: number_cell(who.number), 110, lambda who: who.number),
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
        lambda: (FormField("name", message("common.name"), hint=message("antrean.name_hint")),),
        lambda values: context.office.queue.take_walk_in(activity_id, values["name"]),
        message("antrean.walk_in_about"),
        message("antrean.take"),
    )


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
            title=message("common.printing_day"),
            heads=(
                Head(
                    message("common.number"),
                    lambda line: number_cell(line.ticket.number),
                    110,
                    lambda line: line.ticket.number,
                ),
                Head.named(
                    message("common.person"), lambda line: line.ticket.name, lambda line: line.ticket.masked_nik
                ),
                Head(message("antrean.needs"), _came_for, 230),
                Head(message("common.state"), self._state, 240),
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
                message("common.now"),
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
        words = message("common.hand_over" if line and line.card_id else "antrean.print")
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
