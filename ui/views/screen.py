"""What every screen has in common: render a state, show its stage, answer keys."""

from __future__ import annotations

from functools import cached_property
from typing import ClassVar, Generic, TypeVar, cast

from PySide6.QtCore import QEvent, QObject, QSize, Qt, Signal
from PySide6.QtGui import QColor, QMouseEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QStackedLayout, QVBoxLayout, QWidget

from ui.presenters.parts import Progress, Stage, ViewState
from ui.presenters.presenter import Action, Command, Held, message
from ui.runtime.theme import ThemeContext
from ui.widgets.cards import Card, EmptyCard, ProblemCard, ProgressCard, RestoredLine
from ui.widgets.layout import present
from ui.widgets.touch import KeylessScroll

# Who has the keyboard when a screen's content appears.


def take_keyboard(screen: QWidget) -> None:
    """Give a screen the keyboard when nobody in sight has it: content comes later than the screen itself."""
    holder = screen.window().focusWidget()
    if holder is None or holder is screen or not holder.isVisible():
        screen.setFocus()


# The margins that all screens share.

L = TypeVar("L", bound=QBoxLayout)


def page(layout: L, theming: ThemeContext, gap: str = "md") -> L:
    """Give the outermost layout of a screen its margins, and the room between its parts."""
    space = theming.tokens.space
    layout.setContentsMargins(space["lg"], space["lg"], space["lg"], space["md"])
    layout.setSpacing(space[gap])
    return layout


def bare(layout: L, spacing: int) -> L:
    """Let an inner layout take all the room it has."""
    layout.setContentsMargins(0, 0, 0, 0)
    layout.setSpacing(spacing)
    return layout


def card_of(theming: ThemeContext, *parts: QWidget | tuple[QWidget, int]) -> Card:
    """Return a card that holds parts below each other, each with its stretch or none."""
    card = Card(theming)
    for part in parts:
        widget, stretch = part if isinstance(part, tuple) else (part, 0)
        card.body.addWidget(widget, stretch)
    return card


S = TypeVar("S", bound=ViewState)
C = TypeVar("C", ProblemCard, EmptyCard, ProgressCard)

_PANEL_WIDTH = 560


