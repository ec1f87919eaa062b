"""Bars of the window: status at the top, acts at the bottom, toasts between them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QPoint, QPointF, QRect, QRectF, QSize, Qt, QTimer, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QMouseEvent, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QLayout, QLineEdit, QMenu, QPlainTextEdit, QSizePolicy, QWidget

from ui.presenters.parts import Bar, Indicator, Light, StatusBar, Toast, Tone, UnderWork
from ui.presenters.presenter import Action, Command, Message, Weight, message
from ui.runtime.theme import Theme, ThemeContext, draw_icon
from ui.widgets.button import ActionButton
from ui.widgets.layout import SPRING, ElidedText, LastShown, Pool, Role, Text, column, mark, present, row
from ui.widgets.marks import (
    TONE_ICONS,
    key_cap,
    key_cap_width,
    light,
    painter_on,
    panel,
    tone_icon,
    write_whole,
)

if TYPE_CHECKING:
    from ui.widgets.layout import Part


# The bottom bar: always in the same place, back at the left, the primary at the right.
_WIDE = 224
_CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit)
HANDS = "hands"
"""The role of a picture whose parts are pressed."""
_ANY = 16_777_215  # what Qt calls no limit
_MOST_LOST = 3  # a note of which less than a third is lost may still be read
_RANK = (Weight.PLAIN, Weight.DANGER, Weight.SECOND, Weight.PRIMARY)


class BottomBar(QWidget):
    """Shows a `Bar`. Buttons live on between renders, so the keyboard stays where it was.

    Those for which there is no room, the weakest first, fold into a menu; their keys hold as before.
    """

    commanded = Signal(object)
    refused = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._bar = Bar()
        self._unfolded: set[int] = set()
        self._last = LastShown(theming)
        self._buttons: list[ActionButton] = []
        self.setProperty("role", "bar")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFixedHeight(theming.tokens.size["bar"])
        space = theming.tokens.space
        self._menu = QMenu(self)
        self._back, self._more = self._new_button(), self._new_button()
        self._more.commanded.disconnect()
        self._more.commanded.connect(self._unfold)
        self._note = ElidedText(Role.MUTED)
        sides = (space["lg"], 2, space["lg"], 0)
        self._row = row(self._back, (self._note, 1), self._more, on=self, gap=space["md"], margins=sides)
        self._row.setSizeConstraint(QLayout.SizeConstraint.SetNoConstraint)

    def render_bar(self, bar: Bar) -> None:
        """Show a bar."""
        self._bar = bar
        self._back.offer(bar.back)
        self._note.setText(self._theming.say(bar.note))
        while len(self._buttons) < len(bar.actions):
            self._buttons.append(self._new_button())
            self._row.addWidget(self._buttons[-1])
        for button, action in zip(self._buttons, bar.actions, strict=False):
            button.render_action(action)
        looks = tuple((action.words, action.act, action.weight) for action in bar.actions)
        if self._last.is_same(looks, bar.back and (bar.back.words, bar.back.act), bar.note):
            return
        for button, action in zip(self._buttons, bar.actions, strict=False):
            wide = action.weight is Weight.PRIMARY
            button.setMinimumWidth(max(button.sizeHint().width(), _WIDE if wide else 0))
        self._fold()

    def perform(self, act: Action) -> bool:
        """Do what the bar has for an act; `False` when it has nothing."""
        actions = (self._bar.back, *self._bar.actions)
        action = next((a for a in actions if a is not None and a.act is act), None)
        if action is None:
            return False
        self._press(action)
        return True

    def keys(self) -> dict[Action, Message]:
        """Return what each key of the bar does."""
        commands = (*self._bar.actions, *((self._bar.back,) if self._bar.back is not None else ()))
        return {command.act: command.words for command in commands if command.act is not None}

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._fold()

    def minimumSizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(0, super().minimumSizeHint().height())  # what has no room folds: the bar keeps no window wide

    def _fold(self) -> None:
        """Show as many buttons as there is room for."""
        actions = self._bar.actions
        shown = set(range(len(actions)))
        for at in sorted(shown, key=lambda at: _RANK.index(actions[at].weight)):
            if self._width_of(shown, has_more=len(shown) < len(actions)) <= self.width() or len(shown) == 1:
                break
            shown.remove(at)
            words = message("ui.bar.more", count=len(actions) - len(shown))  # before it is measured
            self._more.render_action(Command("more", words, weight=Weight.PLAIN))
        self._unfolded = shown
        present(self._more, bool(self._folded))
        for at, button in enumerate(self._buttons):
            present(button, at in shown)
        note, room = self._note, self.width() - self._width_of(shown, has_more=bool(self._folded))
        wanted = note.fontMetrics().horizontalAdvance(note.text())
        is_read = room + note.minimumSizeHint().width() >= wanted - wanted // _MOST_LOST
        note.setMaximumWidth(_ANY if is_read else 0)  # less than that is only a scrap; its place stays

    @property
    def _folded(self) -> tuple[Command, ...]:
        return tuple(action for at, action in enumerate(self._bar.actions) if at not in self._unfolded)

    def _width_of(self, shown: set[int], *, has_more: bool) -> int:
        back = [self._back.sizeHint().width()] if self._bar.back is not None else []
        more = [self._more.sizeHint().width()] if has_more else []
        buttons = [
            *back,
            *more,
            self._note.minimumSizeHint().width(),
            *(self._buttons[at].minimumWidth() for at in shown),
        ]
        margins = self._row.contentsMargins()
        return sum(buttons) + self._row.spacing() * (len(buttons) - 1) + margins.left() + margins.right()

    def _unfold(self) -> None:
        """Open the menu above its button; arrows walk in it, Enter takes, Esc closes."""
        menu = self._menu
        menu.clear()
        for command in self._folded:
            cap = self._theming.say(command.act.cap) if command.act is not None else ""
            entry = menu.addAction("\t".join(filter(None, (self._theming.say(command.words), cap))))
            entry.triggered.connect(lambda _checked=False, command=command: self._press(command))
        menu.popup(self._more.mapToGlobal(self._more.rect().topLeft() - QPoint(0, menu.sizeHint().height())))

    def _press(self, action: Command) -> None:
        if action.refused:
            self.refused.emit(self._theming.say(action.refused))
        else:
            self.commanded.emit(action)

    def _new_button(self) -> ActionButton:
        button = ActionButton(self._theming)
        button.commanded.connect(self.commanded)
        button.refused.connect(self.refused)
        present(button, False)
        button.setAttribute(Qt.WidgetAttribute.WA_LayoutUsesWidgetRect)
        return button


# The status bar: who, where, the lights of the devices, connection, queue, battery, storage.

_PADDING = 10
_SIGN = 18
_SQUARE, _LINE = 36, 4  # px: the mark of an activity, the line of its colour
_BESIDE_NAV = 186  # what stands after the name of the program begins where the screen does
NARROW = 1200  # px: below this the frame of the office folds
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


class ActivitySquare(QWidget):
    """The two letters of an activity on its colour."""

    def __init__(self, theming: ThemeContext, size: int) -> None:
        super().__init__()
        self._theming = theming
        self._activity: UnderWork | None = None
        self.setFixedSize(size, size)

    def render_activity(self, activity: UnderWork | None) -> None:
        """Show the mark of an activity; none takes no place."""
        self._activity = activity
        self.setAccessibleName(activity.name if activity is not None else "")
        present(self, activity is not None)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        if self._activity is not None:
            paint_square(painter_on(self), self._theming.theme, QRectF(self.rect()), self._activity, "text")


def paint_square(painter: QPainter, theme: Theme, rect: QRectF, activity: UnderWork, size: str = "fact") -> None:
    """Paint the mark of an activity."""
    panel(painter, rect, theme.tokens.radius["tag"], theme.hue(activity.hue))
    font, ink = theme.font(size, QFont.Weight.Bold), theme.colour("on_primary")
    write_whole(painter, rect, activity.letters, font, ink, Qt.AlignmentFlag.AlignCenter)


class FindButton(QAbstractButton):
    """The way to everything by its words, with its key; where the window is small the icon stands for the words."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # its key is there on every screen
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)

    def render_words(self, *, is_folded: bool) -> None:
        """Show the words in the language in force, or none."""
        words = self._theming.say(message("act.find"))
        self.setText("" if is_folded else words)
        self.setAccessibleName(words)
        self.setToolTip(words if is_folded else "")
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        words = QFontMetricsF(self._theming.theme.font("text")).horizontalAdvance(self.text())
        cap = key_cap_width(self._theming.theme, self._cap())
        return QSize(round(_PADDING * (4 if self.text() else 3) + 20 + words + cap), 36)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme, painter, rect = self._theming.theme, painter_on(self), QRectF(self.rect())
        ink = theme.colour("strip_text")
        line = ink if theme.colour("strip_pill") == theme.colour("strip") else None
        panel(painter, rect, theme.tokens.radius["button"], theme.colour("strip_pill"), line, 1.5 if line else 0)
        middle = rect.center().y()
        draw_icon(painter, "search", ink, _PADDING, middle - 10, 20)
        left, cap = 20.0 + 2 * _PADDING, self._cap()
        write_whole(painter, QRectF(left, 0, rect.width() - left, rect.height()), self.text(), theme.font("text"), ink)
        key_cap(painter, theme, cap, rect.right() - _PADDING - key_cap_width(theme, cap), middle, ink)

    def _cap(self) -> str:
        return self._theming.say(Action.FIND.cap)


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
        self._detail, self._square = ElidedText(Role.FACT), ActivitySquare(theming, _SQUARE)
        for label in (self._brand, self._where, self._detail, self._user):
            mark(label, "on", "strip")
        present(self._square, False)
        present(self._detail, False)
        space = theming.tokens.space
        named = column(SPRING, self._where, self._detail, SPRING, gap=0)
        self._indicators = row(gap=space["sm"])
        self._devices = Pool(self._indicators.addWidget, lambda: Pill(theming))
        self._connection, self._queue, self._storage, self._battery = pills = [Pill(theming) for _ in range(4)]
        self._find = FindButton(theming)
        self._find.clicked.connect(lambda: self.chosen.emit(Action.FIND))
        present(self._find, False)
        lights: tuple[Part, ...] = (self._find, self._indicators, *pills)
        parts: tuple[Part, ...] = (self._brand, 4, self._square, (named, 1), *lights, 4, self._user)
        self._row = row(*parts, on=self, gap=space["sm"], margins=(space["md"], 0, space["md"], 0))

    def render_status_bar(self, status_bar: StatusBar, where: Message) -> None:
        """Show the status bar of the program and the place of the screen in front."""
        self._status_bar, self._where_words = status_bar, where
        say = self._theming.say
        activity, is_office = status_bar.activity, status_bar.is_office
        self._brand.show_text("" if is_office and self.width() < NARROW else say(message("ui.brand")))
        self._brand.setMinimumWidth(_BESIDE_NAV if is_office else 0)
        self._square.render_activity(activity)
        present(self._find, is_office)
        if is_office:
            self._find.render_words(is_folded=self.width() < NARROW)
        named = activity if is_office else None  # in the field the person or the house comes first
        self._where.setText(named.name if named is not None else say(where))
        mark(self._where, "role", Role.STRONG if named is not None else Role.PLAIN)
        self._detail.setText(say(named.detail) if named is not None else "")
        present(self._detail, named is not None)
        name = say(status_bar.user)
        self._user.show_text(initials(name) if is_office and self.width() < NARROW else name)
        self._user.setToolTip(name)
        self.update()
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

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().paintEvent(event)
        activity = self._status_bar.activity
        if activity is not None:
            line = QRectF(0, self.height() - _LINE, self.width(), _LINE)
            QPainter(self).fillRect(line, self._theming.theme.hue(activity.hue))

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
        where = min(self._where.sizeHint().width(), 300 if self._status_bar.is_office else 180)
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


