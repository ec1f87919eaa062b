"""The window with recording and review over a real kit, executors and all; the test presses keys."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, Qt
from PySide6.QtGui import QColor, QImage
from PySide6.QtTest import QTest
from pytestqt.qtbot import QtBot
from support.recording import RecordingKit
from support.whole_office import Paperless

from fieldkit.domain.recording.capture import StepKind
from ui.presenters.parts import Stage, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.review import ReviewPresenter
from ui.runtime.navigation import Page
from ui.runtime.tasks import ExecutorTasks
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts
from ui.views.recording.recording import RecordingView, ReviewView, recording_factories
from ui.views.screen import Screen
from ui.views.shell import Shell

W = TypeVar("W")


def jpeg(width: int = 64, height: int = 48, colour: str = "#7FA6D6") -> bytes:
    image = QImage(width, height, QImage.Format.Format_RGB32)
    image.fill(QColor(colour))
    memory = QByteArray()
    buffer = QBuffer(memory)
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    image.save(buffer, "JPEG")
    return bytes(memory.data())


class Nothing(Screen[ViewState]):
    """Stands for the screens around."""

    def show_state(self, state: ViewState) -> None:
        pass


class RecordingWindow:
    """A shell at 1366 × 768 that opens with the recording in front."""

    def __init__(self, qtbot: QtBot, theming: ThemeContext, kit: RecordingKit) -> None:
        self.qtbot, self.theming, self.kit = qtbot, theming, kit
        for device in kit.registry.devices.values():
            device.streams_on, device.frame = True, jpeg()
        self.bugs: list[BaseException] = []
        self.tasks, self.shell = ExecutorTasks(self.bugs.append), Shell(theming)
        self.navigation = self.shell.navigation
        factories = recording_factories(
            PageParts(kit.door, self.tasks, self.navigation, theming, Paperless(), lambda: kit.context), lambda: None
        )
        around = dict.fromkeys(("home", "slip"), lambda _: Page(Presenter(ViewState()), Nothing(theming)))
        for name, factory in {**factories, **around}.items():
            self.navigation.register(name, factory)
        qtbot.addWidget(self.shell)
        with qtbot.waitExposed(self.shell):
            self.shell.show()
        self.shell.activateWindow()
        qtbot.waitUntil(self.shell.isActiveWindow)
        self.shell.setUpdatesEnabled(False)  # what is painted nobody looks at
        self.navigation.restart("home")
        self.navigation.push("recording", session_id=kit.session_id)
        qtbot.waitUntil(lambda: self.recording.state.stage is Stage.CONTENT)

    def _front(self, kind: type[W], part: object) -> W:
        assert isinstance(part, kind)
        return part

    @property
    def page(self) -> Page:
        assert self.navigation.page is not None
        return self.navigation.page

    @property
    def recording(self) -> RecordingPresenter:
        return self._front(RecordingPresenter, self.page.presenter)

    @property
    def view(self) -> RecordingView:
        return self._front(RecordingView, self.page.view)

    @property
    def review(self) -> ReviewPresenter:
        return self._front(ReviewPresenter, self.page.presenter)

    @property
    def review_view(self) -> ReviewView:
        return self._front(ReviewView, self.page.view)

    @property
    def current(self) -> StepKind:
        return self.recording.state.current

    def press(self, *keys: Qt.Key) -> None:
        """Press keys where the keyboard is."""
        for key in keys:
            QTest.keyClick(self.shell.focusWidget() or self.shell, key)

    def type(self, text: str) -> None:
        QTest.keyClicks(self.shell.focusWidget() or self.shell, text)

    def arrive(self, step: StepKind) -> None:
        """Wait for a step whose keyboard is ready."""
        self.qtbot.waitUntil(lambda: self.current is step and not self.recording._is_operating)

    def capture(self) -> None:
        """Press Space and wait for what comes."""
        before = self.recording.state.attempts_made
        self.press(Qt.Key.Key_Space)
        self.qtbot.waitUntil(
            lambda: self.recording.state.attempts_made > before and not self.recording.state.is_capturing
        )

    def close(self) -> None:
        self.navigation.close()
        self.tasks.shutdown()
        self.kit.close()
        assert not self.bugs
