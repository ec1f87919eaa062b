"""The live preview: a dark panel with the newest frame, chips above it and the guide over it."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, QSizeF, Qt
from PySide6.QtGui import QColor, QFont, QImage, QPainter, QPainterPath, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldkit.ports.inspection import FingerSeen
from ui.presenters.figures import Frame, Guide
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tone
from ui.runtime.mailbox import PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import painter_on, panel, write_whole

_TOP, _LEFT, _CHIP, _GAP = 14.0, 16.0, 30.0, 10.0  # of the chips, in px

_EYES_NEED = 0.55  # of the height of a frame with both eyes
_GOOD, _ENOUGH = 60, 40  # of the clarity of live fingers, as the limits for prints are set out of the box
_LIGHTS = {Tone.GOOD: "light_good", Tone.CAUTION: "light_caution", Tone.BAD: "light_bad"}


class LivePreview(QWidget):
    """Shows what a mailbox brings. `render_marks` lays chips, frames and a guide over it."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._mailbox: PreviewMailbox | None = None
        self._image: QImage | None = None
        self._fps = 0
        self._chips: tuple[Message, ...] = ()
        self._frames: tuple[Frame, ...] = ()
        self._guide = Guide.NONE
        self._waiting: Message = message("ui.preview.waiting")
        self.setMinimumSize(320, 180)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(theming.say(message("ui.preview.name")))

    @property
    def has_picture(self) -> bool:
        """Whether it shows more than the waiting words."""
        return self._image is not None

    def watch(self, mailbox: PreviewMailbox | None) -> None:
        """Show the frames of a mailbox from now on; `None` shows the waiting words."""
        if self._mailbox is not None:
            self._mailbox.arrived.disconnect(self._take)
        self._mailbox = mailbox
        self._image, self._fps = None, 0
        if mailbox is not None:
            mailbox.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)
            mailbox.mark(())
            mailbox.take()  # a frame that waited unwatched is old, and would keep the next one from being told
            self._fit()
        self.update()

    def render_marks(
        self,
        chips: tuple[Message, ...] = (),
        frames: tuple[Frame, ...] = (),
        guide: Guide = Guide.NONE,
        waiting: Message | None = None,
    ) -> None:
        """Lay chips, frames and a guide over the picture; `waiting` is said while there is none."""
        self._chips, self._frames, self._guide = chips, frames, guide
        self._waiting = message("ui.preview.waiting") if waiting is None else waiting
        self.update()

    def show_image(self, image: QImage | None) -> None:
        """Show a still picture instead of the live one."""
        self._image = image
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(752, 270)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._fit()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        outline = QPainterPath()
        radius = theme.tokens.radius["card"]
        outline.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setClipPath(outline)
        painter.fillRect(self.rect(), theme.colour("preview"))
        if self._image is None:
            self._paint_waiting(painter)
        else:
            place = self._place(self._image.size(), _TOP + _CHIP + _GAP if self._told() else 0.0)
            painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
            painter.drawImage(place, self._image)
            self._paint_guide(painter, place)
            self._paint_frames(painter, place)
            self._paint_fingers(painter, place)
        self._paint_chips(painter)

    def _take(self) -> None:
        if self._mailbox is None or (image := self._mailbox.take()) is None:
            return
        self._image = image
        self._fps = self._mailbox.fps()
        self.update()

    def _fit(self) -> None:
        if self._mailbox is not None:
            self._mailbox.fit(self.size() * self.devicePixelRatio())

    def _place(self, size: QSize, above: float) -> QRectF:
        """Return where a picture stands; `above` px are kept free of it, that no chip lies on a finger."""
        room = QRectF(0, above, self.width(), self.height() - above)
        if self._guide is Guide.EYES:  # eyes lie across the middle: what is above and below may go
            size = QSize(size.width(), round(size.height() * _EYES_NEED))
        fitted = QSizeF(size).scaled(room.size(), Qt.AspectRatioMode.KeepAspectRatio)
        if self._guide is Guide.EYES:
            fitted.setHeight(fitted.height() / _EYES_NEED)
        place = QRectF(QPointF(), fitted)
        place.moveCenter(room.center())
        return place

    def _paint_waiting(self, painter: QPainter) -> None:
        theme, words, middle = self._theming.theme, self._theming.say(self._waiting), Qt.AlignmentFlag.AlignCenter
        font = theme.font("section", QFont.Weight.DemiBold)
        write_whole(painter, QRectF(self.rect()), words, font, theme.colour("preview_text"), middle)

    def _paint_guide(self, painter: QPainter, place: QRectF) -> None:
        pen = QPen(QColor(self._theming.theme.colour("preview_text")), 3, Qt.PenStyle.DashLine)
        painter.setPen(pen)
        painter.setBrush(Qt.BrushStyle.NoBrush)
        height = place.height()
        if self._guide is Guide.FACE:
            painter.drawEllipse(place.center() + QPointF(0, -height * 0.02), height * 0.25, height * 0.34)
        elif self._guide is Guide.EYES:
            for side in (-1, 1):
                centre = place.center() + QPointF(side * place.width() * 0.25, 0)
                painter.drawEllipse(centre, place.width() * 0.14, place.width() * 0.09)

    def _paint_frames(self, painter: QPainter, place: QRectF) -> None:
        painter.setBrush(Qt.BrushStyle.NoBrush)
        for frame in self._frames:
            painter.setPen(QPen(self._theming.theme.colour(_LIGHTS.get(frame.tone, "light_off")), 4))
            box = _inside(place, frame)
            radius = min(box.width(), box.height()) * 0.4
            painter.drawRoundedRect(box, radius, radius)

    def _paint_fingers(self, painter: QPainter, place: QRectF) -> None:
        """Lay a frame and a number over each finger that moves on the glass now."""
        theme = self._theming.theme
        for finger in self._mailbox.fingers() if self._mailbox is not None else ():
            colour = theme.colour(_LIGHTS[_tone(finger.clarity)])
            box = _inside(place, finger)
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(colour, 3))
            painter.drawRoundedRect(box, box.width() * 0.4, box.width() * 0.4)
            painter.setFont(theme.font("section", QFont.Weight.DemiBold))
            chip = QRectF(0, 0, painter.fontMetrics().horizontalAdvance("100") + 12, _CHIP)
            below = box.bottom() + _GAP  # a ridge under a number cannot be judged by eye
            chip.moveCenter(QPointF(box.center().x(), 0))
            chip.moveTop(below if below + _CHIP <= self.height() else max(0.0, box.top() - _GAP - _CHIP))
            panel(painter, chip, theme.tokens.radius["tag"], theme.colour("preview_chip"))
            painter.setPen(colour)
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, str(finger.clarity))

    def _paint_chips(self, painter: QPainter) -> None:
        theme = self._theming.theme
        painter.setFont(theme.font("text", QFont.Weight.DemiBold))
        x, told, width = _LEFT, self._told(), painter.fontMetrics().horizontalAdvance
        if self._chips and _LEFT + sum(width(text) + 20 + _GAP for text in told) > self.width():
            told = told[-len(self._chips) :]  # where there is no room, the rate of the pictures is the least
        for text in told:
            chip = QRectF(x, _TOP, width(text) + 20, _CHIP)
            panel(painter, chip, theme.tokens.radius["tag"], theme.colour("preview_chip"))
            painter.setPen(theme.colour("preview_text"))
            painter.drawText(chip, Qt.AlignmentFlag.AlignCenter, text)
            x = chip.right() + _GAP

    def _told(self) -> tuple[str, ...]:
        live = (message("ui.preview.live", fps=self._fps),) if self._image is not None and self._fps else ()
        return tuple(map(self._theming.say, (*live, *self._chips)))


def _inside(place: QRectF, box: Frame | FingerSeen) -> QRectF:
    """Return where a box lies that is given in thousandths of a picture shown at `place`."""
    across, down = place.width() / 1000, place.height() / 1000
    left, top = place.left() + box.left * across, place.top() + box.top * down
    return QRectF(left, top, box.width * across, box.height * down)


def _tone(clarity: int) -> Tone:
    return Tone.GOOD if clarity >= _GOOD else Tone.CAUTION if clarity >= _ENOUGH else Tone.BAD
