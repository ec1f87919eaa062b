"""Impor sasaran: name a file, look at every row, take over what is right."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.nik import Nik
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.targets.columns import remapped
from fieldkit.domain.targets.sheets import Field, Layout, ReadRow, RefusedRow, Remark, TargetDraft, TargetList
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.import_targets import TargetFile
from ui.presenters.amounts import day_text
from ui.presenters.figures import NO_ROWS, Column, FigureCell, Row, Rows
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Toast, Tone, ViewState, leave
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, Weight, enter, message
from ui.presenters.printing import Printing
from ui.presenters.readers import read_file
from ui.presenters.tasks import Tasks

# A file with a row for each target: name it, look at every row, take over what is right.

COLUMNS = (
    Column(message("common.row"), 72),
    Column(message("common.person"), 230),
    Column(message("common.born"), 130),
    Column(message("common.result"), 130),
    Column(message("common.reason")),
)

PATH, PATH_HINT = message("impor.path"), message("impor.path_hint")


@dataclass(frozen=True, slots=True, kw_only=True)
class FileRowsState(ViewState):
    """The file, its rows with what is wrong or doubtful first, and which column means what."""

    path: str = ""
    asks: Message = PATH
    asks_hint: Message = PATH_HINT
    columns: tuple[Column, ...] = COLUMNS
    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    mapping: tuple[tuple[Message, str], ...] = ()  # a meaning and the head of its column, then what is counted
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
    fact: Message  # what the third column says: a day of birth, a status
    tag: Tag
    remarks: tuple[Remark, ...]
    text: str


class FileRowsPresenter(OperatingPresenter[FileRowsState]):
    """Enter reads the file; nothing is kept before Enter says so a second time.

    Where columns can be given another meaning, `_mapped` are the meanings and `_relaid` is called after each change.
    """

    _mapped: tuple[Field, ...] = ()

    def __init__(
        self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str, title: Message, nothing: Empty
    ) -> None:
        super().__init__(FileRowsState(title=title, nothing=nothing), tasks)
        self._context, self._navigator, self._activity_id = context, navigator, activity_id
        self._lines: tuple[Line, ...] = ()
        self._layout: Layout | None = None
        self._text, self._selected = "", ""
        self._render()

    def next_field(self) -> None:
        """Go to the next meaning whose column can be changed."""
        self._become(replace(self.state, current=(self.state.current + 1) % len(self._mapped)))

    def next_column(self) -> None:
        """Give the meaning another column of the file, or none after the last."""
        if self._layout is None:
            return
        field = self._mapped[self.state.current]
        self._layout = remapped(self._layout, field, self._column_after(self._layout, field))
        self._relaid(self._layout)

    def _column_after(self, layout: Layout, field: Field) -> int | None:
        at = layout.columns.get(field, -1) + 1
        return at if at < len(layout.header) else None

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
        self._lines, self._layout = (), None

    def _relaid(self, layout: Layout) -> None:
        """Read the file by these columns."""
        raise NotImplementedError

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
        layout, mapped = self._layout, self._mapped
        heads = ((message(f"impor.field_{field.value}"), _head(layout, field)) for field in mapped) if layout else ()
        mapping = (*heads, *self._counts())
        self._become(replace(self.state, rows=rows, mapping=mapping, tags=self._tags(), bar=self._bar()))
        if all(str(line.number) != self._selected for line in shown):
            self.select(str(shown[0].number) if shown else "")

    def _counts(self) -> tuple[tuple[Message, str], ...]:
        """Return what is counted of the rows, below the columns: what, and how many."""
        return ()

    def _column_commands(self) -> tuple[Command, ...]:
        """Return what gives columns another meaning, once a file was read."""
        words = (message("impor.next_field"), message("impor.next_column"))
        columns = (
            Command("next_field", words[0], Action.GROUP, Weight.PLAIN, runs=self.next_field),
            Command("next_column", words[1], Action.FILTER, Weight.PLAIN, runs=self.next_column),
        )
        return columns if self._layout is not None else ()

    def _unsure(self) -> str:
        """Return the heads of the columns that a person has to give a meaning."""
        layout = self._layout
        return ", ".join(_words(layout, at) for at in layout.unsure) if layout is not None else ""

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
    why = FigureCell()
    if line.remarks:
        first, *others = line.remarks
        why = FigureCell(message(first.code), message("impor.more", count=len(others)) if others else _place(first))
    who, number = FigureCell(line.name, line.detail, is_strong=True), str(line.number) if line.number > 0 else ""
    told = FigureCell(tags=(line.tag,))
    return Row(str(line.number), (FigureCell(number), who, FigureCell(line.fact), told, why))


MAPPED = tuple(field for field in Field if field not in (Field.TARGET_ID, Field.VERDICT, Field.STATUS, Field.REMARK))
_EMPTY = Empty.of("impor.empty")


class ImportTargetsPresenter(FileRowsPresenter):
    """Which column means what can be changed before anything is taken over."""

    _mapped = MAPPED

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        printing: Printing,
        messages: Messages,
        activity_id: str,
    ) -> None:
        self._printing, self._messages = printing, messages
        self._file: TargetFile | None = None
        self._draft: TargetDraft | None = None
        super().__init__(context, tasks, navigator, activity_id, message("impor.title"), _EMPTY)

    def save_refused(self) -> None:
        """Write the refused rows with their reasons into a file, to be corrected and imported again."""
        draft = self._draft
        if draft is None or not draft.refused:
            return

        def save() -> str:
            title, refused_file = self._messages.text("common.refused"), self._context.office.imports.refused_file
            content = refused_file(title, draft.layout.header, draft.refused, self._messages)
            return self._printing.save("ditolak.xlsx", content)

        self._operate(Operation(work=save, told=lambda where: message("impor.saved", where=where)))

    def _forget(self) -> None:
        super()._forget()
        self._file = self._draft = None

    def _relaid(self, layout: Layout) -> None:
        file = self._file
        assert file is not None
        self._run(message("impor.reading"), lambda: (file, layout, self._preview(file, layout)), self._seen)

    def _read(self, path: str) -> None:
        self._run(message("impor.reading"), lambda: self._guess(path), self._seen)

    def _guess(self, path: str) -> tuple[TargetFile, Layout, TargetDraft]:
        imports = self._context.office.imports
        file = imports.read(*read_file(path))
        layout = imports.guess(file)
        self._file, self._layout = file, layout  # where the preview fails the columns can be set by hand
        return file, layout, self._preview(file, layout)

    def _preview(self, file: TargetFile, layout: Layout) -> TargetDraft:
        return self._context.office.imports.preview(self._activity_id, file, layout)

    def _seen(self, read: tuple[TargetFile, Layout, TargetDraft]) -> None:
        self._file, self._layout, self._draft = read
        refused = (_refused(row, self._draft.layout) for row in self._draft.refused)
        self._show_lines((*refused, *sorted(map(_accepted, self._draft.accepted), key=lambda line: not line.remarks)))

    def _take(self) -> bool:
        if self._draft is None:
            return False
        assert self._file is not None
        file, draft, imports = self._file, self._draft, self._context.office.imports
        words = message("impor.taking", count=len(draft.accepted))
        self._run(words, lambda: imports.take_over(self._activity_id, file, draft), self._taken)
        return True

    def _taken(self, taken: TargetList) -> None:
        self._tell(message("impor.taken", count=taken.accepted, refused=len(taken.refused)))
        self._navigator.back()

    def _tell(self, words: Message) -> None:
        self._become(replace(self.state, toast=Toast(words)))

    def _stopped(self, problem: Problem) -> None:
        self._draft, self._lines = None, ()
        super()._stopped(problem)

    def _render(self) -> None:
        nothing = _EMPTY
        if self._draft is not None:
            nothing = Empty(message("impor.not_found", text=self._text), message("sasaran.not_found_hint"))
        self._become(replace(self.state, nothing=nothing))
        super()._render()

    def _tags(self) -> tuple[Tag, ...]:
        draft = self._draft
        if draft is None:
            return ()
        doubtful = sum(bool(row.warnings) for row in draft.accepted)
        unsure = self._unsure()
        counts = (
            (message("impor.accepted", count=len(draft.accepted)), Tone.GOOD if draft.accepted else Tone.NEUTRAL, True),
            (message("common.to_look_at", count=doubtful), Tone.CAUTION, doubtful),
            (message("impor.refused", count=len(draft.refused)), Tone.BAD, draft.refused),
            (message("impor.skipped", count=len(draft.skipped)), Tone.NEUTRAL, draft.skipped),
            (message("impor.unsure", columns=unsure), Tone.CAUTION, unsure),
        )
        return tuple(Tag(words, tone) for words, tone, is_told in counts if is_told)

    def _bar(self) -> Bar:
        draft = self._draft
        if draft is None:
            return Bar(leave(self.back), (*self._column_commands(), self._read_command()))
        no_refused: Message = "" if draft.refused else message("impor.none_refused")
        words, none = message("impor.save_refused"), "" if draft.accepted else message("impor.none_accepted")
        save = Command("save_refused", words, Action.ISSUE, refused=no_refused, runs=self.save_refused)
        take = enter(message("impor.take", count=len(draft.accepted)), self.accept, none)
        return Bar(leave(self.back), (*self._column_commands(), save, take))


def _head(layout: Layout, field: Field) -> str:
    at = layout.columns.get(field)
    return _words(layout, at) if at is not None else ""


def _words(layout: Layout, at: int) -> str:
    return layout.header[at].replace("\n", " ")


def _refused(row: RefusedRow, layout: Layout) -> Line:
    at = layout.columns.get(Field.NAME, -1)
    return refused_line(row, row.cells[at] if 0 <= at < len(row.cells) else "")


def _accepted(row: ReadRow) -> Line:
    tag = Tag(message("impor.is_doubtful"), Tone.CAUTION) if row.warnings else Tag(message("common.good"), Tone.GOOD)
    return line_of(row.number, row.biodata, tag, row.warnings)
