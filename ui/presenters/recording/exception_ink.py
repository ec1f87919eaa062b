"""Tanda tangan pengecualian: witness and second attendant sign before the seal what was noted before them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace

from fieldkit.domain.recording.capture import Sample
from fieldkit.domain.recording.exceptions import InkWanted
from fieldkit.domain.recording.positions import ExceptionMark
from fieldkit.ports.devices import SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from ui.presenters.parts import Bar, Choice, Stage, leave
from ui.presenters.presenter import Message, Navigator, enter, message
from ui.presenters.recording.steps import AtWork, SessionWork
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.viewfinder import PadSigning, SigningState
from ui.presenters.wording import position_words

Waiting = Sequence[tuple[InkWanted, str]]


class ExceptionInkPresenter(AtWork, PadSigning):
    """Asks who stands here where several may sign; goes back to the review once nobody is left."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        session_id: str,
        ink: StrokeSink,
        screen: SignaturePad | None = None,
    ) -> None:
        state = SigningState(stage=Stage.LOADING, title=message("tinjau.ink_title"))
        super().__init__(context, tasks, navigator, ink, screen, state, message("surat.ink_accept"))
        self._session_id = session_id
        self._work = SessionWork(context.recording, tasks, session_id)
        self._waiting: Waiting = ()
        self._marks: Sequence[ExceptionMark] = ()
        self._wanted: InkWanted | None = None

    def start(self) -> None:
        """Read whose ink is not here yet."""
        self._work.run()
        self._read()

    def stop(self) -> None:
        """Let go of the pad and note what was worked."""
        super().stop()
        self._work.rest()

    def _read(self) -> None:
        if self._wanted is not None:
            self._await_signature()
            return
        recording, session_id = self._context.recording, self._session_id

        def read() -> tuple[Waiting, Sequence[ExceptionMark]]:
            return recording.inks_open(session_id), recording.find(session_id).exceptions

        self._tasks.run(STORE, read, self._ask, self._failed)

    def accept(self, _passphrase: str = "") -> None:
        """Let whom was chosen sign, or keep what was drawn."""
        if self._wanted is not None:
            self._keep()
        elif self.state.chosen:
            self._let_sign(int(self.state.chosen))

    def _ask(self, found: tuple[Waiting, Sequence[ExceptionMark]]) -> None:
        self._waiting, self._marks = found
        waiting = self._waiting
        if not waiting:
            self._navigator.back()
        elif len(waiting) == 1:
            self._let_sign(0)
        else:
            people = tuple(
                Choice(str(place), name, message(f"tinjau.ink_{wanted.role.value}"))
                for place, (wanted, name) in enumerate(waiting)
            )
            bar = Bar(leave(self.back), (enter(message("common.to_sign"), self.accept),))
            hint = message("surat.ink_who")
            state = replace(self.state, people=people, chosen=people[0].name, signer="", ink=None, hint=hint, bar=bar)
            signed = _signed(mark for mark in self._marks if any(mark.digest in each.marks for each, _ in waiting))
            self._become(replace(state, stage=Stage.CONTENT, signed=signed))

    def _let_sign(self, place: int) -> None:
        wanted, name = self._waiting[place]
        self._wanted = wanted
        signed = _signed(mark for mark in self._marks if mark.digest in wanted.marks)
        self._become(replace(self.state, stage=Stage.CONTENT, signed=signed))
        self._take(name)

    def _keep_sample(self, sample: Sample) -> object:
        captured, wanted = self._captured, self._wanted
        assert captured is not None
        assert wanted is not None
        return self._context.recording.take_ink(self._session_id, wanted, sample, captured.device)

    def _kept(self) -> None:
        self._wanted = None
        self._read()


def _signed(marks: Iterable[ExceptionMark]) -> tuple[tuple[Message, Message], ...]:
    """Return each position with its reason; signature and confirmation share theirs."""
    return tuple(
        {m.position: (position_words(m.position), message(f"reason.{m.reason.value}")) for m in marks}.values()
    )
