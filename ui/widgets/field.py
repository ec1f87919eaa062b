"""A field of one line or several, with its label above it and its problem below it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QLineEdit, QPlainTextEdit, QWidget

from fieldkit.domain.errors import Problem
from ui.presenters.parts import Tone
from ui.presenters.presenter import Message, message
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Icon
from ui.widgets.layout import Role, Text, column, mark, present, row
from ui.widgets.touch import ERASE

if TYPE_CHECKING:  # the sign-in has fields and no form
    from ui.presenters.form import FormField

_FEWEST, _MOST = 2, 8


class FieldNote(QWidget):
    """What stands below a field: its problem with an icon, or why it is locked; nothing takes no place."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._icon, self._text = Icon(theming, "warning", "bad", 18), Text(wraps=True)
        row((self._icon, 0, Qt.AlignmentFlag.AlignTop), (self._text, 1), on=self, gap=6)

    def show_note(self, problem: Message, refused: Message = "") -> str:
        """Show the problem, or why the field is locked, and return what is told."""
        told = self._told(problem) if problem else self._theming.say(refused)
        present(self, bool(told))
        present(self._icon, bool(problem))
        self._text.set_tone(Tone.BAD if problem else Tone.NEUTRAL)
        self._text.show_text(told)
        return told

    def _told(self, problem: Message) -> str:
        """Return what is wrong and what to do; what is safe is seen: the text still stands there."""
        if not isinstance(problem, Problem):
            return self._theming.say(problem)
        told = self._theming.catalog.explain(problem)
        return f"{told.what} {told.do}".strip()


class TextField(QWidget):
    """One line of text. `edited` tells what a person typed; `entered` tells Enter."""

    edited = Signal(str)
    entered = Signal()

    def __init__(self, theming: ThemeContext, *, is_secret: bool = False, max_length: int = 200) -> None:
        super().__init__()
        self._theming = theming
        self._label = Text(Role.STRONG)
        self._edit = QLineEdit()
        self._edit.setMaxLength(max_length)
        if is_secret:
            self._edit.setEchoMode(QLineEdit.EchoMode.Password)
        self._label.setBuddy(self._edit)
        self._edit.textEdited.connect(self.edited)
        self._edit.returnPressed.connect(self.entered)
        self._note = FieldNote(theming)
        self._line = row((self._edit, 1), gap=theming.tokens.space["sm"])  # for what stands beside the field
        column(self._label, self._line, self._note, on=self, gap=theming.tokens.space["xs"])
        self.setFocusProxy(self._edit)

    def render_field(
        self, label: Message, text: str, *, problem: Message = "", hint: Message = "", refused: Message = ""
    ) -> None:
        """Show label and text; a problem replaces the hint; `refused` locks the field and says why.

        The cursor stays where it is when the text is what the person just typed.
        """
        say = self._theming.say
        self._label.show_text(say(label))
        self._edit.setAccessibleName(say(label))
        if self._edit.text() != text:
            self._edit.setText(text)
        self._edit.setPlaceholderText(say(hint))
        self._edit.setReadOnly(bool(refused))
        self._edit.setToolTip(say(refused) or say(hint))  # a narrow field cuts its hint
        self._edit.setAccessibleDescription(self._note.show_note(problem, refused or self._fullness()))
        mark(self._edit, "tone", Tone.BAD.value if problem else "")

    def show_field(self, field: FormField) -> None:
        """Show a field of a form."""
        self.render_field(field.label, field.text, problem=field.problem, hint=field.hint, refused=field.refused)

    def text(self) -> str:
        """Return what stands in the field."""
        return self._edit.text()

    def _fullness(self) -> Message:
        """Return that no more fits: what is pasted beyond it is dropped without a word."""
        most = self._edit.maxLength()
        is_full = len(self._edit.text().encode("utf-16-le", "surrogatepass")) >= 2 * most  # as Qt counts letters
        return message("ui.field.full", most=most) if is_full else ""

    def press(self, key: str) -> None:
        """Take a digit, or take the last letter back with `ERASE`, as if it had been typed."""
        if key == ERASE:
            self._edit.backspace()
        else:
            self._edit.insert(key)
        self.edited.emit(self._edit.text())

    def wipe(self) -> None:
        """Empty the field, and forget what could be undone."""
        self._edit.setText("")


class SearchField(QLineEdit):
    """Search as you type: `searched` follows each key, Esc empties."""

    searched = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self.setClearButtonEnabled(True)
        self.setMinimumWidth(280)
        self.textChanged.connect(self.searched)

    def render_hint(self, hint: Message) -> None:
        """Show what can be searched."""
        self.setPlaceholderText(self._theming.say(hint))
        self.setAccessibleName(self._theming.say(hint))


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
