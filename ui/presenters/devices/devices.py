"""Perangkat: every device that a driver knows, how it stands and what puts it right."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.ports.devices import DeviceKind, DeviceState, DeviceStatus
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.devices.self_test import DeviceVerdict
from ui.presenters.actions import Action
from ui.presenters.cancel import CancelFlag
from ui.presenters.commands import Command, Weight
from ui.presenters.devices.messages import NEEDED, TONES, kind_words, problem_of, ready_count, state_words
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows, rows_of, tagged
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Empty, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.people.lock import FingerLesson
from ui.presenters.presenter import Presenter
from ui.presenters.tasks import Tasks, device_executor
from ui.presenters.ways_out import leave

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
        where = Cell(status.address, status.driver, is_muted=True)
        kind = Cell(kind_words(status.kind), is_strong=True)
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


def _identity(status: DeviceStatus) -> Cell:
    identity = status.identity
    if identity is None:
        return Cell(message("perangkat.unknown"), is_muted=True)
    told = filter(None, ("SN", identity.serial, identity.firmware, status.mode))
    return Cell(f"{identity.vendor} {identity.model}", " ".join(told))


_SCREEN = Row(
    "screen",
    (
        Cell(kind_words(DeviceKind.SIGNATURE_PAD), is_strong=True),
        Cell(message("perangkat.screen"), message("perangkat.screen_when")),
        Cell(tags=(Tag(state_words(DeviceState.READY), TONES[DeviceState.READY]),)),
        Cell(message("perangkat.screen_untested"), is_muted=True),
        Cell(message("perangkat.screen_where"), is_muted=True),
    ),
)
"""The field of the screen that takes ink: no driver lists it and no cable can be pulled, so there is always a pad."""
_SCREEN_TEXT = f"{_SCREEN.name} {DeviceKind.SIGNATURE_PAD.value} layar ink-pad"
