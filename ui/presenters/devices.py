"""Devices in words and lights, for the list of devices and the status bar."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import Permission
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices import DeviceVerdict, to_test
from ui.presenters.figures import NO_ROWS, Column, FigureCell, Row, Rows, rows_of, tagged
from ui.presenters.parts import NOTHING, Bar, Empty, Indicator, Light, Stage, Tag, Toast, Tone, ViewState, leave
from ui.presenters.people.lock import FingerLesson
from ui.presenters.presenter import Action, CatalogMessage, Command, Message, Navigator, Presenter, Weight, message
from ui.presenters.tasks import CancelFlag, Tasks, device_executor

TONES = {
    DeviceState.READY: Tone.GOOD,
    DeviceState.BUSY: Tone.SOFT,
    DeviceState.NOT_READY: Tone.CAUTION,
    DeviceState.ABSENT: Tone.NEUTRAL,
    DeviceState.SDK_MISSING: Tone.BAD,
    DeviceState.PERMISSION_DENIED: Tone.BAD,
    DeviceState.NOT_REGISTERED: Tone.BAD,
}

_LIGHTS = {
    Tone.GOOD: Light.READY,
    Tone.SOFT: Light.BUSY,
    Tone.CAUTION: Light.CAUTION,
    Tone.BAD: Light.BAD,
    Tone.NEUTRAL: Light.OFF,
}
# Where one kind has several devices the best of them speaks for it.
_ORDER = tuple(TONES)

NEEDED = (DeviceKind.FINGERPRINT, DeviceKind.IRIS, DeviceKind.CAMERA, DeviceKind.SIGNATURE_PAD)
"""Without one of these no record becomes complete; a card reader is welcome."""


def kind_words(kind: DeviceKind) -> CatalogMessage:
    """Return the name of a kind."""
    return message(f"device_kind.{kind.value}")


def state_words(state: DeviceState) -> CatalogMessage:
    """Return the name of a state."""
    return message(f"device_state.{state.value}")


def problem_of(status: DeviceStatus) -> Problem | None:
    """Return what is wrong with a device and how it is put right, None when nothing is said."""
    return Problem(status.detail, status.params) if status.detail else None


def best_of(statuses: Iterable[DeviceStatus]) -> dict[DeviceKind, DeviceStatus]:
    """Return the best device of each kind that may record; one for verification only replaces none of them."""
    best: dict[DeviceKind, DeviceStatus] = {}
    for status in (s for s in statuses if s.may_enrol):
        before = best.get(status.kind)
        if before is None or _ORDER.index(status.state) < _ORDER.index(before.state):
            best[status.kind] = status
    return best


def indicators(statuses: Iterable[DeviceStatus]) -> tuple[Indicator, ...]:
    """Return a light for each kind; a kind that no driver saw is off."""
    best = best_of(statuses)
    return tuple(_indicator(kind, best.get(kind)) for kind in DeviceKind if kind is not DeviceKind.UNKNOWN)


def _indicator(kind: DeviceKind, status: DeviceStatus | None) -> Indicator:
    words = message(f"lamp.{kind.value}")
    if status is None:
        return Indicator(words, Light.OFF, state_words(DeviceState.ABSENT))
    detail: Message = problem_of(status) or state_words(status.state)
    return Indicator(words, _LIGHTS[TONES[status.state]], detail)


def ready_count(statuses: Iterable[DeviceStatus]) -> int:
    """Count the needed kinds that have a usable device."""
    best = best_of(statuses)
    usable = (DeviceState.READY, DeviceState.BUSY)
    return sum(kind in best and best[kind].state in usable for kind in NEEDED)


# Perangkat: every device that a driver knows, how it stands and what puts it right.

COLUMNS = (
    Column(message("perangkat.kind"), 200),
    Column(message("perangkat.identity")),
    Column(message("common.state"), 300),
    Column(message("perangkat.test"), 170),
    Column(message("perangkat.where")),
)
_SCAN = device_executor("scan")  # looking around must not wait behind a capture
_USABLE = (DeviceState.READY, DeviceState.BUSY)


@dataclass(frozen=True, slots=True, kw_only=True)
class DevicesState(ViewState):
    """The devices, and what is wrong with the one under the cursor."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    trouble: Problem | None = None


