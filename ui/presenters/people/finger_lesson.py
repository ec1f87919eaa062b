"""The finger that opens the lock of this user: laid on to be learnt, or forgotten."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import Cancel
from fieldkit.services.people.unlock_by_finger import UnlockByFinger
from ui.presenters.acts import Act
from ui.presenters.commands import Command
from ui.presenters.parts import Progress
from ui.presenters.people.lock import UNLOCK
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.wire import Wire
from ui.presenters.words import Words, phrase


class FingerLesson:
    """One action that learns or forgets. `changed` is told what to say ("" for nothing), `failed` what went wrong."""

    def __init__(
        self,
        finger: UnlockByFinger,
        tasks: Tasks,
        changed: Callable[[Words], None],
        failed: Callable[[Problem], None],
    ) -> None:
        self._finger, self._tasks, self._changed, self._failed = finger, tasks, changed, failed
        self._wire = Wire(tasks)
        self._is_learnt = self._has_reader = False

    @property
    def progress(self) -> Progress | None:
        """What is told while the finger is awaited."""
        if not self._wire.is_busy:
            return None
        stop = Command("back", phrase("perangkat.finger_stop"), Act.BACK)
        return Progress(phrase("perangkat.finger_lay"), detail=phrase("perangkat.finger_twice"), cancel=stop)

    def actions(self, refused: Words = "") -> tuple[Command, ...]:
        """Return the action of the bottom bar; none where no reader compares fingers and none was learnt."""
        if self._is_learnt:
            return (Command("finger", phrase("perangkat.finger_forget"), Act.FINGER),)
        if self._has_reader:
            return (Command("finger", phrase("perangkat.finger_learn"), Act.FINGER, refused=refused),)
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
            self._tasks.run(STORE, self._finger.forget, lambda _: self._known(False), self._failed)
        elif not self._wire.is_busy:
            self._wire.run(UNLOCK, self._learn, self._known, self._failed)
            self._changed("")

    def stop(self) -> None:
        """Wait for no finger any more."""
        self._wire.release()

    def _learn(self, cancel: Cancel) -> bool:
        self._finger.learn(cancel)
        return True

    def _known(self, is_learnt: bool) -> None:
        self._is_learnt = is_learnt
        self._changed(phrase("perangkat.finger_learnt" if is_learnt else "perangkat.finger_forgotten"))
