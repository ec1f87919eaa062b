"""A file with a row for each target: name it, look at every row, take over what is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.nik import Nik
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.targets.sheets import RefusedRow, Remark
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Operation, enter
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Tone, ViewState
from ui.presenters.tasks import Tasks

COLUMNS = (
    Column(message("common.row"), 72),
    Column(message("common.person"), 230),
    Column(message("common.born"), 130),
    Column(message("common.result"), 130),
    Column(message("common.reason")),
)

PATH = message("impor.path")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRowsState(ViewState):
    """The file, its rows with what is wrong or doubtful first, and which column means what."""

    path: str = ""
    asks: Message = PATH
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    mapping: tuple[tuple[Message, str], ...] = ()  # a meaning and the head of its column
    current: int = 0  # the meaning that the keys change
    title: Message = ""
    about: Message = ""  # the row under the cursor, when something is to be said of it
    reasons: tuple[tuple[Message, Message], ...] = ()  # everything about it: what, and where it stands


@dataclass(frozen=True, slots=True)
class Line:
    """A row of the file as the table shows it; `text` is what a search finds."""

    number: int
    name: str
    detail: str
    born: str
    tag: Tag
    remarks: tuple[Remark, ...]
    text: str


class FileRowsPresenter(OperatingPresenter[FileRowsState]):
    """Enter reads the file; nothing is kept before Enter says so a second time."""

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str, title: Message, nothing: Empty
    ) -> None:
        super().__init__(FileRowsState(title=title, nothing=nothing), tasks)
        self._context, self._navigator, self._activity_id = context, navigator, activity_id
        self._lines: tuple[Line, ...] = ()
        self._text, self._selected = "", ""
        self._render()

    def type_path(self, path: str) -> None:
        """Note the path; another file has other rows."""
        self._forget()
        self._become(replace(self.state, path=path, problem=None))
        self._render()

    def search(self, text: str) -> None:
        """Show the rows whose name, number or reasons hold what was typed."""
        self._text = text.strip().lower()
        self._render()

    def select(self, number: str) -> None:
        """Tell everything that is wrong or doubtful about a row."""
        self._selected = number
        line = next((line for line in self._lines if str(line.number) == number and line.remarks), None)
        about = message("impor.about", row=line.number, name=line.name) if line is not None else ""
        reasons = tuple((message(remark.code), _place(remark)) for remark in line.remarks) if line is not None else ()
        self._become(replace(self.state, about=about, reasons=reasons))

    def accept(self) -> None:
        """Read the file; when it was read, take over what is right."""
        if self.state.stage is not Stage.BUSY and not self._take() and self.state.path.strip():
            self._read(self.state.path)

    def refresh(self) -> None:
        """Read the file anew."""
        self._forget()
        self.accept()

    def _forget(self) -> None:
        """Drop what was read of the file."""
        self._lines = ()

    def _read(self, path: str) -> None:
        raise NotImplementedError

    def _take(self) -> bool:
        """Take over what was read; False when nothing was."""
        raise NotImplementedError

    def _tags(self) -> tuple[Tag, ...]:
        raise NotImplementedError

    def _bar(self) -> Bar:
        raise NotImplementedError

    def _run(self, words: Message, func: Callable[[], object], done: Callable[..., None]) -> None:
        self._operate(Operation(work=func, done=done, busy=words))

    def _show_lines(self, lines: tuple[Line, ...]) -> None:
        """Show the rows that were read."""
        self._lines = lines
        self._render()

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        self._render()

    def _render(self) -> None:
        shown = [line for line in self._lines if self._text in line.text]
        rows = Rows(len(shown), len(self._lines), lambda at: _row(shown[at]))
        self._become(replace(self.state, rows=rows, tags=self._tags(), bar=self._bar()))
        if all(str(line.number) != self._selected for line in shown):
            self.select(str(shown[0].number) if shown else "")

    def _read_command(self) -> Command:
        return enter(
            message("common.read_the_file"), self.accept, "" if self.state.path.strip() else message("impor.no_path")
        )


def refused_line(row: RefusedRow, name: str | None = None) -> Line:
    """Return a row that cannot be taken over, with its reasons; without a name by its first cell of letters."""
    if name is None:
        name = next((cell for cell in row.cells if cell and not any(map(str.isdigit, cell))), "")
    tag = Tag(message("common.refused"), Tone.BAD)
    return Line(row.number, name, "", "", tag, row.reasons, f"{row.number} {' '.join(row.cells)}".lower())


def line_of(number: int, who: Biodata, tag: Tag, remarks: tuple[Remark, ...] = ()) -> Line:
    """Return a row about a person."""
    text = f"{number} {who.name} {who.nik.digits}".lower()
    return Line(number, who.name, who.nik.masked, day_text(who.birth_date), tag, remarks, text)


def _place(remark: Remark) -> Message:
    """Return where a remark stands, its value as bystanders may see it: nobody's whole NIK."""
    value = remark.value
    value = Nik(value).masked if len(value) == 16 and value.isdigit() else value
    return message("impor.in_column", column=remark.column, value=value) if remark.column else value


def _row(line: Line) -> Row:
    """Return the row of the table; of several reasons the first."""
    why = Cell()
    if line.remarks:
        first, *others = line.remarks
        why = Cell(message(first.code), message("impor.more", count=len(others)) if others else _place(first))
    who = Cell(line.name, line.detail, is_strong=True)
    return Row(str(line.number), (Cell(str(line.number)), who, Cell(line.born), Cell(tags=(line.tag,)), why))