class DevicesPresenter(Presenter[DevicesState]):
    """Shows the devices, looks for them again, tries them out, and chooses among several of one kind."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator) -> None:
        super().__init__(DevicesState(stage=Stage.LOADING, bar=Bar(leave(self.back))))
        self._context, self._tasks, self._navigator = context, tasks, navigator
        self._text, self._selected = "", ""
        self._statuses: tuple[DeviceStatus, ...] = ()
        self._is_scanning = False
        self._verdicts: dict[str, DeviceVerdict] = {}
        self._waiting: set[str] = set()  # devices whose test is not over
        self._cancel = CancelFlag()
        self._lesson = FingerLesson(
            context.finger_lock, tasks, self._finger_changed, self._finger_failed, self.finger, self.back
        )

    def start(self) -> None:
        """Show what the last scan saw, and look again."""
        self._statuses = tuple(self._context.registry.statuses())
        if self._statuses:
            self._render()
        self._lesson.look()
        self.refresh()

    def refresh(self) -> None:
        """Look for devices again; a scan under way is enough."""
        if self._is_scanning:
            return
        self._is_scanning = True
        if self.state.stage is Stage.CONTENT:
            self._render()
        self._tasks.run(_SCAN, self._context.registry.scan, self._scanned, self._failed)

    def test(self) -> None:
        """Try every device that is there out, each on its own executor; one that recording left holds nobody up."""
        if self._waiting:
            return
        self._verdicts, self._cancel = {}, CancelFlag()
        usable = [status for status in self._statuses if status.state in _USABLE]
        self._waiting = {_name(status) for status in usable}
        self._render()
        for status in usable:
            self._try_out(status, self._cancel)

    def _try_out(self, status: DeviceStatus, cancel: CancelFlag) -> None:
        def tried(verdict: DeviceVerdict) -> None:
            if cancel is self._cancel:
                self._waiting.discard(_name(status))
                self._verdicts[_name(status)] = verdict
                self._render()
                if not self._waiting:
                    self._note_run()

        run = self._context.self_test.run
        self._tasks.run(device_executor(status.kind.value), lambda: run(status, cancel), tried, self._failed)

    def _note_run(self) -> None:
        """Let the run fill the lines of the sarpras lists, where the user has to do with them."""
        if self._context.user.may(Permission.CHECK_SARPRAS):
            keep, verdicts = self._context.office.sarpras.tests.keep, tuple(self._verdicts.values())
            self._tasks.write(lambda: keep(verdicts), self._finger_failed, lambda _: None)

    def stop(self) -> None:
        """Let go of the devices under test, and of the reader."""
        self._lesson.stop()
        self._cancel.cancel()
        self._cancel, self._waiting = CancelFlag(), set()

    def accept(self) -> None:
        """Use the device under the cursor for its kind, today and on other days."""
        status = self._under_cursor()
        if status is None or self._why_not(status):
            return
        self._tasks.write(lambda: self._context.choosing.choose(status), self._failed, lambda _: self._render())

    def _why_not(self, status: DeviceStatus | None) -> Message:
        """Return why the device under the cursor cannot be chosen, "" when it can."""
        if self._selected == _SCREEN.name:
            return message("perangkat.choose_screen")
        if status is None or status.state not in _USABLE:
            return message("perangkat.choose_not_ready")
        if self._is_chosen(status):
            return message("perangkat.choose_already")
        if sum(other.kind is status.kind and other.state in _USABLE for other in self._statuses) < 2:
            return message("perangkat.choose_only_one")
        return ""

    def _is_chosen(self, status: DeviceStatus) -> bool:
        choice = self._context.choosing.chosen().get(status.kind)
        return choice is not None and choice.is_of(status)

    def _under_cursor(self) -> DeviceStatus | None:
        return next((s for s in self._statuses if _name(s) == self._selected), None)

    def _scanned(self, statuses: Sequence[DeviceStatus]) -> None:
        self._is_scanning = False
        self._statuses = tuple(statuses)
        self._render()
        self._lesson.look()

    def finger(self) -> None:
        """Learn the finger that opens the lock, or forget it."""
        if not self._waiting:
            self._become(replace(self.state, problem=None))
            self._lesson.begin()

    def _finger_changed(self, words: Message) -> None:
        self._render()
        if words:
            self._become(replace(self.state, toast=Toast(words)))

    def _finger_failed(self, problem: Problem) -> None:
        self._render()
        self._become(replace(self.state, problem=problem, retry=None))

    def search(self, text: str) -> None:
        """Show the devices whose names contain what was typed."""
        self._text = text
        self._render()

    def select(self, name: str) -> None:
        """Say what is wrong with a device."""
        self._selected = name
        self._become(replace(self.state, trouble=self._trouble(), bar=self._bar()))

    def _trouble(self) -> Problem | None:
        """Return what the test found wrong, else what the scan did."""
        status = self._under_cursor()
        if status is None:
            return None
        verdict = self._verdicts.get(self._selected)
        return verdict.detail if verdict is not None and not verdict.is_ok else problem_of(status)

    def _render(self) -> None:
        progress = self._lesson.progress
        text = self._text.lower()
        shown = [self._row(status) for status in self._statuses if text in _text_of(status)]
        if text in _SCREEN_TEXT:
            shown.append(_SCREEN)
        ready = ready_count(self._statuses)
        tone = Tone.GOOD if ready == len(NEEDED) else Tone.CAUTION
        self._become(
            replace(
                self.state,
                stage=Stage.BUSY if progress is not None else Stage.CONTENT,
                progress=progress,
                rows=rows_of(tuple(shown), len(self._statuses) + 1),
                tags=(Tag(message("common.devices_ready", ready=ready, needed=len(NEEDED)), tone),),
                nothing=Empty.of("perangkat.not_found"),
                trouble=self._trouble(),
                bar=self._bar(),
            )
        )

    def _bar(self) -> Bar:
        looking: Message = message("perangkat.looking") if self._is_scanning else ""
        words = looking or message("perangkat.rescan")
        scan = Command("refresh", words, Action.REFRESH, refused=looking, runs=self.refresh)
        under_way = message("perangkat.test_under_way") if self._waiting else ""
        test = Command("test", message("perangkat.test"), Action.TEST, refused=under_way, runs=self.test)
        why_not, words = self._why_not(self._under_cursor()), message("perangkat.choose")
        choose = Command("accept", words, Action.ACCEPT, refused=why_not, runs=self.accept)
        return Bar(leave(self.back), (scan, *self._lesson.actions(refused=under_way), test, choose))

    def _row(self, status: DeviceStatus) -> Row:
        name = _name(status)
        marks = (
            Tag(state_words(status.state), TONES[status.state]),
            Tag(message("perangkat.simulated"), Tone.CAUTION) if status.is_simulated else None,
            Tag(message("perangkat.chosen"), Tone.SOFT) if self._is_chosen(status) else None,
        )
        where = FigureCell(status.address, status.driver, is_muted=True)
        kind = FigureCell(kind_words(status.kind), is_strong=True)
        return Row(name, (kind, _identity(status), tagged(*marks), tagged(self._outcome(name)), where))

    def _outcome(self, name: str) -> Tag | None:
        if name in self._waiting:
            return Tag(message("perangkat.testing"))
        verdict = self._verdicts.get(name)
        if verdict is None:
            return None
        passed = Tag(message("perangkat.test_passed", ms=verdict.ms), Tone.GOOD)
        return passed if verdict.is_ok else Tag(message("perangkat.test_failed"), Tone.BAD)

    def back(self) -> None:
        """Go back, or stop waiting for the finger."""
        if self._lesson.progress is None:
            self._navigator.back()
        else:
            self._lesson.stop()
            self._render()

    def _failed(self, problem: Problem) -> None:
        self._is_scanning, self._waiting = False, set()
        retry = Command("refresh", message("perangkat.rescan"), Action.REFRESH, Weight.PRIMARY, runs=self.refresh)
        self._become(replace(self.state, stage=Stage.ERROR, problem=problem, retry=retry, bar=Bar(leave(self.back))))


def _name(status: DeviceStatus) -> str:
    return f"{status.driver} {status.address} {status.kind.value}"


def _text_of(status: DeviceStatus) -> str:
    identity = status.identity
    named = f"{identity.vendor} {identity.model} {identity.serial}" if identity else ""
    return f"{_name(status)} {named}".lower()


def _identity(status: DeviceStatus) -> FigureCell:
    identity = status.identity
    if identity is None:
        return FigureCell(message("perangkat.unknown"), is_muted=True)
    told = filter(None, ("SN", identity.serial, identity.firmware, status.mode))
    return FigureCell(f"{identity.vendor} {identity.model}", " ".join(told))


_SCREEN = Row(
    "screen",
    (
        FigureCell(kind_words(DeviceKind.SIGNATURE_PAD), is_strong=True),
        FigureCell(message("perangkat.screen"), message("perangkat.screen_when")),
        FigureCell(tags=(Tag(state_words(DeviceState.READY), TONES[DeviceState.READY]),)),
        FigureCell(message("perangkat.screen_untested"), is_muted=True),
        FigureCell(message("perangkat.screen_where"), is_muted=True),
    ),
)
"""The field of the screen that takes ink: no driver lists it and no cable can be pulled, so there is always a pad."""
_SCREEN_TEXT = f"{_SCREEN.name} {DeviceKind.SIGNATURE_PAD.value} layar ink-pad"


# The self-test of all devices at once, each on its own executor; the results fill the lines of every open list.


class DeviceTrial:
    """One run at a time. `done` comes after the results were kept."""

    def __init__(
        self, context: AppContext, tasks: Tasks, done: Callable[[], None], failed: Callable[[Problem], None]
    ) -> None:
        self._context, self._tasks, self._done, self._failed = context, tasks, done, failed
        self._cancel: CancelFlag | None = None
        self._verdicts: list[DeviceVerdict] = []
        self._left = 0

    @property
    def is_running(self) -> bool:
        """Return whether a run is under way."""
        return self._cancel is not None

    def begin(self) -> None:
        """Look around and test everything."""
        cancel = self._cancel = CancelFlag()
        self._verdicts = []
        self._tasks.run(
            _SCAN,
            self._context.registry.scan,
            lambda found: self._try_all(found, cancel),
            lambda p: self._end(p, cancel),
        )

    def stop(self) -> None:
        """Let go of the devices; what was found so far is not kept."""
        if self._cancel is not None:
            self._cancel.cancel()
            self._cancel = None

    def _try_all(self, found: Sequence[DeviceStatus], cancel: CancelFlag) -> None:
        if cancel is not self._cancel:
            return
        wanted = to_test(found)
        self._left = len(wanted)
        if not wanted:
            self._keep(cancel)
        for status in wanted:
            self._try_one(status, cancel)

    def _try_one(self, status: DeviceStatus, cancel: CancelFlag) -> None:
        def tried(verdict: DeviceVerdict) -> None:
            if cancel is self._cancel:
                self._verdicts.append(verdict)
                self._left -= 1
                if self._left == 0:
                    self._keep(cancel)

        run = self._context.self_test.run
        self._tasks.run(
            device_executor(status.kind.value), lambda: run(status, cancel), tried, lambda p: self._end(p, cancel)
        )

    def _keep(self, cancel: CancelFlag) -> None:
        verdicts = tuple(self._verdicts)

        def kept(_note: object) -> None:
            if cancel is self._cancel:
                self._cancel = None
                self._done()

        keep = self._context.office.sarpras.tests.keep
        self._tasks.write(lambda: keep(verdicts), lambda problem: self._end(problem, cancel), kept)

    def _end(self, problem: Problem, cancel: CancelFlag) -> None:
        if cancel is self._cancel:
            self.stop()
            self._failed(problem)
