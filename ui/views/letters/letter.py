"""A letter: the form at the left, its page at the right; the field with the keyboard is always in sight."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QScrollArea, QWidget

from ui.presenters.actions import Action
from ui.presenters.form import FormField
from ui.presenters.letters.letter import Ask, LetterPresenter, LetterScreenState
from ui.presenters.letters.letter_form import LetterField
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.field import TextArea, TextField
from ui.widgets.layout import column, laid, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.presence import present
from ui.widgets.quality_panel import FactGrid
from ui.widgets.tag import TagLabel
from ui.widgets.text import Role, Text


class LetterView(Screen[LetterScreenState]):
    """Tab and Enter go through the fields, Ctrl Enter issues, PgDn and PgUp turn the pages."""

    own_keys = PAGE_KEYS

    def __init__(self, theming: ThemeContext, presenter: LetterPresenter) -> None:
        super().__init__(theming)
        self._pages = LetterPages(theming)
        self._tag, self._title, self._name = (
            TagLabel(theming),
            Text(Role.TITLE, wraps=True),
            Text(Role.MUTED, wraps=True),
        )
        self._facts = FactGrid(theming)
        self._form = LetterFormPanel(theming)
        self._form.edited.connect(presenter.edit)
        self._answer, self._asked = TextField(theming), QWidget()
        self._answer_note = Text(wraps=True)
        self._answer.edited.connect(presenter.type_answer)
        self._was_asking = Ask.NOTHING
        self._lay_out()

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        head = row((self._title, 1), (self._tag, 0, Qt.AlignmentFlag.AlignTop), gap=space["md"])
        asked = Card(self.theming)
        laid(asked.body, (self._answer, self._answer_note), space["md"], space["lg"])
        column(asked, on=self._asked, gap=0)
        left = column(head, self._name, self._facts, self._asked, (self._form, 1), gap=space["sm"])
        left.addStretch(0)
        page(row((left, 6), (self._pages, 5), on=self.content), self.theming, "lg")

    def show_state(self, state: LetterScreenState) -> None:
        """Show form, question and page."""
        say = self.theming.say
        self._tag.render_tag(state.tag)
        self._title.show_text(say(state.title))
        self._name.show_text(state.name)
        self._facts.render_facts(state.facts)
        self._form.render_fields(state.fields)
        self._form.setEnabled(state.is_open and not state.ask)
        present(self._form, bool(state.fields) and not state.ask)
        present(self._asked, bool(state.ask))
        if state.ask:
            label = message("surat.ask_reason" if state.ask is Ask.VOID else "surat.ask_number")
            self._answer.render_field(label, state.answer, hint=state.answer_hint)
            self._answer_note.show_text(say(state.answer_note))
        self._pages.render_pages(state.pages, state.title)
        self._place_keyboard(state)

    def _place_keyboard(self, state: LetterScreenState) -> None:
        # Whoever gives the screen the keyboard means what can be typed into.
        proxy = self._answer if state.ask else self._form.first() if state.is_open else None
        self.setFocusProxy(proxy)  # type: ignore[arg-type]  # None is allowed, the stubs do not know
        problem = next((field.name for field in state.fields if field.problem), "")
        if state.ask and state.ask is not self._was_asking:
            self._answer.setFocus()
        elif self._was_asking and not state.ask:
            self.setFocus()
            if state.is_open:
                self._form.focus_field(problem or state.fields[0].name)
        else:
            take_keyboard(self)
        self._was_asking = state.ask

    def perform(self, act: Action) -> bool:
        """Turn a page."""
        return self._pages.perform(act)


class ChoiceField(QWidget):
    """One of several words; arrows choose."""

    edited = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self._label, self._box = Text(Role.STRONG), _Box()
        self._box.setMinimumHeight(theming.tokens.size["target"])
        self._label.setBuddy(self._box)
        self._box.activated.connect(lambda index: self.edited.emit(self._box.itemData(index)))
        column(self._label, self._box, on=self, gap=theming.tokens.space["xs"])
        self.setFocusProxy(self._box)

    def show_field(self, field: FormField) -> None:
        """Show the choices and the current one."""
        say = self._theming.say
        self._label.show_text(say(field.label))
        self._box.setAccessibleName(say(field.label))
        words = [say(choice.words) for choice in field.choices]
        if [self._box.itemText(at) for at in range(self._box.count())] != words:
            self._box.clear()
            for choice, word in zip(field.choices, words, strict=True):
                self._box.addItem(word, choice.name)
        self._box.setCurrentIndex(max(0, self._box.findData(field.text)))


class _Box(QComboBox):
    def wheelEvent(self, event: QWheelEvent) -> None:  # noqa: N802 – scrolling the form must change no letter
        event.ignore()


class LetterFormPanel(QScrollArea):
    """`edited` tells the name of a field and what was typed; Enter in a line goes to the next field."""

    edited = Signal(str, str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self._theming = theming
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        inside = QWidget()
        gap = theming.tokens.space["md"]
        self._column = column(on=inside, gap=gap, margins=(4, 4, gap, 4))
        self.setWidget(inside)
        self._widgets: dict[str, _Field] = {}

    def render_fields(self, fields: tuple[LetterField, ...]) -> None:
        """Show the fields; the widgets stay as long as they are the same fields."""
        names = [field.name for field in fields]
        if names != list(self._widgets):
            self._build(fields)
        for field in fields:
            self._render(self._widgets[field.name], field)

    def first(self) -> QWidget | None:
        """Return the first field."""
        return next(iter(self._widgets.values()), None)

    def focus_field(self, name: str) -> None:
        """Put the keyboard into a field."""
        widget = self._widgets.get(name)
        if widget is not None:
            widget.setFocus()
            self.ensureWidgetVisible(widget)

    def _build(self, fields: tuple[LetterField, ...]) -> None:
        while (item := self._column.takeAt(0)) is not None:
            if (widget := item.widget()) is not None:
                widget.deleteLater()
        self._widgets = {}
        for field in fields:
            widget = self._made(field)
            # Bound now: the loop goes on.
            widget.edited.connect(lambda text, name=field.name: self.edited.emit(name, text))
            self._widgets[field.name] = widget
            self._column.addWidget(widget)
        self._column.addStretch(1)

    def _made(self, field: LetterField) -> _Field:
        if field.choices:
            return ChoiceField(self._theming)
        return TextArea(self._theming) if field.is_long else TextField(self._theming, max_length=400)

    def _render(self, widget: _Field, field: LetterField) -> None:
        if field.columns:
            named = " | ".join(map(self._theming.say, field.columns))
            hint = message("surat.hint_rows" if field.is_long else "surat.hint_person", columns=named)
            field = replace(field, hint=hint)
        widget.show_field(field)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers() & _CTRL:
            self.focusNextChild()
        else:
            event.ignore()

    def event(self, event: QEvent) -> bool:  # noqa: D102 – Qt's name
        # PgUp and PgDn turn the pages of the letter, whatever field has the keyboard.
        if isinstance(event, QKeyEvent) and event.key() in (Qt.Key.Key_PageUp, Qt.Key.Key_PageDown):
            event.ignore()
            return False
        return super().event(event)


_CTRL = Qt.KeyboardModifier.ControlModifier
_Field: TypeAlias = TextField | TextArea | ChoiceField
