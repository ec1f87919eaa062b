"""The screen lock, which a PIN or a learnt finger opens, and the lesson in which the finger is learnt."""

from __future__ import annotations

import time
from collections.abc import Callable

from fieldkit.domain.errors import Problem
from fieldkit.ports.devices import Cancel
from fieldkit.services.context.app_context import AppContext, Door
from fieldkit.services.people.keep_accounts import IMPRESSIONS, Offer, UnlockByFinger
from ui.presenters.amounts import in_fours
from ui.presenters.cancellable_task import CancellableTask
from ui.presenters.figures import FigureCell
from ui.presenters.form import Beside, Form, FormField, Labels, Pages
from ui.presenters.lists import Head, Hint, Listed, ListScreen, OfficeList
from ui.presenters.parts import Choice, Progress
from ui.presenters.presenter import Action, Command, Message, Navigator, Operation, enter, message
from ui.presenters.printing import Printing, print_or_keep
from ui.presenters.readers import Values
from ui.presenters.tasks import COMPUTE, STORE, Tasks, device_executor

UNLOCK = device_executor("unlock")  # not the scanner's: a preview may still run there behind the lock
_CHECK_MS = 5_000
_FINGER_AGAIN_MS = 1_500  # time to lift a wrong finger
_SPENT = "vault.pin_exhausted"
_FINGER_SPENT, _WRONG_FINGER = "unlock.finger_exhausted", "unlock.wrong_finger"


class FingerAtLock:
    """Waits for the finger of the user while the screen is locked. `offer` tells whether a finger would open now."""

    def __init__(
        self,
        finger: UnlockByFinger,
        tasks: Tasks,
        *,
        offer: Callable[[bool], None],
        refuse: Callable[[Problem], None],
    ) -> None:
        self._finger, self._tasks, self._offer, self._refuse = finger, tasks, offer, refuse
        self._task = CancellableTask(tasks)
        self._is_waiting = False

    def wait(self, opened: Callable[[], None]) -> None:
        """Call `opened` once the right finger lies there; a reader that is plugged in meanwhile is noticed."""
        self._is_waiting = True

        def looked(is_open: bool | None) -> None:
            if is_open:
                opened()
            else:
                self._offer(False)
                if is_open is not None:
                    self._again(opened)

        self._task.run(UNLOCK, self._take, looked, lambda problem: self._not_open(problem, opened))

    def stop(self) -> None:
        """Wait no more."""
        self._is_waiting = False
        self._task.release()

    def _take(self, cancel: Cancel) -> bool | None:
        """Return whether the finger opened, None when none is kept: while it is locked nobody teaches one."""
        if not self._finger.is_ready:
            return False if self._finger.is_learnt else None
        self._tasks.post(self._say_it)
        self._finger.unlock(cancel)
        return True

    def _say_it(self) -> None:
        if self._is_waiting:
            self._offer(True)

    def _not_open(self, problem: Problem, opened: Callable[[], None]) -> None:
        if problem.code in (_WRONG_FINGER, _FINGER_SPENT):
            self._refuse(problem)
        if problem.code != _FINGER_SPENT:
            self._again(opened)

    def _again(self, opened: Callable[[], None]) -> None:
        self._task.retry_in(_FINGER_AGAIN_MS, lambda: self.wait(opened))


