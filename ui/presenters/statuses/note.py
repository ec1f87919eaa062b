"""A status as SIAK shows it, typed by the office: what it means and whether it looks odd is said while typing."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.delivery.central_status import CentralStatus, known_code, looks_illegal, usual_next
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.status_work import TYPED_FROM_SIAK, task_of, typed_code
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.statuses.follow_statuses import TypedStatus
from ui.presenters.amounts import moment_text
from ui.presenters.commands import enter
from ui.presenters.form import FormField
from ui.presenters.lists import Hint, History, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Choice, Tone
from ui.presenters.readers import moment
from ui.presenters.statuses.central_messages import code_words, history_of, task_words
from ui.presenters.work_form import Around, Filled, WorkForm


class StatusNote:
    """Takes down one status; an odd one is kept, and said to be odd before and after."""

    def __init__(self, context: AppContext, navigator: Navigator, record_id: str) -> None:
        self._context, self._navigator, self._record_id = context, navigator, record_id
        self._statuses = context.office.statuses
        self._read: QueueEntry | None = None
        self._usual = ""  # the usual code that is typed or chosen
        self._odd: Mapping[str, str] = {}  # what was kept although it looks odd

    def form(self) -> WorkForm:
        """Return the form; who may not type statuses only reads it."""
        return WorkForm(
            message("status.note_title"),
            self._load,
            self._keep,
            go_on=self._go_on,
            adapt=self._adapt,
            around=self._around,
            about=lambda: "",
        )

    @property
    def _entry(self) -> QueueEntry:
        assert self._read is not None
        return self._read

    def _load(self) -> tuple[FormField, ...]:
        entry = self._read = self._statuses.get(self._record_id)
        usual = usual_next(entry.central.code if entry.central else "BIO_CAPTURED")
        choices = tuple(Choice(each.value, code_words(each.value)) for each in usual)
        now = moment_text(self._context.clock.local(self._context.clock.now()))
        hints = {"code": {}, "at": {"now": now}, "reason": {}}
        code, at, reason = (
            FormField(name, message(f"status.{name}"), self._odd.get(name, ""), message(f"status.{name}_hint", **said))
            for name, said in hints.items()
        )
        offered = FormField("usual", message("status.usual"), choices=choices, is_asked=bool(choices) and not self._odd)
        return self._adapt((code, offered, at, reason))

    def _adapt(self, fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Let a usual code that is chosen be typed, and one that is typed be chosen."""
        code, usual, *others = fields
        if usual.text not in ("", self._usual):
            code = replace(code, text=usual.text, problem="")
        known = _known(code.text)
        self._usual = known if known in {choice.name for choice in usual.choices} else ""
        return (code, replace(usual, text=self._usual), *others)

    def _keep(self, values: Mapping[str, str]) -> tuple[TypedStatus, Mapping[str, str]]:
        at = moment(values, "at", self._context.clock)
        return self._statuses.type_status(self._record_id, values["code"], at, values["reason"]), values

    def _go_on(self, navigator: Navigator, kept: tuple[TypedStatus, Mapping[str, str]]) -> None:
        typed, values = kept
        if typed.is_doubtful:
            self._odd = values
        else:
            navigator.back()

    def _around(self, filled: Filled) -> Around:
        entry, clock = self._entry, self._context.clock
        code, now = typed_code(filled.texts["code"]), clock.now()
        is_odd = looks_illegal(entry.statuses, CentralStatus(code, TYPED_FROM_SIAK, now))
        refused: Message = "" if self._context.user.may(Permission.TYPE_STATUS) else message("status.not_yours")
        history = history_of(entry.statuses, clock)
        side: list[Panel] = [Hint(_meaning(code), task_words(task_of(code, now, now)) if code else "")]
        if self._odd or is_odd:
            title = message("status.kept_odd") if self._odd else message("status.doubt_tag")
            side.insert(0, Hint(title, message("status.doubtful"), Tone.CAUTION))
        if history:
            side.append(History(message("status.before"), history))
        closed = message("status.is_kept") if self._odd else refused
        return Around(
            (enter(message("common.done"), self._navigator.back),)
            if self._odd
            else (enter(message("status.keep"), filled.keep, refused),),
            tuple(side),
            (Hint(closed, tone=Tone.CAUTION),) if closed else (),
            hint=f"{entry.record.masked_name} · {entry.record.masked_nik}",
            is_open=not closed,
        )


def _known(text: str) -> str:
    known = known_code(typed_code(text))
    return known.value if known else ""


def _meaning(code: str) -> Message:
    if not code:
        return message("status.note_hint")
    return code_words(code) if known_code(code) else message("status.unknown_code", code=code)
