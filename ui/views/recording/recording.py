"""The recording screen: steps at the left, the work in the middle, how good it is at the right."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QStackedLayout, QWidget

from fieldkit.domain.recording.biodata import CodeTables
from fieldkit.domain.recording.capture import CAPTURED_AT, StepKind
from fieldkit.domain.recording.positions import ExceptionMark
from ui.presenters.figures import QualityRow
from ui.presenters.parts import Stage, Tone
from ui.presenters.presenter import CHOICES, Action, Message, message
from ui.presenters.recording.exception_ink import ExceptionInkPresenter
from ui.presenters.recording.panels import (
    POINTS,
    CardCheckPresenter,
    EndingPanel,
    ExceptionPanel,
    LeadPanel,
    NoticePresenter,
    NoticeState,
)
from ui.presenters.recording.recording import RecordingPresenter
from ui.presenters.recording.review import (
    PIN_LENGTH,
    PaperPresenter,
    PaperState,
    ReviewPresenter,
    ReviewState,
    ShipmentPresenter,
    SlipPresenter,
)
from ui.presenters.recording.state import RecordingState
from ui.presenters.wording import position_words
from ui.runtime.mailbox import InkMailbox, PreviewMailbox
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts, Params
from ui.views.recording.biodata import BiodataPanel, BiodataSide
from ui.views.recording.capture import (
    CapturePanel,
    CardCheckView,
    ExceptionPage,
    IndexPanel,
    LeadPage,
    ReasonSide,
    SidePanel,
)
from ui.views.sarpras import IzinView, signing_page
from ui.views.screen import Screen, card_of, page, take_keyboard
from ui.views.wiring import page_of
from ui.widgets.cards import Card, Icon
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.hands import EyesPicture, HandsPicture
from ui.widgets.layout import SPRING, Role, Text, column, fill, grid, present, row
from ui.widgets.letter_pages import PAGE_KEYS, LetterPages
from ui.widgets.preview import InkView, PhotoView, PinBoxes
from ui.widgets.quality_panel import Advice, FactGrid, QualityRows, StepRail
from ui.widgets.tags import TagLabel
from ui.widgets.touch import DigitKeys, has_touch_screen

# The information notice: six short points in big type, to be read out or shown.

_ICONS = ("camera", "info", "person", "clock", "shield", "check")
_COLUMNS = 3


class _Point(Card):
    """One point: icon, head, sentence."""

    def __init__(self, theming: ThemeContext, icon: str) -> None:
        super().__init__(theming)
        self._head, self._text = Text(Role.TITLE, wraps=True), Text(Role.LEAD, wraps=True)
        self._text.setAlignment(Qt.AlignmentFlag.AlignTop)
        head = row(Icon(theming, icon, "accent", 28), (self._head, 1), gap=theming.tokens.space["sm"])
        fill(self.body, head, (self._text, 1))

    def render_point(self, head: Message, sentence: Message) -> None:
        self._head.setText(self._theming.say(head))
        self._text.setText(self._theming.say(sentence))


class NoticeView(Screen[NoticeState]):
    """Enter says that it was explained; X asks for the reason of a no."""

    choose_reason = Signal(str)
    type_companion = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title, self._hint = Text(Role.TITLE, wraps=True), Text(Role.MUTED, wraps=True)
        self._points = tuple(_Point(theming, icon) for icon in _ICONS)
        self._companion = TextField(theming, max_length=60)
        self._companion.edited.connect(self.type_companion)
        self._reasons = ChoiceList(theming)
        self._reasons.chosen.connect(self.choose_reason)
        self._lay_out()

    def _lay_out(self) -> None:
        points, refusal = QWidget(), QWidget()
        laid = grid(points, gap=self.theming.tokens.space["md"], wide=range(_COLUMNS))
        for place, point in enumerate(self._points):
            laid.addWidget(point, place // _COLUMNS, place % _COLUMNS)
        laid.addWidget(self._companion, len(POINTS) // _COLUMNS, 0, 1, _COLUMNS)
        self._reasons.setFixedWidth(560)
        row((self._reasons, 0, Qt.AlignmentFlag.AlignTop), SPRING, on=refusal, gap=0)
        self._sides = QStackedLayout()
        self._sides.addWidget(points)
        self._sides.addWidget(refusal)
        page(column(self._title, self._hint, (self._sides, 1), on=self.content), self.theming)

    def show_state(self, state: NoticeState) -> None:
        """Show the points, or the reasons."""
        say = self.theming.say
        is_refusal = bool(state.reasons)
        self._title.setText(say(message("notice.why_not" if is_refusal else "notice.title", name=state.name)))
        self._hint.setText(say(message("notice.why_not_hint" if is_refusal else "notice.hint")))
        for point, (head, sentence) in zip(self._points, state.points, strict=True):
            point.render_point(head, sentence)
        self._companion.render_field(
            message("notice.companion"), state.companion, hint=message("notice.companion_hint")
        )
        self._reasons.render_choices(state.reasons, state.reason)
        self._sides.setCurrentIndex(1 if is_refusal else 0)
        take_keyboard(self)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return (CHOICES[0],)

    def held(self) -> str:
        """Return the language in which the notice stands there."""
        return self.theming.catalog.language

    def perform(self, act: Action) -> bool:
        """Choose a reason by its digit."""
        return act in CHOICES and bool(self.state and self.state.reasons) and self._reasons.choose(CHOICES.index(act))


# A paper on the screen, beside what it is about.


class PaperView(Screen[PaperState]):
    """PgDn and PgUp turn the pages, digits choose among several papers."""

    choose = Signal(str)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._pages = LetterPages(theming)
        self._tag, self._title = TagLabel(theming), Text(Role.TITLE, wraps=True)
        self._facts, self._papers = FactGrid(theming), ChoiceList(theming)
        self._papers.chosen.connect(self.choose)
        self._note = Text(wraps=True)
        self._lay_out()

    def _lay_out(self) -> None:
        space = self.theming.tokens.space
        about = card_of(self.theming, self._tag, self._title, self._facts, self._note)
        about.body.setContentsMargins(space["lg"], space["lg"], space["lg"], space["lg"])
        about.body.setSpacing(space["md"])
        right = column(about, self._papers, SPRING, gap=space["md"])
        page(row((self._pages, 1), (right, 1), on=self.content), self.theming).setSpacing(space["lg"])

    def show_state(self, state: PaperState) -> None:
        """Show the paper and what it is about."""
        say = self.theming.say
        self._tag.render_tag(state.tag)
        self._title.show_text(say(state.title))
        self._facts.render_facts(state.facts)
        self._note.show_text(say(state.note))
        present(self._papers, len(state.papers) > 1)
        self._papers.render_choices(state.papers, state.chosen)
        self._pages.render_pages(state.pages, message(f"letter.{state.chosen}") if state.chosen else "")
        take_keyboard(self)

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys beside the buttons."""
        return PAGE_KEYS

    def perform(self, act: Action) -> bool:
        """Turn a page or choose a paper."""
        if act in CHOICES and self.state is not None and len(self.state.papers) > 1:
            return self._papers.choose(CHOICES.index(act))
        return self._pages.perform(act)


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


