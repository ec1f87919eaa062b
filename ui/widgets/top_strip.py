"""The top strip: who, where, the lights of the devices, connection, queue, battery, storage."""

from __future__ import annotations

from PySide6.QtCore import QPointF, QRectF, QSize, Qt
from PySide6.QtGui import QFont, QFontMetricsF, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from ui.presenters.parts import Lamp, Light, Strip
from ui.presenters.words import Words, phrase
from ui.runtime.icons import draw_icon
from ui.runtime.look import Look
from ui.widgets.marks import light, panel
from ui.widgets.presence import present
from ui.widgets.text import ElidedText, Role, Text, mark

_PADDING = 10
_SIGN = 18
_BATTERY_LOW = 20


class Pill(QWidget):
    """A word in the strip, with a light or an icon before it."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._text = ""
        self._light: Light | None = None
        self._icon = ""
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def render_pill(self, words: Words, *, lamp: Light | None = None, icon: str = "", detail: Words = "") -> None:
        """Show a word with its sign; an empty word takes no place."""
        self._text, self._light, self._icon = self._look.say(words), lamp, icon
        told = self._look.say(phrase(f"ui.light.{lamp.value}")) if lamp else ""
        self.setAccessibleName(f"{self._text}: {told}" if told else self._text)
        self.setToolTip(self._look.say(detail) or told)
        present(self, bool(self._text))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        width = QFontMetricsF(self._font()).horizontalAdvance(self._text) + 2 * _PADDING
        return QSize(round(width + 1 + (_SIGN if self._light or self._icon else 0)), 32)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme = self._look.theme
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
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
        painter.setFont(self._font())
        painter.setPen(ink)
        flags = Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft
        painter.drawText(QRectF(x, 0, self.width() - x, self.height()), flags, self._text)

    def _font(self) -> QFont:
        return self._look.theme.font("text", QFont.Weight.Medium)


class TopStrip(QWidget):
    """Shows a `Strip`. When it gets narrow the ready devices become one pill; what needs care keeps its own."""

    def __init__(self, look: Look) -> None:
        super().__init__()
        self._look = look
        self._strip = Strip()
        self._where_words: Words = ""
        self.setProperty("role", "strip")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(look.tokens.size["strip"])
        self._row = row = QHBoxLayout(self)
        row.setContentsMargins(look.tokens.space["md"], 0, look.tokens.space["md"], 0)
        row.setSpacing(look.tokens.space["sm"])
        self._brand = Text(Role.STRONG)
        self._where = ElidedText()
        self._user = Text(Role.STRONG)
        for label in (self._brand, self._where, self._user):
            mark(label, "on", "strip")
        row.addWidget(self._brand)
        row.addSpacing(4)
        row.addWidget(self._where, 1)
        self._lamps = QHBoxLayout()
        self._lamps.setSpacing(look.tokens.space["sm"])
        row.addLayout(self._lamps)
        self._devices: list[Pill] = []
        self._connection, self._queue, self._storage, self._battery = (Pill(look) for _ in range(4))
        for pill in (self._connection, self._queue, self._storage, self._battery):
            row.addWidget(pill)
        row.addSpacing(4)
        row.addWidget(self._user)

    def render_strip(self, strip: Strip, where: Words) -> None:
        """Show the strip of the program and the place of the screen in front."""
        self._strip, self._where_words = strip, where
        say = self._look.say
        self._brand.setText(say(phrase("ui.brand")))
        self._where.setText(say(where))
        self._user.show_text(say(strip.user))
        lamp = strip.connection
        self._connection.render_pill(
            lamp.words if lamp else "", lamp=lamp.light if lamp else None, detail=lamp.detail if lamp else ""
        )
        self._queue.render_pill(strip.queue, icon="up")
        self._storage.render_pill(strip.storage, icon="disk")
        percent = strip.battery_percent
        battery = "" if percent is None else phrase("ui.battery", percent=percent)
        is_low = percent is not None and percent <= _BATTERY_LOW
        self._battery.render_pill(battery, lamp=Light.CAUTION if is_low else None, icon="battery")
        self._show_devices(strip.devices)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._show_devices(self._strip.devices)
        self._fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name; what is too much gives way
        return QSize(400, self._look.tokens.size["strip"])

    def _fit(self) -> None:
        where = min(self._where.sizeHint().width(), 180)
        if self._needed() + where > self.width():
            self._show_devices(self._gathered())
        if self._needed() + where > self.width():
            self._storage.render_pill("")
        if self._needed() + where > self.width():
            self._user.show_text("")
        self._row.activate()  # now, or for a moment the words stand cut in the places of those before

    def _needed(self) -> int:
        # The layout counts the place at its minimum of 24 px.
        self._lamps.invalidate()
        self._row.invalidate()
        return self._row.minimumSize().width() - 24

    def _gathered(self) -> tuple[Lamp, ...]:
        ready = [lamp for lamp in self._strip.devices if lamp.light is Light.READY]
        rest = [lamp for lamp in self._strip.devices if lamp.light in (Light.BUSY, Light.CAUTION, Light.BAD)]
        if not ready:
            return tuple(rest)
        names = ", ".join(self._look.say(lamp.words) for lamp in ready)
        return (Lamp(phrase("ui.devices_ready", count=len(ready)), Light.READY, names), *rest)

    def _show_devices(self, lamps: tuple[Lamp, ...]) -> None:
        while len(self._devices) < len(lamps):
            self._devices.append(Pill(self._look))
            self._lamps.addWidget(self._devices[-1])
        for index, pill in enumerate(self._devices):
            if index < len(lamps):
                lamp = lamps[index]
                pill.render_pill(lamp.words, lamp=lamp.light, detail=lamp.detail)
            else:
                pill.render_pill("")
