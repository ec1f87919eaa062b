"""A page of a letter as large as the window, to be read before it is signed or sent on its way."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QScrollArea, QWidget

from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.messages import Message, message
from ui.runtime.shortcuts import act_of
from ui.runtime.theme_context import ThemeContext
from ui.widgets.button import ActionButton
from ui.widgets.layout import column, row
from ui.widgets.overlays import Overlay
from ui.widgets.page_view import PageView
from ui.widgets.text import Role, Text
from ui.widgets.touch import drag_to_scroll

_SIZES = (1.0, 1.25, 1.5, 2.0)  # of the width of the window
_WIDTH = 900  # a page of A4 at 110 dots an inch
_STEP = 80
_ZOOM = {Qt.Key.Key_Plus: 1, Qt.Key.Key_Equal: 1, Qt.Key.Key_Minus: -1}
_TURN = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}
_OVER_ALL = (Action.BLANK, Action.LOCK, Action.SIGN_OUT)
_AWAY = (Qt.FocusReason.ActiveWindowFocusReason, Qt.FocusReason.PopupFocusReason)  # it comes back by itself


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
            (Command("previous", message("ui.reader.previous"), Action.PREVIOUS_STEP), lambda: self.turned.emit(-1)),
            (Command("next", message("ui.reader.next"), Action.NEXT_STEP, Weight.PRIMARY), lambda: self.turned.emit(1)),
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
        if act in _TURN:
            self.turned.emit(_TURN[act])
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
