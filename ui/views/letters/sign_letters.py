"""Tanda tangan: the list or the question at the left, the very page that is signed at the right."""

from __future__ import annotations

from PySide6.QtWidgets import QWidget

from ui.presenters.actions import Action
from ui.presenters.letters.sign_letters import COLUMNS, Mode, Proof, SignLettersPresenter, SignLettersState
from ui.presenters.messages import message
from ui.runtime.theme_context import ThemeContext
from ui.views.layout import page
from ui.views.list_screen import ListScreen
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.file_field import FileField
from ui.widgets.layout import SPRING, column, laid, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.presence import present
from ui.widgets.problem_card import ProblemCard
from ui.widgets.quality_panel import Advice, FactGrid
from ui.widgets.text import Role, Text


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
