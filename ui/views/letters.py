"""A letter: the form at the left, its page at the right; the field with the keyboard is always in sight."""

from __future__ import annotations

from dataclasses import replace
from typing import TypeAlias

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent, QWheelEvent
from PySide6.QtWidgets import QComboBox, QScrollArea, QWidget

from ui.presenters.form import FormField
from ui.presenters.letters.letter import Ask, LetterField, LetterPresenter, LetterScreenState
from ui.presenters.letters.letters import VerifyLetterPresenter, VerifyLetterState
from ui.presenters.letters.sign_letters import COLUMNS, Mode, Proof, SignLettersPresenter, SignLettersState
from ui.presenters.presenter import Action, message
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import ListScreen
from ui.views.screen import Screen, page, take_keyboard
from ui.widgets.cards import Card, ProblemCard
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextArea, TextField
from ui.widgets.file_field import FileField
from ui.widgets.layout import SPRING, Role, Text, column, fill, laid, present, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.quality_panel import Advice, FactGrid, VerdictCard
from ui.widgets.tags import TagLabel


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


# Tanda tangan: the list or the question at the left, the very page that is signed at the right.


class SignLettersView(ListScreen[SignLettersState]):
    """What is typed goes to the presenter once and is wiped from the field at the same moment."""

    own_keys = (*ListScreen.own_keys, *PAGE_KEYS)

    def __init__(self, theming: ThemeContext, presenter: SignLettersPresenter) -> None:
        super().__init__(theming, presenter, opens_rows=True)
        self._presenter = presenter
        self.table.selected.connect(presenter.select)
        self.table.opened.connect(presenter.open)
        self._pages, self._advice = LetterPages(theming), Advice(theming)
        self._list, self._question = QWidget(), Card(theming)
        self._title, self._note, self._facts = Text(Role.TITLE, wraps=True), Text(wraps=True), FactGrid(theming)
        self._doubt = ProblemCard(theming)
        self._proofs = ChoiceList(theming, has_keys=False)
        self._secret, self._path = TextField(theming, is_secret=True), FileField(theming)
        self._told = Text(Role.MUTED, wraps=True)
        self._asked = 0
        self._proofs.chosen.connect(presenter.choose_proof)
        self._secret.entered.connect(self._send)
        self._path.entered.connect(self._send)
        self._lay_out()

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        column((self.table, 1), self._advice, on=self._list, gap=space["md"])
        asked = (self._title, self._facts, self._note, self._doubt, self._secret, self._path, self._told, self._proofs)
        laid(self._question.body, (*asked, SPRING), space["md"], space["lg"])
        left = column((self._list, 1), (self._question, 1), gap=space["md"])
        page(row((left, 3), (self._pages, 2), on=self.content), self.theming, "lg")

    def show_state(self, state: SignLettersState) -> None:
        """Show the list or the question, and the page."""
        is_list = state.mode is Mode.BROWSE
        present(self._list, is_list)
        present(self._question, not is_list)
        self._pages.render_pages(state.pages, state.title or message("tte.no_page"))
        if is_list:
            self.setFocusProxy(self.table)
            self._show_list(state)
        else:
            self._show_question(state)
        if state.asked != self._asked:
            self._asked = state.asked
            self._secret.wipe()
            (self.table if is_list else self._field(state)).setFocus()

    def _show_list(self, state: SignLettersState) -> None:
        title, hint = message("tte.title"), message("tte.hint")
        self.show_rows(title, COLUMNS, state.rows, empty=state.nothing, hint=hint, tags=state.tags)
        told = self.theming.catalog.explain(state.doubt) if state.doubt else None
        self._advice.render_advice(told.what if told else "", f"{told.safe} {told.do}" if told else "")

    def _show_question(self, state: SignLettersState) -> None:
        is_settling = state.mode is Mode.SETTLE
        self.setFocusProxy(self._field(state))
        say = self.theming.say
        self._title.show_text(say(message("tte.settle_title") if is_settling else message("tte.ask_title")))
        self._facts.render_facts(((message("common.letter"), state.title), *state.facts))
        self._note.show_text("" if is_settling else say(message("tte.ask_note")))
        present(self._doubt, is_settling and state.doubt is not None)
        if is_settling and state.doubt is not None:
            self._doubt.render_problem(state.doubt, None)
        present(self._secret, not is_settling)
        present(self._path, is_settling)
        present(self._proofs, not is_settling and bool(state.proofs))
        wrong = state.wrong or ""
        if is_settling:
            hint = message("tte.path_hint")
            self._path.render_field(message("tte.signed_file"), self._path.text(), problem=wrong, hint=hint)
        else:
            name = "code" if state.proof is Proof.CODE and state.proofs else "passphrase"
            label, hint = message(f"tte.{name}"), message(f"tte.{name}_hint")
            self._secret.render_field(label, self._secret.text(), problem=wrong, hint=hint)
            self._proofs.render_choices(state.proofs, state.proof.value)
        told = self.theming.catalog.explain(state.wrong) if state.wrong else None
        self._told.show_text(f"{told.safe} {told.do}" if told else say(state.told))

    def _field(self, state: SignLettersState) -> TextField:
        return self._path if state.mode is Mode.SETTLE else self._secret

    def held(self) -> str:
        """Return what was typed; a secret is wiped from its field at the same moment."""
        if self.state is not None and self.state.mode is Mode.SETTLE:
            return self._path.text()
        secret = self._secret.text()
        self._secret.wipe()
        return secret

    def _send(self) -> None:
        state = self.state
        if state is None:
            return
        if state.mode is Mode.SETTLE:
            self._presenter.settle_signed(self.held())
        elif state.mode is Mode.ASK:
            self._presenter.sign(self.held())

    def perform(self, act: Action) -> bool:
        """Turn a page; the other keys are those of lists, and only while the list is there."""
        is_list = self.state is not None and self.state.mode is Mode.BROWSE
        return self._pages.perform(act) or (is_list and super().perform(act))


