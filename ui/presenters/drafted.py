"""A screen on which something is typed: until it is accepted it is kept as a draft and stands there again next time."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any, TypeVar

from fieldkit.domain.drafts import Draft, DraftName
from fieldkit.domain.errors import Problem
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import Action
from ui.presenters.amounts import moment_text
from ui.presenters.commands import Command, Operation
from ui.presenters.messages import Message, message
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Stage, Toast, Tone, ViewState
from ui.presenters.tasks import Tasks

T = TypeVar("T")
V = TypeVar("V", bound=ViewState)

AFTER_MS = 500  # since the last key; a write costs the flash card one fsync


@dataclass(frozen=True, slots=True)
class Left:
    """What was read of a draft: its fields, and since when they wait in words."""

    fields: Mapping[str, str]
    words: Message


class Drafting:
    """Writes what is typed on one form into the store: some time after the last key, and at once when told to."""

    def __init__(self, context: AppContext, tasks: Tasks, name: DraftName) -> None:
        self._drafts, self._clock, self._tasks, self._name = context.drafts, context.clock, tasks, name
        self._kept: Mapping[str, str] | None = {}  # as it stands in the store, None when that is not sure
        self._waiting: Mapping[str, str] | None = None
        self._is_accepting = False
        self.words: Message = ""  # since when the draft waits
        self._stop_timer: Callable[[], None] = lambda: None
        self.refused: Callable[[Problem], None] = lambda _problem: None  # told when the store takes nothing

    def read(self) -> Left | None:
        """Return what was left on the form; on the executor of the store."""
        draft: Draft | None = self._drafts.find(self._name)
        if draft is None:
            return None
        self._kept = draft.fields
        self._say_since(draft.at)
        return Left(draft.fields, self.words)

    def note(self, fields: Mapping[str, str]) -> None:
        """Take what stands on the form now; nothing of it is a form as it was."""
        if self._is_accepting:
            return
        self._stop_timer()
        self._waiting = dict(fields) if fields != self._kept else None
        if self._waiting is not None:
            self._stop_timer = self._tasks.every(AFTER_MS, self.settle)

    def settle(self) -> None:
        """Write what waits, now."""
        self._write(self._drafts.keep)

    def _write(self, keep: Callable[[DraftName, Mapping[str, str]], None]) -> None:
        self._stop_timer()
        fields, self._waiting = self._waiting, None
        if fields is not None:
            self._kept = fields
            self._say_since(self._clock.now())
            self._tasks.write(lambda: keep(self._name, fields), self._not_kept)

    def accepting(self, act: Callable[[], T], left: Mapping[str, str]) -> Callable[[], T]:
        """Return `act` for the executor of the store: once it has succeeded only what is `left` stays a draft."""
        self._write(self._drafts.hold)
        self._is_accepting = True

        def accepted() -> T:
            result = act()
            self._drafts.keep(self._name, left)
            return result

        return accepted

    def accepted(self, left: Mapping[str, str]) -> None:
        """Go on after an act that succeeded."""
        self._is_accepting, self._kept = False, left

    @property
    def is_accepting(self) -> bool:
        """Return whether an act is under way."""
        return self._is_accepting

    def not_accepted(self) -> None:
        """Go on after an act that was refused: everything typed is still a draft."""
        if self._is_accepting and self._kept:
            self._waiting = self._kept
            self.settle()
        self._is_accepting = False

    def _say_since(self, at: datetime) -> None:
        self.words = message("isian.restored", at=moment_text(self._clock.local(at)))

    def _not_kept(self, problem: Problem) -> None:
        self._kept = None
        self.refused(problem)


class DraftedPresenter(OperatingPresenter[V]):
    """Base of the screens with fields. Nothing typed is lost by Esc, by the lock or by a stop of the program."""

    def __init__(self, state: V, tasks: Tasks, drafting: Drafting) -> None:
        super().__init__(state, tasks)
        self._drafting = drafting
        self._thrown: tuple[Mapping[str, str], Message] | None = None
        drafting.refused = self._draft_refused

    def typed(self) -> Mapping[str, str]:
        """Return the fields that stand there otherwise than what is kept; none when there is nothing to accept."""
        raise NotImplementedError

    def fill(self, fields: Mapping[str, str]) -> None:
        """Show the form as it began, but for these fields; what does not fit any more is passed over."""
        raise NotImplementedError

    def settle(self) -> None:
        """Keep what was typed, at once: the field, the screen or the program is being left."""
        self._drafting.settle()

    def stop(self) -> None:
        """Keep what was typed."""
        self.settle()

    def throw_away(self) -> None:
        """Show the form as it began and forget what was left on it."""
        if not self.state.restored or self.state.stage is not Stage.CONTENT:
            return
        self._thrown = (dict(self.typed()), self.state.restored)
        self.fill({})
        self._keep_at_once()
        undo = Command("take_back", message("common.undo"), Action.THROW_AWAY, runs=self.take_back)
        toast = Toast(message("isian.thrown"), Tone.NEUTRAL, undo)
        self._become(replace(self.state, restored="", toast=toast))

    def take_back(self) -> None:
        """Bring back what was thrown away a moment ago."""
        if self._thrown is not None:
            fields, words = self._thrown
            self._thrown = None
            self.fill(fields)
            self._keep_at_once()
            self._become(replace(self.state, restored=words, toast=None))

    def _edited(self) -> None:
        """Call after each key and each choice."""
        self._thrown = None
        self._drafting.note(self.typed())

    def _keep_at_once(self) -> None:
        self._drafting.note(self.typed())
        self._drafting.settle()

    def _restore(self, left: Left | None) -> None:
        """Call when the form was read: what was left on it stands there again, and a line says so."""
        if left is None:
            return
        self.fill(left.fields)
        if self.typed():
            self._become(replace(self.state, restored=left.words))
        else:  # what is kept has caught up with it
            self._drafting.note({})

    def _keep_typed(self, operation: Operation[Any], left: Mapping[str, str] | None = None) -> None:
        """Perform an operation that accepts what was typed; once it has succeeded only what is `left` stays a draft."""
        if self._is_operating:
            return
        rest = left or {}

        def done(result: Any) -> None:
            self._drafting.accepted(rest)
            self._become(replace(self.state, restored=""))
            operation.done(result)

        self._operate(replace(operation, work=self._drafting.accepting(operation.work, rest), done=done))

    def _stopped(self, problem: Problem) -> None:
        self._drafting.not_accepted()
        super()._stopped(problem)

    def _draft_refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))
