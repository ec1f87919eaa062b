"""Daftar cetak: whose KTP-el the official application may print, whose later and when, and what it printed."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from datetime import timedelta

from fieldkit.domain.cards.blanks import BlankEntry
from fieldkit.domain.cards.card import CardCase, Place, Printed, PrintFailure
from fieldkit.domain.documents import Document
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.cards.keep_blanks import SortStock
from fieldkit.services.cards.print_cards import CardPrint, PrintPart
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.cancel import CancelFlag
from ui.presenters.cards.blanks import left_numbers, low_hints
from ui.presenters.cards.distribution import dated
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell, Number, Step, StepMark, tagged
from ui.presenters.form import SEPARATOR
from ui.presenters.lists import Filter, Head, History, Listed, ListScreen, Numbers, Panel, Tell, finding
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Empty, Tag, Tone
from ui.presenters.tasks import device_executor

_TONES = {PrintPart.NOW: Tone.GOOD, PrintPart.LATER: Tone.SOFT, PrintPart.PRINTED: Tone.NEUTRAL}


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
            filters=(Filter.each(PrintPart, "cetak.part_", lambda e: e.part, _TONES),),
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

    def _when(self, entry: CardPrint) -> Cell:
        clock, line = self._context.clock, entry.waits
        if entry.card is not None:
            last = entry.card.prints[-1]
            told = (last.number, last.batch, last.why)
            return Cell(self._moment_text(last.at), " · ".join(filter(None, told)))
        if line is not None and line.card_from is not None and entry.part is PrintPart.LATER:
            left = (line.card_from - clock.today()).days
            return Cell(message("cetak.from", day=day_text(line.card_from)), message("cetak.left", days=left))
        assert line is not None
        hours = (clock.now() - line.unique_at) // timedelta(hours=1)
        since = message("cetak.since", at=self._moment_text(line.unique_at))
        return Cell(since, message("cetak.waits", hours=hours))

    def _side(self, listed: Listed[CardPrint]) -> tuple[Panel, ...]:
        parts = Counter(each.part for each in listed.everything)
        counts = (Number(str(parts[part]), message(f"cetak.part_{part}"), tone) for part, tone in _TONES.items())
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


def _place(entry: CardPrint) -> Cell:
    if entry.card is not None:
        return Cell(entry.card.village, entry.card.registration)
    return Cell(entry.waits.record.place if entry.waits else "")


def _state(entry: CardPrint) -> Cell:
    if entry.card is None:
        failed = message("cetak.failed_times", count=len(entry.failures))
        return tagged(Tag(failed, Tone.BAD) if entry.failures else None)
    prints = len(entry.card.prints)
    again = Tag(message("cetak.times", count=prints), Tone.CAUTION, "repeat") if prints > 1 else None
    return tagged(Tag(message(f"cetak.at_{entry.card.place.value}"), Tone.NEUTRAL), again)
