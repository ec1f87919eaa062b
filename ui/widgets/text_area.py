"""Several lines of text with their label above and their problem below; Tab leaves, Enter begins a line."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QPlainTextEdit, QWidget

from ui.presenters.form import FormField
from ui.presenters.parts import Tone
from ui.runtime.theme_context import ThemeContext
from ui.widgets.field import FieldNote
from ui.widgets.layout import column
from ui.widgets.text import Role, Text, mark

_FEWEST, _MOST = 2, 8


class TextArea(QWidget):
    """`edited` tells what a person typed. The area grows with its lines."""

    edited = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._label, self._hint = Text(Role.STRONG), Text(Role.MUTED, wraps=True)
        self._edit = _Lines()
        self._label.setBuddy(self._edit)
        self._edit.textChanged.connect(self._changed)
        self._note = FieldNote(theming)
        column(self._label, self._hint, self._edit, self._note, on=self, gap=theming.tokens.space["xs"])
        self._is_rendering = False
        self.setFocusProxy(self._edit)

    def show_field(self, field: FormField) -> None:
        """Show label, hint and text; the cursor stays where it is when the text is what was just typed."""
        label, hint = self._theming.say(field.label), self._theming.say(field.hint)
        self._label.show_text(label)
        self._hint.show_text(hint)
        self._edit.setAccessibleName(label)
        if self._edit.toPlainText() != field.text:
            self._is_rendering = True
            self._edit.setPlainText(field.text)
            self._is_rendering = False
            self._edit.fit()
        self._edit.setAccessibleDescription(self._note.show_note(field.problem) or hint)
        mark(self._edit, "tone", Tone.BAD.value if field.problem else "")

    def text(self) -> str:
        """Return what stands in the area."""
        return self._edit.toPlainText()

    def _changed(self) -> None:
        if not self._is_rendering:
            self._edit.fit()
            self.edited.emit(self._edit.toPlainText())


class _Lines(QPlainTextEdit):
    def __init__(self) -> None:
        super().__init__()
        self.setTabChangesFocus(True)
        self.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAsNeeded)
        self.fit()

    def fit(self) -> None:
        """Be as high as the lines, within limits; a wrapped line counts as what it takes."""
        lines = max(_FEWEST, min(_MOST, int(self.document().size().height())))
        around = self.height() - self.viewport().height() + 2 * self.document().documentMargin()
        self.setFixedHeight(round(lines * self.fontMetrics().lineSpacing() + around) + 2)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 – Qt's name
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():  # lines wrap anew
            self.fit()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 – Qt's name
        return QSize(120, self.height())

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 – Qt's name
        # Esc and keys with Ctrl that mean something to the screen go on to it.
        if (
            event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
            and event.modifiers() & Qt.KeyboardModifier.ControlModifier
        ):
            event.ignore()
        else:
            super().keyPressEvent(event)
