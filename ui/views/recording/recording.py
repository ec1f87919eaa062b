"""The recording screen: steps at the left, the work in the middle, how good it is at the right."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QWidget

from fieldkit.domain.recording.biodata import CodeTables
from fieldkit.domain.recording.capture_policy import CAPTURED_AT, StepKind
from ui.presenters.actions import CHOICES, Action
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tone
from ui.presenters.recording.panels import EndingPanel, ExceptionPanel, LeadPanel
from ui.presenters.recording.state import RecordingState
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.theme_context import ThemeContext
from ui.views.recording.biodata import BiodataPanel, BiodataSide
from ui.views.recording.capture import CapturePanel, IndexPanel, SidePanel
from ui.views.recording.panels import ExceptionPage, LeadPage, ReasonSide
from ui.views.screen import Screen
from ui.widgets.choices import ChoiceList
from ui.widgets.layout import SPRING, column, row
from ui.widgets.presence import present
from ui.widgets.quality_panel import Advice
from ui.widgets.steps import StepRail
from ui.widgets.text import Role, Text

_ARROWS = {Qt.Key.Key_Up: -1, Qt.Key.Key_Down: 1}
_SIDE_ARROWS = {Qt.Key.Key_Left: -1, Qt.Key.Key_Right: 1}
_NARROW_SIDE = 150  # what a window of 1024 leaves beside the biodata


class RecordingView(Screen[RecordingState]):
    """Space captures, Enter accepts, R repeats, X excepts; digits choose, PgUp and PgDn change the step.

    `frames` and `ink` are the mailboxes that the presenter's devices fill; `pad` takes signatures on the screen.
    """

    sign_here = Signal()
    choose_step = Signal(str)
    type_biodata = Signal(str, str)
    number = Signal(int)
    choose_next = Signal(int)
    choose_second_next = Signal(int)
    toggle_position = Signal(object)
    choose = Signal(str)
    type_witness = Signal(str)
    choose_second = Signal(str)

    def __init__(self, theming: ThemeContext, tables: CodeTables) -> None:
        super().__init__(theming)
        self._tables = tables
        frames = self.frames = PreviewMailbox()
        self.ink = InkMailbox()
        self.destroyed.connect(lambda: frames.close())
        self._rail, self._clock, self._clock_note = StepRail(theming), Text(Role.TITLE), Text(Role.MUTED)
        self._title, self._guidance = Text(Role.TITLE), Text(Role.LEAD, wraps=True)
        self._capture, self._biodata = CapturePanel(theming, self.frames, self.ink), BiodataPanel(theming, tables)
        self.pad = self._capture.pad
        self._index, self._lead = IndexPanel(theming), LeadPage(theming)
        self._exception = ExceptionPage(theming, self.frames)
        self._endings, self._effect = ChoiceList(theming), Advice(theming)
        self._ending, self._ending_side = _alone(self._endings), _alone(self._effect)
        self._side, self._biodata_side, self._reasons = SidePanel(theming), BiodataSide(theming), ReasonSide(theming)
        self._page: QWidget = self._capture
        self._in_front: tuple[StepKind, QWidget] | None = None
        self._lay_out()
        self._connect()

    def _lay_out(self) -> None:
        space, baseline = self.theming.tokens.space, Qt.AlignmentFlag.AlignBaseline
        left, right = _surface(), _surface()
        for text in (self._clock, self._clock_note):
            text.setContentsMargins(18, 0, 0, 0)
        column(self._rail, SPRING, self._clock, self._clock_note, on=left, gap=0, margins=(0, 14, 0, 14))
        head = row((self._title, 0, baseline), (self._guidance, 1, baseline), gap=space["md"])
        # Not a stacked layout: that one asks for the room of its tallest page whichever is shown.
        self._pages = (self._capture, self._biodata, self._index, self._exception, self._lead, self._ending)
        self._sides = (self._side, self._biodata_side, self._reasons, self._ending_side)
        pages, sides = ([(widget, 1) for widget in widgets] for widgets in (self._pages, self._sides))
        middle = column(head, *pages, gap=space["sm"], margins=(space["lg"], 14, space["lg"], 14))
        right.setMaximumWidth(self.theming.tokens.size["side"])
        right.setMinimumWidth(_NARROW_SIDE)
        column(*sides, on=right, gap=0, margins=(20, 16, 20, 14))
        # Where there is room the side takes all that it may.
        row(left, (middle, 2), (right, 1), on=self.content, gap=0)

    def _connect(self) -> None:
        self._rail.chosen.connect(self.choose_step)
        self._biodata.edited.connect(self.type_biodata)
        self._capture.position_chosen.connect(self.toggle_position)
        self._capture.sign_here.connect(self.sign_here)
        self._exception.position_chosen.connect(self.toggle_position)
        self._exception.second_chosen.connect(self.choose_second)
        self._exception.witness.edited.connect(self.type_witness)
        for choices in (self._reasons.reasons, self._lead.people, self._endings):
            choices.chosen.connect(self.choose)
        self._biodata.walked.connect(self._show_codes)

    def show_state(self, state: RecordingState) -> None:
        """Show the step, or the panel that lies over it."""
        say = self.theming.say
        self._rail.render_steps(state.steps)
        self._clock.setText(state.clock)
        self._clock.set_tone(state.clock_tone)
        self._clock_note.setText(say(state.clock_note))
        title, guidance = self._heads(state)
        self._title.setText(say(title))
        self._guidance.setText(say(guidance))
        self._show_page(state)
        self._give_keyboard(state)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (*super().keys, CHOICES[0])

    def held(self) -> str:
        """Return the passphrase of the team lead."""
        return self._lead.passphrase.text()

    def perform(self, act: Action) -> bool:
        """Choose by a digit; what other keys mean is said by their commands."""
        if act not in CHOICES:
            return super().perform(act)
        self.number.emit(CHOICES.index(act) + 1)
        return True

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        key = Qt.Key(event.key())
        if key in _ARROWS:
            self.choose_next.emit(_ARROWS[key])
        elif key in _SIDE_ARROWS:
            self.choose_second_next.emit(_SIDE_ARROWS[key])
        else:
            event.ignore()

    def _heads(self, state: RecordingState) -> tuple[Message, Message]:
        match state.panel:
            case ExceptionPanel():
                title = message("rekam.exception_title", step=self.theming.say(state.title))
                return title, message("rekam.exception_hint")
            case LeadPanel() as panel:
                return message(f"rekam.{panel.words}_title"), message(f"rekam.{panel.words}_guide")
            case EndingPanel():
                return message("rekam.ending_title"), message("rekam.ending_hint")
            case None:
                return state.title, state.guidance

    def _show_page(self, state: RecordingState) -> None:
        page: QWidget = self._capture
        side: QWidget = self._side
        panel = state.panel
        if not isinstance(panel, ExceptionPanel):
            self._exception.let_go()
        if isinstance(panel, ExceptionPanel):
            page, side = self._exception, self._reasons
            if panel.is_live:  # a frame is taken by one of them only
                self._capture.let_go()
            self._exception.show_panel(panel, state.fingers, state.eyes)
            self._reasons.show_panel(panel)
        elif isinstance(panel, EndingPanel):
            page, side = self._ending, self._ending_side
            self._endings.render_choices(panel.choices, panel.chosen)
            becomes, tone = ("erase", Tone.BAD) if panel.is_end else ("keep", Tone.GOOD)
            self._effect.render_advice(message(f"rekam.{becomes}_title"), message(f"rekam.{becomes}_hint"), tone)
        elif panel is not None:
            page = self._lead
            self._lead.show_panel(panel, message(f"rekam.{panel.words}_hint"))
            self._side.show_state(state)
        elif state.form is not None:
            page, side = self._biodata, self._biodata_side
            self._biodata.show_form(state.form)
            self._show_codes()
        elif state.current is StepKind.INDEX_VERIFICATION:
            page = self._index
            self._index.show_state(state)
            self._side.show_state(state)
        elif state.current in CAPTURED_AT:
            self._capture.show_state(state)
            self._side.show_state(state)
        # Hide first: for a moment both would be in the layout and the window would grow.
        for widget in (*self._pages, *self._sides):
            if widget not in (page, side):
                present(widget, False)
        present(page, True)
        present(side, True)
        self._page = page

    def _show_codes(self) -> None:
        if self.state is not None and self.state.form is not None:
            self._biodata_side.show_form(self.state.form, self._biodata.current, self._tables)

    def _give_keyboard(self, state: RecordingState) -> None:
        """Let the form or the passphrase have the keyboard when it comes to the front, else the screen itself."""
        page = self._page
        in_front = (state.current, page)
        if in_front == self._in_front:
            return
        self._in_front = in_front
        self._lead.forget()
        if page is self._biodata:
            self._biodata.begin()
        elif page is self._lead:
            self._lead.passphrase.setFocus()
        else:
            self.setFocus()


def _alone(widget: QWidget) -> QWidget:
    """Return a page at whose top this stands."""
    page = QWidget()
    column(widget, SPRING, on=page)
    return page


def _surface() -> QWidget:
    widget = QWidget()
    widget.setProperty("role", "surface")
    widget.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
    return widget
