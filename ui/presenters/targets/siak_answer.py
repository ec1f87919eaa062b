"""Jawaban SIAK: name the file, look at what fits our targets and what does not, take over what fits."""

from __future__ import annotations

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.targets.verify_targets import Answered, SiakAnswer
from ui.presenters.commands import enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Empty, Tag, Tone
from ui.presenters.readers import read_file
from ui.presenters.targets.file_rows import FileRowsPresenter, Line, line_of, refused_line
from ui.presenters.tasks import Tasks
from ui.presenters.ways_out import leave


class SiakAnswerPresenter(FileRowsPresenter):
    """Refused rows stand first, each with its reason."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        self._answer: SiakAnswer | None = None
        title = message("cek.answer_title")
        super().__init__(context, tasks, navigator, activity_id, title, Empty(title, message("cek.answer_hint")))

    def _forget(self) -> None:
        super()._forget()
        self._answer = None

    def _read(self, path: str) -> None:
        read = self._context.office.verification.read_answer
        self._run(message("impor.reading"), lambda: read(self._activity_id, *read_file(path)), self._seen)

    def _seen(self, answer: SiakAnswer) -> None:
        self._answer = answer
        self._show_lines((*map(refused_line, answer.refused), *map(_answered, answer.rows)))

    def _take(self) -> bool:
        if (answer := self._answer) is None:
            return False
        take = self._context.office.verification.take_answer
        done = self._navigator.back
        self._run(message("impor.reading"), lambda: take(self._activity_id, answer), lambda _kept: done())
        return True

    def _tags(self) -> tuple[Tag, ...]:
        if self._answer is None:
            return ()
        refused = len(self._answer.refused)
        fits = Tag(message("impor.accepted", count=len(self._answer.rows)), Tone.GOOD)
        return (fits, Tag(message("impor.refused", count=refused), Tone.BAD)) if refused else (fits,)

    def _bar(self) -> Bar:
        if self._answer is None:
            return Bar(leave(self.back), (self._read_command(),))
        none: Message = "" if self._answer.rows else message("impor.none_accepted")
        return Bar(leave(self.back), (enter(message("cek.take_answer"), self.accept, none),))


def _answered(row: Answered) -> Line:
    return line_of(row.number, row.target.biodata, Tag(message(f"verdict_siak.{row.verdict.value}"), Tone.SOFT))
