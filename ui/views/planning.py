"""One kegiatan: head and timeline at the left, the step under the cursor at the right."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import (
    QBoxLayout,
    QCompleter,
    QFrame,
    QGridLayout,
    QLineEdit,
    QScrollArea,
    QSizePolicy,
    QWidget,
)

from fieldkit.domain.planning.outreach import Rhythm
from ui.presenters.form import FormField, Pick
from ui.presenters.parts import Choice, Tone
from ui.presenters.people.accounts import StaffList, staff_form
from ui.presenters.picking import STAFF
from ui.presenters.planning.activities import ActivityPresenter, ActivityState, new_activity_form
from ui.presenters.planning.calendar_days import (
    CUTI,
    CalendarDaysPresenter,
    CalendarDaysState,
    MonthPresenter,
    MonthState,
)
from ui.presenters.planning.plan import TERRAINS, PlanPresenter, PlanState
from ui.presenters.planning.steps import StepAct, StepPanel, declare_form, sop_document_form, step_form
from ui.presenters.presenter import Action, Message, message
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import TimelineScreen
from ui.views.page_parts import PageParts, Params
from ui.views.screen import Screen, page, take_keyboard
from ui.widgets.button import ActionButton
from ui.widgets.buttons import Mark, ToggleButton
from ui.widgets.cards import Card
from ui.widgets.chart import MonthGrid
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.form_fields import PickField
from ui.widgets.layout import SPRING, Role, Text, column, fill, present, row
from ui.widgets.numbers import NumberCard, NumberRow
from ui.widgets.table import LineList
from ui.widgets.tags import TagLabel
from ui.widgets.touch import drag_to_scroll


class ActivityView(TimelineScreen[ActivityState]):
    """Enter does what the panel offers first, the digits all of it."""

    def __init__(self, theming: ThemeContext, presenter: ActivityPresenter) -> None:
        super().__init__(theming, presenter)
        self._numbers = NumberRow(theming)
        self._step_title, self._step_tag, self._step_words = Text(Role.SECTION), TagLabel(theming), Text(wraps=True)
        self._now_card.set_tone(Tone.SOFT)
        self._head.addWidget(self._numbers, 2)
        self.lay_out(self._panel())
        self._steps.body.addStretch(0)
        self._timeline.chosen.connect(presenter.choose_step)
        self.setFocusProxy(self._timeline)

    def _panel(self) -> QWidget:
        card = Card(self.theming)
        head = row((self._step_title, 1), self._step_tag, gap=self.theming.tokens.space["sm"])
        fill(card.body, head, self._now_card, (self.scrolling_facts(self._step_words), 1), self._ways)
        return card

    def show_state(self, state: ActivityState) -> None:
        """Show the activity."""
        super().show_state(state)
        self._numbers.render_numbers(state.numbers)
        present(self._timeline, bool(state.steps))
        if state.panel is not None:
            self._show_panel(state.panel)
        take_keyboard(self)

    def _show_panel(self, panel: StepPanel) -> None:
        say = self.theming.say
        self._step_title.setText(say(panel.title))
        self._step_tag.render_tag(panel.tag)
        if self._step_words.text() != panel.words:
            self._info.verticalScrollBar().setValue(0)
        self._step_words.setText(panel.words)
        self._now.setText(say(panel.now))
        self._facts.render_facts(panel.facts)
        self._ways.render_ways(panel.ways)

    def perform(self, act: Action) -> bool:
        """Do what a digit means."""
        panel = self.state.panel if self.state is not None else None
        return super().perform(act) or (panel is not None and self._ways.perform(act, panel.ways))


# The month of the dinas on the whole screen, and Kalender dinas: the month beside the day under the cursor.

_SIDE = 380
_CHANGES_SHOWN = 6


class CalendarDaysView(Screen[CalendarDaysState]):
    """Arrows walk over the days, Tab goes to the reason, Enter turns the day around."""

    def __init__(self, theming: ThemeContext, presenter: CalendarDaysPresenter) -> None:
        super().__init__(theming)
        self._month = MonthGrid(theming)
        self._month.chosen.connect(presenter.go_to)
        self._month.turned.connect(presenter.turn)
        self._month.opened.connect(lambda _on: presenter.accept())
        self.setFocusProxy(self._month)
        self._day, self._reason = Card(theming), TextField(theming)
        self._about, self._visits = Text(wraps=True), Text(Role.MUTED, wraps=True)
        self._reason.edited.connect(presenter.type_reason)
        fill(self._day.body, self._about, self._visits, self._reason)
        self._cuti_head, self._cuti = Text(Role.SECTION), ChoiceList(theming, has_keys=False)
        self._cuti.chosen.connect(presenter.choose_cuti)
        self._confirm = ActionButton(theming)
        self._confirm.commanded.connect(self.command)
        self._changes, self._lines = Card(theming), Text(wraps=True)
        self._changes.body.addWidget(self._lines)
        side = QWidget()
        side.setFixedWidth(_SIDE)
        parts = (self._day, self._confirm, self._cuti_head, self._cuti, self._changes, SPRING)
        column(*parts, on=side, gap=theming.tokens.space["md"])
        page(row((self._month, 1), side, on=self.content), theming, "lg")

    def show_state(self, state: CalendarDaysState) -> None:
        """Show month and day."""
        say = self.theming.say
        if state.month is not None:
            self._month.render_month(state.month)
        self._day.set_title(say(state.day))
        self._about.show_text(say(state.about))
        self._visits.show_text(say(state.visits))
        present(self._reason, state.may_keep and state.reason is not None)
        if state.reason is not None:
            self._reason.show_field(state.reason)
        self._confirm.offer(state.confirm)
        self._cuti_head.show_text(say(message("hari.cuti")))
        self._cuti.render_choices(CUTI, state.cuti)
        self._cuti.setEnabled(state.may_keep)
        self._changes.set_title(say(message("hari.changes")))
        lines = [say(words) for words in state.changes[-_CHANGES_SHOWN:]]
        self._lines.show_text("\n".join(lines) or say(message("hari.no_changes")))
        take_keyboard(self)


class MonthView(Screen[MonthState]):
    """Arrows walk the days, PgUp and PgDn the months, Enter opens a day."""

    own_keys = (Action.REFRESH,)

    def __init__(self, theming: ThemeContext, presenter: MonthPresenter) -> None:
        super().__init__(theming)
        self._grid = MonthGrid(theming)
        self._grid.turned.connect(presenter.show_month)
        self._grid.chosen.connect(presenter.go_to)
        self._grid.opened.connect(presenter.open_day)
        page(column((self._grid, 1), on=self.content), theming)
        self.setFocusProxy(self._grid)

    def show_state(self, state: MonthState) -> None:
        """Show the month."""
        if state.month is not None:
            self._grid.render_month(state.month)
        take_keyboard(self)


# Rencana: the facts at the left, the schedule with its conflicts in the middle, the route at the right.

_LEFT, _RIGHT = 252, 304
_ROOM_FOR_THREE, _ROUTE_HIGH = 1290, 160  # in a narrower window the route stands below the form
_CONFLICTS_HIGH = 188


class PlanView(Screen[PlanState]):
    """Tab walks through the form; Space ticks people and kits, Alt ↑ ↓ moves houses."""

    has_three_columns = True

    def __init__(self, theming: ThemeContext, presenter: PlanPresenter) -> None:
        super().__init__(theming)
        self._presenter = presenter
        self._fields = {name: TextField(theming) for name in _FIELDS}
        for name, shown in self._fields.items():
            shown.edited.connect(partial(presenter.type_field, name))
        self._terrain = _Toggles(theming, TERRAINS)
        self._rhythm = ToggleButton(theming)
        self._terrain.chosen.connect(presenter.choose_terrain)
        self._rhythm.clicked.connect(self._turn_rhythm)
        self._team, self._kits, self._route = LineList(theming), LineList(theming), LineList(theming)
        for lines in (self._team, self._kits, self._route):
            lines.setProperty("role", "framed")
        self._team.toggled.connect(presenter.toggle_person)
        self._crew = PickField(theming, STAFF)
        self._crew.chosen.connect(self._put_into_team)
        self._kits.toggled.connect(presenter.toggle_kit)
        self._route.selected.connect(presenter.choose_house)
        self._route.moved.connect(presenter.move_house)
        self._vehicles: tuple[str, ...] = ()
        self._completer = QCompleter([])
        self._completer.setCaseSensitivity(Qt.CaseSensitivity.CaseInsensitive)
        _edit_of(self._fields["vehicle"]).setCompleter(self._completer)
        self._form = QWidget()
        self._side = self._right()
        self._both = row((self._middle(), 1), self._side, gap=theming.tokens.space["lg"])
        page(row(self._left(), (self._both, 1), on=self.content), theming, "lg")

    def show_state(self, state: PlanState) -> None:
        """Show the plan."""
        say = self.theming.say
        self._title.setText(say(message("rencana.title")))
        self._tag.render_tag(state.tag)
        self._numbers.render_numbers(message("rencana.facts"), state.numbers, message("rencana.no_targets"))
        for shown in state.fields:
            # Its reason stands once, in the bar: under each field it would only repeat itself.
            self._fields[shown.name].show_field(replace(shown, refused=""))
            self._fields[shown.name].setEnabled(not shown.refused)
        self._terrain.render_choice(message("rencana.terrain"), state.terrain)
        self._rhythm.render_toggle(message("rencana.rhythm_weekly"), is_on=state.rhythm == Rhythm.WEEKLY)
        self._rhythm.setMinimumWidth(self._rhythm.sizeHint().width())
        hint = message("rencana.team_hint")
        self._crew.show_field(
            FormField("team", message("rencana.team"), hint=hint, choices=state.others, pick=Pick.TYPED)
        )
        self._kits_head.show_text(say(message("common.kits")))
        self._team.render_lines(say(message("rencana.team")), state.team)
        self._kits.render_lines(say(message("common.kits")), state.kits)
        self._no_staff.show_text("" if state.team else say(message("rencana.no_staff")))
        self._no_kits.show_text("" if state.kits else say(message("rencana.no_kits")))
        present(self._team, bool(state.team))
        present(self._kits, bool(state.kits))
        for part in (self._terrain, self._rhythm, self._crew, self._team, self._kits):
            part.setEnabled(state.may_plan)
        if state.vehicles != self._vehicles:
            self._vehicles = state.vehicles
            self._completer.model().setStringList(list(state.vehicles))  # type: ignore[attr-defined] # QStringListModel
        self._show_conflicts(state.conflicts)
        self._route_head.show_text(say(message("rencana.route")))
        self._route_hint.show_text(say(message("rencana.route_hint")) if state.may_plan else "")
        self._route.render_lines(say(message("rencana.route")), state.route)
        self._show_spot(state.spot, may_plan=state.may_plan)
        for button, command in zip((self._staff, self._calendar), state.keyed, strict=False):
            button.render_action(command)
        take_keyboard(self)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802, D102 – Qt's name
        super().resizeEvent(event)
        has_room = self.width() >= _ROOM_FOR_THREE
        beside, below = QBoxLayout.Direction.LeftToRight, QBoxLayout.Direction.TopToBottom
        self._both.setDirection(beside if has_room else below)
        self._side.setMinimumWidth(_RIGHT if has_room else 0)
        self._side.setMaximumWidth(_RIGHT if has_room else self.maximumWidth())
        self._route.setMinimumHeight(0 if has_room else _ROUTE_HIGH)
        self._form.setMinimumHeight(0 if has_room else self._form.minimumSizeHint().height())

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802, D102 – Qt's name
        # Enter in the coordinates keeps them; the plan has its own Enter everywhere else.
        if (
            isinstance(event, QKeyEvent)
            and event.type() is QEvent.Type.KeyPress
            and watched is _edit_of(self._spot)
            and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter)
        ):
            self._presenter.keep_spot()
            return True
        return super().eventFilter(watched, event)

    def _put_into_team(self, name: str) -> None:
        if name:  # an emptied field names nobody
            self._presenter.toggle_person(name)

    def _turn_rhythm(self) -> None:
        self._presenter.choose_rhythm((Rhythm.DAILY if self._rhythm.is_on else Rhythm.WEEKLY).value)

    def _left(self) -> QWidget:
        theming, side = self.theming, QWidget()
        side.setFixedWidth(_LEFT)
        self._title = Text(Role.TITLE, wraps=True)
        self._tag, self._numbers = TagLabel(theming), NumberCard(theming)
        self._staff, self._calendar = ActionButton(theming), ActionButton(theming)
        for button in (self._staff, self._calendar):
            button.commanded.connect(self.command)
        parts = (self._title, self._tag, self._numbers, SPRING, self._staff, self._calendar)
        column(*parts, on=side, gap=theming.tokens.space["sm"])
        return side

    def _middle(self) -> QWidget:
        space, fields = self.theming.tokens.space, self._fields
        grid = QGridLayout()
        grid.setHorizontalSpacing(space["md"])
        grid.setVerticalSpacing(space["sm"])
        grid.addWidget(fields["days"], 0, 0, 1, 6)
        grid.addWidget(fields["starts"], 0, 6, 1, 3)
        grid.addWidget(fields["way"], 0, 9, 1, 3)
        how = row((self._terrain, 1), (self._rhythm, 0, Qt.AlignmentFlag.AlignBottom), gap=space["md"])
        grid.addLayout(how, 1, 0, 1, 12)
        for column_at in range(12):
            grid.setColumnStretch(column_at, 1)
        self._kits_head = Text(Role.STRONG)
        self._no_staff, self._no_kits = Text(Role.MUTED, wraps=True), Text(Role.MUTED, wraps=True)
        crew = column(self._crew, (self._team, 1), self._no_staff, gap=4)
        kits = column(self._kits_head, (self._kits, 1), self._no_kits, gap=4)
        lists = row((crew, 3), (kits, 2), gap=space["md"])
        texts = row((fields["vehicle"], 1), (fields["companions"], 1), gap=space["md"])
        notes = row((fields["note"], 1), (fields["direction"], 1), gap=space["md"])
        column(grid, (lists, 1), texts, notes, on=self._form, gap=space["sm"])
        return self._form

    def _right(self) -> QWidget:
        theming, side = self.theming, QWidget()
        self._conflict_card = Card(theming)
        self._conflict_lines = Text(wraps=True)
        self._reel = _Reel(self._conflict_lines)
        self._conflict_card.body.addWidget(self._reel)
        self._route_head, self._route_hint = Text(Role.STRONG), Text(Role.MUTED)
        head = row(self._route_head, SPRING, self._route_hint)
        self._spot = TextField(theming)
        self._spot.edited.connect(self._presenter.type_spot)
        _edit_of(self._spot).installEventFilter(self)
        column(self._conflict_card, head, (self._route, 1), self._spot, on=side, gap=theming.tokens.space["sm"])
        return side

    def _show_conflicts(self, conflicts: tuple[Message, ...]) -> None:
        say = self.theming.say
        self._conflict_card.set_tone(Tone.CAUTION if conflicts else Tone.GOOD)
        self._conflict_card.set_title(say(message("rencana.conflicts")) if conflicts else "")
        shown = "\n".join(f"• {say(words)}" for words in conflicts)
        self._conflict_lines.show_text(shown or say(message("rencana.no_conflicts")))
        self._reel.refit()

    def _show_spot(self, shown: FormField | None, *, may_plan: bool) -> None:
        present(self._spot, shown is not None and may_plan)
        if shown is not None:
            self._spot.show_field(shown)


class _Toggles(QWidget):
    """One of a few, side by side under a label."""

    chosen = Signal(str)

    def __init__(self, theming: ThemeContext, choices: tuple[Choice, ...]) -> None:
        super().__init__()
        self._choices = choices
        self._theming, self._label = theming, Text(Role.STRONG)
        self._buttons = [ToggleButton(theming, Mark.CIRCLE) for _ in choices]
        for button, choice in zip(self._buttons, choices, strict=True):
            button.clicked.connect(lambda _checked=False, name=choice.name: self.chosen.emit(name))
        beside = row(*self._buttons, gap=theming.tokens.space["sm"])
        column(self._label, beside, on=self, gap=theming.tokens.space["xs"])

    def render_choice(self, label: Message, current: str) -> None:
        self._label.show_text(self._theming.say(label))
        for button, choice in zip(self._buttons, self._choices, strict=True):
            button.render_toggle(choice.words, is_on=choice.name == current)
            button.setMinimumWidth(button.sizeHint().width())


class _Reel(QScrollArea):
    """Text that may be longer than its room: Tab reaches it and the arrows roll it."""

    def __init__(self, text: Text) -> None:
        super().__init__()
        self._text = text
        text.setAlignment(Qt.AlignmentFlag.AlignTop)
        drag_to_scroll(self)
        self.setWidgetResizable(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.viewport().setAutoFillBackground(False)
        text.setAutoFillBackground(False)
        self.setWidget(text)
        self.verticalScrollBar().setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def sizeHint(self) -> QSize:  # noqa: N802 – Qt's name
        width = self.width() - self.verticalScrollBar().sizeHint().width()
        return QSize(200, min(_CONFLICTS_HIGH, self._text.heightForWidth(max(120, width)) + 4))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 – Qt's name
        return QSize(120, 24)

    def refit(self) -> None:
        """Take the height of the text that was just shown."""
        self.updateGeometry()


def _edit_of(field: TextField) -> QLineEdit:
    edit = field.focusProxy()
    assert isinstance(edit, QLineEdit)
    return edit


_FIELDS = ("days", "starts", "way", "vehicle", "companions", "note", "direction")


# The pages of planning: plan, staff list and calendar of the dinas.


def planning_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `plan` (`activity_id`, "" for one to begin), month, staff and `calendar_days`.

    `declare` takes `activity_id` and `step`, `step_form` the `act` too, `sop_document` the `activity_id` or a `sop_id`.
    """

    def plan(params: Params) -> Page:
        if not params["activity_id"]:
            return at.form_page("plan", params, new_activity_form(at.context()))
        return at.page(PlanPresenter(at.context(), at.tasks, at.navigator, params["activity_id"]), PlanView)

    def month(_params: Params) -> Page:
        return at.page(MonthPresenter(at.context(), at.tasks, at.navigator), MonthView)

    def calendar_days(_params: Params) -> Page:
        return at.page(CalendarDaysPresenter(at.context(), at.tasks, at.navigator), CalendarDaysView)

    asked = at.forms(
        {
            "staff_person": lambda context, params: staff_form(context, params["staff_id"]),
            "step_form": lambda context, params: step_form(
                context, params["activity_id"], int(params["step"]), StepAct(params["act"])
            ),
            "declare": lambda context, params: declare_form(context, params["activity_id"], int(params["step"])),
            "sop_document": lambda now, of: sop_document_form(now, of.get("activity_id", ""), of.get("sop_id", "")),
        }
    )
    staff = at.lists({"staff": lambda now, _: StaffList(now, at.navigator).screen()})
    return {"plan": plan, "month": month, "calendar_days": calendar_days, **staff, **asked}
