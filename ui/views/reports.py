"""Laporan: what there is at the left, the period and its first numbers above, chart and table beside each other."""

from __future__ import annotations

from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QWidget

from ui.presenters.presenter import CHOICES, Action, message
from ui.presenters.reports import ReportsPresenter, ReportsState
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts, Params
from ui.views.screen import Screen, page, take_keyboard
from ui.widgets.cards import Card
from ui.widgets.chart import ChartView
from ui.widgets.choices import ChoiceList
from ui.widgets.layout import SPRING, ElidedText, Role, Text, column, fill, present, row
from ui.widgets.numbers import NumberRow
from ui.widgets.table import Table
from ui.widgets.tags import TagRow

_STEPS = {Action.NEXT_STEP: 1, Action.PREVIOUS_STEP: -1}
_CONTENTS = 268
_ROOM_FOR_BOTH, _FOUR_ROWS = 1200, 250  # px of the window; below it the table stands below the chart
_SHARES, _SHARES_WIDE, _MOST_NARROW = (1, 1), (5, 9), 4  # of chart and table, by the columns of the table


class ReportsView(Screen[ReportsState]):
    """Digits and letters choose a section, PgUp and PgDn another period, Ctrl O day, month or activity."""

    own_keys = (CHOICES[0], Action.NEXT_STEP, Action.PREVIOUS_STEP, Action.CALENDAR, Action.REFRESH)

    def __init__(self, theming: ThemeContext, presenter: ReportsPresenter) -> None:
        super().__init__(theming)
        self._presenter = presenter
        space = theming.tokens.space
        self._title, self._span, self._about = Text(Role.TITLE), TagRow(theming), ElidedText(Role.SECTION)
        self._others = Text(Role.MUTED)
        self._numbers, self._choices = NumberRow(theming), ChoiceList(theming, is_dense=True)
        self._note, self._chart, self._table = (
            Text(Role.MUTED, wraps=True),
            ChartView(theming),
            Table(theming, opens_rows=False),
        )
        self._choices.setFixedWidth(_CONTENTS)
        self._choices.chosen.connect(presenter.choose)
        self._choices.refused.connect(self.refused)
        head = row(self._title, self._span, (self._about, 1), self._others, gap=space["md"])
        self._card, self._legend = Card(theming), Text(Role.MUTED, wraps=True)
        shown = QWidget()  # there also when it holds nothing, so that title and note stay above
        self._beside = row(self._chart, self._table, on=shown, gap=space["lg"])
        fill(self._card.body, self._note, (shown, 1), self._legend)
        right = column(self._numbers, (self._card, 1), gap=space["sm"])
        below = row(column(self._choices, SPRING, gap=0), (right, 1), gap=space["lg"])
        page(column(head, (below, 1), on=self.content), theming)
        self.setFocusProxy(self._choices)

    def show_state(self, state: ReportsState) -> None:
        """Show the period and the chosen section."""
        say = self.theming.say
        self._title.show_text(say(message("reports.title")))
        self._about.setText(say(state.about))
        self._span.render_tags((state.span,) if state.span else ())
        self._others.show_text(say(state.others))
        self._numbers.render_numbers(state.numbers)
        self._choices.render_choices(state.choices, state.chosen)
        self._card.set_title(say(state.title))
        self._note.show_text(say(state.note))
        # A line needs the whole width, and so does the table of activities below it.
        below, beside = QBoxLayout.Direction.TopToBottom, QBoxLayout.Direction.LeftToRight
        is_below = state.chart.is_line or self.width() < _ROOM_FOR_BOTH
        self._beside.setDirection(below if is_below else beside)
        chart, table = _SHARES_WIDE if len(state.columns) > _MOST_NARROW else _SHARES
        self._beside.setStretch(0, 0 if is_below else chart)
        self._beside.setStretch(1, table)
        self._chart.render_chart(state.chart)
        self._legend.show_text(say(state.chart.legend))
        present(self._chart, bool(state.chart.bars))
        self._table.render_rows(state.columns, state.rows)
        present(self._table, bool(state.rows.count))
        # Lines come with the first state, behind everything in Tab's order; the table follows them where it stands.
        QWidget.setTabOrder(self._choices.findChildren(QAbstractButton)[-1], self._table)
        take_keyboard(self)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        if event.modifiers() or not self._choices.choose_by_letter(event.text()):
            event.ignore()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        self._table.setMinimumHeight(0 if self.width() >= _ROOM_FOR_BOTH else _FOUR_ROWS)
        if (event.oldSize().width() < _ROOM_FOR_BOTH) != (self.width() < _ROOM_FOR_BOTH):
            self.render_again()

    def perform(self, act: Action) -> bool:
        """Choose a section, another period, today, or read anew."""
        if act in CHOICES:
            return self._choices.choose(CHOICES.index(act))
        if act in _STEPS:
            self._presenter.turn(_STEPS[act])
        elif act is Action.CALENDAR:
            self._presenter.today()
        else:
            return super().perform(act)
        return True


def reports_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factory of `reports`: of the month, or with `activity_id` of one activity."""

    def reports(params: Params) -> Page:
        activity_id = params.get("activity_id", "")
        presenter = ReportsPresenter(at.context(), at.tasks, at.navigator, at.printing, at.spoken, activity_id)
        return at.page(presenter, ReportsView)

    return {"reports": reports}
