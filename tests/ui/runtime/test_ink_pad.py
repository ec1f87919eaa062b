from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from itertools import pairwise

import pytest
from PySide6.QtCore import QEvent, QPointF, QRectF, Qt
from PySide6.QtGui import QInputDevice, QPointingDevice, QTabletEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot
from support.waits import FactClock, Flag, never

from fieldkit.ports.devices import DeviceKind, DeviceState, NothingPresentedError, Signature, SignaturePad
from ui.runtime import ink_pad
from ui.runtime.ink_pad import InkPad

NO_MODIFIER, LEFT = Qt.KeyboardModifier.NoModifier, Qt.MouseButton.LeftButton
KIND = QEvent.Type


class Signing(threading.Thread):
    """A call of `sign` on an executor of its own."""

    def __init__(self, pad: InkPad, timeout_ms: int = 5_000, leave: Flag | None = None) -> None:
        super().__init__()
        self.leave, self.shown, self.result = leave or Flag(), list[Signature](), None
        self.failure: NothingPresentedError | None = None
        self._pad, self._timeout_ms = pad, timeout_ms
        self.start()

    def offer_signature(self, signature: Signature) -> None:
        self.shown.append(signature)

    def run(self) -> None:
        try:
            self.result = self._pad.sign(self, self.leave, 150, self._timeout_ms)
        except NothingPresentedError as error:
            self.failure = error


class Sheet(QWidget):
    """A field of 400 × 200 px, ten of them margin."""

    def __init__(self) -> None:
        super().__init__()
        self.resize(400, 200)

    def surface(self) -> QRectF:
        return QRectF(self.rect()).adjusted(10, 10, -10, -10)


@pytest.fixture
def sheet(qtbot: QtBot) -> Sheet:
    sheet = Sheet()
    qtbot.addWidget(sheet)
    with qtbot.waitExposed(sheet):
        sheet.show()
    return sheet


@pytest.fixture
def clock() -> FactClock:
    """Return the clock of the pad, on which nobody rests until the test has drawn all."""
    return FactClock(never)


@pytest.fixture
def pad(sheet: Sheet, clock: FactClock) -> InkPad:
    return InkPad(sheet, sheet.surface, clock)


@pytest.fixture
def signing(pad: InkPad, qtbot: QtBot) -> Iterator[Signing]:
    with qtbot.waitSignal(pad.armed, check_params_cb=bool):
        call = Signing(pad)
    yield call
    call.leave.is_set = True
    call.join()


def mouse(sheet: QWidget, *places: tuple[int, int]) -> None:
    first, *others = (QPointF(*place).toPoint() for place in places)
    QTest.mousePress(sheet, LEFT, NO_MODIFIER, first)
    for place in others:
        QTest.mouseMove(sheet, place)
    QTest.mouseRelease(sheet, LEFT, NO_MODIFIER, others[-1] if others else first)


def stylus() -> QPointingDevice:
    pen = QPointingDevice.PointerType.Pen
    able = QInputDevice.Capability.Position | QInputDevice.Capability.Pressure
    return QPointingDevice("pen", 7, QInputDevice.DeviceType.Stylus, pen, able, 1, 1)


def pen(sheet: QWidget, device: QPointingDevice, kind: QEvent.Type, x: int, y: int, pressure: float) -> None:
    at, buttons = QPointF(x, y), Qt.MouseButton.NoButton if kind is KIND.TabletRelease else LEFT
    event = QTabletEvent(kind, device, at, at, pressure, 0, 0, 0, 0, 0, NO_MODIFIER, LEFT, buttons)
    QApplication.sendEvent(sheet, event)


def places(signature: Signature, sheet: Sheet) -> list[list[tuple[int, int]]]:
    """Return where the strokes lie on the sheet, in px."""
    field = sheet.surface()
    across, down = field.width() / signature.width_um, field.height() / signature.height_um
    return [
        [(round(field.left() + p.x_um * across), round(field.top() + p.y_um * down)) for p in stroke]
        for stroke in signature.strokes
    ]


Done = Callable[[Signing], Signature]


