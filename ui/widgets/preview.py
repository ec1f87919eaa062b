"""The live preview: a dark panel with the newest frame, chips above it and the guide over it."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QPointF, QRectF, QSize, QSizeF, Qt, Signal
from PySide6.QtGui import (
    QColor,
    QFont,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QPen,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldkit.ports.devices import PenPoint, Signature
from fieldkit.ports.recording import FingerSeen
from ui.presenters.figures import Frame, Guide
from ui.presenters.parts import Tone
from ui.presenters.presenter import Message, message
from ui.presenters.recording.panels import CardShown
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.cards import Card
from ui.widgets.layout import SPRING, Role, Text, column, present, row
from ui.widgets.marks import focus_ring, painter_on, panel, write_whole
from ui.widgets.touch import ERASE

# The signature as it is drawn and as it was drawn.

_PEN_UM = 550  # a pen's line on paper, about half a millimetre
_EDGE = 11  # px between the view's edge and the ink


class InkView(QWidget):
    """Paints strokes inside a dashed field, scaled from the pad's µm. `watch` follows a pad live.

    `surface` is where they are painted, so that ink drawn on this very view (see `InkPad`) appears under the pen.
    """

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._signature: Signature | None = None
        self._waiting: Message = message("ui.ink.waiting")
        self._mailbox: InkMailbox | None = None
        self.setMinimumSize(220, 110)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
        self.setAccessibleName(theming.say(message("common.signature")))

    def watch(self, mailbox: InkMailbox | None) -> None:
        """Show the ink of a mailbox from now on."""
        if self._mailbox is not None:
            self._mailbox.arrived.disconnect(self._take)
        self._mailbox = mailbox
        if mailbox is not None:
            mailbox.arrived.connect(self._take, Qt.ConnectionType.QueuedConnection)

    def show_signature(self, signature: Signature | None, waiting: Message | None = None) -> None:
        """Show a signature; `waiting` is said while there is none."""
        self._signature = signature
        self._waiting = message("ui.ink.waiting") if waiting is None else waiting
        self.update()

    def surface(self) -> QRectF:
        """Return the part of the view that holds the ink."""
        return QRectF(self.rect()).adjusted(_EDGE, _EDGE, -_EDGE, -_EDGE)

    def invite(self, is_here: bool) -> None:
        """Say where to sign: on this view, or on the device beside it."""
        self._waiting = message("ui.ink.here" if is_here else "ui.ink.waiting")
        self.setCursor(Qt.CursorShape.CrossCursor if is_here else Qt.CursorShape.ArrowCursor)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(308, 190)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        painter.setPen(QPen(theme.colour("outline_strong"), 2, Qt.PenStyle.DashLine))
        painter.setBrush(theme.colour("surface"))
        field = QRectF(self.rect()).adjusted(1, 1, -1, -1)
        painter.drawRoundedRect(field, theme.tokens.radius["button"], theme.tokens.radius["button"])
        if self._signature is None or not self._signature.strokes:
            painter.setPen(theme.colour("text_muted"))
            flags = Qt.AlignmentFlag.AlignCenter | Qt.TextFlag.TextWordWrap
            painter.drawText(field.adjusted(12, 12, -12, -12), flags, self._theming.say(self._waiting))
            return
        self._paint_strokes(painter, self.surface(), self._signature)

    def _take(self) -> None:
        if self._mailbox is not None and (signature := self._mailbox.take()) is not None:
            self.show_signature(signature, self._waiting)

    def _paint_strokes(self, painter: QPainter, field: QRectF, signature: Signature) -> None:
        scale = min(field.width() / signature.width_um, field.height() / signature.height_um)
        left = field.left() + (field.width() - signature.width_um * scale) / 2
        top = field.top() + (field.height() - signature.height_um * scale) / 2
        width = max(2.5, _PEN_UM * scale)
        ink = self._theming.theme.colour("text")
        painter.setPen(QPen(ink, width, Qt.PenStyle.SolidLine, Qt.PenCapStyle.RoundCap, Qt.PenJoinStyle.RoundJoin))

        def at(point: PenPoint) -> QPointF:
            return QPointF(left + point.x_um * scale, top + point.y_um * scale)

        for stroke in signature.strokes:
            points = [at(point) for point in stroke]
            if len(points) == 1:
                painter.drawPoint(points[0])
            else:
                painter.drawPolyline(points)


# A photo from the bytes of its file, and what the card on the reader told beside its photo.

_PHOTO = QSize(96, 128)


class PhotoView(QWidget):
    """Shows JPEG or PNG bytes, cropped to its place unless `fit` shows them whole; an outline while there are none."""

    def __init__(
        self, theming: ThemeContext, fit: Qt.AspectRatioMode = Qt.AspectRatioMode.KeepAspectRatioByExpanding
    ) -> None:
        super().__init__()
        self._theming, self._fit = theming, fit
        self._bytes: bytes | None = None
        self._image = QImage()
        self.setMinimumSize(120, 140)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_photo(self, photo: bytes | None, name: Message) -> None:
        """Show a photo, named for screen readers. Bytes that are no picture show as none."""
        self.setAccessibleName(self._theming.say(name))
        if photo is not self._bytes:
            self._bytes = photo
            self._image = QImage.fromData(QByteArray(photo)) if photo else QImage()
            self.update()

    @property
    def has_picture(self) -> bool:
        """Return whether the bytes were a picture."""
        return not self._image.isNull()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(188, 220)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        outline = QPainterPath()
        radius = theme.tokens.radius["button"]
        outline.addRoundedRect(QRectF(self.rect()), radius, radius)
        painter.setClipPath(outline)
        if self._image.isNull():
            painter.fillRect(self.rect(), theme.colour("neutral_soft"))
            ink = theme.colour("outline_strong")
            draw_icon(painter, "person", ink, self.width() / 2 - 36, self.height() / 2 - 36, 72)
            return
        size = self._image.size().scaled(self.size(), self._fit)
        left, top = (self.width() - size.width()) / 2, (self.height() - size.height()) / 2
        painter.drawImage(QRectF(left, top, size.width(), size.height()), self._image)


class CardSeenPanel(Card):
    """Takes no place while there is nothing to tell."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._photo, self._what, self._hint = PhotoView(theming), Text(Role.STRONG, wraps=True), Text(wraps=True)
        self._photo.setFixedSize(_PHOTO)
        words = column(self._what, self._hint, SPRING, gap=theming.tokens.space["xs"])
        self.body.addLayout(row(self._photo, (words, 1), gap=theming.tokens.space["md"]))

    def render_card(self, card: CardShown | None) -> None:
        """Show what was read."""
        if card is not None:
            self.set_tone(card.tone)
            self._what.show_text(self._theming.say(card.title))
            self._hint.show_text(self._theming.say(card.hint))
            self._photo.show_photo(card.photo, message("kartu.photo"))
        present(self._photo, card is not None and card.photo is not None)
        present(self, card is not None)


