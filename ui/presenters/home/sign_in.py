"""Sign-in: pick a name, type the passphrase, and where there is a second factor its code."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from fieldkit.domain.errors import KnownError, Problem
from fieldkit.services.context.app_context import Door, DoorSign
from ui.presenters.amounts import moment_text
from ui.presenters.parts import Bar, Choice, Empty, Progress, Stage, ViewState, leave
from ui.presenters.presenter import Action, Command, Held, Message, Presenter, Weight, message
from ui.presenters.tasks import STORE, Tasks

if TYPE_CHECKING:
    from fieldkit.services.context.app_context import AppContext


DISK_FULL = "store.disk_full"
_CODE_WANTED, _CODE_WRONG = "factor.wanted", "factor.wrong"


@dataclass(frozen=True, slots=True, kw_only=True)
class SignInState(ViewState):
    """Names to pick from, the chosen one, and what the demo tells."""

    dinas: str = ""
    kit: Message = ""
    people: tuple[Choice, ...] = ()
    chosen: str = ""
    last_sync: Message = ""
    clock: Message = ""  # what is wrong with the time
    demo_pin: str = ""
    wrong: Problem | None = None
    asks_code: bool = False  # the passphrase was right, the second factor is awaited
    clear_serial: int = 0  # a new number empties the passphrase field


class SignInPresenter(Presenter[SignInState]):
    """Opens the kit. `entered` receives the context of whoever signed in."""

    def __init__(
        self,
        door: Door,
        tasks: Tasks,
        entered: Callable[[AppContext], None],
        ways_back: Callable[[], None] | None = None,
    ) -> None:
        """`ways_back` leads to what helps when nobody can sign in; None where there is nothing."""
        super().__init__(SignInState())
        self._ways_back = (
            (Command("ways_back", message("act.ways_back"), Action.WAYS_BACK, Weight.PLAIN, runs=ways_back),)
            if ways_back
            else ()
        )
        self._door, self._tasks, self._entered = door, tasks, entered
        self._demo_pins: dict[str, str] = {}
        self.start()  # what is first painted has the names

    def start(self) -> None:
        """Show who may sign in. The door has them in memory: another thread would cost more than it spares."""
        try:
            sign = self._door.sign()
        except KnownError as error:
            self._become(replace(self.state, stage=Stage.ERROR, problem=error.problem))
        else:
            self._show_sign(sign)

    def _show_sign(self, sign: DoorSign) -> None:
        if not sign.people:
            empty = Empty.of("masuk.nobody")
            self._become(replace(self.state, stage=Stage.EMPTY, empty=empty, bar=Bar(None, self._ways_back)))
            return
        self._demo_pins = sign.demo_pins
        met = sign.last_sync_at
        known = {person.user_id for person in sign.people}
        self._choose(
            self.state.chosen if self.state.chosen in known else sign.people[0].user_id,
            replace(
                self.state,
                stage=Stage.CONTENT,
                problem=None,
                dinas=sign.dinas,
                kit=message("common.one_laptop", kit=sign.kit_id),
                people=tuple(Choice(p.user_id, p.name, message(f"role.{p.role.value}")) for p in sign.people),
                last_sync=message("masuk.last_sync", at=moment_text(met)) if met else message("masuk.never"),
                clock=_clock_words(sign),
                asks_code=False,
                bar=self._bar(),
            ),
        )

    def choose(self, user_id: str) -> None:
        """Pick a name."""
        state = self.state
        if state.asks_code:  # the code was of another
            state = replace(self._cleared(), asks_code=False, bar=self._bar())
        self._choose(user_id, state)

    def _choose(self, user_id: str, state: SignInState) -> None:
        self._become(replace(state, chosen=user_id, demo_pin=self._demo_pins.get(user_id, ""), wrong=None))

    def choose_next(self, step: int) -> None:
        """Pick the name that many lines further down."""
        names = [person.name for person in self.state.people]
        if self.state.chosen in names:
            self.choose(names[max(0, min(len(names) - 1, names.index(self.state.chosen) + step))])

    def choose_by_letter(self, letter: str) -> None:
        """Pick the next name that has a word with this first letter; the same letter again goes on to the one after."""
        people = self.state.people
        at = next((n for n, person in enumerate(people) if person.name == self.state.chosen), -1)
        onward = (*people[at + 1 :], *people[: at + 1])
        found = next((person for person in onward if _begins(str(person.words), letter)), None)
        if found is not None:
            self.choose(found.name)

    def enter(self, typed: str) -> None:
        """Try to open the kit by the passphrase, or go on by the code."""
        if not typed or self.state.stage is not Stage.CONTENT:
            return
        user_id, asks_code = self.state.chosen, self.state.asks_code
        self._become(replace(self.state, stage=Stage.BUSY, wrong=None, progress=Progress(message("masuk.opening"))))

        def opened() -> AppContext:
            return self._door.enter_code(typed) if asks_code else self._door.unlock(user_id, typed)

        self._tasks.run(STORE, opened, self._opened, self._refused)

    def begin_again(self) -> None:
        """Go back to the passphrase."""
        if self.state.asks_code and self.state.stage is Stage.CONTENT:
            self.choose(self.state.chosen)

    def _opened(self, context: AppContext) -> None:
        self._become(replace(self._cleared(), asks_code=False, bar=self._bar()))
        self._entered(context)

    def _refused(self, problem: Problem) -> None:
        wrong = Problem("mulai.disk_full_outside") if problem.code == DISK_FULL else problem
        asks_code = problem.code in (_CODE_WANTED, _CODE_WRONG)
        told = None if problem.code == _CODE_WANTED else wrong
        self._become(replace(self._cleared(), wrong=told, asks_code=asks_code, bar=self._bar(asks_code)))

    def _bar(self, asks_code: bool = False) -> Bar:
        enter = Command("accept", message("common.sign_in"), Action.ACCEPT, Weight.PRIMARY, runs=Held(self.enter))
        back = leave(self.begin_again) if asks_code else None
        return Bar(back, (*self._ways_back, _LANGUAGE, _HELP, enter))

    def _cleared(self) -> SignInState:
        return replace(self.state, stage=Stage.CONTENT, progress=None, clear_serial=self.state.clear_serial + 1)


def _clock_words(sign: DoorSign) -> Message:
    if sign.clock is None or sign.clock.is_fine:
        return ""
    from ui.presenters.home.home import sign_words  # on demand: the sign-in screen must stand at once

    return sign_words(sign.clock)


def _begins(name: str, letter: str) -> bool:
    return any(word.casefold().startswith(letter.casefold()) for word in name.split())


_LANGUAGE = Command("language", message("act.language"), Action.LANGUAGE, Weight.PLAIN, runs=Action.LANGUAGE)
_HELP = Command("help", message("act.help"), Action.HELP, Weight.PLAIN, runs=Action.HELP)


# The program cannot start: what happened, what is safe, what to do, and trying once more.

_LOST = frozenset({"kit.not_enrolled", "vault.slots_missing", "vault.slots_damaged"})  # others are in the way of any


class StartProblemPresenter(Presenter[ViewState]):
    """Shows one problem; `decided` hears whether the person wants to try once more."""

    def __init__(self, problem: Problem, decided: Callable[[bool], None], ways_back: Callable[[], None]) -> None:
        """`ways_back` leads to what may bring the kit back."""
        ways = Command("ways_back", message("common.restore_kit"), runs=ways_back)
        close = Command("back", message("common.close"), Action.BACK, Weight.PLAIN, runs=self.back)
        again = Command("accept", message("common.try_again"), Action.ACCEPT, Weight.PRIMARY, runs=self.accept)
        actions = (_LANGUAGE, *((ways,) if problem.code in _LOST else ()), again)
        super().__init__(ViewState(stage=Stage.ERROR, problem=problem, bar=Bar(close, actions)))
        self._decided = decided

    def accept(self) -> None:
        """Try once more."""
        self._decided(True)

    def back(self) -> None:
        """Close the program."""
        self._decided(False)
