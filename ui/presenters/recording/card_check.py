"""The card that a resident brings along, read before anybody is recorded a second time."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.planning.outreach import Target
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.recording.check_card import CardMoment, CardSeen
from ui.presenters.actions import Action
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Stage, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import STORE, Tasks, device_executor

_EXECUTOR = device_executor("cards")


@dataclass(frozen=True, slots=True)
class CardShown:
    """What is told of the card; `photo` is a JPEG or None."""

    title: Message
    hint: Message
    tone: Tone
    photo: bytes | None = None


_WAITING = CardShown(message("kartu.waiting"), message("kartu.waiting_hint"), Tone.SOFT)
_OTHER = CardShown(message("kartu.other"), message("kartu.other_hint"), Tone.SOFT)


@dataclass(frozen=True, slots=True, kw_only=True)
class CardCheckState(ViewState):
    """Whose card it should be, and what it told."""

    title: Message = ""
    card: CardShown | None = None


class CardCheckPresenter(Presenter[CardCheckState]):
    """Waits for one card at a time as long as the screen stands in front."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, target_id: str) -> None:
        back = Command("back", message("act.back"), Action.BACK, Weight.PLAIN, runs=navigator.back)
        self._again = Command("again", message("act.card"), Action.CARD, runs=self.begin)
        super().__init__(CardCheckState(stage=Stage.LOADING, bar=Bar(back, (self._again,))))
        self._context, self._tasks, self._target_id = context, tasks, target_id
        self._task = CancellableTask(tasks)

    def start(self) -> None:
        """Read whose card it should be and wait for it."""
        if not self.state.title:
            self._tasks.run(STORE, lambda: self._context.visits.target(self._target_id), self._named, self._unread)

    def begin(self) -> None:
        """Wait for a card; the one before is forgotten."""
        self._become(replace(self.state, stage=Stage.CONTENT, card=_WAITING, problem=None, retry=None))
        self._task.run(_EXECUTOR, self._context.cards.read, self._seen, self._unread)

    def stop(self) -> None:
        """Let go of the card reader."""
        self._task.release()

    def _named(self, target: Target) -> None:
        who = target.biodata
        self._become(replace(self.state, title=f"{who.name} · {who.nik.masked}"))
        self.begin()

    def _seen(self, seen: CardSeen) -> None:
        self._become(replace(self.state, card=_told(seen) if seen.is_ktp_el else _OTHER))
        note = self._context.cards.note
        self._tasks.write(lambda: note(self._target_id, seen, CardMoment.BEFORE_RECORDING), self._unread)

    def _unread(self, problem: Problem) -> None:
        self._become(replace(self.state, stage=Stage.CONTENT, card=None, problem=problem, retry=self._again))


def _told(seen: CardSeen) -> CardShown:
    hint = message("kartu.holds_hint" if seen.photograph else "kartu.holds_hint_blind")
    return CardShown(message("kartu.holds"), hint, Tone.CAUTION, seen.photograph or None)