# Periksa tanda tangan: name a file at the left, see it at the right.


class VerifyLetterView(Screen[VerifyLetterState]):
    """Enter checks; PgDn and PgUp turn the pages."""

    own_keys = PAGE_KEYS

    def __init__(self, theming: ThemeContext, presenter: VerifyLetterPresenter) -> None:
        super().__init__(theming)
        space = theming.tokens.space
        self._title, self._path = Text(Role.TITLE, wraps=True), FileField(theming)
        self._note, self._verdict, self._pages = (
            Text(Role.MUTED, wraps=True),
            VerdictCard(theming),
            LetterPages(theming),
        )
        self._path.edited.connect(presenter.type_path)
        self._path.entered.connect(presenter.accept)
        asked = Card(theming)
        asked.body.setSpacing(space["md"])
        fill(asked.body, self._title, self._path, self._note)
        left = column(asked, self._verdict, SPRING, gap=space["md"])
        page(row((left, 3), (self._pages, 2), on=self.content), theming, "lg")
        self.setFocusProxy(self._path)

    def show_state(self, state: VerifyLetterState) -> None:
        """Show the file and its verdict."""
        say = self.theming.say
        self._title.show_text(say(message("tte.verify_title")))
        hint = message("tte.path_hint")
        self._path.render_field(message("tte.file"), state.path, problem=state.wrong or "", hint=hint)
        told = self.theming.catalog.explain(state.wrong) if state.wrong else None
        waiting = "" if state.verdict else say(message("tte.verdict_none"))
        self._note.show_text(f"{told.safe} {told.do}" if told else waiting or say(state.name))
        self._verdict.render_verdict(state.verdict)
        self._pages.render_pages(state.pages, state.name or message("tte.no_page"))
        take_keyboard(self)

    def perform(self, act: Action) -> bool:
        """Turn a page."""
        return self._pages.perform(act)