@pytest.fixture
def done(qtbot: QtBot, clock: FactClock) -> Done:
    """Let the pen rest from now on, and return the signature."""

    def rested(call: Signing) -> Signature:
        clock.runs = lambda: True
        ended(qtbot, call)
        clock.runs = never
        assert call.result is not None
        return call.result

    return rested


def ended(qtbot: QtBot, call: Signing) -> None:
    qtbot.waitUntil(lambda: not call.is_alive())


def test_a_line_by_mouse(signing: Signing, sheet: Sheet, done: Done) -> None:
    mouse(sheet, (20, 100), (120, 100), (300, 110))
    mouse(sheet, (330, 60))
    signature = done(signing)
    assert places(signature, sheet) == [[(20, 100), (120, 100), (300, 110)], [(330, 60)]]
    points = [p for stroke in signature.strokes for p in stroke]
    assert points[0].t_ms == 0
    assert all(a.t_ms <= b.t_ms for a, b in pairwise(points))
    assert signature.width_um / signature.height_um == pytest.approx(380 / 180, rel=0.01)
    assert signing.shown[-1] == signature


def test_the_size_on_the_screen_is_told_in_um(signing: Signing, sheet: Sheet, done: Done) -> None:
    mouse(sheet, (20, 100), (120, 100))
    assert done(signing).width_um == round(380 * 25_400 / min(max(sheet.physicalDpiX(), 60), 600))


def test_a_pen_tells_its_pressure(signing: Signing, sheet: Sheet, done: Done) -> None:
    device = stylus()
    pen(sheet, device, KIND.TabletPress, 50, 50, 0.25)
    pen(sheet, device, KIND.TabletMove, 60, 50, 0.75)
    pen(sheet, device, KIND.TabletRelease, 60, 50, 0)
    pen(sheet, device, KIND.TabletMove, 90, 90, 0)  # it hovers on
    signature = done(signing)
    assert [p.pressure for p in signature.strokes[0]] == [0.25, 0.75]
    assert len(signature.strokes) == 1


def test_a_finger_draws_and_other_fingers_do_not(
    signing: Signing, sheet: Sheet, done: Done, touch_screen: QPointingDevice
) -> None:
    screen = touch_screen
    at = lambda x, y: QPointF(x, y).toPoint()  # noqa: E731 – three letters that are read ten times
    QTest.touchEvent(sheet, screen).press(0, at(30, 30), sheet).commit()
    QTest.touchEvent(sheet, screen).move(0, at(60, 40), sheet).press(1, at(200, 150), sheet).commit()
    QTest.touchEvent(sheet, screen).move(1, at(210, 150), sheet).move(0, at(90, 50), sheet).commit()
    QTest.touchEvent(sheet, screen).release(0, at(90, 50), sheet).release(1, at(210, 150), sheet).commit()
    assert places(done(signing), sheet) == [[(30, 30), (60, 40), (90, 50)]]


def test_the_palm_beside_a_pen_does_not_draw(
    signing: Signing, sheet: Sheet, done: Done, touch_screen: QPointingDevice
) -> None:
    screen, device = touch_screen, stylus()
    QTest.touchEvent(sheet, screen).press(0, QPointF(300, 150).toPoint(), sheet).commit()
    pen(sheet, device, KIND.TabletPress, 50, 50, 0.5)
    QTest.touchEvent(sheet, screen).move(0, QPointF(310, 150).toPoint(), sheet).commit()
    pen(sheet, device, KIND.TabletMove, 60, 50, 0.5)
    QTest.touchEvent(sheet, screen).release(0, QPointF(310, 150).toPoint(), sheet).commit()
    pen(sheet, device, KIND.TabletMove, 70, 50, 0.5)
    pen(sheet, device, KIND.TabletRelease, 70, 50, 0)
    assert places(done(signing), sheet)[-1] == [(50, 50), (60, 50), (70, 50)]


