"""The pages of a letter or a paper: one at a time, with which one it is, or as large as the window to be read."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import QByteArray, QEvent, QObject, QRectF, QSize, Qt, QUrl, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QHideEvent,
    QImage,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPaintEvent,
    QPen,
    QTextBlock,
    QTextBlockFormat,
    QTextCursor,
    QTextDocument,
)
from PySide6.QtWidgets import QScrollArea, QSizePolicy, QTextBrowser, QWidget

from assets import FOLDER
from ui.presenters.manual import CONTENTS, Passage
from ui.presenters.presenter import Action, Command, Message, Weight, message
from ui.runtime.navigation import act_of
from ui.runtime.theme import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.cards import Card
from ui.widgets.layout import SPRING, Role, Text, column, fill, row
from ui.widgets.overlays import Overlay
from ui.widgets.touch import drag_to_scroll

_LEAST_WIDE, _LEAST_HIGH = 240, 320
_SIZES = (1.0, 1.25, 1.5, 2.0)  # of the width of the window
_WIDTH = 900  # a page of A4 at 110 dots an inch
_STEP = 80
_ZOOM = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_OVER_ALL = (Action.BLANK, Action.LOCK, Action.SIGN_OUT)
_AWAY = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)  # it comes back by itself
_STEPS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}
PAGE_KEYS = (*_STEPS, Action.READ)


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


class PageReader(Overlay):
    """+ and - make the page larger and smaller, arrows move it, PgDn and PgUp turn, Esc closes; buttons do the same.

    It goes when anything else takes the keyboard: a letter must not lie behind a lock and come out with the next user.
    """

    turned = Signal(int)  # by so many pages
    ground, cover = "page", 255

    def __init__(self, theming: ThemeContext, host: QWidget) -> None:
        super().__init__(theming, host)
        space = theming.tokens.space
        self._at, self._is_open = 0, False
        self._before: QWidget | None = host.focusWidget()
        self._page, self._count, self._area = PageView(theming), Text(Role.MUTED), QScrollArea()
        drag_to_scroll(self._area)
        self._area.setWidget(self._page)
        self._area.setAlignment(Qt.AlignmentFlag.AlignHCenter)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        bar = row(gap=space["md"])
        for command, does in (
            (Command("close", message("act.back"), Action.BACK), self.close_overlay),
            (Command("smaller", message("ui.reader.smaller")), lambda: self.zoom(-1)),
            (Command("larger", message("ui.reader.larger")), lambda: self.zoom(1)),
            (Command("previous", message("common.previous"), Action.PREVIOUS_STEP), lambda: self.turned.emit(-1)),
            (Command("next", message("common.next"), Action.NEXT_STEP, Weight.PRIMARY), lambda: self.turned.emit(1)),
        ):
            button = ActionButton(theming)
            button.render_action(command)
            button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
            button.commanded.connect(lambda _command, does=does: does())
            bar.addWidget(button)
            if command.name == "close":
                bar.addWidget(self._count)
                bar.addStretch(1)
        column((self._area, 1), bar, on=self, gap=space["md"], margins=space["lg"])
        host.installEventFilter(self)

    def read(self, png: bytes, name: Message, count: str) -> None:
        """Show a page from its top; `count` says which one it is."""
        self._page.show_page(png, name)
        self._count.show_text(count)
        if not self._is_open:
            self._is_open = True
            self.open()
        self._fit()
        self._area.verticalScrollBar().setValue(0)

    def zoom(self, by: int) -> None:
        """Make the page larger or smaller by a step, within bounds."""
        self._at = max(0, min(len(_SIZES) - 1, self._at + by))
        self._fit()

    def close_overlay(self) -> None:
        """Uncover the window for good; who had the keyboard has it again."""
        if self._is_open:
            self._is_open = False
            super().close_overlay()
            self.deleteLater()
            if self._before is not None:
                self._before.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        act, key = act_of(event), Qt.Key(event.key())
        down, across = self._area.verticalScrollBar(), self._area.horizontalScrollBar()
        if act in _STEPS:
            self.turned.emit(_STEPS[act])
        elif key in _ZOOM:
            self.zoom(_ZOOM[key])
        elif key in (Qt.Key.Key_Down, Qt.Key.Key_Up):
            down.setValue(down.value() + (_STEP if key == Qt.Key.Key_Down else -_STEP))
        elif key in (Qt.Key.Key_Right, Qt.Key.Key_Left):
            across.setValue(across.value() + (_STEP if key == Qt.Key.Key_Right else -_STEP))
        elif act is Action.READ:
            self.close_overlay()
        elif act in _OVER_ALL:
            self.close_overlay()
            event.ignore()  # it is the window's
            return
        else:
            super().keyPressEvent(event)
        event.accept()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().focusOutEvent(event)
        if self._is_open and event.reason() not in _AWAY:
            self._before = None  # somebody else has the keyboard now
            self.close_overlay()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        if event.type() is QEvent.Type.Resize and self.isVisible() and (host := self.parentWidget()) is not None:
            self.setGeometry(host.rect())
            self._fit()
        return super().eventFilter(watched, event)

    def _fit(self) -> None:
        room = self.width() - 2 * self.theming.tokens.space["lg"] - self._area.verticalScrollBar().sizeHint().width()
        width = round(min(_WIDTH, room) * _SIZES[self._at])
        self._page.setFixedSize(width, round(width * self._page.ratio))


class LetterPages(QWidget):
    """Shows a page as large as there is room; PgDn and PgUp turn, a click or Ctrl Space opens it to be read."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming, self._at = theming, 0
        self._pages: tuple[bytes, ...] = ()
        self._name: Message = ""
        self._page, self._count, self._hint = PageView(theming), Text(Role.MUTED), Text(Role.MUTED)
        self._page.setCursor(Qt.CursorShape.PointingHandCursor)
        self._page.pressed.connect(self.read)
        self._reader: PageReader | None = None
        below = ((line, 0, Qt.AlignmentFlag.AlignHCenter) for line in (self._count, self._hint))
        column((self._page, 1), *below, on=self, gap=theming.tokens.space["xs"])

    @property
    def at(self) -> int:
        """Return which page is shown, from 0."""
        return self._at

    def render_pages(self, pages: tuple[bytes, ...], name: Message) -> None:
        """Show pages; those of another letter begin at the first, one that is drawn anew stays where it was."""
        self._at = min(self._at, max(0, len(pages) - 1)) if name == self._name else 0
        self._pages, self._name = pages, name
        self._show()

    def perform(self, act: Action) -> bool:
        """Turn a page or open it; `False` for any other key."""
        if act in _STEPS:
            self.turn(_STEPS[act])
        elif act is Action.READ:
            self.read()
        return act in PAGE_KEYS

    def read(self) -> None:
        """Open the page over the whole window."""
        if self._page.has_picture:
            reader = self._reader = PageReader(self._theming, self.window())
            reader.turned.connect(self.turn)
            reader.closed.connect(self._put_away)
            self._open_page(reader)

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().hideEvent(event)
        if self._reader is not None:
            self._reader.close_overlay()

    def _put_away(self) -> None:
        self._reader = None

    def _open_page(self, reader: PageReader) -> None:
        reader.read(self._pages[self._at], self._name, self._count.text())

    def turn(self, step: int) -> None:
        """Turn by pages; beyond the ends nothing happens."""
        self._at = max(0, min(len(self._pages) - 1, self._at + step))
        self._show()

    def _show(self) -> None:
        self._page.show_page(self._pages[self._at] if self._pages else b"", self._name)
        several = len(self._pages) > 1
        words = message("paper.page", page=self._at + 1, pages=len(self._pages))
        self._count.show_text(self._theming.say(words) if several else "")
        self._hint.show_text(self._theming.say(message("ui.reader.open")) if self._page.has_picture else "")
        if self._reader is not None:
            self._open_page(self._reader)


