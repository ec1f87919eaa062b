"""Daftar cetak: whose KTP-el the official application may print, whose later and when, and what it printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import Any

from fieldkit.domain.cards.blanks import BlankEntry
from fieldkit.domain.cards.card import CardCase, Place, Printed, PrintFailure
from fieldkit.domain.cards.printing import NO_BOARD, QueueBoard, QueueTicket, TicketState, minutes_each
from fieldkit.domain.documents import Document
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Permission
from fieldkit.services.cards.keep_blanks import SortStock
from fieldkit.services.cards.print_cards import Candidate, CardPrint, PrintPart, QueueLine
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.cards.blanks import left_numbers, low_hints
from ui.presenters.cards.distribution import dated
from ui.presenters.figures import FigureCell, Number, Step, StepMark, tagged
from ui.presenters.form import SEPARATOR, Form, FormField
from ui.presenters.lists import (
    ALL,
    Filter,
    Head,
    History,
    Listed,
    ListScreen,
    Numbers,
    OfficeList,
    Panel,
    Tell,
    finding,
    nothing_yet,
)
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.presenter import (
    Action,
    Command,
    Message,
    Navigator,
    Operation,
    Presenter,
    Weight,
    enter,
    message,
    opens,
)
from ui.presenters.printing import Printing
from ui.presenters.tasks import COMPUTE, STORE, CancelFlag, Changes, Tasks, device_executor

# Hari cetak: who gets a number, and the waiting list that is worked with one key per person.

_S = TicketState
_QUEUE_TONES = {_S.WAITING: Tone.SOFT, _S.CALLED: Tone.GOOD, _S.SERVED: Tone.NEUTRAL, _S.ABSENT: Tone.CAUTION}


def number_cell(number: int) -> FigureCell:
    """Return a number as it stands on its slip, nothing for 0."""
    return FigureCell(f"{number:03}" if number else "", is_strong=True)


def state_tag(state: TicketState) -> Tag:
    """Return how far a number is."""
    return Tag(message(f"antrean.state_{state.value}"), _QUEUE_TONES[state])


def came_for(card_id: str, record_id: str, tone: Tone = Tone.SOFT) -> FigureCell:
    """Return what somebody came for: a card that is there, one to print, or what no list says."""
    if card_id:
        return FigureCell(tags=(Tag(message("antrean.needs_card"), tone),))
    return FigureCell(tags=(Tag(message("antrean.needs_print"), tone),)) if record_id else FigureCell("–")


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

    def _state(self, line: QueueLine) -> FigureCell:
        ticket, now = line.ticket, self._context.clock.now()
        tag = state_tag(ticket.state)
        if ticket.state is _S.WAITING:
            return FigureCell(
                message("antrean.waits", minutes=(now - ticket.taken_at) // timedelta(minutes=1)), tags=(tag,)
            )
        return FigureCell(message("antrean.called_times", count=ticket.calls) if ticket.calls > 1 else "", tags=(tag,))

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


def _came_for(line: QueueLine) -> FigureCell:
    return came_for(line.card_id, line.record_id, Tone.CAUTION if line.ticket.state is _S.SERVED else Tone.SOFT)


_PRINT_TONES = {PrintPart.NOW: Tone.GOOD, PrintPart.LATER: Tone.SOFT, PrintPart.PRINTED: Tone.NEUTRAL}


class Prints(OfficeList):
    """Notes what the official application did; this program prints no card."""

    _needs = (Permission.PRINT_CARDS, "cetak.not_yours")

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(context, navigator, activity_id)
        self._reading = CancelFlag()
        self._stock: Sequence[SortStock] = ()  # read with the list

    def screen(self) -> ListScreen[CardPrint]:
        """Return the list."""
        return ListScreen(
            title=message("cetak.title"),
            heads=(
                Head.named(message("common.person"), lambda e: e.person, lambda e: e.nik, 200),
                Head(message("common.place"), _place, 170, lambda e: str(_place(e).words)),
                Head(message("common.time"), self._when),
                Head(message("common.state"), _state, 250),
            ),
            load=self._load,
            name=lambda entry: entry.name,
            find=finding(self._office.statuses.find, lambda e: e.record_id),
            reads=frozenset({"record", CardCase.KIND, PrintFailure.KIND, BlankEntry.KIND}),
            filters=(Filter.each(PrintPart, "cetak.part_", lambda e: e.part, _PRINT_TONES),),
            ticks=lambda entry: entry.part is PrintPart.NOW and not self._not_yours,
            empty=lambda listed: Empty.of(f"cetak.none_{listed.filters[0]}"),
            side=self._side,
            commands=self._commands,
            follow=self._follow,
        )

    def _follow(self, _tell: Tell) -> Callable[[], None]:
        """Wait for no card any more once the list is not in front."""
        self._reading = CancelFlag()
        return self._reading.cancel

    def _load(self) -> Sequence[CardPrint]:
        self._stock = self._office.blanks.stock(Document.KTP_EL)
        return self._office.printing.prints(self._of)

    def _when(self, entry: CardPrint) -> FigureCell:
        clock, line = self._context.clock, entry.waits
        if entry.card is not None:
            last = entry.card.prints[-1]
            told = (last.number, last.batch, last.why)
            return FigureCell(self._moment_text(last.at), " · ".join(filter(None, told)))
        if line is not None and line.card_from is not None and entry.part is PrintPart.LATER:
            left = (line.card_from - clock.today()).days
            return FigureCell(message("cetak.from", day=day_text(line.card_from)), message("cetak.left", days=left))
        assert line is not None
        hours = (clock.now() - line.unique_at) // timedelta(hours=1)
        since = message("cetak.since", at=self._moment_text(line.unique_at))
        return FigureCell(since, message("cetak.waits", hours=hours))

    def _side(self, listed: Listed[CardPrint]) -> tuple[Panel, ...]:
        parts = Counter(each.part for each in listed.everything)
        counts = (Number(str(parts[part]), message(f"cetak.part_{part}"), tone) for part, tone in _PRINT_TONES.items())
        failed = len({failure.thing_id for entry in listed.everything for failure in entry.failures})
        failures = Number.some((failed, message("cetak.failures"), Tone.BAD))
        counted = Numbers(message("common.counts"), (*counts, *failures))
        left = tuple(number for each in self._stock for number in left_numbers(each))
        panels: tuple[Panel, ...] = (counted, *low_hints(self._stock))
        if left:
            panels = (*panels, Numbers(message("common.blanks_left"), left))
        entry = listed.current
        history = self._history(entry) if entry else ()
        return (*panels, History(f"{entry.person} · {entry.nik}", history)) if entry and history else panels

    def _history(self, entry: CardPrint) -> tuple[Step, ...]:
        happened = [
            (each.at, Step(each.thing_id, message("cetak.did_fail", why=each.why), StepMark.MISSING, _told(each)))
            for each in entry.failures
        ]
        for number, each in enumerate(entry.card.prints if entry.card else ()):
            words = message("cetak.did_print_again", why=each.why) if number else message("common.printed")
            happened.append((each.at, Step(str(number), words, StepMark.DONE, _told(each))))
        return dated(happened, self._context.clock)[-5:]

    def _commands(self, listed: Listed[CardPrint]) -> tuple[Command, ...]:
        entry, part, chosen = listed.current, PrintPart(listed.filters[0]), listed.chosen
        opens, refused, record_id = self._opens, self._refused(entry), ""
        paper = self._shown(lambda: self._office.printing.write_list(self._of))
        no_paper = "" if self._office.letters.may_write(LetterKind.DAFTAR_CETAK) else message("cetak.paper_not_yours")
        first = Command("paper", message("cetak.paper"), Action.NEW, Weight.PLAIN, no_paper, paper)
        ledger = opens("blanks", message("common.ledger_of_blanks"), Action.KITS, "", "blanks")
        if part is PrintPart.PRINTED:
            card_id, words = entry.name if entry else "", message("cetak.again")
            return (first, ledger, opens("again", words, Action.ACCEPT, refused, "print_again", card_id=card_id))
        none: Message = message("status.none")
        if entry is not None:
            none, record_id = "", entry.record_id
        ids, words = SEPARATOR.join(each.record_id for each in chosen), message("cetak.note", count=max(1, len(chosen)))
        note = opens("note", words, Action.ACCEPT, refused, "print_note", record_ids=ids)
        if part is PrintPart.NOW:
            words, flag = message("cetak.failed"), self._reading
            failed = opens("failed", words, Action.REPAIR, refused, "print_failed", record_id=record_id)
            read = Operation(
                work=lambda: self._context.cards.number(flag),
                done=lambda number: self._navigator.push("print_note", record_ids=record_id, number=number),
                executor=device_executor("cards"),
                busy=message("cetak.chip_waiting"),
            )
            chip = Command("chip", message("cetak.read_chip"), Action.CARD, Weight.PLAIN, refused, read)
            return (first, ledger, chip, failed, note)
        words = message("tenggat.married_short")
        no_facts = none or self._refusal(Permission.REGISTER, "tenggat.facts_not_yours")
        facts = opens("facts", words, Action.PERSON_NOTES, no_facts, "card_facts", record_id=record_id)
        return (first, ledger, facts, note)

    def _refused(self, entry: CardPrint | None) -> Message:
        """Return why nothing can be noted of the row under the cursor."""
        if self._not_yours or entry is None:
            return self._not_yours or message("status.none")
        if entry.part is PrintPart.LATER:
            return message("cetak.too_early")
        return message("cetak.gone") if entry.card is not None and entry.card.place is not Place.DINAS else ""


def _told(each: Printed | PrintFailure) -> str:
    return " · ".join(filter(None, (each.number, each.batch)))


def _place(entry: CardPrint) -> FigureCell:
    if entry.card is not None:
        return FigureCell(entry.card.village, entry.card.registration)
    return FigureCell(entry.waits.record.place if entry.waits else "")


def _state(entry: CardPrint) -> FigureCell:
    if entry.card is None:
        failed = message("cetak.failed_times", count=len(entry.failures))
        is_official = entry.waits is not None and entry.waits.record.is_official
        official = Tag(message("field.perekaman_resmi"), Tone.SOFT) if is_official else None
        return tagged(Tag(failed, Tone.BAD) if entry.failures else None, official)
    prints = len(entry.card.prints)
    again = Tag(message("cetak.times", count=prints), Tone.CAUTION, "repeat") if prints > 1 else None
    return tagged(Tag(message(f"cetak.at_{entry.card.place.value}"), Tone.NEUTRAL), again)


# The second screen of a printing day: it follows the store by itself, whatever the first screen shows.


class QueueBoardPresenter(Presenter[QueueBoard]):
    """Reads the board whenever a number moved; names are nobody's business here.

    What cannot be read leaves it as it is: the first screen tells.
    """

    def __init__(self, context: AppContext, tasks: Tasks, activity_id: str) -> None:
        super().__init__(NO_BOARD)
        self._context, self._tasks, self._of = context, tasks, activity_id
        self._unlisten: Callable[[], None] = lambda: None

    def start(self) -> None:
        """Read the board and follow it."""
        self.stop()
        self._unlisten = self._context.listen(Changes(self._tasks, self._written).note)
        self.refresh()

    def stop(self) -> None:
        """Follow it no more."""
        self._unlisten()
        self._unlisten = lambda: None

    def refresh(self) -> None:
        """Read the board."""
        self._tasks.run(STORE, lambda: self._context.office.queue.board(self._of), self._become, self._unread)

    def _written(self, kinds: frozenset[str]) -> None:
        if QueueTicket.KIND in kinds:
            self.refresh()

    def _unread(self, problem: Problem) -> None:
        """Leave the numbers that stand there."""
