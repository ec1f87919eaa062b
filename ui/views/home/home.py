"""Beranda: the day as one card with four big actions and the SOP, or what waits for somebody of the office."""

from __future__ import annotations

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.home.home import HomePresenter, HomeState
from ui.presenters.home.office import COLUMNS
from ui.presenters.messages import message
from ui.presenters.parts import Empty, Tone
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.layout import SPRING, column, fill, row
from ui.widgets.numbers import BigActionCard, NumberRow
from ui.widgets.presence import present
from ui.widgets.problem_card import NoticeCard, ProblemCard
from ui.widgets.quality_panel import Advice
from ui.widgets.steps import Timeline
from ui.widgets.table_card import TableCard
from ui.widgets.tag import TagLabel
from ui.widgets.text import ElidedText, Role, Text

_SIDE, _LEAST_SIDE = 380, 300
_WIDE = 1300
_CARDS = 4


def _enter(action: Command) -> Action | None:
    """Return Enter for the card that the day asks for now."""
    return Action.ACCEPT if action.weight is Weight.PRIMARY else None


class HomeView(Screen[HomeState]):
    """The digits 1 to 4 press the big cards, 5 what the coloured line offers, Enter the coloured card.

    In the office arrows choose what waits, Enter goes there. The bar's digits lead everywhere else.
    """

    def __init__(self, theming: ThemeContext, presenter: HomePresenter) -> None:
        super().__init__(theming)
        self._presenter = presenter
        self._day, self._title = TagLabel(theming), Text(Role.TITLE, wraps=True)
        self._subtitle, self._step = Text(Role.MUTED, wraps=True), ElidedText(Role.STRONG)
        self._numbers, self._timeline = NumberRow(theming), Timeline(theming)
        self._cards = tuple(BigActionCard(theming) for _ in range(_CARDS))
        self._notice = Advice(theming)
        self._side, self._side_note = Card(theming), Text(Role.MUTED)
        self._duties = TableCard(theming)
        self._field = QWidget()
        self._shown: object = None
        for card in self._cards:
            card.commanded.connect(self.command)
            card.refused.connect(self.refused)
        self._notice.commanded.connect(self.command)
        self._duties.selected.connect(presenter.select)
        self._duties.opened.connect(presenter.open_duty)
        self._duties.searched.connect(presenter.search)
        self._lay_out()

    def _new_banner(self) -> ProblemCard:
        return NoticeCard(self.theming)  # what the start found must not push the day out of the window

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        head = Card(self.theming)
        words = column(self._day, self._title, self._subtitle, gap=space["xs"])
        head.body.addLayout(row((words, 1), (self._numbers, 1), gap=space["lg"]))
        head.body.addWidget(self._step)
        grid = QGridLayout()
        grid.setSpacing(space["md"])
        for place, card in enumerate(self._cards):
            grid.addWidget(card, place // 2, place % 2)
        column((grid, 1), self._notice, on=self._field, gap=space["md"])
        left = column(head, (self._field, 1), (self._duties, 1), gap=space["md"])
        self._side.setMinimumWidth(_LEAST_SIDE)
        self._side.setMaximumWidth(_SIDE)
        fill(self._side.body, self._side_note, self._timeline, SPRING)
        page(row((left, 2), (self._side, 1), on=self.content), self.theming, "lg")

    def show_state(self, state: HomeState) -> None:
        """Show the day, or the office's list."""
        say = self.theming.say
        self._day.render_tag(state.day)
        self._title.show_text(say(state.title))
        self._subtitle.show_text(say(state.subtitle))
        self._step.setText(say(state.step))
        present(self._step, bool(state.step))
        self._numbers.render_numbers(state.numbers)
        is_office = state.duties is not None
        for widget in (self._field, self._side):
            present(widget, not is_office)
        present(self._duties, is_office)
        if is_office:
            self.setFocusProxy(self._duties)
            self._show_duties(state)
        else:
            self._show_day(state)
        take_keyboard(self)

    def _show_day(self, state: HomeState) -> None:
        for card, big in zip(self._cards, state.actions, strict=False):
            card.render_big(big)
        say = self.theming.say
        lines = [" · ".join(say(part) for part in line) for line in state.notice_lines]
        detail = "\n".join(filter(None, (say(state.notice_detail), *lines)))
        self._notice.render_advice(state.notice, detail, Tone.CAUTION, state.notice_action)
        self._side.set_title(self.theming.say(state.side_title))
        self._side_note.show_text(self.theming.say(state.side_note))
        self._timeline.render_steps(state.side)
        self._keep_room()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._keep_room()

    def _keep_room(self) -> None:
        """Let the cards of a small window keep their height: Qt takes it from them where texts beside them wrap."""
        layout = self._field.layout()
        assert layout is not None
        self._field.setMinimumHeight(layout.totalMinimumSize().height() if self.width() < _WIDE else 0)

    def _show_duties(self, state: HomeState) -> None:
        rows = state.duties
        shown = (rows, self.theming.catalog.language)
        if rows is None or shown == self._shown:
            return
        is_first, self._shown = self._shown is None, shown
        empty = Empty(message("common.nothing_waits"), message("beranda.nothing_waits_hint"))
        self._duties.render_table(
            message("common.your_turn"), COLUMNS, rows, empty=empty, search_hint=message("beranda.search")
        )
        if is_first and rows.count:
            self._duties.stand_on(0)

    def perform(self, act: Action) -> bool:
        """Press a big card by its digit; Enter goes on with the day."""
        if self.state is None:
            return False
        if self.state.duties is not None:
            return self._perform_office(act)
        cards = zip(self._cards, (big.action for big in self.state.actions), strict=False)
        card = next((c for c, action in cards if act in (action.act, _enter(action))), None)
        if card is not None:
            card.press()
        elif self.state.notice_action is not None and self.state.notice_action.act is act:
            self.command(self.state.notice_action)
        else:
            return False
        return True

    def _perform_office(self, act: Action) -> bool:
        match act:
            case Action.ACCEPT:
                self._presenter.accept()
            case Action.SEARCH:
                self._duties.search()
            case _:
                return False
        return True
