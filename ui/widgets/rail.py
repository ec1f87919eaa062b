"""The left navigation of the office: its places, what waits at each, settings and help below."""

from __future__ import annotations

from PySide6.QtCore import QRectF, QSize, Qt, Signal
from PySide6.QtGui import QColor, QFont, QFontMetricsF, QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from ui.presenters.parts import Place, Rail
from ui.presenters.presenter import PLACES, Action, message
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.layout import SPRING, Pool, column, present
from ui.widgets.marks import focus_ring, key_cap, key_cap_width, painter_on, panel, write, write_whole

_ICON, _HEIGHT, _COUNT = 20, 44, 22
_EDGE, _INSET, _GAP = 10, 12, 10  # px: of the rail, of what stands in a line, between its parts
_MOST = 99  # a number with more digits has no room beside an icon
_HELP = Place("help", message("act.help"), "question")


class PlaceButton(QAbstractButton):
    """One place. A click leaves the keyboard where it is; Tab comes by, arrows walk, Enter goes there."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._place: Place | None = None
        self._cap, self.is_here, self._is_folded = "", False, False
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.setCursor(Qt.CursorShape.PointingHandCursor)

    def render_place(self, place: Place, *, is_here: bool = False, is_folded: bool = False, cap: str = "") -> None:
        """Show a place; folded only its icon and its number, and the word on hovering."""
        self._place, self.is_here, self._is_folded, self._cap = place, is_here, is_folded, cap
        words = self._theming.say(place.words)
        told = message("rail.waiting", place=words, count=place.waiting) if place.waiting else words
        self.setText(words)
        self.setAccessibleName(self._theming.say(told))
        self.setToolTip(self._theming.say(told) if is_folded else "")
        self.update()

    @property
    def leads_to(self) -> str:
        """Return the screen."""
        return self._place.screen if self._place is not None else ""

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(_HEIGHT, _HEIGHT)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        match event.key():
            case Qt.Key.Key_Down:
                self.focusNextChild()
            case Qt.Key.Key_Up:
                self.focusPreviousChild()
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.click()
            case _:
                super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        if self._place is None:
            return
        theme, painter, rect = self._theming.theme, painter_on(self), QRectF(self.rect())
        radius, is_outlined = theme.tokens.radius["button"], theme.colour("neutral_soft") == theme.colour("surface")
        if self.is_here or self.underMouse():
            line = theme.colour("outline") if is_outlined and self.is_here else None
            panel(painter, rect, radius, theme.colour("surface" if self.is_here else "page"), line, 2 if line else 0)
        if self.hasFocus():
            focus_ring(painter, rect, radius, theme)
        left = (rect.width() - _ICON) / 2 if self._is_folded else _INSET
        ink = theme.colour("accent" if self.is_here else "text_muted")
        draw_icon(painter, self._place.icon, ink, left, (rect.height() - _ICON) / 2, _ICON)
        end = self._paint_count(painter, rect)
        if self._is_folded:
            return
        start = left + _ICON + _GAP
        words = theme.colour("text" if self.is_here else "text_muted")
        write(painter, QRectF(start, 0, end - start, rect.height()), self.text(), self._font(), words)

    def _paint_count(self, painter: QPainter, rect: QRectF) -> float:
        """Paint how many wait, or the key, and return where the word has to end."""
        theme, place = self._theming.theme, self._place
        if place is None or not place.waiting:
            if not self._cap or self._is_folded:
                return rect.right() - _INSET
            left = rect.right() - _GAP - key_cap_width(theme, self._cap)
            key_cap(painter, theme, self._cap, left, rect.height() / 2, theme.colour("text_muted"))
            return left - _GAP
        font = theme.font("fact", QFont.Weight.DemiBold)
        text = str(place.waiting) if place.waiting <= _MOST else f"{_MOST}+"
        width = max(_COUNT, QFontMetricsF(font).horizontalAdvance(text) + _GAP)
        at = QRectF(rect.right() - width - (0 if self._is_folded else _GAP), 0, width, _COUNT)
        at.moveTop(0 if self._is_folded else (rect.height() - _COUNT) / 2)
        ink, fill = theme.colour("caution"), theme.colour("caution_soft")
        line: QColor | None = ink if fill == theme.colour("surface") else None
        panel(painter, at, _COUNT / 2, fill, line, 2 if line else 0)
        write_whole(painter, at, text, font, ink, Qt.AlignmentFlag.AlignCenter)
        return at.left() - _GAP / 2

    def _font(self) -> QFont:
        return self._theming.theme.font("text", QFont.Weight.DemiBold if self.is_here else QFont.Weight.Medium)


class RailWidget(QWidget):
    """Shows a `Rail`; `chosen` carries the screen of the place that was taken, `asked` an act of the window."""

    chosen = Signal(str)
    asked = Signal(Action)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._rail, self._here, self._is_folded = Rail(), "", False
        self.setProperty("role", "rail")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        above, below = column(gap=2), column(gap=2)
        self._places = Pool(above.addWidget, self._button)
        self._settings, self._help = self._button(), self._button()
        below.addWidget(self._settings)
        below.addWidget(self._help)
        self._column = column(above, SPRING, below, on=self, margins=(_EDGE, 12, _EDGE, 12))
        self.setVisible(False)
        theming.catalog.changed.connect(self._render)
        self._fold()

    def render_rail(self, rail: Rail, here: str) -> None:
        """Show the places of a role; `here` is the screen of the one that is open."""
        if (rail, here) != (self._rail, self._here):
            self._rail, self._here = rail, here
            self._render()

    def fold(self, is_folded: bool) -> None:
        """Show only icons and numbers, or the words too."""
        if is_folded != self._is_folded:
            self._is_folded = is_folded
            self._fold()
            self._render()

    @property
    def places(self) -> tuple[Place, ...]:
        """Return what stands there now."""
        return self._rail.places

    def place_of(self, act: Action) -> Place | None:
        """Return where a key leads."""
        at = PLACES.index(act) if act in PLACES else len(self.places)
        return self.places[at] if at < len(self.places) else None

    def _fold(self) -> None:
        size, edge = self._theming.tokens.size, 7 if self._is_folded else _EDGE
        self.setFixedWidth(size["nav_icons" if self._is_folded else "nav"])
        self._column.setContentsMargins(edge, 12, edge, 12)

    def _render(self) -> None:
        rail, here, folded = self._rail, self._here, self._is_folded

        def show(button: PlaceButton, place: Place) -> None:
            button.render_place(place, is_here=place.screen == here, is_folded=folded)

        self._places.show(rail.places, show)
        if rail.settings is not None:
            show(self._settings, rail.settings)
        present(self._settings, rail.settings is not None)
        self._help.render_place(_HELP, is_folded=folded, cap=self._theming.say(Action.HELP.cap))

    def _button(self) -> PlaceButton:
        button = PlaceButton(self._theming)
        button.clicked.connect(lambda: self._press(button))
        return button

    def _press(self, button: PlaceButton) -> None:
        if button is self._help:
            self.asked.emit(Action.HELP)
        else:
            self.chosen.emit(button.leads_to)
