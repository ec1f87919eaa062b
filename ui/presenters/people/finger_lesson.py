"""The finger that opens the lock of this user: laid on to be learnt, or forgotten."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import Cancel
from fieldkit.services.people.unlock_by_finger import UnlockByFinger
from ui.presenters.actions import Action
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.commands import Command
from ui.presenters.messages import Message, message
from ui.presenters.parts import Progress
from ui.presenters.people.lock import UNLOCK
from ui.presenters.tasks import STORE, Tasks


class FingerLesson:
    """One action that learns or forgets. `changed` is told what to say ("" for nothing), `failed` what went wrong.

    `begin` and `back` are what the screen runs when the action, or the way out of waiting, is pressed.
    """

    def __init__(
        self,
        finger: UnlockByFinger,
        tasks: Tasks,
        changed: Callable[[Message], None],
        failed: Callable[[Problem], None],
        begin: Callable[[], None],
        back: Callable[[], None],
    ) -> None:
        self._finger, self._tasks, self._changed, self._failed = finger, tasks, changed, failed
        self._begin, self._back = begin, back
        self._task = CancellableTask(tasks)
        self._is_learnt = self._has_reader = False

    @property
    def progress(self) -> Progress | None:
        """What is told while the finger is awaited."""
        if not self._task.is_busy:
            return None
        stop = Command("back", message("perangkat.finger_stop"), Action.BACK, runs=self._back)
        return Progress(message("perangkat.finger_lay"), detail=message("perangkat.finger_twice"), cancel=stop)

    def actions(self, refused: Message = "") -> tuple[Command, ...]:
        """Return the action of the bottom bar; none where no reader compares fingers and none was learnt."""
        if self._is_learnt:
            return (Command("finger", message("perangkat.finger_forget"), Action.FINGER, runs=self._begin),)
        if self._has_reader:
            return (
                Command("finger", message("perangkat.finger_learn"), Action.FINGER, refused=refused, runs=self._begin),
            )
        return ()

    def look(self) -> None:
        """Find out what stands now."""

        def seen(found: tuple[bool, bool]) -> None:
            if found != (self._is_learnt, self._has_reader):
                self._is_learnt, self._has_reader = found
                self._changed("")

        self._tasks.run(STORE, lambda: (self._finger.is_learnt, self._finger.has_reader), seen, lambda _: None)

    def begin(self) -> None:
        """Forget the finger that is known, else take one."""
        if self._is_learnt:
            self._tasks.write(self._finger.forget, self._failed, lambda _: self._known(False))
        elif not self._task.is_busy:
            self._task.run(UNLOCK, self._learn, self._known, self._failed)
            self._changed("")

    def stop(self) -> None:
        """Wait for no finger any more."""
        self._task.release()

    def _learn(self, cancel: Cancel) -> bool:
        self._finger.learn(cancel)
        return True

    def _known(self, is_learnt: bool) -> None:
        self._is_learnt = is_learnt
        self._changed(message("perangkat.finger_learnt" if is_learnt else "perangkat.finger_forgotten"))
