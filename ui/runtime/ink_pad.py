"""A field of the screen as a signature pad: pen, finger or mouse, behind the same port as every other pad."""

from __future__ import annotations

import time
from collections.abc import Callable
from threading import Condition

from PySide6.QtCore import QEvent, QObject, QPointF, QRectF, Qt, Signal
from PySide6.QtGui import QMouseEvent, QTabletEvent, QTouchEvent
from PySide6.QtWidgets import QWidget

from fieldkit.domain.errors import Recovery
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NothingPresentedError,
    PenPoint,
    Signature,
    StrokeSink,
)

_POLL_S = 0.05  # a cancelled call must come back within 0.3 s
_EARLY_S = 1.0  # a stroke that began so shortly before anybody asked is the beginning of the signature
_UM_PER_INCH = 25_400
_DPI = (60, 600)  # what screens have; virtual machines tell nonsense
_MAX_SIDE_UM = 300_000  # of a field on a wall screen
_MAX_POINTS = 100_000
_ENDS = (QEvent.Type.TouchEnd, QEvent.Type.TouchCancel)


class InkPad(QObject):
    """A `SignaturePad`: `sign` on any thread, events of the sheet on the thread of the window.

    `surface` gives the part of the sheet that takes ink. `armed` tells whether somebody is asked to sign here,
    `touched` that somebody began although nobody was asked. Held by whoever made it, not by the sheet: a call that runs
    on while the sheet closes must find its pad.
    """

    armed = Signal(bool)
    touched = Signal()

    def __init__(
        self, sheet: QWidget, surface: Callable[[], QRectF], monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        super().__init__()
        self._sheet, self._surface, self._monotonic = sheet, surface, monotonic
        self._changed = Condition()  # over what follows
        self._is_awaited = self._has_changed = False
        self._strokes: list[list[PenPoint]] = []
        self._points = 0
        self._size_um = (1, 1)
        self._first_ms = 0
        self._last_at = float("-inf")
        self._hand: object = None  # what draws the stroke under way: a pen excludes the palm beside it
        sheet.setAttribute(Qt.WidgetAttribute.WA_AcceptTouchEvents)
        sheet.installEventFilter(self)

    # --- the port

    @property
    def identity(self) -> DeviceIdentity:
        """The screen itself."""
        return DeviceIdentity("fieldkit", "ink-pad", "screen")

    @property
    def capabilities(self) -> Capabilities:
        """Signatures with live ink."""
        return Capabilities(DeviceKind.SIGNATURE_PAD, may_preview=True)

    def open(self, cancel: Cancel) -> None:
        """Always ready."""
        if cancel.is_cancelled():
            raise _cancelled()

    def health(self) -> DeviceState:
        """Always ready."""
        return DeviceState.READY

    def close(self) -> None:
        """Nothing is held."""

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        """Return the signature once nothing touched the sheet for `idle_ms` after a stroke."""
        self._await()
        try:
            return self._signed(preview, cancel, idle_ms / 1000, self._monotonic() + timeout_ms / 1000)
        finally:
            with self._changed:
                self._is_awaited, self._hand = False, None
                self._forget()
            self.armed.emit(False)

    def _await(self) -> None:
        with self._changed:
            self._is_awaited = True
            if self._hand is None:
                self._forget_old()
            self._has_changed = bool(self._strokes)
        self.armed.emit(True)

    def _signed(self, preview: StrokeSink, cancel: Cancel, idle_s: float, ends_at: float) -> Signature:
        while True:
            with self._changed:
                if not self._has_changed:
                    self._changed.wait(_POLL_S)
                now = self._monotonic()
                ink = Signature(tuple(map(tuple, self._strokes)), *self._size_um)
                is_new, self._has_changed = self._has_changed, False
                is_rested = self._hand is None and now - self._last_at >= idle_s
            if is_new:
                preview.offer_signature(ink)
            if ink.strokes and (is_rested or cancel.is_cancelled() or self._points >= _MAX_POINTS):
                return ink
            if cancel.is_cancelled():
                raise _cancelled()
            if not ink.strokes and now >= ends_at:
                raise NothingPresentedError("device.no_ink")

    # --- the sheet

    def eventFilter(self, _sheet: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        match event:
            case QTabletEvent():
                return self._pen(event)
            case QTouchEvent():
                return self._finger(event)
            case QMouseEvent():
                return self._mouse(event)
        return False

    def _pen(self, event: QTabletEvent) -> bool:
        match event.type():
            case QEvent.Type.TabletPress:
                self._hand = None  # the pen takes the stroke over from a palm
                self._press("pen", event.position(), event.pressure(), event.timestamp())
            case QEvent.Type.TabletMove:
                self._draw("pen", event.position(), event.pressure(), event.timestamp())
            case QEvent.Type.TabletRelease:
                self._lift("pen")
        event.accept()  # else Qt sends the same again as a mouse
        return True

    def _finger(self, event: QTouchEvent) -> bool:
        for point in event.points():
            finger, at, force = ("finger", point.id()), point.position(), point.pressure() or 1.0
            match point.state():
                case point.State.Pressed:
                    self._press(finger, at, force, event.timestamp())
                case point.State.Released:
                    self._lift(finger)
                case _:
                    self._draw(finger, at, force, event.timestamp())
        if event.type() in _ENDS and self._hand != "pen":
            self._lift(self._hand)
        event.accept()
        return True

    def _mouse(self, event: QMouseEvent) -> bool:
        is_left = event.button() == Qt.MouseButton.LeftButton
        match event.type():
            case QEvent.Type.MouseButtonPress | QEvent.Type.MouseButtonDblClick if is_left:
                self._press("mouse", event.position(), 1.0, event.timestamp())
            case QEvent.Type.MouseMove:
                self._draw("mouse", event.position(), 1.0, event.timestamp())
            case QEvent.Type.MouseButtonRelease if is_left:
                self._lift("mouse")
            case _:
                return False
        return True

    # --- strokes

    def _press(self, hand: object, at: QPointF, pressure: float, at_ms: int) -> None:
        with self._changed:
            if self._hand is not None:
                return
            if not self._is_awaited:
                self._forget_old()
            if not self._strokes:
                self._first_ms, self._size_um = at_ms, self._measure()
            self._hand = hand
            self._strokes.append([])
            is_awaited = self._is_awaited
        self._draw(hand, at, pressure, at_ms)
        if not is_awaited:
            self.touched.emit()

    def _draw(self, hand: object, at: QPointF, pressure: float, at_ms: int) -> None:
        field = self._surface()
        with self._changed:
            if hand != self._hand or self._points >= _MAX_POINTS:
                return
            width_um, height_um = self._size_um
            x_um = round((at.x() - field.left()) / max(1.0, field.width()) * width_um)
            y_um = round((at.y() - field.top()) / max(1.0, field.height()) * height_um)
            last_ms = next((stroke[-1].t_ms for stroke in reversed(self._strokes) if stroke), 0)
            point = PenPoint(
                min(max(x_um, 0), width_um),
                min(max(y_um, 0), height_um),
                min(max(pressure, 0.0), 1.0),
                max(at_ms - self._first_ms, last_ms),
            )
            self._strokes[-1].append(point)
            self._points += 1
            self._note_touch()

    def _lift(self, hand: object) -> None:
        with self._changed:
            if hand == self._hand:
                self._hand = None
                self._note_touch()

    def _note_touch(self) -> None:
        self._last_at = self._monotonic()
        self._has_changed = True
        self._changed.notify_all()

    def _forget(self) -> None:
        self._strokes, self._points = [], 0

    def _forget_old(self) -> None:
        if self._monotonic() - self._last_at > _EARLY_S:
            self._forget()

    def _measure(self) -> tuple[int, int]:
        """Return width and height of the surface in µm, as far as the screen tells its true size."""
        field = self._surface()
        dpi = min(max(self._sheet.physicalDpiX(), _DPI[0]), _DPI[1])
        longest = max(field.width(), field.height(), 1.0)
        um_per_px = min(_UM_PER_INCH / dpi, _MAX_SIDE_UM / longest)
        return max(1, round(field.width() * um_per_px)), max(1, round(field.height() * um_per_px))


def _cancelled() -> NothingPresentedError:
    return NothingPresentedError("device.cancelled", recovery=Recovery.NONE)
