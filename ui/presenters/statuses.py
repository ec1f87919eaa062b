"""Status pusat: what the data center said about each record, in plain words, and what the office does next."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.sealed import QueueEntry
from fieldkit.services.deliver import QueueView
from fieldkit.services.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.central_words import (
    TRIAL,
    code_tag,
    code_words,
    is_doubtful,
    summary,
    waits_for_birthday,
    what_to_do,
)
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows, Step, StepMark, rows_of
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Action, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("status.person"), 190),
    Column(phrase("status.says"), 268),
    Column(phrase("status.todo")),
    Column(phrase("status.source"), 116),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusesState(ViewState):
    """The records as searched, the counts of the groups, and the history of the one under the cursor."""

    rows: Rows = NO_ROWS
    nothing: Empty = NOTHING
    groups: tuple[Number, ...] = ()
    person: Words = ""
    history: tuple[Step, ...] = ()
    doubt: Words = ""
    todo: Words = ""


class StatusesPresenter(Presenter[StatusesState]):
    """Mirrors the statuses; nothing can be changed here."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(StatusesState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator = desk, tasks, navigator
        self._text, self._selected = "", ""
        self._entries: dict[str, QueueEntry] = {}

    def start(self) -> None:
        """Read what is known."""
        self.search(self._text)

    refresh = start

    def search(self, text: str) -> None:
        """Show the records that match what was typed so far."""
        self._text = text
        self._tasks.run(STORE, lambda: self._desk.delivery.queue(text), self._loaded, self._failed)

    def _loaded(self, queue: QueueView) -> None:
        if queue.sealed == 0:
            empty = Empty(phrase("kirim.empty"), phrase("kirim.empty_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty))
            return
        self._entries = {entry.record.record_id: entry for entry in queue.entries}
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                rows=rows_of(tuple(self._row(entry) for entry in queue.entries), queue.sealed),
                nothing=Empty(phrase("kirim.not_found", text=self._text), phrase("kirim.not_found_hint")),
                groups=summary(queue.entries, self._desk.clock.today()),
                bar=Bar(
                    BACK,
                    (Action("refresh", phrase("act.refresh"), Act.REFRESH),),
                    phrase("status.fetched_when_sending"),
                ),
            )
        )
        first = next(iter(self._entries), "")
        self.select(self._selected if self._selected in self._entries else first)

    def select(self, record_id: str) -> None:
        """Show the history of a record."""
        self._selected = record_id
        entry = self._entries.get(record_id)
        if entry is None:
            self._become(replace(self.state, person="", history=(), doubt="", todo=""))
            return
        record = entry.record
        self._become(
            replace(
                self.state,
                person=f"{record.masked_name} · {record.masked_nik}",
                history=self._history(entry),
                doubt=phrase("status.doubtful") if is_doubtful(entry) else "",
                todo="" if is_doubtful(entry) else self._todo(entry),
            )
        )

    def _todo(self, entry: QueueEntry) -> Words:
        card_from = entry.record.card_from
        if card_from is not None and waits_for_birthday(entry, self._desk.clock.today()):
            return phrase("status.birthday", day=day_text(card_from))
        return phrase("status.doubt_todo") if is_doubtful(entry) else what_to_do(entry)

    def _history(self, entry: QueueEntry) -> tuple[Step, ...]:
        local = self._desk.clock.local
        last = len(entry.statuses) - 1
        return tuple(
            Step(
                status.code,
                code_words(status.code),
                StepMark.CURRENT if index == last else StepMark.DONE,
                f"{moment_text(local(status.observed_at))} · {status.source}",
            )
            for index, status in enumerate(entry.statuses)
        )[-6:]

    def _row(self, entry: QueueEntry) -> Row:
        record, central = entry.record, entry.central
        at = moment_text(self._desk.clock.local(central.observed_at)) if central else ""
        tag = code_tag(entry)
        if is_doubtful(entry):
            tag = replace(tag, tone=Tone.CAUTION)
        source: tuple[Tag, ...] = ()
        if central is not None:
            source = (Tag(central.source, Tone.CAUTION if central.source == TRIAL else Tone.NEUTRAL),)
        return Row(
            record.record_id,
            (
                Cell(record.masked_name, record.masked_nik, is_strong=True),
                Cell(tags=(tag,)),
                Cell(self._todo(entry), at),
                Cell(tags=source),
            ),
        )

    def back(self) -> None:
        """Go back."""
        self._navigator.back()

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))
