"""Hands and eyes of the subject, as pictures: each finger and eye in the colour of its quality, with its number."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen, QTransform
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldkit.domain.recording.positions import EYES, FINGERS, Position
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.bars import HANDS
from ui.widgets.layout import LastShown
from ui.widgets.marks import TONE_ICONS, painter_on, write_whole
from ui.widgets.tags import draw_tag, tag_width

# The drawing's own units; the left hand, the right one is its mirror image.
_WIDTH, _HEIGHT = 560.0, 250.0
_FINGER_WIDTH = 46.0
_KNUCKLE = 152.0
_PALM = QRectF(5, 138, 204, 106)
_TOPS = {
    Position.LEFT_LITTLE: (9.0, 48.0),
    Position.LEFT_RING: (59.0, 18.0),
    Position.LEFT_MIDDLE: (109.0, 8.0),
    Position.LEFT_INDEX: (159.0, 32.0),
}
_THUMB_CENTRE = QPointF(228, 182)
_THUMB = QRectF(-_FINGER_WIDTH / 2, -54, _FINGER_WIDTH, 108)
_THUMB_TURN = 30.0
_MIDDLE = Qt.AlignmentFlag.AlignCenter
_EYE = QRectF(-68, -42, 136, 84)


@dataclass(frozen=True, slots=True)
class _Shape:
    path: QPainterPath
    number_at: QPointF


class HandsPicture(QWidget):
    """Shows ten `Finger`s. A press tells the finger; keys 1–0 belong to the screen."""

    finger_chosen = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._fingers: dict[Position, Finger] = {}
        self._last = LastShown(theming)
        self._shapes = {position: _shape(position) for position in FINGERS}
        self.setProperty("role", HANDS)
        self.setMinimumSize(360, 170)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def render_fingers(self, fingers: tuple[Finger, ...]) -> None:
        """Show fingers; those not named are pending."""
        if self._last.is_same(fingers):
            return
        self._fingers = {finger.position: finger for finger in fingers}
        self.setAccessibleName("; ".join(self._told(position) for position in FINGERS))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(int(_WIDTH), int(_HEIGHT))

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        at = self._transform().inverted()[0].map(event.position())
        for position, shape in self._shapes.items():
            if shape.path.contains(at):
                self.finger_chosen.emit(position)
                return

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        painter.setTransform(self._transform(), True)
        thumbs = (Position.LEFT_THUMB, Position.RIGHT_THUMB)
        for position in thumbs:
            self._paint_finger(painter, position)
        painter.setPen(QPen(theme.colour("outline_strong"), 2))
        painter.setBrush(theme.colour("skin"))
        painter.drawRoundedRect(_PALM, 48, 48)
        painter.drawRoundedRect(_mirrored(_PALM), 48, 48)
        for position in FINGERS:
            if position not in thumbs:
                self._paint_finger(painter, position)
        font, quiet = theme.font("section", QFont.Weight.DemiBold), theme.colour("text_muted")
        for rect, side in ((_PALM, "left"), (_mirrored(_PALM), "right")):
            write_whole(painter, rect, self._theming.say(message(f"ui.side.{side}")), font, quiet, _MIDDLE)
        for position in FINGERS:
            self._paint_sign(painter, position)

    def _paint_finger(self, painter: QPainter, position: Position) -> None:
        theme = self._theming.theme
        finger = self._fingers.get(position, Finger(position))
        fill, line, style = self._colours(finger)
        path = self._shapes[position].path
        if finger.is_selected:
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(theme.colour("focus"), 10))
            painter.drawPath(path)
        painter.setBrush(fill)
        pen = QPen(line, 3, style)
        if style is Qt.PenStyle.DashLine:
            pen.setDashPattern([3, 2.2])
        painter.setPen(pen)
        painter.drawPath(path)

    def _paint_sign(self, painter: QPainter, position: Position) -> None:
        theme = self._theming.theme
        finger = self._fingers.get(position, Finger(position))
        at = self._shapes[position].number_at
        text = {FingerMark.EXCEPTED: "–", FingerMark.FAILED: "×"}.get(finger.mark, "")
        if finger.mark is FingerMark.SCORED and finger.quality is not None:
            text = str(finger.quality)
            icon = TONE_ICONS.get(finger.tone)
            if icon:
                draw_icon(painter, icon, theme.ink(finger.tone), at.x() - 8, at.y() + 13, 16)
        ink = theme.colour("text") if finger.mark is FingerMark.PENDING else self._colours(finger)[1]
        place, font = QRectF(at.x() - 24, at.y() - 14, 48, 28), theme.font("section", QFont.Weight.Bold)
        write_whole(painter, place, text, font, ink, _MIDDLE)

    def _colours(self, finger: Finger) -> tuple[QColor, QColor, Qt.PenStyle]:
        theme = self._theming.theme
        solid, dashed = Qt.PenStyle.SolidLine, Qt.PenStyle.DashLine
        match finger.mark:
            case FingerMark.SCORED:
                return theme.ground(finger.tone), theme.ink(finger.tone), solid
            case FingerMark.EXCEPTED:
                return theme.colour("neutral_soft"), theme.colour("text_muted"), solid
            case FingerMark.FAILED:
                return theme.ground(Tone.BAD), theme.ink(Tone.BAD), solid
            case FingerMark.WANTED:
                return theme.colour("accent_soft"), theme.colour("primary"), dashed
            case FingerMark.PENDING:
                return theme.colour("skin"), theme.colour("outline_strong"), dashed

    def _transform(self) -> QTransform:
        scale = min(self.width() / _WIDTH, self.height() / _HEIGHT)
        left, top = (self.width() - _WIDTH * scale) / 2, (self.height() - _HEIGHT * scale) / 2
        return QTransform().translate(left, top).scale(scale, scale)

    def _told(self, position: Position) -> str:
        finger = self._fingers.get(position, Finger(position))
        name = self._theming.say(message(f"position.{position.value.lower()}"))
        mark = self._theming.say(message(f"ui.finger.{finger.mark.value}"))
        return f"{name} {finger.quality}" if finger.mark is FingerMark.SCORED else f"{name} {mark}"


def _shape(position: Position) -> _Shape:
    left = Position(position.value.replace("RIGHT", "LEFT"))
    path = QPainterPath()
    if left is Position.LEFT_THUMB:
        turned = QPainterPath()
        turned.addRoundedRect(_THUMB, _FINGER_WIDTH / 2, _FINGER_WIDTH / 2)
        place = QTransform().translate(_THUMB_CENTRE.x(), _THUMB_CENTRE.y()).rotate(_THUMB_TURN)
        path = place.map(turned)
        number_at = place.map(QPointF(0, -28))
    else:
        x, top = _TOPS[left]
        path.addRoundedRect(QRectF(x, top, _FINGER_WIDTH, _KNUCKLE - top), _FINGER_WIDTH / 2, _FINGER_WIDTH / 2)
        number_at = QPointF(x + _FINGER_WIDTH / 2, top + 28)
    if left is not position:
        flip = QTransform(-1, 0, 0, 1, _WIDTH, 0)
        path, number_at = flip.map(path), flip.map(number_at)
    return _Shape(path, number_at)


def _mirrored(rect: QRectF) -> QRectF:
    return QRectF(_WIDTH - rect.right(), rect.top(), rect.width(), rect.height())


class EyesPicture(QWidget):
    """Shows the two eyes with their number and word; a press tells the eye."""

    eye_chosen = Signal(object)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._eyes: dict[Position, Finger] = {}
        self._last = LastShown(theming)
        self.setMinimumSize(340, 150)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)

    def render_eyes(self, eyes: tuple[Finger, ...]) -> None:
        """Show eyes; those not named are pending."""
        if self._last.is_same(eyes):
            return
        self._eyes = {eye.position: eye for eye in eyes}
        self.setAccessibleName("; ".join(self._theming.say(self._tag(eye).words) for eye in map(self._eye, EYES)))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(400, 150)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        self.eye_chosen.emit(EYES[0] if event.position().x() < self.width() / 2 else EYES[1])

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = painter_on(self)
        for index, position in enumerate(EYES):
            centre = QPointF(self.width() * (1 + 2 * index) / 4, self.height() / 2 - 18)
            self._paint_eye(painter, self._eye(position), centre)

    def _paint_eye(self, painter: QPainter, eye: Finger, centre: QPointF) -> None:
        theme = self._theming.theme
        is_out = eye.mark in (FingerMark.EXCEPTED, FingerMark.FAILED)
        pending = eye.mark in (FingerMark.PENDING, FingerMark.WANTED)
        line = theme.colour("primary" if eye.mark is FingerMark.WANTED else "outline_strong")
        if not pending:
            line = theme.ink(self._tag(eye).tone)
        almond = QPainterPath(QPointF(_EYE.left(), 0))
        almond.quadTo(QPointF(0, _EYE.top() * 2), QPointF(_EYE.right(), 0))
        almond.quadTo(QPointF(0, _EYE.bottom() * 2), QPointF(_EYE.left(), 0))
        painter.save()
        painter.translate(centre)
        if eye.is_selected:
            painter.setPen(QPen(theme.colour("focus"), 10))
            painter.drawPath(almond)
        painter.setBrush(theme.colour("skin"))
        painter.setPen(QPen(line, 3, Qt.PenStyle.DashLine if pending else Qt.PenStyle.SolidLine))
        painter.drawPath(almond)
        if is_out:
            painter.drawLine(QPointF(-16, 0), QPointF(16, 0))
        else:
            painter.setPen(Qt.PenStyle.NoPen)
            painter.setBrush(theme.colour("outline" if pending else "outline_strong"))
            painter.drawEllipse(QPointF(0, 0), 29, 29)
            painter.setBrush(theme.colour("preview"))
            painter.drawEllipse(QPointF(0, 0), 12, 12)
        painter.restore()
        tag = self._tag(eye)
        draw_tag(painter, self._theming, tag, centre.x() - tag_width(self._theming, tag) / 2, centre.y() + 66)

    def _eye(self, position: Position) -> Finger:
        return self._eyes.get(position, Finger(position))

    def _tag(self, eye: Finger) -> Tag:
        name = self._theming.say(message(f"position.{eye.position.value.lower()}"))
        if eye.mark is FingerMark.SCORED:
            return Tag(f"{name} {eye.quality}", eye.tone)
        tones = {FingerMark.EXCEPTED: Tone.CAUTION, FingerMark.FAILED: Tone.BAD, FingerMark.WANTED: Tone.SOFT}
        mark = self._theming.say(message(f"ui.finger.{eye.mark.value}"))
        return Tag(f"{name}: {mark}", tones.get(eye.mark, Tone.NEUTRAL))
