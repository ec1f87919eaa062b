"""Status pusat: what the data center said about each record, in plain words, and what the office must do about it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.delivery.central_status import known_code
from fieldkit.domain.delivery.status_work import TO_PRINT, OfficeTask
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.desk import Desk
from fieldkit.services.statuses.follow_statuses import WorkGroup, WorkLine
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text, moment_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Number, Row, Rows, Step
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.statuses.central_words import TRIAL, code_tag, code_tone, code_words, history_of, task_words
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("status.person"), 172),
    Column(phrase("status.says"), 244),
    Column(phrase("status.todo")),
    Column(phrase("status.source"), 140),
)
_MOST_GROUPS = 9
_TONES = {
    OfficeTask.PRINT: Tone.GOOD,
    OfficeTask.RESEND: Tone.BAD,
    OfficeTask.WAIT_FOR_AGE: Tone.SOFT,
    OfficeTask.ASK_MEANING: Tone.CAUTION,
}
_Key = tuple[OfficeTask, str]


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusesState(ViewState):
    """The worklist as filtered and searched, the counts of its groups, and the history of the row under the cursor."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    groups: tuple[Number, ...] = ()
    person: Words = ""
    history: tuple[Step, ...] = ()
    doubt: Words = ""
    todo: Words = ""


class StatusesPresenter(Presenter[StatusesState]):
    """Lists what is to be done by code, the urgent first; nothing that the center said is changed here."""

    def __init__(self, desk: Desk, tasks: Tasks, navigator: Navigator, activity_id: str = "") -> None:
        super().__init__(StatusesState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._activity_id = desk, tasks, navigator, activity_id
        self._text, self._selected = "", ""
        self._group: _Key | None = None
        self._groups: Sequence[WorkGroup] = ()
        self._shown: list[tuple[WorkGroup, WorkLine]] = []

    def start(self) -> None:
        """Read what is known."""
        work, text, group = self._desk.office.statuses.worklist, self._text, self._group

        def read() -> tuple[str, _Key | None, Sequence[WorkGroup]]:
            return text, group, work(self._activity_id, text, group)

        self._tasks.run(STORE, read, self._loaded, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show the records that match what was typed so far."""
        self._text = text
        self.start()

    def next_group(self) -> None:
        """Show the next group of records with the same code and task, after the last all of them."""
        keys: list[_Key | None] = [None, *((group.task, group.code) for group in self._groups)]
        at = keys.index(self._group) if self._group in keys else 0
        self._group = keys[(at + 1) % len(keys)]
        self.start()

    def select(self, record_id: str) -> None:
        """Show the history of a record."""
        self._selected = record_id
        self._tell()

    def accept(self) -> None:
        """Write down what SIAK shows of the record under the cursor."""
        if self._selected and self._may:
            self._navigator.push("status_note", record_id=self._selected)

    def show_clocks(self) -> None:
        """Go to the clocks of these records, the one under the cursor first."""
        self._navigator.push("clocks", activity_id=self._activity_id, record_id=self._selected)

    def show_prints(self) -> None:
        """Go to the print list."""
        self._navigator.push("prints", activity_id=self._activity_id)

    def back(self) -> None:
        """Go back."""
        self._navigator.back()

    @property
    def _may(self) -> bool:
        return self._desk.user.may(Permission.TYPE_STATUS)

    def _loaded(self, read: tuple[str, _Key | None, Sequence[WorkGroup]]) -> None:
        text, group, self._groups = read
        if (text, group) != (self._text, self._group):  # more was typed meanwhile
            return
        if not self._groups:
            empty = Empty(phrase("kirim.empty"), phrase("kirim.empty_hint"))
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(BACK)))
            return
        if group not in (None, *((each.task, each.code) for each in self._groups)):
            self._group = None  # its last record went on
            self.start()
            return
        self._render()

    def _render(self) -> None:
        chosen = [group for group in self._groups if self._group in (None, (group.task, group.code))]
        self._shown = [(group, line) for group in chosen for line in group.lines]
        ids = {line.entry.record.record_id for _group, line in self._shown}
        if self._selected not in ids:
            self._selected = self._shown[0][1].entry.record.record_id if self._shown else ""
        shown = self._shown
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                retry=None,
                rows=Rows(len(shown), sum(group.count for group in self._groups), lambda at: self._row(*shown[at])),
                tags=(Tag(_group_words(chosen[0]) if self._group else phrase("status.all"), Tone.SOFT),),
                nothing=Empty(phrase("kirim.not_found", text=self._text), phrase("kirim.not_found_hint")),
                groups=_numbers(self._groups),
                bar=self._bar(),
            )
        )
        self._tell()

    def _bar(self) -> Bar:
        refused: Words = "" if self._may else phrase("status.not_yours")
        if not self._selected:
            refused = refused or phrase("status.none")
        return Bar(
            BACK,
            (
                Command("next_group", phrase("status.next_group"), Act.FILTER, Weight.PLAIN),
                Command("show_clocks", phrase("tenggat.title"), Act.CALENDAR),
                Command("show_prints", phrase("cetak.title"), Act.GROUP),
                Command("accept", phrase("status.type"), Act.ACCEPT, Weight.PRIMARY, refused),
            ),
        )

    def _tell(self) -> None:
        found = next((pair for pair in self._shown if pair[1].entry.record.record_id == self._selected), None)
        if found is None:
            self._become(replace(self.state, person="", history=(), doubt="", todo="", bar=self._bar()))
            return
        group, line = found
        record = line.entry.record
        self._become(
            replace(
                self.state,
                person=f"{record.masked_name} · {record.masked_nik}",
                history=history_of(line.entry, self._desk.clock),
                doubt=phrase("status.doubtful") if line.is_doubtful else "",
                todo="" if line.is_doubtful else _todo(group, line),
                bar=self._bar(),
            )
        )

    def _row(self, group: WorkGroup, line: WorkLine) -> Row:
        record, central = line.entry.record, line.entry.central
        tag = code_tag(line.entry)
        if line.is_doubtful:
            tag = replace(tag, tone=Tone.CAUTION)
        said = Cell(tags=(tag,))
        if central is not None and known_code(central.code) is None:  # verbatim, however long; a tag would be cut
            said = Cell(central.code, phrase("status.unknown"))
        since: Words = phrase("status.silent", days=line.days)
        source: tuple[Tag, ...] = ()
        if central is not None:
            at = moment_text(self._desk.clock.local(central.observed_at))
            since = phrase("status.since", at=at, days=line.days) if line.days else at
            source = (Tag(central.source, Tone.CAUTION if central.source == TRIAL else Tone.NEUTRAL),)
        return Row(
            record.record_id,
            (
                Cell(record.masked_name, record.masked_nik, is_strong=True),
                said,
                Cell(_todo(group, line), since),
                Cell(tags=source),
            ),
        )

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _todo(group: WorkGroup, line: WorkLine) -> Words:
    if group.task is OfficeTask.WAIT_FOR_AGE and line.card_from is not None:
        return phrase("status.birthday", day=day_text(line.card_from))
    return phrase("status.doubt_todo") if line.is_doubtful else task_words(group.task)


def _group_words(group: WorkGroup) -> Words:
    if group.task is OfficeTask.WAIT_FOR_AGE:
        return phrase("central.waits_17")
    if group.task is OfficeTask.RESEND:
        return phrase("status.stuck")
    if known_code(group.code) in TO_PRINT and group.task in (OfficeTask.HAND_OVER, OfficeTask.CLOSE):
        return phrase(f"status.printed_{group.task.value}")  # we printed; the center does not know yet
    return code_words(group.code) if group.code else phrase("central.none")


def _numbers(groups: Sequence[WorkGroup]) -> tuple[Number, ...]:
    """Count the records of each group, the urgent first; what does not fit is counted together."""
    tone = [_TONES.get(group.task, code_tone(group.code) if group.code else Tone.NEUTRAL) for group in groups]
    numbers = [Number(str(group.count), _group_words(group), tone[at]) for at, group in enumerate(groups)]
    if len(numbers) <= _MOST_GROUPS:
        return tuple(numbers)
    rest = sum(group.count for group in groups[_MOST_GROUPS - 1 :])
    return (*numbers[: _MOST_GROUPS - 1], Number(str(rest), phrase("status.others")))
