"""What the subject must hear before anything is recorded (UU 27/2022), and the way out when the answer is no."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import partial
from typing import Any

from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.recording.session_events import EndReason
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Held, Operation, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Choice, Stage, ViewState
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave

POINTS = ("what", "why", "who", "how_long", "rights", "free")
# A broken device is found out later, while recording.
REASONS = tuple(reason for reason in EndReason if reason is not EndReason.DEVICE_BROKEN)


@dataclass(frozen=True, slots=True, kw_only=True)
class NoticeState(ViewState):
    """The points in big type, who listens along, and the reasons once somebody declines."""

    name: str = ""
    points: tuple[tuple[Message, Message], ...] = ()  # head, sentence
    companion: str = ""
    reasons: tuple[Choice, ...] = ()
    reason: str = ""


class NoticePresenter(OperatingPresenter[NoticeState]):
    """Notes that the notice was given, or why there will be no record."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, session_id: str) -> None:
        super().__init__(NoticeState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._session_id = context, navigator, session_id

    def start(self) -> None:
        """Show the notice for the person of this session."""
        self._tasks.run(STORE, self._load, self._loaded, self._failed)

    def _load(self) -> Biodata:
        session = self._context.recording.find(self._session_id)
        return self._context.visits.target(session.target_id).biodata

    def _loaded(self, who: Biodata) -> None:
        where = f"{who.masked_name} · {who.nik.masked}"
        points = tuple((message(f"notice.{point}"), message(f"notice.{point}_text")) for point in POINTS)
        self._show_with(stage=Stage.CONTENT, name=who.name, where=where, points=points)

    def type_companion(self, name: str) -> None:
        """Take the name of the guardian or companion as typed."""
        self._become(replace(self.state, companion=name))

    def told(self, language: str) -> None:
        """Go on: the notice was given in this language."""
        give, session_id, companion = (
            self._context.recording.give_notice,
            self._session_id,
            self.state.companion.strip(),
        )
        on = partial(self._navigator.replace, "recording", session_id=session_id)
        self._operate(Operation(work=lambda: give(session_id, language, companion), done=lambda _: on()))

    def decline(self) -> None:
        """Ask why there will be no record."""
        self._show_with(reasons=Choice.each(REASONS, "end_reason."), reason="")

    def choose_reason(self, name: str) -> None:
        """Choose why."""
        self._show_with(reason=name)

    def _note_refusal(self) -> None:
        refuse, reason = self._context.recording.refuse, EndReason(self.state.reason)
        self._operate(Operation(work=lambda: refuse(self._session_id, reason), done=lambda _: self._navigator.back()))

    def back(self) -> None:
        """Close the reasons, else leave; the session stays open for later."""
        if self.state.reasons:
            self._show_with(reasons=(), reason="", problem=None)
        else:
            self._navigator.back()

    def _show_with(self, **changes: Any) -> None:
        """Show what changed, and the bar that goes with it."""
        state = replace(self.state, **changes)
        if state.reasons:
            refused = "" if state.reason else message("notice.reason_first")
            actions: tuple[Command, ...] = (enter(message("notice.note_refusal"), self._note_refusal, refused),)
        else:
            decline = Command("decline", message("notice.decline"), Action.EXCEPTION, runs=self.decline)
            actions = (decline, enter(message("notice.accept"), Held(self.told)))
        self._become(replace(state, bar=Bar(leave(self.back), actions)))
