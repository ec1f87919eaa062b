"""Daftar cetak: whose KTP-el the official application may print, whose later and when, and what it printed."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from enum import StrEnum

from fieldkit.domain.cards.card import CardCase, Document, Place, PrintFailure
from fieldkit.domain.errors import Problem
from fieldkit.domain.letters.letter import Letter, LetterKind
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.desk import Desk
from fieldkit.services.statuses.follow_statuses import PrintLine, PrintList
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows, Step, StepMark
from ui.presenters.form import SEPARATOR
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Action, Bar, Empty, Stage, Tag, Tone, ViewState, Weight
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("status.person"), 200),
    Column(phrase("cetak.place"), 170),
    Column(phrase("cetak.when")),
    Column(phrase("cetak.state"), 250),
)


class Shelf(StrEnum):
    """What the list shows."""

    NOW = "now"
    LATER = "later"
    PRINTED = "printed"


@dataclass(frozen=True, slots=True, kw_only=True)
class PrintsState(ViewState):
    """The shelf as searched, the counts, and what happened to the one under the cursor."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    counts: tuple[Number, ...] = ()
    person: Words = ""
    history: tuple[Step, ...] = ()
    hint: Words = ""


@dataclass(frozen=True, slots=True)
class _Found:
    waiting: PrintList
    printed: tuple[CardCase, ...]
    failures: Mapping[str, Sequence[PrintFailure]]  # by record_id, oldest first


_ALL = 1_000_000
_Line = PrintLine | CardCase


