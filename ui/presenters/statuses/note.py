"""A status as SIAK shows it, typed by the office: what it means and whether it looks odd is said while typing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fieldkit.domain.delivery.central_status import CentralStatus, known_code, looks_illegal, usual_next
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.status_work import TYPED_FROM_SIAK, task_of, typed_code
from fieldkit.domain.drafts import DraftName
from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.statuses.follow_statuses import TypedStatus
from ui.presenters.amounts import moment_text
from ui.presenters.commands import enter
from ui.presenters.drafted import DraftedPresenter, Drafting, Left
from ui.presenters.figures import Step
from ui.presenters.lines import FieldShown
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Choice, Stage, ViewState
from ui.presenters.readers import moment
from ui.presenters.statuses.central_messages import code_words, history_of, task_words
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave, unread

_FIELD_OF = {
    "status.no_code": "code",
    "status.code_unreadable": "code",
    "status.future": "at",
    "typed.moment": "at",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class StatusNoteState(ViewState):
    """The fields as typed so far, what the code means, and what was said before."""

    person: Message = ""
    fields: tuple[FieldShown, ...] = ()
    usual: tuple[Choice, ...] = ()  # codes that follow from the last one
    chosen: str = ""
    meaning: Message = ""
    todo: Message = ""
    doubt: Message = ""
    kept: Message = ""  # said once it is kept although it looks odd
    history: tuple[Step, ...] = ()


class StatusNotePresenter(DraftedPresenter[StatusNoteState]):
    """Takes down one status; an odd one is kept, and said to be odd before and after."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, record_id: str) -> None:
        drafting = Drafting(context, tasks, DraftName("status_note", {"record_id": record_id}))
        super().__init__(StatusNoteState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks, drafting)
        self._context, self._tasks, self._navigator, self._record_id = context, tasks, navigator, record_id
        self._entry: QueueEntry | None = None
        self._values = {"code": "", "at": "", "reason": ""}
        self._problem = Problem("")
        self._is_keeping = self._is_kept = False

    def start(self) -> None:
        """Read the record; what was typed stays when the screen comes back."""
        get = self._context.office.statuses.get
        self._tasks.run(STORE, lambda: (get(self._record_id), self._drafting.read()), self._loaded, self._failed)

    refresh = start

    def typed(self) -> Mapping[str, str]:
        """Return what was typed and is not kept."""
        return {} if self._is_kept else {name: text for name, text in self._values.items() if text}

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show these fields and nothing else."""
        self._values = {name: fields.get(name, "") for name in self._values}
        self._render()

    def type_field(self, name: str, text: str) -> None:
        """Take a keystroke."""
        if self._may and not self._is_kept:
            self._values[name], self._problem = text, Problem("")
        self._render()  # what may not be typed is taken back
        self._edited()

    def choose_code(self, code: str) -> None:
        """Take one of the codes that usually follow."""
        self.type_field("code", code)

    def accept(self) -> None:
        """Keep the status; once it is kept, go back."""
        if self._is_kept:
            self._navigator.back()
        elif self._entry is not None and self._may and not self._is_keeping:
            self._is_keeping = True
            self._accept_typed(self._keep, self._done, self._refused)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    @property
    def _may(self) -> bool:
        return self._context.user.may(Permission.TYPE_STATUS)

    def _keep(self) -> TypedStatus:
        typed = self._values
        at = moment(typed, "at", self._context.clock)
        return self._context.office.statuses.type_status(self._record_id, typed["code"], at, typed["reason"])

    def _loaded(self, found: tuple[QueueEntry, Left | None]) -> None:
        is_first = self._entry is None
        self._entry, left = found
        self._render()
        if is_first:
            self._restore(left)

    def _done(self, typed: TypedStatus) -> None:
        self._is_keeping = False
        if not typed.is_doubtful:
            self._navigator.back()
            return
        self._entry, self._is_kept = typed.entry, True
        self._render()

    def _render(self) -> None:
        entry = self._entry
        if entry is None:
            return
        code, now = typed_code(self._values["code"]), self._context.clock.now()
        is_odd = bool(code) and looks_illegal(entry.statuses, CentralStatus(code, TYPED_FROM_SIAK, now))
        is_odd = is_odd or self._is_kept
        usual = usual_next(entry.central.code if entry.central else "BIO_CAPTURED")
        known = known_code(code)
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                person=f"{entry.record.masked_name} · {entry.record.masked_nik}",
                fields=tuple(self._field(name) for name in self._values),
                usual=tuple(Choice(each.value, code_words(each.value)) for each in usual),
                chosen=known.value if known else "",
                meaning=self._meaning(code),
                todo=task_words(task_of(code, now, now)) if code else "",
                doubt=message("status.doubtful") if is_odd else "",
                kept=message("status.kept_odd") if self._is_kept else "",
                history=history_of(entry.statuses, self._context.clock),
                problem=self._problem if self._problem.code and self._problem.code not in _FIELD_OF else None,
                bar=self._bar(),
            )
        )

    def _meaning(self, code: str) -> Message:
        if not code:
            return message("status.note_hint")
        return code_words(code) if known_code(code) else message("status.unknown_code", code=code)

    def _field(self, name: str) -> FieldShown:
        problem: Message = self._problem if _FIELD_OF.get(self._problem.code) == name else ""
        now = moment_text(self._context.clock.local(self._context.clock.now()))
        hints: dict[str, Message] = {
            "code": message("status.code_hint"),
            "at": message("status.at_hint", now=now),
            "reason": message("status.reason_hint"),
        }
        refused: Message = ""  # said once, at the first field
        if name == "code":
            refused = message("status.is_kept") if self._is_kept else "" if self._may else message("status.not_yours")
        return FieldShown(name, message(f"status.{name}"), self._values[name], problem, hints[name], refused)

    def _bar(self) -> Bar:
        if self._is_kept:
            return Bar(leave(self.back), (enter(message("status.done"), self.accept),))
        refused: Message = "" if self._may else message("status.not_yours")
        return Bar(leave(self.back), (enter(message("status.keep"), self.accept, refused),))

    def _refused(self, problem: Problem) -> None:
        self._is_keeping, self._problem = False, problem
        self._render()

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem, self))
