"""Impor sasaran: name a file, look at every row, take over what is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.nik import Nik
from fieldkit.domain.targets.columns import remapped
from fieldkit.domain.targets.sheets import Field, Layout, ReadRow, RefusedRow, Remark, TargetDraft, TargetList
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.import_targets import TargetFile
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Progress, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.printing import Printing
from ui.presenters.readers import read_file
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave

COLUMNS = (
    Column(message("impor.row"), 72),
    Column(message("impor.person"), 230),
    Column(message("impor.born"), 130),
    Column(message("impor.result"), 130),
    Column(message("impor.why")),
)
TITLE = message("impor.title")
MAPPED = tuple(field for field in Field if field not in (Field.TARGET_ID, Field.VERDICT, Field.REMARK))


@dataclass(frozen=True, slots=True, kw_only=True)
class ImportTargetsState(ViewState):
    """The file, its rows with what is wrong or doubtful first, and which column means what."""

    path: str = ""
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    mapping: tuple[tuple[Message, str], ...] = ()  # a meaning and the head of its column
    current: int = 0  # the meaning that the keys change
    title: Message = TITLE
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


class ImportTargetsPresenter(Presenter[ImportTargetsState]):
    """Nothing is kept before Enter says so a second time."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        printing: Printing,
        messages: Messages,
        activity_id: str,
    ) -> None:
        super().__init__(ImportTargetsState(nothing=Empty(message("impor.empty"), message("impor.empty_hint"))))
        self._context, self._tasks, self._navigator, self._printing = context, tasks, navigator, printing
        self._messages, self._activity_id = messages, activity_id
        self._file: TargetFile | None = None
        self._layout: Layout | None = None
        self._draft: TargetDraft | None = None
        self._lines: tuple[Line, ...] = ()
        self._text, self._selected, self._told = "", "", 0
        self._render()

    def type_path(self, path: str) -> None:
        """Note the path; another file is another list."""
        self._file = self._layout = self._draft = None
        self._lines = ()
        self._become(replace(self.state, path=path, problem=None))
        self._render()

    def search(self, text: str) -> None:
        """Show the rows whose name, number or reasons hold what was typed."""
        self._text = text.strip().lower()
        self._render()

    def select(self, number: str) -> None:
        """Tell everything about a row."""
        self._selected = number
        self._become(told(self.state, next((line for line in self._lines if str(line.number) == number), None)))

    def accept(self) -> None:
        """Read the file; when it was read, take its people over."""
        if self.state.stage is Stage.BUSY:
            return
        if self._draft is not None and self._file is not None:
            file, draft = self._file, self._draft
            self._run(
                message("impor.taking", count=len(draft.accepted)),
                lambda: self._context.office.imports.take_over(self._activity_id, file, draft),
                self._taken,
            )
        elif self.state.path.strip():
            path = self.state.path
            self._run(message("impor.reading"), lambda: self._read(path), self._seen)

    def refresh(self) -> None:
        """Read the file anew."""
        self._draft = None
        self.accept()

    def next_field(self) -> None:
        """Go to the next meaning whose column can be changed."""
        self._become(replace(self.state, current=(self.state.current + 1) % len(MAPPED)))

    def next_column(self) -> None:
        """Give the meaning another column of the file, or none after the last."""
        if self._layout is None or self._file is None:
            return
        field, file = MAPPED[self.state.current], self._file
        at = self._layout.columns.get(field, -1) + 1
        layout = remapped(self._layout, field, at if at < len(self._layout.header) else None)
        self._layout = layout
        self._run(message("impor.reading"), lambda: (file, layout, self._preview(file, layout)), self._seen)

    def save_refused(self) -> None:
        """Write the refused rows with their reasons into a file, to be corrected and imported again."""
        draft = self._draft
        if draft is None or not draft.refused:
            return

        def save() -> str:
            title = self._messages.text("impor.refused_title")
            content = self._context.office.imports.refused_file(
                title, draft.layout.header, draft.refused, self._messages
            )
            return self._printing.save("ditolak.xlsx", content)

        self._tasks.run(STORE, save, lambda where: self._tell(message("impor.saved", where=where)), self._failed)

    def back(self) -> None:
        """Leave; what was not taken over is not kept."""
        self._navigator.back()

    def _read(self, path: str) -> tuple[TargetFile, Layout, TargetDraft]:
        imports = self._context.office.imports
        file = imports.read(*read_file(path))
        layout = imports.guess(file)
        self._file, self._layout = file, layout
        return file, layout, self._preview(file, layout)

    def _preview(self, file: TargetFile, layout: Layout) -> TargetDraft:
        return self._context.office.imports.preview(self._activity_id, file, layout)

    def _seen(self, read: tuple[TargetFile, Layout, TargetDraft]) -> None:
        self._file, self._layout, self._draft = read
        draft = self._draft
        lines = [
            *(_refused(row, draft.layout) for row in draft.refused),
            *sorted(map(_accepted, draft.accepted), key=lambda line: not line.remarks),
        ]
        self._lines = tuple(lines)
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, problem=None))
        self._render()

    def _taken(self, taken: TargetList) -> None:
        self._tell(message("impor.taken", count=taken.accepted, refused=len(taken.refused)))
        self._navigator.back()

    def _tell(self, words: Message) -> None:
        self._told += 1
        self._become(replace(self.state, toast=Toast(words, Tone.GOOD, serial=self._told)))

    def _run(self, words: Message, func: Callable[[], object], done: Callable[..., None]) -> None:
        self._become(replace(self.state, stage=Stage.BUSY, progress=Progress(words), problem=None))
        self._tasks.run(STORE, func, done, self._failed)

    def _failed(self, problem: Problem) -> None:
        self._draft = None
        self._lines = ()
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, problem=problem))
        self._render()

    def _render(self) -> None:
        shown = [line for line in self._lines if self._text in line.text] if self._text else list(self._lines)
        draft = self._draft
        tags: tuple[Tag, ...] = ()
        nothing = Empty(message("impor.empty"), message("impor.empty_hint"))
        if draft is not None:
            doubtful = sum(bool(row.warnings) for row in draft.accepted)
            tags = (
                Tag(message("impor.accepted", count=len(draft.accepted)), Tone.GOOD),
                *((Tag(message("impor.doubtful", count=doubtful), Tone.CAUTION),) if doubtful else ()),
                *((Tag(message("impor.refused", count=len(draft.refused)), Tone.BAD),) if draft.refused else ()),
                *((Tag(message("impor.skipped", count=len(draft.skipped)), Tone.NEUTRAL),) if draft.skipped else ()),
            )
            nothing = Empty(message("impor.not_found", text=self._text), message("sasaran.not_found_hint"))
        layout = self._layout
        self._become(
            replace(
                self.state,
                rows=Rows(len(shown), len(self._lines), lambda at: row_of(shown[at])),
                tags=tags,
                nothing=nothing,
                mapping=tuple((message(f"impor.field_{field.value}"), _head(layout, field)) for field in MAPPED)
                if layout is not None
                else (),
                bar=self._bar(),
            )
        )
        if all(str(line.number) != self._selected for line in shown):
            self.select(str(shown[0].number) if shown else "")

    def _bar(self) -> Bar:
        draft = self._draft
        if draft is None:
            refused: Message = "" if self.state.path.strip() else message("impor.no_path")
            read = Command("accept", message("impor.read"), Action.ACCEPT, Weight.PRIMARY, refused, runs=self.accept)
            columns = self._mapping_actions() if self._layout is not None else ()
            return Bar(leave(self.back), (*columns, read))
        save = Command(
            "save_refused",
            message("impor.save_refused"),
            Action.ISSUE,
            refused="" if draft.refused else message("impor.none_refused"),
            runs=self.save_refused,
        )
        none: Message = "" if draft.accepted else message("impor.none_accepted")
        take = Command(
            "accept",
            message("impor.take", count=len(draft.accepted)),
            Action.ACCEPT,
            Weight.PRIMARY,
            none,
            runs=self.accept,
        )
        return Bar(leave(self.back), (*self._mapping_actions(), save, take))

    def _mapping_actions(self) -> tuple[Command, ...]:
        return (
            Command("next_field", message("impor.next_field"), Action.GROUP, Weight.PLAIN, runs=self.next_field),
            Command("next_column", message("impor.next_column"), Action.FILTER, Weight.PLAIN, runs=self.next_column),
        )