# Boxes for a PIN: each digit a dot, the next box outlined.

_HEIGHT = 54


class PinBoxes(QWidget):
    """Takes digits and forgets them on `clear`. `edited` follows each key, `completed` carries the whole PIN once."""

    edited = Signal(str)
    completed = Signal(str)

    def __init__(self, theming: ThemeContext, length: int = 6) -> None:
        super().__init__()
        self._theming = theming
        self._length = length
        self._digits = ""
        self._is_wrong = False
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        self._tell()

    def clear(self, *, wrong: bool = False) -> None:
        """Empty the boxes; `wrong` outlines them as refused until the next digit."""
        self._digits = ""
        self._is_wrong = wrong
        self._tell()

    def press(self, key: str) -> None:
        """Take a digit, or take the last one back with `ERASE`, as if it had been typed."""
        if key == ERASE:
            self._digits = self._digits[:-1]
        elif len(self._digits) < self._length:
            self._digits += key
            self._is_wrong = False
        else:
            return
        self._tell()
        self.edited.emit(self._digits)
        if key != ERASE and len(self._digits) == self._length:
            self.completed.emit(self._digits)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(self._length * 46 + (self._length - 1) * 12, _HEIGHT)

    def mousePressEvent(self, _event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        self.setFocus(Qt.FocusReason.MouseFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        text = event.text()
        if event.key() == Qt.Key.Key_Backspace:
            self.press(ERASE)
        elif len(text) == 1 and "0" <= text <= "9":
            self.press(text)
        else:
            event.ignore()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        pitch = min(64.0, (self.width() + 12) / self._length)
        radius = theme.tokens.radius["button"]
        for index in range(self._length):
            rect = QRectF(index * pitch, 0, pitch - 12, _HEIGHT)
            line = theme.colour("bad" if self._is_wrong else "outline_strong")
            panel(painter, rect, radius, theme.colour("surface"), line, 2)
            if index < len(self._digits):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(theme.colour("text"))
                painter.drawEllipse(rect.center(), 5, 5)
            elif index == len(self._digits) and self.hasFocus():
                focus_ring(painter, rect, radius, theme)

    def _tell(self) -> None:
        told = message("ui.pin.name", done=len(self._digits), length=self._length)
        self.setAccessibleName(self._theming.say(told))
        self.update()


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
