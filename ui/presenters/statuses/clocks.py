"""Tenggat: the SLA clocks of records, what each waits for, why its due time moved; stopped and started again here."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.cards.facts import ClockPause
from fieldkit.domain.cards.sla import ClockReading, ClockState, ClockUnit
from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.desk import Desk
from fieldkit.services.statuses.run_clocks import CardClocks
from ui.presenters.acts import Act
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.statuses.clock_words import (
    about,
    due_text,
    moved_words,
    reading_tag,
    rule_words,
    state_tag,
    why_moved,
)
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("status.person"), 172),
    Column(phrase("tenggat.promise"), 206),
    Column(phrase("tenggat.state"), 184),
    Column(phrase("tenggat.due")),
    Column(phrase("tenggat.moved"), 160),
)
_ORDER = (ClockState.MISSED, ClockState.PAUSED, ClockState.RUNNING, ClockState.NOT_STARTED, ClockState.KEPT)


@dataclass(frozen=True, slots=True, kw_only=True)
class ClocksState(ViewState):
    """The clocks as filtered and searched, their counts, and the one under the cursor with what moved it."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    cursor: int = 0
    counts: tuple[Number, ...] = ()
    person: Words = ""
    facts: tuple[tuple[Words, Words], ...] = ()
    moved: tuple[tuple[Words, Words], ...] = ()
    standing: Words = ""  # the pause that lasts
    standing_why: Words = ""
    caution: Words = ""


@dataclass(frozen=True, slots=True)
class _Line:
    """One clock of one record."""

    record: SealedRecord
    reading: ClockReading

    @property
    def name(self) -> str:
        return f"{self.record.record_id} {self.reading.rule.rule_id}"


