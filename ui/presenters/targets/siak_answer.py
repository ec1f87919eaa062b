"""Jawaban SIAK: name the file, look at what fits our targets and what does not, take over what fits."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.targets.sheets import RefusedRow
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.verify_targets import Answered, SiakAnswer
from ui.presenters.actions import Action
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Rows
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Empty, Progress, Stage, Tag, Tone
from ui.presenters.presenter import Presenter
from ui.presenters.readers import read_file
from ui.presenters.targets.import_targets import ImportTargetsState, Line, row_of, told
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave


class SiakAnswerPresenter(Presenter[ImportTargetsState]):
    """Nothing is kept before Enter says so a second time; refused rows stand first, each with its reason."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        nothing = Empty(message("cek.answer_title"), message("cek.answer_hint"))
        super().__init__(ImportTargetsState(title=message("cek.answer_title"), nothing=nothing))
        self._context, self._tasks, self._navigator, self._activity_id = context, tasks, navigator, activity_id
        self._answer: SiakAnswer | None = None
        self._lines: tuple[Line, ...] = ()
        self._text, self._selected = "", ""
        self._render()

    def type_path(self, path: str) -> None:
        """Note the path; another file is another answer."""
        self._answer, self._lines = None, ()
        self._become(replace(self.state, path=path, problem=None))
        self._render()

    def search(self, text: str) -> None:
        """Show the rows whose name or number holds what was typed."""
        self._text = text.strip().lower()
        self._render()

    def select(self, number: str) -> None:
        """Tell everything about a row."""
        self._selected = number
        self._become(told(self.state, next((line for line in self._lines if str(line.number) == number), None)))

    def accept(self) -> None:
        """Read the file; when it was read, keep its verdicts and go back."""
        verification, of, path = self._context.office.verification, self._activity_id, self.state.path
        if self.state.stage is Stage.BUSY:
            return
        if (answer := self._answer) is not None:
            self._run(lambda: verification.take_answer(of, answer), lambda _kept: self._navigator.back())
        elif path.strip():
            self._run(lambda: verification.read_answer(of, *read_file(path)), self._seen)

    def refresh(self) -> None:
        """Read the file anew."""
        self._answer = None
        self.accept()

    def back(self) -> None:
        """Leave; what was not taken over is not kept."""
        self._navigator.back()

    def _run(self, func: Callable[[], object], done: Callable[..., None]) -> None:
        self._become(replace(self.state, stage=Stage.BUSY, progress=Progress(message("impor.reading")), problem=None))
        self._tasks.run(STORE, func, done, self._failed)

    def _seen(self, answer: SiakAnswer) -> None:
        self._answer = answer
        self._lines = (*map(_refused, answer.refused), *map(_answered, answer.rows))
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None))
        self._render()

    def _failed(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.CONTENT, progress=None, problem=problem))

    def _render(self) -> None:
        shown = [line for line in self._lines if self._text in line.text]
        answer, tags = self._answer, []
        if answer is not None:
            tags.append(Tag(message("impor.accepted", count=len(answer.rows)), Tone.GOOD))
            if answer.refused:
                tags.append(Tag(message("impor.refused", count=len(answer.refused)), Tone.BAD))
        rows = Rows(len(shown), len(self._lines), lambda at: row_of(shown[at])) if shown else NO_ROWS
        self._become(replace(self.state, rows=rows, tags=tuple(tags), bar=self._bar()))
        if all(str(line.number) != self._selected for line in shown):
            self.select(str(shown[0].number) if shown else "")

    def _bar(self) -> Bar:
        if self._answer is None:
            missing: Message = "" if self.state.path.strip() else message("impor.no_path")
            return Bar(
                leave(self.back),
                (Command("accept", message("impor.read"), Action.ACCEPT, Weight.PRIMARY, missing, runs=self.accept),),
            )
        none: Message = "" if self._answer.rows else message("impor.none_accepted")
        return Bar(
            leave(self.back),
            (Command("accept", message("cek.take_answer"), Action.ACCEPT, Weight.PRIMARY, none, runs=self.accept),),
        )


def _refused(row: RefusedRow) -> Line:
    name = next((cell for cell in row.cells if cell and not any(map(str.isdigit, cell))), "")
    tag = Tag(message("impor.is_refused"), Tone.BAD)
    return Line(row.number, name, "", "", tag, row.reasons, f"{row.number} {' '.join(row.cells)}".lower())


def _answered(row: Answered) -> Line:
    who = row.target.biodata
    tag = Tag(message(f"verdict_siak.{row.verdict.value}"), Tone.SOFT)
    text = f"{row.number} {who.name} {who.nik.digits}".lower()
    return Line(row.number, who.name, who.nik.masked, day_text(who.birth_date), tag, (), text)
