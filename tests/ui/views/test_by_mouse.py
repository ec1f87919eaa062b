"""A day by mouse alone: no key is pressed but letters and digits into a field that was clicked."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QLineEdit, QScrollArea, QTableView, QWidget
from pytestqt.qtbot import QtBot
from support.app_context import KETUA, PASSPHRASE, TARGETS, Kit, OpenDoor
from support.clock import HandClock
from support.letters import KADIS, office
from support.recording import PIN, ScriptedDevice
from support.recording_window import RecordingWindow
from support.sarpras import stock_inventory, verdict
from support.signing import service, set_up, waiting_letter

from drivers.simulators.bsre.server import KEPALA_DINAS
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.session import Phase
from fieldkit.ports.devices import DeviceKind
from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.presenters.recording.review import ReviewPresenter
from ui.runtime.theme import ThemeContext
from ui.views.shell import Shell


class Mouse:
    """Clicks what a window shows, found by its words; what lies under another thing or outside cannot be clicked."""

    def __init__(self, shell: Shell, theming: ThemeContext, wait: Callable[[Callable[[], bool]], None]) -> None:
        self._shell, self._theming, self._wait = shell, theming, wait

    def press(self, *keys: str) -> None:
        """Click the buttons with these messages or words, one after the other, as soon as each is there."""
        for key in keys:
            words = self._theming.say(message(key)) if "." in key else key
            self._wait(lambda words=words: self._button(words) is not None)
            button = self._button(words)
            assert button is not None
            self._click(button, button.rect().center())

    def row(self, at: int, *, opens: bool = False) -> None:
        """Click a row of the table in front; twice, it opens."""
        table = next(table for table in self._shell.findChildren(QTableView) if table.isVisible())
        table.scrollTo(table.model().index(at, 1))  # as the wheel does
        place = table.visualRect(table.model().index(at, 1))
        self._click(table.viewport(), place.center())
        if opens:
            QTest.mouseDClick(table.viewport(), Qt.MouseButton.LeftButton, pos=place.center())
            QApplication.processEvents()

    def type(self, text: str, into: type[QWidget] = QLineEdit) -> None:
        """Click the field of the screen in front and type letters into it."""
        fields = [field for field in self._shell.findChildren(into) if field.isVisible() and field.isEnabled()]
        field = next(f for f in fields if not isinstance(f, QLineEdit) or f.echoMode() is QLineEdit.EchoMode.Password)
        self._click(field, field.rect().center())
        assert self._shell.focusWidget() is field
        assert text.isprintable()
        QTest.keyClicks(field, text)
        QApplication.processEvents()

    def _button(self, words: str) -> QAbstractButton | None:
        found = (b for b in self._shell.findChildren(QAbstractButton) if b.isVisible() and b.isEnabled())
        return next((button for button in found if words in (button.text(), button.accessibleName())), None)

    def _click(self, part: QWidget, at: QPoint) -> None:
        above = part.parentWidget()
        while above is not None and not isinstance(above, QScrollArea):
            above = above.parentWidget()
        if above is not None:
            above.ensureWidgetVisible(part)  # as the wheel does
        place = part.mapTo(self._shell, at)
        under = self._shell.childAt(place)
        assert under is not None, f"{part} is outside"
        assert under is part or part.isAncestorOf(under), f"{under} lies on {part}"
        QTest.mouseClick(under, Qt.MouseButton.LeftButton, pos=under.mapFrom(self._shell, place))
        QApplication.processEvents()


@pytest.fixture
def kit(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    """An office for who signs letters, else a kit whose team has its sarpras."""
    is_office = getattr(request, "param", None) is KADIS
    kit = office(tmp_path, KADIS) if is_office else Kit(tmp_path, KETUA)
    if is_office:
        monkeypatch.setattr(OpenDoor.__init__, "__defaults__", ((KADIS,),))
    else:
        kit.plan(*TARGETS)
        stock_inventory(kit)
        kit.devices.there = {kind: ScriptedDevice(kind) for kind in list(DeviceKind)[:4]}
    yield kit
    kit.store.close()


@pytest.fixture
def mouse(window: Any) -> Mouse:
    return Mouse(window.shell, window.theming, window.wait)


def sign_in(window: Any, mouse: Mouse, name: str) -> None:
    window.door.context = replace(window.kit.context)
    window.settle()
    mouse.press(name)
    mouse.type(PASSPHRASE)
    mouse.press("common.sign_in")
    window.reach("Home")


@pytest.mark.days
def test_signing_in_and_sending(window: Any, kit: Kit, mouse: Mouse) -> None:
    kit.seal(1, TARGETS[0], timedelta(hours=3))
    sign_in(window, mouse, KETUA.name)
    mouse.press("beranda.send")
    window.reach("Queue")
    mouse.press("kirim.send_now")
    window.wait(lambda: kit.context.delivery.queue().unsent == 0)
    window.wait(lambda: not window.program.signed_in().sending.is_running)


@pytest.mark.days
def test_sarpras_goes_out(window: Any, kit: Kit, mouse: Mouse) -> None:
    out = kit.context.office.sarpras.out
    sign_in(window, mouse, KETUA.name)
    mouse.press("beranda.prepare")
    window.reach("Checklist")
    items = len(out.current("a1").checklist.lines)
    for at in range(items):
        mouse.row(at)
        window.wait(lambda at=at: window.view.state.cursor == window.view.state.rows.row(at).name)
        mouse.press("sarpras.condition.baik", "common.complete", "sarpras.clean")
        window.wait(lambda at=at: out.current("a1").checklist.answered == at + 1)
    mouse.row(items)
    window.wait(lambda: window.view.state.counter is not None)
    counted = out.current("a1").checklist.counts[0].count
    mouse.press("+", "−", "+")
    window.wait(lambda: out.current("a1").checklist.counts[0].count == counted + 1)
    kit.context.office.sarpras.tests.keep([verdict(kind) for kind in list(DeviceKind)[:4]])
    mouse.press("sarpras.sign")
    window.reach("Izin")
    mouse.type(PASSPHRASE)
    mouse.press("common.to_sign")
    window.wait(lambda: window.view.state.ink is not None)
    mouse.press("sarpras.izin_accept")
    window.reach("Checklist")
    window.wait(lambda: out.current("a1").checklist.izin is not None)
    window.wait(lambda: window.view.state.ink is not None)
    assert not window.view.state.bar.actions[-1].refused, window.view.state.attention
    mouse.press(window.theming.say(window.view.state.bar.actions[-1].words))
    window.wait(lambda: out.current("a1").is_out)


@pytest.mark.days
@pytest.mark.parametrize("kit", [KADIS], indirect=True)
def test_a_letter_is_signed(window: Any, kit: Kit, mouse: Mouse) -> None:
    with service(HandClock()) as bsre:
        set_up(kit, bsre)
        waiting_letter(kit, "470/1187/409.110/2026")
        sign_in(window, mouse, KADIS.name)
        window.wait(lambda: window.view.state.duties is not None and window.view.state.duties.count > 0)
        mouse.row(0, opens=True)
        window.reach("SignLetters")
        window.wait(lambda: bool(window.view.state.pages))
        mouse.press("common.sign")
        mouse.type(KEPALA_DINAS.passphrase)
        mouse.press("common.sign")
        window.wait(lambda: bsre.signings == 1)
        window.wait(lambda: window.view.state.stage is Stage.EMPTY)


@pytest.mark.days
def test_a_person_is_recorded_and_sealed(
    recording_window: RecordingWindow, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("ui.views.recording.recording.has_touch_screen", lambda: True)  # the PIN has keys on it
    window = recording_window
    mouse = Mouse(window.shell, window.theming, qtbot.waitUntil)
    mouse.press("rekam.confirm_biodata")
    for kind in CAPTURED_AT:
        window.arrive(kind)
        if kind in (StepKind.SIGNATURE, StepKind.CONFIRMATION):
            qtbot.waitUntil(lambda: window.recording.state.ink is not None)
        else:
            mouse.press("act.capture")
            qtbot.waitUntil(
                lambda: window.recording.state.attempts_made > 0 and not window.recording.state.is_capturing
            )
        mouse.press("act.accept")
    window.arrive(StepKind.INDEX_VERIFICATION)
    mouse.press("rekam.note_not_compared")
    qtbot.waitUntil(lambda: isinstance(window.page.presenter, ReviewPresenter))
    qtbot.waitUntil(lambda: window.review.state.stage is Stage.CONTENT)
    mouse.press(*PIN)
    mouse.press("tinjau.seal")
    qtbot.waitUntil(lambda: window.kit.on_disk().phase is Phase.SEALED)
    qtbot.waitUntil(lambda: type(window.page.view).__name__ == "Nothing")