class ClocksPresenter(Presenter[ClocksState]):
    """Reads the clocks of all activities or of one; Enter stops or starts those of the row under the cursor."""

    def __init__(
        self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str = "", record_id: str = ""
    ) -> None:
        super().__init__(ClocksState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._activity_id = desk, tasks, navigator, activity_id
        self._record_id = record_id  # where the cursor stands at first
        self._text, self._selected, self._told = "", "", 0
        self._wanted: ClockState | None = None
        self._found: frozenset[str] | None = None
        self._lines: tuple[_Line, ...] = ()
        self._shown: tuple[_Line, ...] = ()
        self._by_name: dict[str, _Line] = {}
        self._open: tuple[ClockPause, ...] = ()
        self._problem: Problem | None = None

    def start(self) -> None:
        """Read the clocks anew."""
        self._problem = None
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

    def next_state(self) -> None:
        """Show the next state that any clock is in, after the last all of them."""
        there = {line.reading.state for line in self._lines}
        states = [None, *(state for state in _ORDER if state in there)]
        at = states.index(self._wanted) if self._wanted in states else 0
        self._wanted = states[(at + 1) % len(states)]
        self._render()

    def select(self, name: str) -> None:
        """Tell about a clock."""
        self._selected = name
        self._tell()

    def accept(self) -> None:
        """Stop the clock under the cursor, or let it run again."""
        line, pause = self._line, self._standing
        if line is None or self._refusal(line):
            return
        if pause is None:
            record = line.record
            self._navigator.push("clock_pause", activity_id=record.activity_id, record_id=record.record_id)
            return
        resume = partial(self._desk.office.clocks.resume, pause.thing_id)
        self._tasks.run(STORE, resume, self._resumed, self._refused)

    def write_facts(self) -> None:
        """Write down when the file was complete, or a marriage before 17."""
        if self._line is not None and self._desk.user.may(Permission.REGISTER):
            self._navigator.push("card_facts", record_id=self._line.record.record_id)

    def back(self) -> None:
        """Go back."""
        self._navigator.back()

    @property
    def _line(self) -> _Line | None:
        return self._by_name.get(self._selected)

    @property
    def _standing(self) -> ClockPause | None:
        """Return the newest pause that still holds the clock under the cursor."""
        line = self._line
        if line is None:
            return None
        record = line.record
        return next((each for each in self._open if each.holds_for(record.activity_id, record.record_id)), None)

    def _read(self) -> tuple[Sequence[CardClocks], Sequence[ClockPause]]:
        clocks = self._desk.office.clocks
        return clocks.all(self._activity_id), clocks.pauses()

    def _loaded(self, read: tuple[Sequence[CardClocks], Sequence[ClockPause]]) -> None:
        clocks, pauses = read
        self._lines = tuple(_Line(card.record, reading) for card in clocks for reading in card.readings)
        self._open = tuple(pause for pause in pauses if pause.ended_at is None)
        if not self._lines:
            empty = Empty(phrase("tenggat.empty"), phrase("tenggat.empty_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(BACK)))
            return
        if self._text.strip():
            self.search(self._text)
        else:
            self._render()

    def _matched(self, found: tuple[str, frozenset[str] | None]) -> None:
        text, ids = found
        if text == self._text:  # else more was typed meanwhile
            self._found = ids
            if self._lines:
                self._render()

    def _render(self) -> None:
        found, wanted = self._found, self._wanted
        shown = tuple(
            line
            for line in self._lines
            if (wanted is None or line.reading.state is wanted) and (found is None or line.record.record_id in found)
        )
        if shown != self._shown or not self.state.rows.count:
            self._shown, self._by_name = shown, {line.name: line for line in shown}
            rows = Rows(len(shown), len(self._lines), lambda at: self._row(shown[at]))
            self._become(replace(self.state, rows=rows))
        if self._line is None:
            wanted_first = (line for line in shown if line.record.record_id == self._record_id)
            first = next(wanted_first, next(iter(shown), None))
            self._selected = first.name if first else ""
            self._become(replace(self.state, cursor=shown.index(first) if first else 0))
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                retry=None,
                problem=self._problem,
                tags=(Tag(phrase("status.all"), Tone.SOFT) if wanted is None else state_tag(wanted),),
                nothing=Empty(phrase("kirim.not_found", text=self._text), phrase("kirim.not_found_hint")),
                counts=self._counts(),
            )
        )
        self._tell()

    def _counts(self) -> tuple[Number, ...]:
        states = [line.reading.state for line in self._lines]
        tags = [(state_tag(state), states.count(state)) for state in _ORDER if state in states]
        return tuple(Number(str(count), tag.words, tag.tone) for tag, count in tags)

    def _tell(self) -> None:
        line, pause = self._line, self._standing
        if line is None:
            nobody = replace(self.state, person="", facts=(), moved=(), standing="", standing_why="", caution="")
            self._become(replace(nobody, bar=self._bar()))
            return
        reading, clock = line.reading, self._desk.clock
        facts: list[tuple[Words, Words]] = [(phrase("tenggat.promise"), rule_words(reading.rule))]
        if reading.starts_at is not None:
            facts.append((phrase("tenggat.starts"), moment_text(clock.local(reading.starts_at))))
        if reading.due_at is not None:
            facts.append((phrase("tenggat.due"), due_text(reading, clock)))
        if reading.ended_at is not None:
            facts.append((phrase("tenggat.printed"), moment_text(clock.local(reading.ended_at))))
        years = ", ".join(map(str, reading.unpublished_years))
        told = pause if reading.state is ClockState.PAUSED else None
        self._become(
            replace(
                self.state,
                person=f"{line.record.masked_name} · {line.record.masked_nik}",
                facts=tuple(facts),
                moved=why_moved(reading, clock),
                standing=phrase(f"tenggat.reason_{told.reason.value}") if told else "",
                standing_why=phrase("tenggat.since", at=moment_text(clock.local(told.began_at)), note=told.note)
                if told
                else "",
                caution=phrase("tenggat.unpublished", years=years) if years else "",
                bar=self._bar(),
            )
        )

    def _row(self, line: _Line) -> Row:
        record, reading = line.record, line.reading
        due: Words = due_text(reading, self._desk.clock) or phrase("tenggat.no_due")
        detail: Words = about(reading, self._desk.clock)
        tags: tuple[Tag, ...] = ()
        if reading.moved:
            days = sum(moved.amount for moved in reading.moved)
            longest = max(reading.moved, key=lambda moved: moved.amount)
            words = moved_words(replace(longest, amount=days), reading.rule.unit)
            tags = (Tag(words, Tone.CAUTION, "clock"),)
        return Row(
            line.name,
            (
                Cell(record.masked_name, record.masked_nik, is_strong=True),
                Cell(rule_words(reading.rule), _from_words(reading)),
                Cell(tags=(reading_tag(reading),)),
                Cell(due, detail),
                Cell(tags=tags),
            ),
        )

    def _refusal(self, line: _Line | None) -> Words:
        if line is None:
            return phrase("status.none")
        if not self._desk.user.may(Permission.TYPE_STATUS):
            return phrase("status.not_yours")
        if not line.reading.rule.pauses:
            return phrase("tenggat.no_pauses")
        return phrase("tenggat.is_over") if line.reading.ended_at is not None else ""

    def _bar(self) -> Bar:
        line, may = self._line, self._desk.user.may(Permission.REGISTER)
        words = phrase("tenggat.resume") if self._standing else phrase("tenggat.pause")
        facts = "" if may and line else phrase("tenggat.facts_not_yours" if line else "status.none")
        return Bar(
            BACK,
            (
                Command("next_state", phrase("tenggat.next_state"), Act.FILTER, Weight.PLAIN),
                Command("write_facts", phrase("tenggat.facts"), Act.PERSON_NOTES, refused=facts),
                Command("accept", words, Act.ACCEPT, Weight.PRIMARY, self._refusal(line)),
            ),
        )

    def _resumed(self, _pause: ClockPause) -> None:
        self._told, self._problem = self._told + 1, None
        toast = Toast(phrase("tenggat.resumed"), Tone.GOOD, serial=self._told)
        self._become(replace(self.state, toast=toast))
        self.start()

    def _refused(self, problem: Problem) -> None:
        self._problem = problem
        self._render()

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _from_words(reading: ClockReading) -> Words:
    return phrase("tenggat.from_file" if reading.rule.unit is ClockUnit.WORKDAYS else "tenggat.from_unique")
