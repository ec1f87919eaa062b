"""The signature as it is drawn and as it was drawn."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from fieldkit.ports.devices import PenPoint, Signature
from ui.presenters.messages import Message, message
from ui.runtime.mailbox import InkMailbox
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import painter_on

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
