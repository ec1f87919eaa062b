"""The permission of the pengurus barang: who it is, the passphrase, the signature on the pad."""

from __future__ import annotations

from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission, User
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.ports.devices import DeviceKind, Signature, SignaturePad, StrokeSink
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.context.door import Door
from fieldkit.services.recording.capture import Captured
from ui.presenters.actions import Action
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.commands import Command, Held, enter
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import Bar, Choice, Stage, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import COMPUTE, STORE, Tasks, device_executor
from ui.presenters.ways_out import leave

_EXECUTOR = device_executor(DeviceKind.SIGNATURE_PAD.value)


@dataclass(frozen=True, slots=True, kw_only=True)
class IzinState(ViewState):
    """First who it is, then the signature."""

    people: tuple[Choice, ...] = ()
    chosen: str = ""
    keeper: str = ""  # the name, once it is sure who stands here
    hint: Message = ""
    ink: Signature | None = None
    wrong: Problem | None = None  # about the passphrase
    clear_serial: int = 0  # the passphrase empties whenever it changes


class IzinPresenter(Presenter[IzinState]):
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
        super().__init__(IzinState(hint=message("sarpras.izin_who"), bar=Bar(leave(self.back))))
        self._context, self._door, self._tasks, self._navigator = context, door, tasks, navigator
        self._way, self._list_id = list_of
        self._sink, self._screen = ink, screen
        self._task = CancellableTask(tasks)
        self._keeper: User | None = None
        self._captured: Captured | None = None
        self._is_asking = False

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
        accept = enter(message("sarpras.izin_confirm"), Held(self.accept), refused)
        chosen = people[0].name if people else ""
        hint = message("sarpras.izin_who") if people else message("sarpras.no_keeper")
        self._become(replace(self.state, people=people, chosen=chosen, hint=hint, bar=Bar(leave(self.back), (accept,))))

    def stop(self) -> None:
        """Let go of the pad."""
        self._task.release()

    def back(self) -> None:
        """Go back; a signature that was not accepted is forgotten."""
        self._navigator.back()

    def choose(self, user_id: str) -> None:
        """Choose who stands here."""
        self._become(replace(self.state, chosen=user_id, wrong=None))

    def choose_next(self, by: int) -> None:
        """Move the choice."""
        names = [choice.name for choice in self.state.people]
        if names and self._keeper is None:
            self.choose(names[(names.index(self.state.chosen) + by) % len(names)])

    def accept(self, passphrase: str) -> None:
        """Take the passphrase, or the signature that was drawn."""
        if self._keeper is not None:
            self._keep()
        elif self.state.chosen and not self._is_asking:
            self._is_asking = True
            user_id = self.state.chosen
            self._tasks.run(
                STORE, lambda: self._door.verify_passphrase(user_id, passphrase), self._known, self._unknown
            )

    def repeat(self) -> None:
        """Sign again."""
        if self._keeper is not None:
            self._captured = None
            self._await_signature()

    def sign_here(self) -> None:
        """Somebody began to sign on the screen."""
        screen = self._screen
        if self._keeper is not None and screen is not None and self._captured is None:
            sign = self._context.capture.sign_on
            self._task.run(
                _EXECUTOR,
                lambda cancel: sign(screen, StepKind.SIGNATURE, self._sink, cancel),
                self._signed,
                lambda _: self._await_signature(),
            )

    def _known(self, keeper: User) -> None:
        self._is_asking = False
        self._keeper = keeper
        self._become(replace(self.state, keeper=keeper.name, wrong=None, people=()))
        self._await_signature()

    def _unknown(self, problem: Problem) -> None:
        self._is_asking = False
        self._become(replace(self.state, wrong=problem, clear_serial=self.state.clear_serial + 1))

    def _await_signature(self) -> None:
        again = Command("repeat", message("act.repeat"), Action.REPEAT, runs=self.repeat)
        accept = enter(message("sarpras.izin_accept"), self._keep, message("sarpras.sign_first"))
        bar = Bar(leave(self.back), (again, accept))
        self._become(replace(self.state, hint=message("sarpras.izin_sign"), ink=None, bar=bar))
        sign = self._context.capture.sign
        self._task.run(
            _EXECUTOR,
            lambda cancel: sign(StepKind.SIGNATURE, self._sink, cancel, self._screen),
            self._signed,
            self._pad_failed,
        )

    def _signed(self, captured: Captured) -> None:
        self._captured = captured
        sample = captured.result.samples[0]
        self._tasks.run(COMPUTE, lambda: self._context.signatures.from_sample(sample), self._drawn, self._refused)

    def _drawn(self, ink: Signature) -> None:
        again = Command("repeat", message("act.repeat"), Action.REPEAT, runs=self.repeat)
        accept = enter(message("sarpras.izin_accept"), self._keep)
        hint = message("sarpras.izin_check")
        self._become(replace(self.state, hint=hint, ink=ink, problem=None, bar=Bar(leave(self.back), (again, accept))))

    def _keep(self) -> None:
        keeper, captured = self._keeper, self._captured
        if keeper is None or captured is None or self._is_asking:
            return
        self._is_asking = True
        sarpras = self._context.office.sarpras
        lists = sarpras.out if self._way == "out" else sarpras.back
        sample = captured.result.samples[0]
        self._tasks.run(
            STORE,
            lambda: lists.allow(self._list_id, keeper, sample),
            lambda _: self._navigator.back(),
            self._refused,
        )

    def _pad_failed(self, problem: Problem) -> None:
        retry = Command("repeat", message("act.repeat"), Action.REPEAT, runs=self.repeat)
        self._become(replace(self.state, problem=problem, retry=retry))

    def _refused(self, problem: Problem) -> None:
        self._is_asking = False
        self._become(replace(self.state, stage=Stage.CONTENT, problem=problem, retry=None))