def test_a_hand_that_holds_still_is_not_done(
    signing: Signing, sheet: Sheet, clock: FactClock, qtbot: QtBot, done: Done
) -> None:
    QTest.mousePress(sheet, LEFT, NO_MODIFIER, QPointF(20, 100).toPoint())
    clock.pass_s(60)
    looks = clock.looks
    qtbot.waitUntil(lambda: clock.looks > looks + 5)
    assert signing.is_alive()
    QTest.mouseMove(sheet, QPointF(50, 100).toPoint())
    QTest.mouseRelease(sheet, LEFT, NO_MODIFIER, QPointF(50, 100).toPoint())
    assert len(done(signing).strokes) == 1


def test_beyond_the_edge_is_on_the_edge(signing: Signing, sheet: Sheet, done: Done) -> None:
    mouse(sheet, (2, 2), (398, 500))
    signature = done(signing)
    assert [(p.x_um, p.y_um) for p in signature.strokes[0]] == [(0, 0), (signature.width_um, signature.height_um)]


def test_no_ink_and_giving_up(pad: InkPad, clock: FactClock, qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    clock.runs = lambda: True
    call = Signing(pad, timeout_ms=100)
    ended(qtbot, call)
    assert call.failure is not None
    assert call.failure.code == "device.no_ink"
    clock.runs = never
    monkeypatch.setattr(ink_pad, "_POLL_S", 0.001)
    call = Signing(pad, timeout_ms=600_000, leave=Flag(after=100))
    ended(qtbot, call)
    assert call.leave.was_heeded
    assert call.failure is not None
    assert call.failure.code == "device.cancelled"
    with pytest.raises(NothingPresentedError):
        pad.open(call.leave)


def test_who_begins_unasked_is_heard_and_loses_no_stroke(pad: InkPad, sheet: Sheet, qtbot: QtBot, done: Done) -> None:
    with qtbot.waitSignal(pad.touched):
        QTest.mousePress(sheet, LEFT, NO_MODIFIER, QPointF(20, 100).toPoint())
    call = Signing(pad)
    qtbot.waitUntil(lambda: pad._is_awaited)
    QTest.mouseMove(sheet, QPointF(80, 100).toPoint())
    QTest.mouseRelease(sheet, LEFT, NO_MODIFIER, QPointF(80, 100).toPoint())
    assert places(done(call), sheet) == [[(20, 100), (80, 100)]]


def test_an_older_scribble_is_not_part_of_the_next_signature(
    pad: InkPad, sheet: Sheet, clock: FactClock, qtbot: QtBot, done: Done
) -> None:
    mouse(sheet, (20, 20), (40, 40))
    clock.pass_s(1.1)
    call = Signing(pad)
    qtbot.waitUntil(lambda: pad._is_awaited)
    mouse(sheet, (100, 100), (120, 100))
    assert len(done(call).strokes) == 1
    call = Signing(pad)
    qtbot.waitUntil(lambda: pad._is_awaited)
    mouse(sheet, (30, 30), (60, 30))
    assert places(done(call), sheet) == [[(30, 30), (60, 30)]], "nor is the last one"


def test_a_call_outlives_its_sheet(pad: InkPad, qtbot: QtBot) -> None:
    sheet = Sheet()
    own = InkPad(sheet, sheet.surface)
    call = Signing(own)
    sheet.deleteLater()
    QApplication.sendPostedEvents(sheet, int(KIND.DeferredDelete.value))
    call.leave.is_set = True
    qtbot.waitUntil(lambda: not call.is_alive())
    assert call.failure is not None


def test_too_much_ink_ends_the_signature(
    signing: Signing, sheet: Sheet, done: Done, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ink_pad, "_MAX_POINTS", 5)
    QTest.mousePress(sheet, LEFT, NO_MODIFIER, QPointF(20, 20).toPoint())
    for x in range(30, 60):
        QTest.mouseMove(sheet, QPointF(x, 20).toPoint())
    assert len(done(signing).strokes[0]) == 5
    QTest.mouseRelease(sheet, LEFT, NO_MODIFIER, QPointF(60, 20).toPoint())


def test_it_is_a_pad_like_any_other(pad: InkPad) -> None:
    assert isinstance(pad, SignaturePad)
    assert pad.capabilities.kind is DeviceKind.SIGNATURE_PAD
    assert pad.health() is DeviceState.READY
    assert pad.identity.serial
    pad.open(Flag())
    pad.close()
    pad.close()