def _head(layout: Layout, field: Field) -> str:
    at = layout.columns.get(field)
    return layout.header[at].replace("\n", " ") if at is not None else ""


def _refused(row: RefusedRow, layout: Layout) -> Line:
    at = layout.columns.get(Field.NAME, -1)
    name = row.cells[at] if 0 <= at < len(row.cells) else ""
    tag = Tag(message("impor.is_refused"), Tone.BAD)
    return Line(row.number, name, "", "", tag, row.reasons, f"{row.number} {' '.join(row.cells)}".lower())


def _masked(value: str) -> str:
    """Return a value as bystanders may see it: nobody's whole NIK."""
    return Nik(value).masked if len(value) == 16 and value.isdigit() else value


def _accepted(row: ReadRow) -> Line:
    who = row.biodata
    tag = Tag(message("impor.is_doubtful"), Tone.CAUTION) if row.warnings else Tag(message("impor.is_good"), Tone.GOOD)
    born = day_text(who.birth_date)
    return Line(
        row.number,
        who.name,
        who.nik.masked,
        born,
        tag,
        row.warnings,
        f"{row.number} {who.name} {who.nik.digits}".lower(),
    )


def told(state: ImportTargetsState, line: Line | None) -> ImportTargetsState:
    """Return the state with all that is wrong or doubtful about a row."""
    remarks = line.remarks if line is not None else ()
    about = message("impor.about", row=line.number, name=line.name) if line is not None and remarks else ""
    reasons = tuple((message(remark.code), _place(remark)) for remark in remarks)
    return replace(state, about=about, reasons=reasons)


def _place(remark: Remark) -> Message:
    value = _masked(remark.value)
    return message("impor.in_column", column=remark.column, value=value) if remark.column else value


def row_of(line: Line) -> Row:
    """Return the row of the table; of several reasons the first."""
    why = Cell()
    if line.remarks:
        first = line.remarks[0]
        more = message("impor.more", count=len(line.remarks) - 1) if len(line.remarks) > 1 else ""
        why = Cell(message(first.code), more or _place(first))
    return Row(
        str(line.number),
        (
            Cell(str(line.number)),
            Cell(line.name, line.detail, is_strong=True),
            Cell(line.born),
            Cell(tags=(line.tag,)),
            why,
        ),
    )
