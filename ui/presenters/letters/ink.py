"""Tanda tangan di alat: the people whom a paper names sign it one after the other."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from ui.presenters.commands import enter
from ui.presenters.messages import message
from ui.presenters.navigator import Navigator
from ui.presenters.pad_signing import PadSigning, SigningState
from ui.presenters.parts import Bar, Choice, Stage
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave


class LetterInkPresenter(PadSigning):
    """Asks who stands here as long as somebody has not signed; then goes back to the paper."""

    def __init__(
        self,
        context: AppContext,
        tasks: Tasks,
        navigator: Navigator,
        letter_id: str,
        ink: StrokeSink,
        screen: SignaturePad | None = None,
    ) -> None:
        state = SigningState(stage=Stage.LOADING, title=message("surat.ink"))
        super().__init__(context, tasks, navigator, ink, screen, state, message("surat.ink_accept"))
        self._letter_id, self._place = letter_id, ""

    def start(self) -> None:
        """Read who has not signed yet."""
        if self._place:
            self._await_signature()
            return
        waiting = self._context.office.inks.waiting
        self._tasks.run(STORE, lambda: waiting(self._letter_id), self._ask, self._failed)

    def accept(self, _passphrase: str = "") -> None:
        """Let whom was chosen sign, or keep what was drawn."""
        if self._place:
            self._keep()
        elif self.state.chosen:
            self._place = self.state.chosen
            self._take(next(str(each.words) for each in self.state.people if each.name == self._place))

    def _ask(self, waiting: Mapping[str, str]) -> None:
        people = tuple(
            Choice(place, name, message(f"surat.ink_{place.rstrip(_DIGITS)}")) for place, name in waiting.items()
        )
        self._become(
            replace(
                self.state,
                stage=Stage.CONTENT,
                people=people,
                chosen=people[0].name if people else "",
                signer="",
                ink=None,
                hint=message("surat.ink_who" if people else "surat.ink_nobody"),
                bar=Bar(leave(self.back), (enter(message("common.to_sign"), self.accept),) if people else ()),
            )
        )

    def _keep_sample(self, sample: Sample) -> object:
        return self._context.office.inks.sign(self._letter_id, self._place, sample)

    def _kept(self) -> None:
        self._place = ""
        self.start()


_DIGITS = "0123456789"
