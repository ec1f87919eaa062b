"""A photo from the bytes of its file."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.messages import Message
from ui.runtime.icons import draw_icon
from ui.runtime.theme_context import ThemeContext
from ui.widgets.marks import painter_on


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