class PrintsPresenter(Presenter[PrintsState]):
    """Notes what the official application did; this program prints no card."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(PrintsState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._activity_id = desk, tasks, navigator, activity_id
        self._text, self._selected, self._shelf = "", "", Shelf.NOW
        self._ticked: frozenset[str] = frozenset()
        self._found: _Found | None = None
        self._ids: frozenset[str] | None = None  # None: nothing is searched for
        self._shown: tuple[_Line, ...] = ()
        self._problem: Problem | None = None

    def start(self) -> None:
        """Read the list anew."""
        self._tasks.run(STORE, self._read, self._loaded, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show those that match what was typed so far."""
        self._text = text
        if not text.strip():
            self._matched((text, None))
            return
        find = self._desk.office.statuses.find
        self._tasks.run(STORE, lambda: (text, find(text)), self._matched, self._failed)

    def next_shelf(self) -> None:
        """Show the next shelf: now, later, printed."""
        shelves = list(Shelf)
        self._shelf = shelves[(shelves.index(self._shelf) + 1) % len(shelves)]
        self._render()

    def select(self, name: str) -> None:
        """Tell about a row."""
        self._selected = name
        self._tell()

    def toggle(self) -> None:
        """Choose the row under the cursor, or leave it out again."""
        if self._shelf is Shelf.NOW and self._selected:
            self._ticked ^= {self._selected}
            self._render()

    def tick_all(self) -> None:
        """Choose every row that is shown; once more none."""
        if self._shelf is Shelf.NOW:
            names = frozenset(map(_name, self._shown))
            self._ticked = self._ticked - names if names <= self._ticked else self._ticked | names
            self._render()

    def accept(self) -> None:
        """Note that the chosen ones were printed, or the one under the cursor; of a printed one that it was again."""
        if self._refusal():
            return
        if self._shelf is Shelf.PRINTED:
            self._navigator.push("print_again", card_id=self._selected)
        else:
            self._navigator.push("print_note", record_ids=SEPARATOR.join(self._chosen))

    def note_failed(self) -> None:
        """Note that a print gave no card."""
        if self._shelf is Shelf.NOW and not self._refusal():
            self._navigator.push("print_failed", record_id=self._selected)

    def write_facts(self) -> None:
        """Write down a marriage before 17, or when the file was complete."""
        if self._shelf is Shelf.LATER and self._selected and self._desk.user.may(Permission.REGISTER):
            self._navigator.push("card_facts", record_id=self._selected)

    def write_paper(self) -> None:
        """Draft the list as paper and go there."""
        if self._may_write:
            printing, activity_id = self._desk.office.printing, self._activity_id
            self._tasks.run(STORE, lambda: printing.write_list(activity_id), self._written, self._refused)

    def back(self) -> None:
        """Go back."""
        self._navigator.back()

    @property
    def _may(self) -> bool:
        return self._desk.user.may(Permission.PRINT_CARDS)

    @property
    def _may_write(self) -> bool:
        return self._desk.office.letters.may_write(LetterKind.DAFTAR_CETAK)

    @property
    def _chosen(self) -> tuple[str, ...]:
        """Return the ids to note: those that are ticked, else the one under the cursor."""
        ticked = tuple(name for name in map(_name, self._waiting_now) if name in self._ticked)
        return ticked or ((self._selected,) if self._selected else ())

    @property
    def _waiting_now(self) -> tuple[PrintLine, ...]:
        return self._found.waiting.now if self._found else ()

    def _read(self) -> _Found:
        office, of = self._desk.office, self._activity_id
        cards = office.handover.of(of) if of else office.handover.search(limit=_ALL)
        failures: dict[str, list[PrintFailure]] = {}
        for failure in sorted(office.printing.failures(of), key=lambda each: each.at):
            failures.setdefault(failure.record_id, []).append(failure)
        printed = [card for card in cards if card.document is Document.KTP_EL and card.record_id]
        newest = tuple(sorted(printed, key=lambda card: card.prints[-1].at, reverse=True))
        return _Found(office.statuses.print_list(of), newest, failures)

    def _loaded(self, found: _Found) -> None:
        self._found = found
        self._ticked &= frozenset(map(_name, found.waiting.now))  # what was printed meanwhile is not chosen any more
        if self._text.strip():
            self.search(self._text)
        else:
            self._render()

    def _matched(self, matched: tuple[str, frozenset[str] | None]) -> None:
        text, ids = matched
        if text == self._text:  # else more was typed meanwhile
            self._ids = ids
            self._render()

    def _render(self) -> None:
        found = self._found
        if found is None:
            return
        shelves: dict[Shelf, tuple[_Line, ...]] = {
            Shelf.NOW: found.waiting.now,
            Shelf.LATER: found.waiting.later,
            Shelf.PRINTED: found.printed,
        }
        lines = shelves[self._shelf]
        shown = tuple(line for line in lines if self._ids is None or _record_id(line) in self._ids)
        self._shown = shown
        if self._selected not in set(map(_name, shown)):
            self._selected = _name(shown[0]) if shown else ""
        tones = {Shelf.NOW: Tone.GOOD, Shelf.LATER: Tone.SOFT, Shelf.PRINTED: Tone.NEUTRAL}
        failed = sum(len(each) for each in found.failures.values())
        counts = [Number(str(len(shelves[s])), phrase(f"cetak.shelf_{s.value}"), tones[s]) for s in Shelf]
        if failed:
            counts.append(Number(str(failed), phrase("cetak.failures"), Tone.BAD))
        is_search = self._ids is not None and bool(lines)
        nothing = Empty(phrase(f"cetak.none_{self._shelf.value}"), phrase(f"cetak.none_{self._shelf.value}_hint"))
        if is_search:
            nothing = Empty(phrase("kirim.not_found", text=self._text), phrase("kirim.not_found_hint"))
        tags = [Tag(phrase(f"cetak.shelf_{self._shelf.value}"), tones[self._shelf])]
        if self._ticked and self._shelf is Shelf.NOW:
            tags.append(Tag(phrase("cetak.ticked", count=len(self._ticked)), Tone.GOOD, "check"))
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=self._problem,
                retry=None,
                rows=Rows(len(shown), len(lines), lambda at: self._row(shown[at])),
                tags=tuple(tags),
                nothing=nothing,
                counts=tuple(counts),
            )
        )
        self._tell()

    def _tell(self) -> None:
        line = next((line for line in self._shown if _name(line) == self._selected), None)
        hint: Words = phrase("cetak.keys") if self._shelf is Shelf.NOW and self._shown and self._may else ""
        self._become(
            replace(
                self.state,
                person=_person(line) if line else "",
                history=self._history(line) if line else (),
                hint=hint,
                bar=self._bar(),
            )
        )

    def _history(self, line: _Line) -> tuple[Step, ...]:
        local = self._desk.clock.local
        failures = self._found.failures.get(_record_id(line), ()) if self._found else ()
        happened = [
            (each.at, Step(each.thing_id, phrase("cetak.did_fail", why=each.why), StepMark.MISSING, each.batch))
            for each in failures
        ]
        if isinstance(line, CardCase):
            for number, each in enumerate(line.prints):
                words = phrase("cetak.did_print_again", why=each.why) if number else phrase("cetak.did_print")
                happened.append((each.at, Step(str(number), words, StepMark.DONE, each.batch)))
        return tuple(
            replace(step, detail=" · ".join(filter(None, (moment_text(local(at)), str(step.detail)))))
            for at, step in sorted(happened, key=lambda pair: pair[0])
        )[-5:]

    def _row(self, line: _Line) -> Row:
        clock = self._desk.clock
        if isinstance(line, CardCase):
            last = line.prints[-1]
            tags = [Tag(phrase(f"cetak.at_{line.place.value}"), Tone.NEUTRAL)]
            if len(line.prints) > 1:
                tags.append(Tag(phrase("cetak.times", count=len(line.prints)), Tone.CAUTION, "repeat"))
            when = moment_text(clock.local(last.at))
            who = Cell(line.name, line.masked_nik, is_strong=True)
            place = Cell(line.village, line.registration)
            return Row(_name(line), (who, place, Cell(when, _line(last.batch, last.why)), Cell(tags=tuple(tags))))
        record = line.record
        tags = []
        if record.record_id in self._ticked:
            tags.append(Tag(phrase("cetak.chosen"), Tone.GOOD, "check"))
        failures = self._found.failures.get(record.record_id, ()) if self._found else ()
        if failures:
            tags.append(Tag(phrase("cetak.failed_times", count=len(failures)), Tone.BAD))
        if self._shelf is Shelf.LATER and line.card_from is not None:
            left = (line.card_from - clock.today()).days
            when_words = phrase("cetak.from", day=day_text(line.card_from))
            cells = (Cell(when_words, phrase("cetak.left", days=left)), Cell(tags=tuple(tags)))
        else:
            waited = (clock.now() - line.unique_at) // timedelta(hours=1)
            since = phrase("cetak.since", at=moment_text(clock.local(line.unique_at)))
            cells = (Cell(since, phrase("cetak.waits", hours=waited)), Cell(tags=tuple(tags)))
        who = Cell(record.masked_name, record.masked_nik, is_strong=True)
        return Row(record.record_id, (who, Cell(record.place), *cells))

    def _refusal(self) -> Words:
        """Return why nothing can be noted of the row under the cursor."""
        if not self._may:
            return phrase("cetak.not_yours")
        if not self._selected:
            return phrase("status.none")
        if self._shelf is Shelf.LATER:
            return phrase("cetak.too_early")
        if self._shelf is Shelf.PRINTED:
            card = next(line for line in self._shown if _name(line) == self._selected)
            if isinstance(card, CardCase) and card.place is not Place.DINAS:
                return phrase("cetak.gone")
        return ""

    def _bar(self) -> Bar:
        again = self._shelf is Shelf.PRINTED
        note = phrase("cetak.again") if again else phrase("cetak.note", count=max(1, len(self._chosen)))
        facts: Words = "" if self._desk.user.may(Permission.REGISTER) else phrase("tenggat.facts_not_yours")
        if not self._selected:
            facts = phrase("status.none")
        paper: Words = "" if self._may_write else phrase("cetak.paper_not_yours")
        aside = {
            Shelf.NOW: (Action("note_failed", phrase("cetak.failed"), Act.REPAIR, refused=self._refusal()),),
            Shelf.LATER: (Action("write_facts", phrase("tenggat.married_short"), Act.PERSON_NOTES, refused=facts),),
        }
        return Bar(
            BACK,
            (
                Action("next_shelf", phrase("cetak.next_shelf"), Act.FILTER, Weight.PLAIN),
                Action("write_paper", phrase("cetak.paper"), Act.NEW, Weight.PLAIN, paper),
                *aside.get(self._shelf, ()),
                Action("accept", note, Act.ACCEPT, Weight.PRIMARY, self._refusal()),
            ),
        )

    def _written(self, letter: Letter) -> None:
        self._navigator.push("letter", letter_id=letter.thing_id)

    def _refused(self, problem: Problem) -> None:
        self._problem = problem
        self._render()
        self._problem = None

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _name(line: _Line) -> str:
    return line.thing_id if isinstance(line, CardCase) else line.record.record_id


def _record_id(line: _Line) -> str:
    return line.record_id if isinstance(line, CardCase) else line.record.record_id


def _person(line: _Line) -> str:
    if isinstance(line, CardCase):
        return f"{line.name} · {line.masked_nik}"
    return f"{line.record.masked_name} · {line.record.masked_nik}"


def _line(*parts: str) -> str:
    return " · ".join(filter(None, parts))
