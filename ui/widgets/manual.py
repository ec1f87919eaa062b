"""A chapter of the manual over the whole window, at the heading of the screen, with the pictures that are here."""

from __future__ import annotations

import re
from pathlib import Path

from PySide6.QtCore import Qt, QUrl
from PySide6.QtGui import QImage, QKeyEvent, QPainter, QTextBlock, QTextBlockFormat, QTextCursor, QTextDocument
from PySide6.QtWidgets import QTextBrowser, QWidget

from assets import FOLDER
from ui.presenters.actions import Action
from ui.presenters.commands import Command
from ui.presenters.manual import CONTENTS, Passage
from ui.presenters.messages import message
from ui.runtime.shortcuts import act_of
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, fill, row
from ui.widgets.overlays import Overlay

# Beside the assets in an installed program, in a checkout where it is written.
_FOLDERS = (FOLDER / "panduan", FOLDER.parent / "docs" / "panduan")
# Beside the chapters where a package brought them, in a checkout where `make manual` puts them.
_PICTURES = (FOLDER / "panduan", FOLDER.parent / "out" / "panduan")
_PICTURE = re.compile(r"^!\[[^\]]*\]\(([^)]*)\)\n?", re.M)
_ELSEWHERE = re.compile(r"(?<!!)\[([^\]]+)\]\((?![\w-]+\.md\))[^)]*\)")
_WIDTH, _MARGIN = 900, 24


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
        card.setMaximumWidth(_WIDTH)
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
