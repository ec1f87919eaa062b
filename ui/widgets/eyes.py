"""Two eyes as the subject has them: the right one at the left of the picture, as on the sheet of the iris camera."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QMouseEvent, QPainter, QPainterPath, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldkit.domain.recording.positions import EYES, Position
from ui.presenters.figures import Finger, FingerMark
from ui.presenters.messages import message
from ui.presenters.parts import Tag, Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import painter_on
from ui.widgets.presence import LastShown
from ui.widgets.tag import draw_tag, tag_width

_EYE = QRectF(-68, -42, 136, 84)


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
