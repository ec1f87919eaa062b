"""Daftar cetak: whose KTP-el the official application may print, whose later and when, and what it printed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import timedelta
from functools import partial

from fieldkit.domain.cards.blanks import BlankEntry
from fieldkit.domain.cards.card import CardCase, Place, Printed, PrintFailure
from fieldkit.domain.documents import Document
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.cards.keep_blanks import SortStock
from fieldkit.services.cards.print_cards import CardPrint, PrintPart
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.cancel import CancelFlag
from ui.presenters.cards.blanks import left_numbers, low_hints
from ui.presenters.cards.distribution_messages import dated
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell, Number, Step, StepMark
from ui.presenters.form import SEPARATOR
from ui.presenters.lists import Head, History, Listed, ListScreen, Numbers, Panel, Tell, a_chip_each, named
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opening
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.tasks import device_executor

_TONES = {PrintPart.NOW: Tone.GOOD, PrintPart.LATER: Tone.SOFT, PrintPart.PRINTED: Tone.NEUTRAL}


class Prints:
    """Notes what the official application did; this program prints no card."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._may = context.user.may(Permission.PRINT_CARDS)
        self._reading = CancelFlag()
        self._stock: Sequence[SortStock] = ()  # read with the list

    def screen(self) -> ListScreen[CardPrint]:
        """Return the list."""
        return ListScreen(
            title=message("cetak.title"),
            heads=(
                named(message("status.person"), lambda e: e.person, lambda e: e.nik, 200),
                Head(message("cetak.place"), _place, 170, lambda e: str(_place(e).words)),
                Head(message("cetak.when"), self._when),
                Head(message("cetak.state"), _state, 250),
            ),
            load=self._load,
            name=lambda entry: entry.name,
            find=self._find,
            reads=frozenset({"record", CardCase.KIND, PrintFailure.KIND, BlankEntry.KIND}),
            filters=(a_chip_each(PrintPart, "cetak.part_", lambda e: e.part, _TONES),),
            ticks=lambda entry: entry.part is PrintPart.NOW and self._may,
            empty=_nothing,
            side=self._side,
            commands=self._commands,
            follow=self._follow,
        )

    def _follow(self, _tell: Tell) -> Callable[[], None]:
        """Wait for no card any more once the list is not in front."""
        self._reading = CancelFlag()
        return self._reading.cancel

    def _load(self) -> Sequence[CardPrint]:
        self._stock = self._context.office.blanks.stock(Document.KTP_EL)
        return self._context.office.printing.prints(self._of)

    def _find(self, text: str) -> Callable[[CardPrint], bool]:
        records = self._context.office.statuses.find(text)
        return lambda entry: entry.record_id in records

    def _when(self, entry: CardPrint) -> Cell:
        clock, line = self._context.clock, entry.waits
        if entry.card is not None:
            last = entry.card.prints[-1]
            told = (last.number, last.batch, last.why)
            return Cell(moment_text(clock.local(last.at)), " · ".join(filter(None, told)))
        if line is not None and line.card_from is not None and entry.part is PrintPart.LATER:
            left = (line.card_from - clock.today()).days
            return Cell(message("cetak.from", day=day_text(line.card_from)), message("cetak.left", days=left))
        assert line is not None
        hours = (clock.now() - line.unique_at) // timedelta(hours=1)
        since = message("cetak.since", at=moment_text(clock.local(line.unique_at)))
        return Cell(since, message("cetak.waits", hours=hours))

    def _side(self, listed: Listed[CardPrint]) -> tuple[Panel, ...]:
        counts = [
            Number(str(sum(each.part is s for each in listed.everything)), message(f"cetak.part_{s}"), t)
            for s, t in _TONES.items()
        ]
        if failed := len({f.thing_id for entry in listed.everything for f in entry.failures}):
            counts.append(Number(str(failed), message("cetak.failures"), Tone.BAD))
        left = tuple(number for each in self._stock for number in left_numbers(each))
        panels: tuple[Panel, ...] = (Numbers(message("cetak.counts"), tuple(counts)), *low_hints(self._stock))
        if left:
            panels = (*panels, Numbers(message("cetak.blanks_left"), left))
        entry = listed.current
        history = self._history(entry) if entry else ()
        return (*panels, History(f"{entry.person} · {entry.nik}", history)) if entry and history else panels

    def _history(self, entry: CardPrint) -> tuple[Step, ...]:
        happened = [
            (each.at, Step(each.thing_id, message("cetak.did_fail", why=each.why), StepMark.MISSING, _told(each)))
            for each in entry.failures
        ]
        for number, each in enumerate(entry.card.prints if entry.card else ()):
            words = message("cetak.did_print_again", why=each.why) if number else message("cetak.did_print")
            happened.append((each.at, Step(str(number), words, StepMark.DONE, _told(each))))
        return dated(happened, self._context.clock)[-5:]

    def _commands(self, listed: Listed[CardPrint]) -> tuple[Command, ...]:
        entry, part, chosen = listed.current, PrintPart(listed.filters[0]), listed.chosen
        opens, refused, record_id = partial(opening, self._navigator), self._refused(entry), ""
        letters, printing = self._context.office.letters, self._context.office.printing
        paper = Operation(work=lambda: printing.write_list(self._of), done=self._open_letter)
        no_paper = "" if letters.may_write(LetterKind.DAFTAR_CETAK) else message("cetak.paper_not_yours")
        first = Command("paper", message("cetak.paper"), Action.NEW, Weight.PLAIN, no_paper, paper)
        ledger = opens("blanks", message("cetak.blanks"), Action.KITS, "", "blanks")
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
        no_facts = none or ("" if self._context.user.may(Permission.REGISTER) else message("tenggat.facts_not_yours"))
        return (
            first,
            ledger,
            opens("facts", words, Action.PERSON_NOTES, no_facts, "card_facts", record_id=record_id),
            note,
        )

    def _open_letter(self, letter: Letter) -> None:
        self._navigator.push("letter", letter_id=letter.thing_id)

    def _refused(self, entry: CardPrint | None) -> Message:
        """Return why nothing can be noted of the row under the cursor."""
        if not self._may:
            return message("cetak.not_yours")
        if entry is None:
            return message("status.none")
        if entry.part is PrintPart.LATER:
            return message("cetak.too_early")
        return message("cetak.gone") if entry.card is not None and entry.card.place is not Place.DINAS else ""


def _told(each: Printed | PrintFailure) -> str:
    return " · ".join(filter(None, (each.number, each.batch)))


def _nothing(listed: Listed[CardPrint]) -> Empty:
    key = f"cetak.none_{listed.filters[0]}"
    return Empty(message(key), message(f"{key}_hint"))


def _place(entry: CardPrint) -> Cell:
    if entry.card is not None:
        return Cell(entry.card.village, entry.card.registration)
    return Cell(entry.waits.record.place if entry.waits else "")


def _state(entry: CardPrint) -> Cell:
    tags = []
    if entry.card is not None:
        tags.append(Tag(message(f"cetak.at_{entry.card.place.value}"), Tone.NEUTRAL))
        if len(entry.card.prints) > 1:
            tags.append(Tag(message("cetak.times", count=len(entry.card.prints)), Tone.CAUTION, "repeat"))
    elif entry.failures:
        tags.append(Tag(message("cetak.failed_times", count=len(entry.failures)), Tone.BAD))
    return Cell(tags=tuple(tags))
