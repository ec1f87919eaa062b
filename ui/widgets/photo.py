"""A photo from the bytes of its file, and what the card on the reader told beside its photo."""

from __future__ import annotations

from PySide6.QtCore import QByteArray, QRectF, QSize, Qt
from PySide6.QtGui import QImage, QPainter, QPainterPath, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from ui.presenters.messages import Message, message
from ui.presenters.recording.card_check import CardShown
from ui.runtime.icons import draw_icon
from ui.runtime.theme_context import ThemeContext
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, row
from ui.widgets.marks import painter_on
from ui.widgets.presence import present
from ui.widgets.text import Role, Text

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
