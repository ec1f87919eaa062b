"""The status bar: who, where, the lights of the devices, connection, queue, battery, storage."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QMouseEvent, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QMenu, QSizePolicy, QWidget

from ui.presenters.actions import Action
from ui.presenters.messages import Message, message
from ui.presenters.parts import Indicator, Light, StatusBar
from ui.runtime.icons import draw_icon
from ui.runtime.theme_context import ThemeContext
from ui.widgets.layout import row
from ui.widgets.marks import light, painter_on, panel, write_whole
from ui.widgets.presence import Pool, present
from ui.widgets.text import ElidedText, Role, Text, mark

if TYPE_CHECKING:
    from ui.widgets.layout import Part

_PADDING = 10
_SIGN = 18
_BATTERY_LOW = 20
_MENU_AT_THE_DOOR = (Action.HELP, Action.LANGUAGE, Action.THEME, Action.SIZE)
_MENU = (*_MENU_AT_THE_DOOR, Action.BLANK, Action.LOCK, Action.SIGN_OUT)


class Pill(QWidget):
    """A word in the status bar, with a light or an icon before it."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._text = ""
        self._light: Light | None = None
        self._icon = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def render_pill(
        self, words: Message, *, indicator: Light | None = None, icon: str = "", detail: Message = ""
    ) -> None:
        """Show a word with its sign; an empty word takes no place."""
        self._text, self._light, self._icon = self._theming.say(words), indicator, icon
        told = self._theming.say(message(f"ui.light.{indicator.value}")) if indicator else ""
        self.setAccessibleName(f"{self._text}: {told}" if told else self._text)
        self.setToolTip(self._theming.say(detail) or told)
        present(self, bool(self._text))
        self.updateGeometry()
        self.update()

    def render_indicator(self, indicator: Indicator) -> None:
        """Show a light with its word."""
        self.render_pill(indicator.words, indicator=indicator.light, detail=indicator.detail)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        width = QFontMetricsF(self._font()).horizontalAdvance(self._text) + 2 * _PADDING
        return QSize(round(width + 1 + (_SIGN if self._light or self._icon else 0)), 32)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._theming.theme
        painter = painter_on(self)
        ink = theme.colour("strip_text")
        # In high contrast pill and strip are both black: the outline keeps the pill.
        line = ink if theme.colour("strip_pill") == theme.colour("strip") else None
        panel(painter, QRectF(self.rect()), 16, theme.colour("strip_pill"), line, 1.5 if line else 0)
        x = float(_PADDING)
        if self._light is not None:
            light(painter, theme, self._light, QPointF(x + 6, self.height() / 2))
            x += _SIGN
        elif self._icon:
            draw_icon(painter, self._icon, ink, x - 2, self.height() / 2 - 8, 16)
            x += _SIGN
        write_whole(painter, QRectF(x, 0, self.width() - x, self.height()), self._text, self._font(), ink)

    def _font(self) -> QFont:
        return self._theming.theme.font("text", QFont.Weight.Medium)


class StatusBarWidget(QWidget):
    """Shows a `StatusBar`. When it gets narrow the ready devices become one pill; what needs care keeps its own.

    A click opens a menu of what holds on every screen; `chosen` carries what was taken there.
    """

    chosen = Signal(Action)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._status_bar = StatusBar()
        self._where_words: Message = ""
        self.setProperty("role", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theming.tokens.size["strip"])
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._menu = QMenu(self)
        self._brand, self._where, self._user = Text(Role.STRONG), ElidedText(), Text(Role.STRONG)
        for label in (self._brand, self._where, self._user):
            mark(label, "on", "strip")
        space = theming.tokens.space
        self._indicators = row(gap=space["sm"])
        self._devices = Pool(self._indicators.addWidget, lambda: Pill(theming))
        self._connection, self._queue, self._storage, self._battery = pills = [Pill(theming) for _ in range(4)]
        parts: tuple[Part, ...] = (self._brand, 4, (self._where, 1), self._indicators, *pills, 4, self._user)
        self._row = row(*parts, on=self, gap=space["sm"], margins=(space["md"], 0, space["md"], 0))

    def render_status_bar(self, status_bar: StatusBar, where: Message) -> None:
        """Show the status bar of the program and the place of the screen in front."""
        self._status_bar, self._where_words = status_bar, where
        say = self._theming.say
        self._brand.setText(say(message("ui.brand")))
        self._where.setText(say(where))
        self._user.show_text(say(status_bar.user))
        self._connection.render_indicator(status_bar.connection or Indicator("", Light.OFF))
        self._queue.render_pill(status_bar.queue, icon="up")
        self._storage.render_pill(status_bar.storage, icon="disk")
        percent = status_bar.battery_percent
        battery = "" if percent is None else message("ui.battery", percent=percent)
        is_low = percent is not None and percent <= _BATTERY_LOW
        self._battery.render_pill(battery, indicator=Light.CAUTION if is_low else None, icon="battery")
        self._devices.show(status_bar.devices, Pill.render_indicator)
        self._fit()

    def show_where(self, where: Message) -> None:
        """Show another place; the one that is shown already costs nothing."""
        if where != self._where_words:
            self.render_status_bar(self._status_bar, where)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self.render_status_bar(self._status_bar, self._where_words)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        say, menu = self._theming.say, self._menu
        menu.clear()
        for act in _MENU if self._status_bar.user else _MENU_AT_THE_DOOR:
            entry = menu.addAction(f"{say(message(f'act.{act.value}'))}\t{say(act.cap)}")
            entry.triggered.connect(lambda _checked=False, act=act: self.chosen.emit(act))
        menu.popup(self.mapToGlobal(QPoint(self.width() - menu.sizeHint().width(), self.height())))
        event.accept()

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name; what is too much gives way
        return QSize(400, self._theming.tokens.size["strip"])

    def _fit(self) -> None:
        where = min(self._where.sizeHint().width(), 180)
        if self._needed() + where > self.width():
            self._devices.show(self._gathered(), Pill.render_indicator)
        if self._needed() + where > self.width():
            self._storage.render_pill("")
        if self._needed() + where > self.width():
            self._user.show_text("")
        self._row.activate()  # now, or for a moment the words stand cut in the places of those before

    def _needed(self) -> int:
        # The layout counts the place at its minimum of 24 px.
        self._indicators.invalidate()
        self._row.invalidate()
        return self._row.minimumSize().width() - 24

    def _gathered(self) -> tuple[Indicator, ...]:
        ready = [indicator for indicator in self._status_bar.devices if indicator.light is Light.READY]
        rest = [each for each in self._status_bar.devices if each.light in (Light.BUSY, Light.CAUTION, Light.BAD)]
        if not ready:
            return tuple(rest)
        names = ", ".join(self._theming.say(indicator.words) for indicator in ready)
        return (Indicator(message("ui.devices_ready", count=len(ready)), Light.READY, names), *rest)