def initials(name: str) -> str:
    """Return the first letters of the first two words of a name."""
    return "".join(word[0].upper() for word in name.split()[:2])


# A word at the lower edge that goes by itself; a discard can be undone from it.

WORD_MS = 4_000
_STEP = 12  # px: how much higher the next place is
UNDO_MS = 10_000


def _clear_of(parts: Sequence[QWidget], places: Sequence[QRect], host: QWidget) -> Sequence[QRect]:
    """Return the places under which nothing of these parts is seen."""
    seen = [part.visibleRegion().translated(part.mapTo(host, QPoint())) for part in parts]
    return [place for place in places if not any(region.intersects(place) for region in seen)]


class ToastBox(QWidget):
    """Shows a `Toast` for four seconds, one with undo for ten with the seconds that are left."""

    commanded = Signal(object)

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(parent)
        self._theming = theming
        self._toast: Toast | None = None  # as its screen has it now
        self._tone = Tone.NEUTRAL  # of what is read here, which outlives that
        self._left_ms = 0
        self._words, self._left, self._undo = Text(Role.STRONG), Text(), ActionButton(theming)
        self._undo.commanded.connect(self._press)
        self._row = row(self._words, SPRING, self._left, self._undo, on=self, gap=theming.tokens.space["md"])
        self._second = QTimer(self, interval=1000)
        self._second.timeout.connect(self._tick)
        self.setVisible(False)

    def render_toast(self, toast: Toast | None) -> None:
        """Show a toast that was not shown yet; the same one again does nothing."""
        if toast is None or toast == self._toast:
            self._toast = toast
            return
        self._toast = toast
        self._left_ms = UNDO_MS if toast.undo else WORD_MS
        self._words.setText(self._theming.say(toast.words))
        self._tone = toast.tone
        self._words.set_tone(toast.tone)
        inset = 48 if toast.tone in TONE_ICONS else 20
        self._row.setContentsMargins(inset, 10, 20, 10)
        self._undo.offer(toast.undo)
        present(self._left, toast.undo is not None)
        self._count()
        self._second.start()
        self.setAccessibleName(self._words.text())
        self.place()
        self.show()
        self.raise_()

    @property
    def undo(self) -> Command | None:
        """Return the undo that is still possible."""
        return self._toast.undo if self.isVisible() and self._toast else None

    def press(self) -> None:
        """Take back what the toast tells, as its button does."""
        if (undo := self.undo) is not None:
            self._press(undo)

    def dismiss(self) -> None:
        """Take the toast away."""
        self._second.stop()
        self.hide()

    def place(self) -> None:
        """Stand above the bottom bar, in the middle or at a side, else higher up, where nothing is covered.

        Where everything is full, a title is covered rather than what is pressed (fingers of a hand, too) or typed into.
        """
        host = self.parentWidget()
        if host is None:
            return
        self.adjustSize()
        size = self._theming.tokens.size
        width = min(max(420, self.sizeHint().width()), host.width() - 48)
        highest, lowest = size["strip"] + 12, host.height() - size["bar"] - self.height() - 12
        lefts = ((host.width() - width) // 2, host.width() - width - 24, size["nav"] + 24)
        places = [
            QRect(left, top, width, self.height())
            for top in range(lowest, highest - 1, -_STEP)
            for left in lefts
            if left + width <= host.width()
        ]
        shown = [part for part in host.findChildren(QWidget) if part.isVisible() and not self.isAncestorOf(part)]
        pressed = [part for part in shown if isinstance(part, _CONTROLS) or part.property("role") == HANDS]
        titles = [part for part in shown if part.property("role") in (Role.TITLE, Role.SECTION)]
        free = _clear_of(pressed, places, host)
        self.setGeometry((_clear_of(titles, free, host) or free or places)[0])

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        theme, tone = self._theming.theme, self._tone
        painter = painter_on(self)
        panel(painter, QRectF(self.rect()), theme.tokens.radius["card"], theme.ground(tone), theme.ink(tone), 2)
        tone_icon(painter, theme, tone, 20, self.height() / 2, 20)

    def _tick(self) -> None:
        self._left_ms -= self._second.interval()
        if self._left_ms <= 0:
            self.dismiss()
        else:
            self._count()

    def _count(self) -> None:
        self._left.setText(self._theming.say(message("ui.toast.left", seconds=self._left_ms // 1000)))

    def _press(self, undo: Command) -> None:
        self.dismiss()
        self.commanded.emit(undo)
