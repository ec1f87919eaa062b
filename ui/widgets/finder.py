"""The list of Ctrl K: it lies over the window, follows the typing and is left by Esc, Enter or a click beside it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import pairwise

from PySide6.QtCore import QPoint, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QFont, QFontMetricsF, QKeyEvent, QMouseEvent, QPainter, QPaintEvent, QPen, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QSizePolicy, QWidget

from ui.presenters.finder import FinderPresenter, FinderState, FoundLine
from ui.presenters.presenter import Action, message
from ui.runtime.navigation import act_of
from ui.runtime.theme import ThemeContext, draw_icon
from ui.widgets.bars import paint_square
from ui.widgets.cards import Card, Icon
from ui.widgets.layout import Role, Text, present, row
from ui.widgets.marks import key_cap, key_cap_width, painter_on, panel, write
from ui.widgets.overlays import Overlay
from ui.widgets.touch import KeylessScroll

_WIDTH, _TOP = 800, 32  # px: of the card, above it
_LINE, _HEAD, _ICON, _SQUARE = 44, 30, 20, 28
_EDGE, _GAP = 16, 12


class _Field(QLineEdit):
    """Tells what the arrows, Tab and Enter mean in the list below it."""

    moved = Signal(int)
    narrowed = Signal(int)
    accepted = Signal()
    left = Signal()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
        match event.key():
            case Qt.Key.Key_Down:
                self.moved.emit(1)
            case Qt.Key.Key_Up:
                self.moved.emit(-1)
            case Qt.Key.Key_Return | Qt.Key.Key_Enter:
                self.accepted.emit()
            case _ if act_of(event) in (Action.BACK, Action.FIND):
                self.left.emit()
            case _:
                super().keyPressEvent(event)
                event.accept()  # no key of the screen below

    def focusNextPrevChild(self, next_one: bool) -> bool:  # noqa: N802 – Qt's name
        self.narrowed.emit(1 if next_one else -1)
        return True


class FoundLines(QWidget):
    """The lines below the heads of their kinds; what was typed is underlined."""

    pressed = Signal(int)
    pointed = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._state = FinderState()
        self._tops: list[int] = []
        self.setMouseTracking(True)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def render_lines(self, state: FinderState) -> None:
        """Show what was found."""
        is_same = state.lines == self._state.lines
        self._state = state
        if not is_same:
            self._lay()
        line = state.line
        self.setAccessibleName(", ".join(filter(None, (line.words, line.detail))) if line is not None else "")
        self.update()

    def reach(self, at: int) -> QRectF:
        """Return where a line stands, with the head above it if it is the first of its kind."""
        top = self._tops[at] if at < len(self._tops) else 0
        head = _HEAD if self._begins(at) else 0
        return QRectF(0, top - head, self.width(), _LINE + head)

    def sizeHint(self) -> QSize:  # noqa: N802, D102 – Qt's name
        return QSize(_WIDTH, self.minimumHeight())

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802, D102 – Qt's name
        painter = painter_on(self)
        for at, (top, line) in enumerate(zip(self._tops, self._state.lines, strict=True)):
            if top - _HEAD <= event.rect().bottom() and top + _LINE >= event.rect().top():
                if self._begins(at):
                    self._paint_head(painter, line, top - _HEAD)
                self._paint_line(painter, line, QRectF(8, top, self.width() - 16, _LINE), is_at=at == self._state.at)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        at = self._at(event.position().y())
        if at is not None:
            self.pressed.emit(at)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        at = self._at(event.position().y())
        if at is not None and at != self._state.at:
            self.pointed.emit(at)

    def _lay(self) -> None:
        top, self._tops = 0, []
        for at in range(len(self._state.lines)):
            top += _HEAD if self._begins(at) else 0
            self._tops.append(top)
            top += _LINE
        self.setFixedHeight(top)

    def _begins(self, at: int) -> bool:
        lines = self._state.lines
        return at < len(lines) and (at == 0 or lines[at - 1].kind is not lines[at].kind)

    def _at(self, y: float) -> int | None:
        return next((at for at, top in enumerate(self._tops) if top <= y < top + _LINE), None)

    def _paint_head(self, painter: QPainter, line: FoundLine, top: float) -> None:
        theme = self._theming.theme
        words = self._theming.say(message(f"cari.kind_{line.kind.value}"))
        font, rect = theme.font("fact", QFont.Weight.DemiBold), QRectF(_EDGE, top, self.width() - _EDGE, _HEAD)
        write(painter, rect, words, font, theme.colour("text_muted"))

    def _paint_line(self, painter: QPainter, line: FoundLine, rect: QRectF, *, is_at: bool) -> None:
        theme = self._theming.theme
        if is_at:
            ink, fill = theme.colour("accent"), theme.colour("accent_soft")
            bare = fill == theme.colour("surface")  # in high contrast only the outline tells it
            panel(painter, rect, theme.tokens.radius["button"], fill, ink if bare else None, 2 if bare else 0)
        middle, end = rect.center().y(), rect.right() - _GAP
        if is_at:
            cap = self._theming.say(Action.ACCEPT.cap)
            end -= key_cap_width(theme, cap)
            key_cap(painter, theme, cap, end, middle, theme.colour("text_muted"))
            end -= _GAP
        if line.activity is not None:
            end -= _SQUARE
            paint_square(painter, theme, QRectF(end, middle - _SQUARE / 2, _SQUARE, _SQUARE), line.activity)
            end -= _GAP
        colour = theme.colour("accent" if is_at else "text_muted")
        draw_icon(painter, line.icon, colour, rect.left() + _GAP, middle - _ICON / 2, _ICON)
        left = rect.left() + 2 * _GAP + _ICON
        left = self._paint_words(painter, line, QRectF(left, rect.top(), end - left, rect.height())) + _GAP
        room = QRectF(left, rect.top(), end - left, rect.height())
        if room.width() > _SQUARE:
            write(painter, room, line.detail, theme.font("fact"), theme.colour("text_muted"))

    def _paint_words(self, painter: QPainter, line: FoundLine, room: QRectF) -> float:
        """Write the words, what was typed underlined, and return where they end."""
        theme = self._theming.theme
        font = theme.font("text", QFont.Weight.DemiBold)
        measure, ink = QFontMetricsF(font), theme.colour("text")
        shown = measure.elidedText(line.words, Qt.TextElideMode.ElideRight, room.width())
        write(painter, room, shown, font, ink)
        base = room.center().y() + measure.ascent() / 2 + 2
        painter.setPen(QPen(ink, 2))
        for begin, end in typed_in(shown, self._state.text):
            x, to = (room.left() + measure.horizontalAdvance(shown[:at]) for at in (begin, end))
            painter.drawLine(QPoint(round(x), round(base)), QPoint(round(to), round(base)))
        return room.left() + measure.horizontalAdvance(shown)


def typed_in(told: str, text: str) -> Sequence[tuple[int, int]]:
    """Return where the typed words stand in a text, each once, from its beginning to its end."""
    folded = told.casefold()
    if len(folded) != len(told):
        return ()  # a letter that folds into two: no place would be right
    spans = sorted((at, at + len(word)) for word in text.casefold().split() if (at := folded.find(word)) >= 0)
    return [span for before, span in pairwise([(0, 0), *spans]) if span[0] >= before[1]]


class FinderOverlay(Overlay):
    """Shows a `FinderState`. `chosen` carries the `FoundLine` that was taken; the overlay is gone by then."""

    chosen = Signal(object)

    def __init__(self, theming: ThemeContext, parent: QWidget) -> None:
        super().__init__(theming, parent)
        self._presenter: FinderPresenter | None = None
        self._state = FinderState()
        self._card, self._field = Card(theming), _Field()
        self._field.setProperty("role", "finder")
        self._count, self._told = Text(Role.MUTED), Text(Role.PLAIN, wraps=True)
        self._keys, self._leave = Text(Role.FACT), Text(Role.FACT)
        self._lines = FoundLines(theming)
        self._area = KeylessScroll(self._lines)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._area.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        body = self._card.body
        body.setContentsMargins(0, 0, 0, 0)
        body.setSpacing(0)
        edges, sign = (_EDGE, _GAP, _EDGE, _GAP), Icon(theming, "search", "text_muted")
        head = row(sign, (self._field, 1), self._count, gap=_GAP, margins=edges)
        foot = row((self._keys, 1), self._leave, gap=_GAP, margins=edges)
        told = row((self._told, 1), margins=(_EDGE, 0, _EDGE, 0))
        for part in (head, told):
            body.addLayout(part)
        body.addWidget(self._area, 1)
        body.addLayout(foot)
        self._card.setParent(self)
        self.setFocusProxy(self._field)
        self._field.textEdited.connect(lambda text: self._tell(lambda presenter: presenter.type(text)))
        self._field.moved.connect(lambda by: self._tell(lambda presenter: presenter.move(by)))
        self._field.narrowed.connect(lambda by: self._tell(lambda presenter: presenter.narrow(by)))
        self._lines.pointed.connect(lambda at: self._tell(lambda presenter: presenter.point(at)))
        self._field.accepted.connect(lambda: self._take(self._state.at))
        self._field.left.connect(self.close_overlay)
        self._lines.pressed.connect(self._take)

    def open_for(self, presenter: FinderPresenter) -> None:
        """Cover the window with an empty field, whose typing a presenter follows until it is left."""
        say = self.theming.say
        self._presenter = presenter
        self._field.clear()
        self._field.setPlaceholderText(say(message("act.find")))
        self._field.setAccessibleName(say(message("act.find")))
        self._keys.setText(say(message("cari.keys")))
        self._leave.setText(say(message("cari.leave")))
        self.open()
        presenter.listen(self.render_finder)

    def close_overlay(self) -> None:
        """Uncover the window; what is read late is not shown any more."""
        self._tell(lambda presenter: presenter.deafen())
        self._presenter = None
        super().close_overlay()

    def render_finder(self, state: FinderState) -> None:
        """Show what was found."""
        self._state = state
        say, text = self.theming.say, state.text.strip()
        is_empty = bool(text) and not state.lines and not state.is_asking
        told = say(state.problem) if state.problem is not None else say(message("common.not_found", text=text))
        self._told.show_text(told if is_empty or state.problem is not None else "")
        self._count.setText(say(message("cari.count", count=len(state.lines))) if text else "")
        self._lines.render_lines(state)
        present(self._area, bool(state.lines))
        self._field.setAccessibleDescription(self._lines.accessibleName())
        self._place()
        at = self._lines.reach(state.at).toRect()
        self._area.ensureVisible(0, at.bottom() + 1, 0, 0)
        self._area.ensureVisible(0, at.top(), 0, 0)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802, D102 – Qt's name
        event.accept()
        if not self._card.geometry().contains(event.position().toPoint()):
            self.close_overlay()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._place()

    def _tell(self, what: Callable[[FinderPresenter], None]) -> None:
        if self._presenter is not None:
            what(self._presenter)

    def _place(self) -> None:
        width = min(_WIDTH, self.width() - 2 * _EDGE)
        self._card.setFixedWidth(width)
        frame = self._card.body.minimumSize().height() - self._area.minimumSizeHint().height()
        wanted = frame + self._lines.minimumHeight() + _GAP
        height = max(min(wanted, self.height() - 2 * _TOP), frame)
        top = min(_TOP * 3, max(_TOP, (self.height() - height) // 3))
        self._card.setGeometry((self.width() - width) // 2, top, width, height)
        self._card.body.activate()  # now: the line under the cursor is brought into sight next

    def _take(self, at: int) -> None:
        if at < len(self._state.lines):
            line = self._state.lines[at]
            self.close_overlay()
            self.chosen.emit(line)