# A chapter of the manual over the whole window, at the heading of the screen, with the pictures that are here.

# Beside the assets in an installed program, in a checkout where it is written.
_FOLDERS = (FOLDER / "panduan", FOLDER.parent / "docs" / "panduan")
# Beside the chapters where a package brought them, in a checkout where `make manual` puts them.
_PICTURES = (FOLDER / "panduan", FOLDER.parent / "out" / "panduan")
_PICTURE = re.compile(r"^!\[[^\]]*\]\(([^)]*)\)\n?", re.M)
_ELSEWHERE = re.compile(r"(?<!!)\[([^\]]+)\]\((?![\w-]+\.md\))[^)]*\)")
_MANUAL_WIDTH, _MARGIN = 900, 24


def chapter_text(name: str) -> str:
    """Return a chapter by the name of its file, without pictures that are not here. Raise `OSError`.

    What leads out of the manual is only words.
    """
    text = (_folder() / f"{name}.md").read_text("utf-8")
    return _ELSEWHERE.sub(r"\1", _PICTURE.sub(lambda found: found[0] if picture_file(found[1]) else "", text))


def picture_file(name: str) -> Path | None:
    """Return where a picture of the manual lies, None where nobody made or brought it."""
    places = (folder / Path(name).name for folder in _PICTURES)
    return next((place for place in places if place.is_file()), None)


