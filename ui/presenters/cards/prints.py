"""Daftar cetak: whose KTP-el the official application may print, whose later and when, and what it printed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from fieldkit.domain.cards.card import CardCase, Document, Place, PrintFailure
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.statuses.follow_statuses import PrintLine
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.commands import Command, Operation, Weight
from ui.presenters.figures import Cell, Number, Step, StepMark
from ui.presenters.form import SEPARATOR
from ui.presenters.lists import Filter, Head, History, Listed, ListScreen, Numbers, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Empty, Tag, Tone

_ALL = 1_000_000


class Part(StrEnum):
    """Where a person stands."""

    NOW = "now"
    LATER = "later"
    PRINTED = "printed"


_TONES = {Part.NOW: Tone.GOOD, Part.LATER: Tone.SOFT, Part.PRINTED: Tone.NEUTRAL}


@dataclass(frozen=True, slots=True)
class Entry:
    """A person's print: one that waits, or one that was made; `failures` oldest first."""

    part: Part
    name: str
    person: str
    nik: str
    record_id: str
    failures: Sequence[PrintFailure]
    waits: PrintLine | None = None
    card: CardCase | None = None


class Prints:
    """Notes what the official application did; this program prints no card."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str = "") -> None:
        self._context, self._navigator, self._of = context, navigator, activity_id
        self._may = context.user.may(Permission.PRINT_CARDS)

    def screen(self) -> ListScreen[Entry]:
        """Return the list."""
        return ListScreen(
            title=message("cetak.title"),
            heads=(
                Head(
                    message("status.person"), lambda e: Cell(e.person, e.nik, is_strong=True), 200, lambda e: e.person
                ),
                Head(message("cetak.place"), _place, 170, lambda e: str(_place(e).words)),
                Head(message("cetak.when"), self._when),
                Head(message("cetak.state"), _state, 250),
            ),
            load=self._load,
            name=lambda entry: entry.name,
            find=self._find,
            reads=frozenset({"record", CardCase.KIND, PrintFailure.KIND}),
            filters=(tuple(Filter(s, message(f"cetak.part_{s}"), _stands_in(s), _TONES[s]) for s in Part),),
            ticks=lambda entry: entry.part is Part.NOW and self._may,
            empty=_nothing,
            side=self._side,
            commands=self._commands,
        )

    def _load(self) -> Sequence[Entry]:
        office, of = self._context.office, self._of
        failures: dict[str, list[PrintFailure]] = {}
        for failure in sorted(office.printing.failures(of), key=lambda each: each.at):
            failures.setdefault(failure.record_id, []).append(failure)
        waiting = office.statuses.print_list(of)
        cards = office.handover.of(of) if of else office.handover.search(limit=_ALL)
        printed = [card for card in cards if card.document is Document.KTP_EL and card.record_id]
        return [
            *(_waiting(Part.NOW, line, failures) for line in waiting.now),
            *(_waiting(Part.LATER, line, failures) for line in waiting.later),
            *(_printed(card, failures) for card in sorted(printed, key=lambda c: c.prints[-1].at, reverse=True)),
        ]

    def _find(self, text: str) -> Callable[[Entry], bool]:
        records = self._context.office.statuses.find(text)
        return lambda entry: entry.record_id in records

    def _when(self, entry: Entry) -> Cell:
        clock, line = self._context.clock, entry.waits
        if entry.card is not None:
            last = entry.card.prints[-1]
            return Cell(moment_text(clock.local(last.at)), " · ".join(filter(None, (last.batch, last.why))))
        if line is not None and line.card_from is not None and entry.part is Part.LATER:
            left = (line.card_from - clock.today()).days
            return Cell(message("cetak.from", day=day_text(line.card_from)), message("cetak.left", days=left))
        assert line is not None
        hours = (clock.now() - line.unique_at) // timedelta(hours=1)
        since = message("cetak.since", at=moment_text(clock.local(line.unique_at)))
        return Cell(since, message("cetak.waits", hours=hours))

    def _side(self, listed: Listed[Entry]) -> tuple[Panel, ...]:
        counts = [
            Number(str(sum(map(_stands_in(s), listed.everything))), message(f"cetak.part_{s}"), t)
            for s, t in _TONES.items()
        ]
        if failed := len({f.thing_id for entry in listed.everything for f in entry.failures}):
            counts.append(Number(str(failed), message("cetak.failures"), Tone.BAD))
        numbers = Numbers(message("cetak.counts"), tuple(counts))
        entry = listed.current
        history = self._history(entry) if entry else ()
        return (numbers, History(f"{entry.person} · {entry.nik}", history)) if entry and history else (numbers,)

    def _history(self, entry: Entry) -> tuple[Step, ...]:
        happened = [
            (each.at, Step(each.thing_id, message("cetak.did_fail", why=each.why), StepMark.MISSING, each.batch))
            for each in entry.failures
        ]
        for number, each in enumerate(entry.card.prints if entry.card else ()):
            words = message("cetak.did_print_again", why=each.why) if number else message("cetak.did_print")
            happened.append((each.at, Step(str(number), words, StepMark.DONE, each.batch)))
        local = self._context.clock.local
        return tuple(
            replace(step, detail=" · ".join(filter(None, (moment_text(local(at)), str(step.detail)))))
            for at, step in sorted(happened, key=lambda pair: pair[0])
        )[-5:]

    def _commands(self, listed: Listed[Entry]) -> tuple[Command, ...]:
        go, entry, part = self._navigator.push, listed.current, Part(listed.filters[0])
        refused = self._refused(entry)
        letters, printing = self._context.office.letters, self._context.office.printing
        paper = Operation(work=lambda: printing.write_list(self._of), done=self._open_letter)
        no_paper = "" if letters.may_write(LetterKind.DAFTAR_CETAK) else message("cetak.paper_not_yours")
        commands = [Command("paper", message("cetak.paper"), Action.NEW, Weight.PLAIN, no_paper, paper)]
        record_id = entry.record_id if entry else ""
        ids = SEPARATOR.join(each.record_id for each in listed.chosen)
        if part is Part.NOW:
            failed = Command("failed", message("cetak.failed"), Action.REPAIR, refused=refused)
            note = Command("note", message("cetak.note", count=max(1, len(listed.chosen))), Action.ACCEPT)
            commands.append(replace(failed, runs=lambda: go("print_failed", record_id=record_id)))
            enter = replace(note, runs=lambda: go("print_note", record_ids=ids))
        elif part is Part.LATER:
            facts: Message = "" if self._context.user.may(Permission.REGISTER) else message("tenggat.facts_not_yours")
            married = Command("facts", message("tenggat.married_short"), Action.PERSON_NOTES, refused=facts)
            if entry is None:
                married = replace(married, refused=message("status.none"))
            commands.append(replace(married, runs=lambda: go("card_facts", record_id=record_id)))
            enter = Command("note", message("cetak.note", count=1), Action.ACCEPT)
        else:
            card_id = entry.name if entry else ""
            again = Command("again", message("cetak.again"), Action.ACCEPT)
            enter = replace(again, runs=lambda: go("print_again", card_id=card_id))
        return (*commands, replace(enter, weight=Weight.PRIMARY, refused=refused))

    def _open_letter(self, letter: Letter) -> None:
        self._navigator.push("letter", letter_id=letter.thing_id)

    def _refused(self, entry: Entry | None) -> Message:
        """Return why nothing can be noted of the row under the cursor."""
        if not self._may:
            return message("cetak.not_yours")
        if entry is None:
            return message("status.none")
        if entry.part is Part.LATER:
            return message("cetak.too_early")
        return message("cetak.gone") if entry.card is not None and entry.card.place is not Place.DINAS else ""


def _stands_in(part: Part) -> Callable[[Entry], bool]:
    return lambda entry: entry.part is part


def _waiting(part: Part, line: PrintLine, failures: Mapping[str, Sequence[PrintFailure]]) -> Entry:
    record = line.record
    failed = failures.get(record.record_id, ())
    return Entry(part, record.record_id, record.masked_name, record.masked_nik, record.record_id, failed, waits=line)


def _printed(card: CardCase, failures: Mapping[str, Sequence[PrintFailure]]) -> Entry:
    failed = failures.get(card.record_id, ())
    return Entry(Part.PRINTED, card.thing_id, card.name, card.masked_nik, card.record_id, failed, card=card)


def _nothing(listed: Listed[Entry]) -> Empty:
    key = f"cetak.none_{listed.filters[0]}"
    return Empty(message(key), message(f"{key}_hint"))


def _place(entry: Entry) -> Cell:
    if entry.card is not None:
        return Cell(entry.card.village, entry.card.registration)
    return Cell(entry.waits.record.place if entry.waits else "")


def _state(entry: Entry) -> Cell:
    tags = []
    if entry.card is not None:
        tags.append(Tag(message(f"cetak.at_{entry.card.place.value}"), Tone.NEUTRAL))
        if len(entry.card.prints) > 1:
            tags.append(Tag(message("cetak.times", count=len(entry.card.prints)), Tone.CAUTION, "repeat"))
    elif entry.failures:
        tags.append(Tag(message("cetak.failed_times", count=len(entry.failures)), Tone.BAD))
    return Cell(tags=tuple(tags))
