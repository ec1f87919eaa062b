"""The information notice: six short points in big type, to be read out or shown."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from ui.presenters.actions import CHOICES, Action
from ui.presenters.messages import Message, message
from ui.presenters.recording.notice import POINTS, NoticeState
from ui.runtime.theme_context import ThemeContext
from ui.views.focus import take_keyboard
from ui.views.layout import page
from ui.views.screen import Screen
from ui.widgets.card import Card
from ui.widgets.choices import ChoiceList
from ui.widgets.field import TextField
from ui.widgets.layout import SPRING, column, fill, grid, row
from ui.widgets.problem_card import Icon
from ui.widgets.text import Role, Text

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
