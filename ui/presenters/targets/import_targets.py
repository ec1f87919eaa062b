"""Impor sasaran: name a file, look at every row, take over what is right."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.targets.columns import remapped
from fieldkit.domain.targets.sheets import Field, Layout, ReadRow, RefusedRow, TargetDraft, TargetList
from fieldkit.ports.messages import Messages
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.import_targets import TargetFile
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Operation, Weight, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Empty, Tag, Toast, Tone
from ui.presenters.printing import Printing
from ui.presenters.readers import read_file
from ui.presenters.targets.file_rows import FileRowsPresenter, Line, line_of, refused_line
from ui.presenters.tasks import Tasks
from ui.presenters.ways_out import leave

MAPPED = tuple(field for field in Field if field not in (Field.TARGET_ID, Field.VERDICT, Field.REMARK))
_EMPTY = Empty.of("impor.empty")


class ImportTargetsPresenter(FileRowsPresenter):
    """Which column means what can be changed before anything is taken over."""

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
        self._layout: Layout | None = None
        self._draft: TargetDraft | None = None
        super().__init__(context, tasks, navigator, activity_id, message("impor.title"), _EMPTY)

    def next_field(self) -> None:
        """Go to the next meaning whose column can be changed."""
        self._become(replace(self.state, current=(self.state.current + 1) % len(MAPPED)))

    def next_column(self) -> None:
        """Give the meaning another column of the file, or none after the last."""
        if self._layout is None:
            return
        assert self._file is not None
        field, file = MAPPED[self.state.current], self._file
        at = self._layout.columns.get(field, -1) + 1
        layout = self._layout = remapped(self._layout, field, at if at < len(self._layout.header) else None)
        self._run(message("impor.reading"), lambda: (file, layout, self._preview(file, layout)), self._seen)

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
        self._file = self._layout = self._draft = None

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
        layout, nothing = self._layout, _EMPTY
        if self._draft is not None:
            nothing = Empty(message("impor.not_found", text=self._text), message("sasaran.not_found_hint"))
        mapping = ((message(f"impor.field_{field.value}"), _head(layout, field)) for field in MAPPED) if layout else ()
        self._become(replace(self.state, nothing=nothing, mapping=tuple(mapping)))
        super()._render()

    def _tags(self) -> tuple[Tag, ...]:
        draft = self._draft
        if draft is None:
            return ()
        doubtful = sum(bool(row.warnings) for row in draft.accepted)
        unsure = ", ".join(_words(draft.layout, at) for at in draft.layout.unsure)
        counts = (
            (message("impor.accepted", count=len(draft.accepted)), Tone.GOOD, True),
            (message("common.to_look_at", count=doubtful), Tone.CAUTION, doubtful),
            (message("impor.refused", count=len(draft.refused)), Tone.BAD, draft.refused),
            (message("impor.skipped", count=len(draft.skipped)), Tone.NEUTRAL, draft.skipped),
            (message("impor.unsure", columns=unsure), Tone.CAUTION, unsure),
        )
        return tuple(Tag(words, tone) for words, tone, is_told in counts if is_told)

    def _bar(self) -> Bar:
        draft = self._draft
        columns = (
            Command("next_field", message("impor.next_field"), Action.GROUP, Weight.PLAIN, runs=self.next_field),
            Command("next_column", message("impor.next_column"), Action.FILTER, Weight.PLAIN, runs=self.next_column),
        )
        if draft is None:
            return Bar(leave(self.back), (*(columns if self._layout is not None else ()), self._read_command()))
        no_refused: Message = "" if draft.refused else message("impor.none_refused")
        words, none = message("impor.save_refused"), "" if draft.accepted else message("impor.none_accepted")
        save = Command("save_refused", words, Action.ISSUE, refused=no_refused, runs=self.save_refused)
        take = enter(message("impor.take", count=len(draft.accepted)), self.accept, none)
        return Bar(leave(self.back), (*columns, save, take))


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