# Review and seal: everything that goes into the record on one page, the PIN, the seal.

_SIDE = 408
_PHOTO = 230
_MARKS_SHOWN = 3


class ReviewView(Screen[ReviewState]):
    """Digits fill the PIN wherever the keyboard is; Enter seals, S postpones, Esc goes back."""

    type_pin = Signal(str)
    choose = Signal(str)
    choose_next = Signal(int)

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._title = Text(Role.TITLE)
        self._photo, self._photo_tag = PhotoView(theming), TagLabel(theming)
        self._photo_notes = Text(Role.MUTED, wraps=True)
        self._hands, self._eyes, self._ink = HandsPicture(theming), EyesPicture(theming), InkView(theming)
        self._marks = Text(Role.MUTED, wraps=True)
        self._checks, self._pin = QualityRows(theming), PinBoxes(theming, PIN_LENGTH)
        self._pin_wrong, self._pin_hint = Text(Role.STRONG, wraps=True), Text(Role.MUTED, wraps=True)
        self._pin_wrong.set_tone(Tone.BAD)
        self._pin.edited.connect(self.type_pin)
        self._eyes_card, self._ink_card = card_of(theming, self._eyes), card_of(theming, (self._ink, 1))
        self._checks_card = card_of(theming, self._checks)
        self._pin_card = card_of(theming, self._pin, self._pin_wrong, self._pin_hint)
        self._lead = LeadPage(theming)
        self._lead.people.chosen.connect(self.choose)
        self._pin_round = 0
        self.setFocusProxy(self._pin)
        self._lay_out()

    def _lay_out(self) -> None:
        theming, gap = self.theming, self.theming.tokens.space["md"]
        photo = card_of(theming, (self._photo, 1), self._photo_tag, self._photo_notes)
        photo.setFixedWidth(_PHOTO)
        upper = row(photo, (card_of(theming, (self._hands, 1), self._marks), 1), gap=gap)
        lower = row((self._eyes_card, 1), (self._ink_card, 1), gap=gap)
        if has_touch_screen():
            keys = DigitKeys(theming)
            keys.pressed.connect(self._pin.press)
            self._pin_card.body.addWidget(keys)
        for widget in (self._checks_card, self._lead, self._pin_card):
            widget.setFixedWidth(_SIDE)
        left = column(self._title, (upper, 8), (lower, 4), gap=gap)
        side = column(self._checks_card, SPRING, self._lead, self._pin_card, gap=gap)
        page(row((left, 1), side, on=self.content), theming).setSpacing(theming.tokens.space["lg"])

    def show_state(self, state: ReviewState) -> None:
        """Show everything."""
        say = self.theming.say
        self._title.setText(say(message("tinjau.title")))
        self._photo.show_photo(state.photo, message("common.photo"))
        self._photo_tag.render_tag(state.photo_tag)
        self._photo_notes.setText(", ".join(say(note) for note in state.photo_notes))
        self._hands.render_fingers(state.fingers)
        self._eyes.render_eyes(state.eyes)
        self._ink.show_signature(state.ink, message("rekam.not_seen.signature"))
        self._ink_card.set_title(say(message("common.signature")))
        self._marks.setText(self._marks_text(state.exceptions))
        self._checks_card.set_title(say(message("common.completeness")))
        # Under a banner, and beside a passphrase, what is in order makes room for what is not.
        is_tight = state.problem is not None and state.stage is Stage.CONTENT
        shown = [(words, tag) for words, tag in state.checks if not is_tight or tag.tone is not Tone.GOOD]
        self._checks.render_rows(tuple(QualityRow(words, "", tag) for words, tag in shown))
        for card in (self._eyes_card, self._ink_card):
            present(card, not is_tight)
        self._show_pin(state)
        self._show_lead(state.lead)

    def held(self) -> str:
        """Return the passphrase of the second person."""
        return self._lead.passphrase.text()

    def _show_lead(self, lead: LeadPanel | None) -> None:
        was_open = self._lead.isVisibleTo(self)
        present(self._lead, lead is not None)
        present(self._pin_card, lead is None)
        if lead is not None:
            self._lead.show_panel(lead, message("tinjau.lead_hint"))
            if not was_open:
                self._lead.passphrase.setFocus()
        elif was_open:
            self._lead.forget()
            self._pin.setFocus(Qt.FocusReason.OtherFocusReason)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802, D102 – Qt's name
        if self._lead.isVisibleTo(self):
            if (key := Qt.Key(event.key())) in _ARROWS:
                self.choose_next.emit(_ARROWS[key])
            return
        self._pin.setFocus(Qt.FocusReason.OtherFocusReason)
        self._pin.keyPressEvent(event)

    def _show_pin(self, state: ReviewState) -> None:
        say = self.theming.say
        self._pin_card.set_title(say(message("tinjau.pin_title")))
        if state.pin_round != self._pin_round or (not state.pin and state.pin_problem is None):
            self._pin.clear(wrong=state.pin_problem is not None)
            self._pin_round = state.pin_round
        told = self.theming.catalog.explain(state.pin_problem) if state.pin_problem is not None else None
        is_spent = state.pin_problem is not None and state.pin_problem.code == "vault.pin_exhausted"
        do = say(message("tinjau.pin_spent")) if is_spent else told.do if told else ""
        self._pin_wrong.show_text(told.what if told else "")
        self._pin_hint.setText(do or say(message("tinjau.pin_hint")))
        present(self._pin_wrong, told is not None)

    def _marks_text(self, marks: tuple[ExceptionMark, ...]) -> str:
        say = self.theming.say
        if not marks:
            return say(message("tinjau.no_exceptions"))
        together: dict[str, list[str]] = {}
        for m in marks:
            how = message("tinjau.exception", attempts=m.attempts, witness=m.witness)
            why = f"{say(message(f'reason.{m.reason.value}'))} · {say(how)}"
            together.setdefault(why, []).append(say(position_words(m.position)))
        lines = [f"{', '.join(positions)}: {told}" for told, positions in together.items()]
        if len(lines) > _MARKS_SHOWN:
            left = len(lines) - _MARKS_SHOWN + 1
            lines = [*lines[: _MARKS_SHOWN - 1], say(message("tinjau.more_exceptions", left=left))]
        return "\n".join(lines)


