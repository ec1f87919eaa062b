"""The list below a field from which is chosen while one types."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QScrollArea

from ui.presenters.lines import Line
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.picking import matching
from ui.runtime.theme_context import ThemeContext
from ui.widgets.lines import LineList

_LINE, _MOST_LINES, _NARROWEST = 46, 6, 360
_STEPS = {
    Qt.Key.Key_Down: 1,
    Qt.Key.Key_Up: -1,
    Qt.Key.Key_PageDown: _MOST_LINES,
    Qt.Key.Key_PageUp: -_MOST_LINES,
}
_TAKES = (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Tab)


class Picker(QObject):
    """Arrows walk, Enter, Tab or a click takes, Esc closes; Alt ↓ shows all. The field keeps the keyboard meanwhile.

    `picked` tells the name of a choice, `closed` that the list is gone, whether one was taken or not.
    """

    picked = Signal(str)
    closed = Signal()

    def __init__(self, theming: ThemeContext, edit: QLineEdit, kind: str) -> None:
        super().__init__(edit)
        self._theming, self._edit, self._kind = theming, edit, kind
        self._choices: tuple[Choice, ...] = ()
        self._list: LineList | None = None
        self._is_found = False  # else the list says that nothing is
        edit.installEventFilter(self)

    @property
    def is_open(self) -> bool:
        """Return whether the list is there."""
        return self._list is not None and self._list.isVisible()

    def offer(self, choices: tuple[Choice, ...]) -> None:
        """Take what can be chosen."""
        self._choices = choices

    def suggest(self, typed: str, cursor: int = 0) -> None:
        """Show what has every typed part, everything when nothing was typed; with cursor -1 none is under it yet."""
        found = matching(self._choices, typed, self._theming.recent.of(self._kind), self._theming.say)
        if not found and cursor < 0:
            if self._list is not None:
                self._list.hide()
            return
        shown = [Line(choice.name, choice.words, choice.detail) for choice in found]
        lines, none = self._list or self._built(), Line("", message("ui.list.not_found", text=typed))
        lines.render_lines(self._edit.accessibleName(), shown or [none])
        lines.setCurrentIndex(lines.model().index(cursor, 0))
        self._is_found = bool(found)
        self._place(lines, len(shown) or 1)
        lines.show()
        lines.raise_()

    def close(self) -> None:
        """Put the list away."""
        if self.is_open and self._list is not None:
            self._list.hide()
            self.closed.emit()

    def eventFilter(self, _edit: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        if event.type() in (QEvent.Type.FocusOut, QEvent.Type.Hide):
            self.close()
        elif event.type() is QEvent.Type.KeyPress and isinstance(event, QKeyEvent):
            return self._key(event)
        return False

    def _key(self, event: QKeyEvent) -> bool:
        key = Qt.Key(event.key())
        if not self.is_open or self._list is None:
            is_asked = key is Qt.Key.Key_Down and bool(event.modifiers() & Qt.KeyboardModifier.AltModifier)
            if is_asked:
                self.suggest("")
            return is_asked
        if key in _STEPS:
            model, at = self._list.model(), self._list.currentIndex().row()
            self._list.setCurrentIndex(model.index(max(0, min(model.rowCount() - 1, at + _STEPS[key])), 0))
            return True
        name = self._list.current() if key in _TAKES else ""
        if name:
            self._take(name)
        elif key in _TAKES and key is not Qt.Key.Key_Tab and not self._is_found:
            return True  # what was typed is no choice; to go on with the one before would hide that
        elif key in (*_TAKES, Qt.Key.Key_Escape):
            self.close()
        # Tab goes on to the next field as well. Enter belongs to the screen where what was typed may stand as it is.
        return key is Qt.Key.Key_Escape or (bool(name) and key is not Qt.Key.Key_Tab)

    def _take(self, name: str) -> None:
        if not name:
            return
        self._theming.recent.note(self._kind, name)
        self.picked.emit(name)
        self.close()

    def _built(self) -> LineList:
        lines = self._list = LineList(self._theming)
        lines.setParent(self._edit.window())
        lines.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        lines.setProperty("role", "picks")
        lines.clicked.connect(lambda _index: self._take(lines.current()))
        self.destroyed.connect(lines.deleteLater)
        return lines

    def _place(self, lines: LineList, count: int) -> None:
        """Lie below the field, or above it where there is more room."""
        scroll = self._edit.parentWidget()
        while scroll is not None and not isinstance(scroll, QScrollArea):
            scroll = scroll.parentWidget()
        if scroll is not None:
            scroll.ensureWidgetVisible(self._edit)
        window, height = self._edit.window(), _LINE * min(count, _MOST_LINES) + 4
        width = min(max(self._edit.width(), _NARROWEST), window.width())
        corner = self._edit.mapTo(window, QPoint(0, self._edit.height()))
        above = corner.y() - self._edit.height()
        if corner.y() + height > window.height() and above > window.height() - corner.y():
            height = min(height, above)
            corner.setY(above - height)
        height = min(height, window.height() - corner.y())
        lines.setGeometry(min(corner.x(), window.width() - width), corner.y(), width, height)