class Screen(QWidget, Generic[S]):
    """Base of the views. A screen builds its widgets into `content` and shows a state in `show_state`.

    What is pressed is a `Command`, which goes to the presenter as it is, or to the window when it is the window's.
    Keys and choices that no command has are signals of the view.
    Loading, empty and error stand in place of the content; busy lies over it; a problem beside content is a banner.
    Each is built when it is first shown: most screens never show most of them.
    """

    throw_away = Signal()
    refresh = Signal()
    commanded = Signal(object)
    asked_window = Signal(object)  # the act
    rendered = Signal()
    refused = Signal(str)

    own_keys: ClassVar[tuple[Action, ...]] = ()  # that `perform` answers on every state
    has_three_columns: ClassVar[bool] = False  # and needs the room of a folded navigation for them

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__()
        self.theming = theming
        self._state: S | None = None
        self.setProperty("role", "page")
        self.setAttribute(Qt.WidgetAttribute.WA_StyledBackground)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self._column, self._stack = column, QStackedLayout()
        self.content: QWidget = _Content()
        self.area: QScrollArea = KeylessScroll(self.content)  # where a window is small or a banner stands above
        self._stack.addWidget(self.area)
        column.addLayout(self._stack, 1)
        theming.catalog.changed.connect(self.render_again)

    @property
    def state(self) -> S | None:
        """Return the state that is shown."""
        return self._state

    def render(self, state: S) -> None:  # type: ignore[override]  # QWidget.render paints elsewhere; nobody here needs it
        """Show a state."""
        self._state = state
        self._stack.setCurrentIndex(self._page_of(state))
        self._show_banner(state)
        self._show_restored(state)
        if state.stage is Stage.BUSY or "_veil" in vars(self):
            self._veil.render_veil(_progress_of(state) if state.stage is Stage.BUSY else None)
        if state.stage in (Stage.CONTENT, Stage.BUSY):
            self.show_state(state)
        self.rendered.emit()

    def _page_of(self, state: S) -> int:
        """Fill the card that stands in place of the content and return its page; 0 is the content."""
        if state.stage is Stage.ERROR and state.problem is not None:
            self._problem.render_problem(state.problem, state.retry)
            return self._index_of(self._problem)
        if state.stage is Stage.EMPTY and state.empty is not None:
            self._empty.render_empty(state.empty)
            return self._index_of(self._empty)
        if state.stage is Stage.LOADING:
            self._loading.render_progress(_progress_of(state))
            return self._index_of(self._loading)
        return 0

    def _index_of(self, card: QWidget) -> int:
        return self._stack.indexOf(cast("QWidget", card.parentWidget()))

    def _show_banner(self, state: S) -> None:
        problem = state.problem if state.stage is not Stage.ERROR else None
        if problem is not None:
            self._banner.render_problem(problem, state.retry)
        if "_banner" in vars(self):
            present(cast("QWidget", self._banner.parentWidget()), problem is not None)

    def _show_restored(self, state: S) -> None:
        words = state.restored if state.stage in (Stage.CONTENT, Stage.BUSY) else ""
        if words:
            self._restored.show_words(words)
        if "_restored" in vars(self):
            present(cast("QWidget", self._restored.parentWidget()), bool(words))

    @cached_property
    def _problem(self) -> ProblemCard:
        return self._staged(ProblemCard(self.theming))

    @cached_property
    def _empty(self) -> EmptyCard:
        return self._staged(EmptyCard(self.theming))

    @cached_property
    def _loading(self) -> ProgressCard:
        return self._staged(ProgressCard(self.theming))

    @cached_property
    def _veil(self) -> _Veil:
        veil = _Veil(self.theming, self)
        veil.card.commanded.connect(self.command)
        return veil

    @cached_property
    def _banner(self) -> ProblemCard:
        banner = self._new_banner()
        banner.commanded.connect(self.command)
        self._above(banner)
        return banner

    @cached_property
    def _restored(self) -> RestoredLine:
        line = RestoredLine(self.theming)
        line.thrown.connect(self.throw_away)
        self._above(line)
        return line

    def _new_banner(self) -> ProblemCard:
        return ProblemCard(self.theming, is_banner=True)

    def _above(self, card: QWidget) -> None:
        frame, space = QWidget(), self.theming.tokens.space
        inside = QVBoxLayout(frame)
        inside.setContentsMargins(space["lg"], space["sm"], space["lg"], 0)
        inside.addWidget(card)
        self._column.insertWidget(0, frame)

    def _staged(self, card: C) -> C:
        card.commanded.connect(self.command)
        self._stack.addWidget(_centred(card))
        return card

    def setFocusProxy(self, widget: QWidget) -> None:  # noqa: N802 – Qt's name
        """Let a widget have the keyboard for the screen; Tab comes by it in its turn, not by a jump from here."""
        super().setFocusProxy(widget)
        self.setFocusPolicy(Qt.FocusPolicy.ClickFocus)

    def render_again(self) -> None:
        """Show the same state once more: the language changed."""
        if self._state is not None:
            self.render(self._state)

    def show_state(self, state: S) -> None:
        """Show the content of a state; each screen has its own."""
        raise NotImplementedError

    def perform(self, act: Action) -> bool:
        """Answer a key that no action of the bar has; `False` when the screen has nothing for it."""
        command = next((each for each in self._keyed if each.act is act), None)
        if command is not None:
            self.command(command)
            return True
        if act is not Action.REFRESH or act not in self.keys:
            return False
        self.refresh.emit()
        return True

    @property
    def keys(self) -> tuple[Action, ...]:
        """Return the keys that `perform` answers now, for the help; those of buttons are known already."""
        return (*self.own_keys, *(command.act for command in self._keyed if command.act is not None))

    @property
    def _keyed(self) -> tuple[Command, ...]:
        return self._state.keyed if self._state is not None else ()

    def command(self, command: Command) -> None:
        """Hand a command that was pressed to the presenter, or what is the window's to the window."""
        match command.runs:
            case Action() as act:
                self.asked_window.emit(act)
            case Held(takes=takes) if not command.refused:
                takes(self.held())
            case _:
                self.commanded.emit(command)

    def held(self) -> str:
        """Return the text that only this view holds, for the command that asks for it."""
        raise NotImplementedError


class _Content(QWidget):
    """Asks the scroll area for the least height that clips nothing; Qt would ask for what it likes best."""

    def minimumSizeHint(self) -> QSize:  # noqa: N802 – Qt's name
        hint = super().minimumSizeHint()
        layout = self.layout()
        return QSize(hint.width(), 0) if layout is not None and layout.hasHeightForWidth() else hint

    def heightForWidth(self, width: int) -> int:  # noqa: N802 – Qt's name
        layout = self.layout()
        return layout.totalMinimumHeightForWidth(width) if layout is not None else -1


class _Veil(QWidget):
    """Lies over content that works: nothing below can be pressed, what it does is said."""

    def __init__(self, theming: ThemeContext, screen: QWidget) -> None:
        super().__init__(screen)
        self._theming = theming
        self.card = ProgressCard(theming)
        self.card.setFixedWidth(_PANEL_WIDTH)
        column = QVBoxLayout(self)
        column.addWidget(self.card, 0, Qt.AlignmentFlag.AlignCenter)
        screen.installEventFilter(self)
        self.hide()

    def render_veil(self, progress: Progress | None) -> None:
        """Lie over the screen while there is progress."""
        if progress is not None:
            self.card.render_progress(progress)
            self._cover()
            self.raise_()
        self.setVisible(progress is not None)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 – Qt's name
        if event.type() is QEvent.Type.Resize:
            self._cover()
        return super().eventFilter(watched, event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        shade = QColor(self._theming.theme.colour("page"))
        shade.setAlpha(200)
        QPainter(self).fillRect(self.rect(), shade)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 – nothing below may be pressed
        event.accept()

    def _cover(self) -> None:
        screen = self.parentWidget()
        if screen is not None:
            self.setGeometry(screen.rect())


def _progress_of(state: ViewState) -> Progress:
    return state.progress or Progress(message(f"ui.stage.{state.stage.value}"))


def _centred(card: QWidget) -> QWidget:
    frame = QWidget()
    column = QVBoxLayout(frame)
    card.setFixedWidth(_PANEL_WIDTH)
    column.addWidget(card, 0, Qt.AlignmentFlag.AlignCenter)
    return frame