def _folder() -> Path:
    return next((folder for folder in _FOLDERS if folder.is_dir()), _FOLDERS[-1])


class Chapter(QTextBrowser):
    """A chapter whose pictures are as wide as its lines, framed, with room above and below."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming

    def loadResource(self, kind: int, name: QUrl | str) -> object:  # noqa: N802, D102 – Qt's name
        path = QUrl(name).path()
        if kind != QTextDocument.ResourceType.ImageResource.value or (file := picture_file(path)) is None:
            return None
        picture, ratio = QImage(str(file)), self.devicePixelRatioF()
        room = round((self.viewport().width() - 2 * self.document().documentMargin()) * ratio)
        if picture.width() > room:
            picture = picture.scaledToWidth(room, Qt.TransformationMode.SmoothTransformation)
        apart = round(self._theming.tokens.space["sm"] * ratio)
        framed = QImage(picture.width(), picture.height() + 2 * apart, QImage.Format.Format_ARGB32_Premultiplied)
        framed.fill(Qt.GlobalColor.transparent)
        painter = QPainter(framed)
        painter.drawImage(0, apart, picture)
        painter.setPen(self._theming.theme.colour("outline"))
        painter.drawRect(0, apart, picture.width() - 1, picture.height() - 1)
        painter.end()
        framed.setDevicePixelRatio(ratio)
        return framed


class ManualOverlay(Overlay):
    """Arrows and PgDn scroll, Tab and Enter follow a link, Esc or F1 closes."""

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(theming, parent)
        self._text = Chapter(theming)
        self._text.setOpenLinks(False)
        # `_give_room` makes each chapter longer than the window: pictures are measured with the bar in place.
        self._text.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOn)
        self._text.setFrameShape(QTextBrowser.Shape.NoFrame)
        self._text.setFont(theming.theme.font("text"))
        self._text.anchorClicked.connect(self._follow)
        self._contents, self._close = ActionButton(theming), ActionButton(theming)
        self._contents.commanded.connect(lambda _command: self._show(Passage(CONTENTS)))
        self._close.commanded.connect(lambda _command: self.close_overlay())
        card = Card(theming)
        card.setMaximumWidth(_MANUAL_WIDTH)
        fill(card.body, (self._text, 1), row(self._close, SPRING, self._contents))
        column(row(card), on=self, margins=_MARGIN)
        self.setFocusProxy(self._text)

    def open_at(self, passage: Passage) -> None:
        """Cover the window with a chapter."""
        say = self.theming.say
        self._contents.render_action(Command("contents", message("ui.manual.contents")))
        self._close.render_action(Command("back", message("common.close"), Action.BACK))
        self._text.setAccessibleName(say(message("ui.manual.title")))
        self.open()
        if (layout := self.layout()) is not None:
            layout.activate()  # a heading has no place before the text has a width
        self._show(passage)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        event.accept()
        if act_of(event) in (Action.BACK, Action.HELP):
            self.close_overlay()

    def _follow(self, link: QUrl) -> None:
        self._show(Passage(link.path().removesuffix(".md")))

    def _show(self, passage: Passage) -> None:
        try:
            text = chapter_text(passage.chapter)
        except OSError:
            text = self.theming.say(message("ui.manual.missing"))
        self._text.setMarkdown(text)
        self._give_room()
        if (block := self._heading(passage.heading)) is not None:
            bar, layout = self._text.verticalScrollBar(), self._text.document().documentLayout()
            bar.setValue(round(layout.blockBoundingRect(block).top()))

    def _give_room(self) -> None:
        """Set the headings apart, and let the last one too be scrolled to the top."""
        document = self._text.document()
        space, block = self.theming.tokens.space, document.begin()
        while block.isValid():
            if block.blockFormat().headingLevel():
                apart = QTextBlockFormat()
                apart.setTopMargin(space["md"])
                apart.setBottomMargin(space["xs"])
                QTextCursor(block).mergeBlockFormat(apart)
            block = block.next()
        frame = document.rootFrame().frameFormat()
        frame.setBottomMargin(self._text.viewport().height())
        document.rootFrame().setFrameFormat(frame)

    def _heading(self, words: str) -> QTextBlock | None:
        block = self._text.document().begin()
        while words and block.isValid():
            if block.blockFormat().headingLevel() and block.text() == words:
                return block
            block = block.next()
        return None
