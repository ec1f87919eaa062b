"""The card that a resident brings along, read before anybody is recorded a second time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from fieldkit.domain.errors import Problem
from fieldkit.services.recording.check_card import CardMoment, CardSeen, CheckCard
from ui.presenters.parts import Tone
from ui.presenters.tasks import STORE, Tasks, device_lane
from ui.presenters.wire import Wire
from ui.presenters.words import Words, phrase

_LANE = device_lane("cards")


@dataclass(frozen=True, slots=True)
class CardShown:
    """What is told of the card; `photo` is a JPEG or None."""

    title: Words
    hint: Words
    tone: Tone
    photo: bytes | None = None


_WAITING = CardShown(phrase("kartu.waiting"), phrase("kartu.waiting_hint"), Tone.SOFT)
_OTHER = CardShown(phrase("kartu.other"), phrase("kartu.other_hint"), Tone.SOFT)


class CardCheck:
    """Waits for one card at a time. `show` gets what to tell, None for nothing any more."""

    def __init__(
        self,
        cards: CheckCard,
        tasks: Tasks,
        show: Callable[[CardShown | None], None],
        failed: Callable[[Problem], None],
    ) -> None:
        self._cards, self._tasks, self._show, self._failed = cards, tasks, show, failed
        self._wire = Wire(tasks)

    def begin(self, target_id: str) -> None:
        """Wait for the card of a target."""
        self._show(_WAITING)
        self._wire.run(_LANE, self._cards.read, lambda seen: self._seen(target_id, seen), self._unread)

    def forget(self) -> None:
        """Stop waiting and show nothing."""
        self._wire.release()
        self._show(None)

    def _seen(self, target_id: str, seen: CardSeen) -> None:
        self._show(_told(seen) if seen.is_ktp_el else _OTHER)
        note = self._cards.note
        self._tasks.run(STORE, lambda: note(target_id, seen, CardMoment.BEFORE_RECORDING), lambda _: None, self._failed)

    def _unread(self, problem: Problem) -> None:
        self._show(None)
        self._failed(problem)


def _told(seen: CardSeen) -> CardShown:
    hint = phrase("kartu.holds_hint" if seen.photograph else "kartu.holds_hint_blind")
    return CardShown(phrase("kartu.holds"), hint, Tone.CAUTION, seen.photograph or None)