# The pages of recording and review: presenter, view, and which signal means which intent.


def recording_factories(at: PageParts, send: Callable[[], None]) -> dict[str, Factory]:
    """Return the factories of `recording`, `review`, `exception_ink`, `notice` (`session_id`), `card_check`, `slip`,
    and `shipment`. `send` delivers what an activity that records daring just sealed.
    """

    def recording(params: Params) -> Page:
        now = at.context()
        view = RecordingView(at.theming, now.tables)
        presenter = RecordingPresenter(
            now, at.door, at.tasks, at.navigator, view.frames, view.ink, params["session_id"], view.pad
        )
        view.sign_here.connect(presenter.sign_here)
        view.choose_step.connect(presenter.choose_step)
        view.type_biodata.connect(presenter.type_biodata)
        view.number.connect(presenter.number)
        view.choose_next.connect(presenter.choose_next)
        view.choose_second_next.connect(presenter.choose_second_next)
        view.toggle_position.connect(presenter.toggle_position)
        view.type_witness.connect(presenter.type_witness)
        view.choose_second.connect(presenter.choose_second)
        view.choose.connect(presenter.choose)
        return page_of(presenter, view)

    def review(params: Params) -> Page:
        view = ReviewView(at.theming)
        presenter = ReviewPresenter(at.context(), at.door, at.tasks, at.navigator, params["session_id"], send)
        view.type_pin.connect(presenter.type_pin)
        view.choose.connect(presenter.choose)
        view.choose_next.connect(presenter.choose_next)
        return page_of(presenter, view)

    def exception_ink(params: Params) -> Page:
        view = IzinView(at.theming)
        presenter = ExceptionInkPresenter(
            at.context(), at.tasks, at.navigator, params["session_id"], view.ink, view.pad
        )
        return signing_page(presenter, view)

    def card_check(params: Params) -> Page:
        presenter = CardCheckPresenter(at.context(), at.tasks, at.navigator, params["target_id"])
        return Page(presenter, CardCheckView(at.theming))

    def notice(params: Params) -> Page:
        presenter = NoticePresenter(at.context(), at.tasks, at.navigator, params["session_id"])
        view = NoticeView(at.theming)
        view.choose_reason.connect(presenter.choose_reason)
        view.type_companion.connect(presenter.type_companion)
        return page_of(presenter, view)

    def slip(params: Params) -> Page:
        return paper(SlipPresenter(at.context(), at.tasks, at.navigator, at.printing, params["record_id"]))

    def shipment(_params: Params) -> Page:
        return paper(ShipmentPresenter(at.context(), at.tasks, at.navigator, at.printing))

    def paper(presenter: PaperPresenter) -> Page:
        view = PaperView(at.theming)
        view.choose.connect(presenter.choose)
        return page_of(presenter, view)

    return {
        "recording": recording,
        "review": review,
        "exception_ink": exception_ink,
        "card_check": card_check,
        "notice": notice,
        "slip": slip,
        "shipment": shipment,
    }