class ScreenLock:
    """Locks for one signed-in user. The window gives `cover`, `uncover`, `refuse`, and `sign_out` for a spent PIN."""

    def __init__(
        self,
        door: Door,
        tasks: Tasks,
        *,
        cover: Callable[[], None],
        uncover: Callable[[], None],
        refuse: Callable[[Problem], None],
        sign_out: Callable[[Problem], None],
        finger: FingerAtLock | None = None,
        idle_minutes: int = 5,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._door, self._tasks, self._monotonic = door, tasks, monotonic
        self._cover, self._uncover, self._refuse, self._sign_out = cover, uncover, refuse, sign_out
        self._finger = finger
        self._idle_s = idle_minutes * 60
        self._touched_at = monotonic()
        self._stop: Callable[[], None] | None = None
        self.is_locked = False

    def start(self) -> None:
        """Begin to watch for idleness."""
        self.touch()
        self._stop = self._tasks.every(_CHECK_MS, self._check)

    def stop(self) -> None:
        """Watch no more; a locked screen is uncovered for the sign-in screen."""
        if self._stop is not None:
            self._stop()
            self._stop = None
        self._let_go()
        if self.is_locked:
            self.is_locked = False
            self._uncover()

    def touch(self) -> None:
        """Note that somebody is there."""
        self._touched_at = self._monotonic()

    def lock(self) -> None:
        """Cover the window until the PIN is typed or the finger laid on."""
        if not self.is_locked:
            self.is_locked = True
            self._cover()
            if self._finger is not None:
                self._finger.wait(self._open)

    def try_pin(self, pin: str) -> None:
        """Open when the PIN is right; say what is wrong otherwise."""
        self._tasks.run(STORE, lambda: self._door.check_pin(pin), lambda _: self._open(), self._wrong)

    def _let_go(self) -> None:
        if self._finger is not None:
            self._finger.stop()

    def _open(self) -> None:
        self._let_go()
        self.is_locked = False
        self.touch()
        self._uncover()

    def _wrong(self, problem: Problem) -> None:
        if problem.code == _SPENT:
            self._sign_out(problem)
        else:
            self._refuse(problem)

    def _check(self) -> None:
        if self._monotonic() - self._touched_at >= self._idle_s:
            self.lock()


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
        self._awaited = 0  # impression to know the finger by among a resident's; before the first, the lock's own

    @property
    def progress(self) -> Progress | None:
        """What is told while the finger is awaited."""
        if not self._task.is_busy:
            return None
        stop = Command("back", message("common.cancel"), Action.BACK, runs=self._back)
        detail = message("perangkat.finger_twice")
        if self._awaited:
            detail = message("perangkat.finger_impression", number=self._awaited, of=IMPRESSIONS)
        return Progress(message("perangkat.finger_lay"), detail=detail, cancel=stop)

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
            self._awaited = 0
            self._task.run(UNLOCK, self._learn, self._known, self._failed)
            self._changed("")

    def stop(self) -> None:
        """Wait for no finger any more."""
        self._task.release()

    def _learn(self, cancel: Cancel) -> bool:
        self._finger.learn(cancel, lambda number: self._tasks.post(lambda: self._await(number)))
        return True

    def _await(self, number: int) -> None:
        self._awaited = number
        self._changed("")

    def _known(self, is_learnt: bool) -> None:
        self._is_learnt = is_learnt
        self._changed(message("perangkat.finger_learnt" if is_learnt else "perangkat.finger_forgotten"))


# Kode kedua: the second factor of the own account is set up, renewed or ended; spare codes are shown once.

SPARES, END = "spares", "end"
_FIELD = Labels("factor.")
_IN_A_ROW = 4
_SPARES_ABOUT = tuple(message(f"factor.spares_about_{at}") for at in (1, 2, 3))


def second_factor_form(context: AppContext) -> Form:
    """The QR code and the key beside one field: six digits typed back make them count."""

    def load() -> tuple[FormField, ...]:
        return (_code("factor.digits_hint"),)

    def keep(values: Values) -> None:
        context.second_factor.begin(values["code"])

    def drawn(offer: Offer) -> Pages:
        return Pages((offer.qr,), message("factor.key", spelled=in_fours(offer.secret)))

    hint = message("factor.must" if context.second_factor.must_begin else "factor.begin_hint")
    return Form(
        message("common.second_code"),
        load,
        keep,
        hint,
        message("factor.begin"),
        go_on=lambda navigator, _kept: navigator.replace("spare_codes"),
        beside=Beside(context.second_factor.offer, drawn),
    )


def second_factor_change_form(context: AppContext) -> Form:
    """New spare codes, or no code any more; a code that holds is asked for both."""

    def load() -> tuple[FormField, ...]:
        return (_FIELD("act", SPARES, choices=Choice.each((SPARES, END), "factor.act_")), _code("factor.code_hint"))

    def keep(values: Values) -> str:
        change = context.second_factor.end if values["act"] == END else context.second_factor.renew_spares
        change(values["code"])
        return values["act"]

    def go_on(navigator: Navigator, act: str) -> None:
        if act == SPARES:
            navigator.replace("spare_codes")
        else:
            navigator.back()

    return Form(message("factor.change_title"), load, keep, message("factor.change_hint"), go_on=go_on)


class SpareCodeList(OfficeList):
    """What is left for the day without a phone; P prints it, Enter is done with it."""

    def __init__(self, context: AppContext, navigator: Navigator, printing: Printing) -> None:
        super().__init__(context, navigator)
        self._printing = printing

    def screen(self) -> ListScreen[tuple[str, ...]]:
        """Return the list, some codes in a row so that all are seen at once."""
        return ListScreen(
            title=message("factor.spares_title"),
            heads=tuple(_head(at) for at in range(_IN_A_ROW)),
            load=self._rows,
            name=lambda codes: codes[0],
            text=lambda codes: " ".join(codes),
            side=lambda _listed: (Hint(message("factor.spares_about"), _SPARES_ABOUT),),
            commands=self._commands,
            hint=message("factor.spares_search"),
        )

    def _commands(self, _listed: Listed[tuple[str, ...]]) -> tuple[Command, ...]:
        done = enter(message("factor.written_down"), lambda: self._navigator.restart("home"))
        return (Command("print", message("common.print"), Action.PRINT, runs=self._print()), done)

    def _rows(self) -> tuple[tuple[str, ...], ...]:
        codes = self._context.second_factor.fresh_spares
        return tuple(codes[at : at + _IN_A_ROW] for at in range(0, len(codes), _IN_A_ROW))

    def _print(self) -> Operation[Message]:
        def brought_out() -> Message:
            sheet = self._context.second_factor.spare_sheet()
            return print_or_keep(self._printing, f"kode-cadangan-{self._context.kit_id}", sheet.pdf, sheet.pages)

        busy = message("factor.printing")
        return Operation(work=brought_out, told=lambda words: words, executor=COMPUTE, busy=busy)


def _head(at: int) -> Head[tuple[str, ...]]:
    """Return the column of the codes at a place of their rows; the last row may be shorter."""
    return Head(
        message("factor.spare") if at == 0 else "",
        lambda codes: FigureCell(codes[at], is_strong=True) if at < len(codes) else FigureCell(),
        0 if at == 0 else 240,
    )


def _code(hint: str) -> FormField:
    """Return the field of a code; unseen as secrets are, so that it never waits as a draft."""
    return _FIELD("code", hint=hint, is_secret=True)
