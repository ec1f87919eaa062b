"""A page of a paper, whole."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QImage, QMouseEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.messages import Message
from ui.runtime.theme_context import ThemeContext

_LEAST_WIDE, _LEAST_HIGH = 240, 320


class PageView(QWidget):
    """Shows the PNG of a page as large as there is room."""

    pressed = Signal()

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._bytes = b""
        self._image = QImage()
        self.setMinimumSize(_LEAST_WIDE, _LEAST_HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_page(self, png: bytes, name: Message) -> None:
        """Show a page, named for screen readers. Bytes that are no picture show as an empty place."""
        self.setAccessibleName(self._theming.say(name))
        if png != self._bytes:
            self._bytes = png
            self._image = QImage.fromData(QByteArray(png)) if png else QImage()
            self.setMinimumHeight(min(_LEAST_HIGH, round(_LEAST_WIDE * self.ratio)))  # a square needs no more
            self.update()

    @property
    def has_picture(self) -> bool:
        """Return whether the bytes were a picture."""
        return not self._image.isNull()

    @property
    def ratio(self) -> float:
        """Return height by width of the page, that of A4 without one."""
        return self._image.height() / self._image.width() if self.has_picture else 297 / 210

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(420, 594)

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        event.accept()
        if self.rect().contains(event.position().toPoint()):
            self.pressed.emit()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        if self._image.isNull():
            return
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.SmoothPixmapTransform)
        size = self._image.size().scaled(self.size(), Qt.AspectRatioMode.KeepAspectRatio)
        place = QRectF((self.width() - size.width()) / 2, 0, size.width(), size.height())
        # Scaled once more by QImage: the painter alone leaves small type ragged.
        ratio = self.devicePixelRatio()
        fitted = self._image.scaled(
            size * ratio, Qt.AspectRatioMode.KeepAspectRatio, Qt.TransformationMode.SmoothTransformation
        )
        painter.drawImage(place, fitted)
        painter.setPen(QPen(self._theming.theme.colour("outline_strong"), 1))
        painter.drawRect(place.adjusted(0, 0, -1, -1))
