"""The permission of the pengurus barang: who it is, the passphrase, the signature on the pad."""

from __future__ import annotations

from dataclasses import replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.recording.samples import Sample
from fieldkit.ports.devices import SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from ui.presenters.commands import Held, Operation, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.pad_signing import PadSigning, SigningState
from ui.presenters.parts import Bar, Choice
from ui.presenters.tasks import Tasks
from ui.presenters.ways_out import leave


class IzinPresenter(PadSigning):
    """The pengurus barang confirms with the own passphrase while the team stays signed in, then signs."""

    def __init__(
        self,
        context: AppContext,
        door: Door,
        tasks: Tasks,
        navigator: Navigator,
        list_of: tuple[str, str],
        ink: StrokeSink,
        screen: SignaturePad | None = None,
    ) -> None:
        state = SigningState(title=message("sarpras.izin"), hint=message("sarpras.izin_who"), asks_passphrase=True)
        super().__init__(context, tasks, navigator, ink, screen, state, message("sarpras.izin_accept"))
        self._door = door
        self._way, self._list_id = list_of
        self._keeper: User | None = None

    def start(self) -> None:
        """Ask who stands here; whoever is signed in as pengurus barang need not say it again."""
        if self._keeper is not None:
            self._await_signature()
            return
        if self._context.user.may(Permission.ALLOW_SARPRAS):
            self._known(self._context.user)
            return
        keepers = tuple(p for p in self._door.sign().people if p.may(Permission.ALLOW_SARPRAS))
        people = tuple(Choice(person.user_id, person.name) for person in keepers)
        refused: Message = "" if people else message("sarpras.no_keeper")
        accept = enter(message("common.to_sign"), Held(self.accept), refused)
        chosen = people[0].name if people else ""
        hint = message("sarpras.izin_who") if people else message("sarpras.no_keeper")
        self._become(replace(self.state, people=people, chosen=chosen, hint=hint, bar=Bar(leave(self.back), (accept,))))

    def accept(self, passphrase: str) -> None:
        """Take the passphrase, or the signature that was drawn."""
        if self._keeper is not None:
            self._keep()
        elif user_id := self.state.chosen:
            self._operate(Operation(work=lambda: self._door.verify_passphrase(user_id, passphrase), done=self._known))

    def _known(self, keeper: User) -> None:
        self._keeper = keeper
        self._take(keeper.name)

    def _stopped(self, problem: Problem) -> None:
        super()._stopped(problem)
        if self._keeper is None:  # the passphrase was wrong
            state = replace(self.state, problem=None, wrong=problem, clear_serial=self.state.clear_serial + 1)
            self._become(state)

    def _keep_sample(self, sample: Sample) -> object:
        assert self._keeper is not None
        return self._context.office.sarpras.lists(self._way).allow(self._list_id, self._keeper, sample)
