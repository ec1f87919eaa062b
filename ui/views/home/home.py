"""Views around the work: Beranda, first start, what hinders a start, everything else."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QWidget

from fieldkit.domain.errors import Problem
from fieldkit.ports.exchange import WaysBack
from fieldkit.ports.first_start import FirstStart
from fieldkit.ports.messages import Messages
from ui.presenters.home.first_start import (
    AGAIN,
    CODE,
    FACTOR,
    FINGERPRINT,
    LANGUAGE,
    NAME,
    NEW,
    PIN,
    SLIP,
    URL,
    USER,
    FirstStartPresenter,
)
from ui.presenters.home.home import HomePresenter, HomeState
from ui.presenters.home.office import COLUMNS, MoreState
from ui.presenters.home.sign_in import StartProblemPresenter
from ui.presenters.home.ways_back import WaysBackPresenter
from ui.presenters.parts import Empty, Tone, ViewState
from ui.presenters.presenter import Action, Command, Message, Weight, message
from ui.presenters.tasks import Tasks
from ui.presenters.viewfinder import Sight
from ui.runtime.navigation import Page
from ui.runtime.qt_application import qt_application
from ui.runtime.tasks import ExecutorTasks
from ui.runtime.theme import Catalog, Theme, ThemeContext
from ui.views.form import FormView
from ui.views.screen import Screen, page, take_keyboard
from ui.views.shell import Shell
from ui.views.wiring import page_of
from ui.widgets.cards import Card, NoticeCard, ProblemCard
from ui.widgets.layout import SPRING, ElidedText, Role, Text, column, fill, present, row
from ui.widgets.numbers import BigActionCard, NumberRow
from ui.widgets.quality_panel import Advice, Timeline
from ui.widgets.table_card import TableCard
from ui.widgets.tags import TagLabel

# Beranda: the day as one card with four big actions and the SOP, or what waits for somebody of the office.
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
                return super().perform(act)
        return True


# Semua layar: tiles with a digit each.

_MOST, _COLUMNS = 10, 3


class MoreView(Screen[MoreState]):
    """A digit goes there; so does Enter on a tile."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self._tiles = tuple(BigActionCard(theming) for _ in range(_MOST))
        grid = QGridLayout()
        grid.setSpacing(theming.tokens.space["md"])
        page(column(grid, SPRING, on=self.content), theming)
        for place, tile in enumerate(self._tiles):
            tile.commanded.connect(self.command)
            grid.addWidget(tile, place // _COLUMNS, place % _COLUMNS)

    def show_state(self, state: MoreState) -> None:
        """Show the tiles."""
        for at, tile in enumerate(self._tiles):
            present(tile, at < len(state.ways))
            if at < len(state.ways):
                tile.render_big(state.ways[at])
        take_keyboard(self)

    def perform(self, act: Action) -> bool:
        """Press a tile by its digit."""
        ways = self.state.ways if self.state else ()
        tile = next((tile for tile, way in zip(self._tiles, ways, strict=False) if way.action.act is act), None)
        if tile is not None:
            tile.press()
        return tile is not None


# A window for a program that cannot start, since nobody looks on a console, and the page of the ways back.


class StartProblemView(Screen[ViewState]):
    """The card of a problem, and below it the two ways: closing, and trying once more."""

    def show_state(self, state: ViewState) -> None:
        """Nothing but the problem is ever shown."""


class StartWindow:
    """A window before the program's own: one page, the ways back behind it, and what the person decided at the end."""

    def __init__(self, messages: Mapping[str, Messages], language: str, ways: WaysBack) -> None:
        self.qt = qt_application()
        self.theming = ThemeContext(Theme(self.qt), Catalog(messages))
        self.theming.catalog.choose(language)
        self._is_again = False
        self.shell = Shell(self.theming)
        self.tasks = ExecutorTasks(on_bug=self.shell.show_bug)
        navigation = self.shell.navigation
        navigation.register("start", lambda _: self._page())
        navigation.register(
            "ways_back", lambda _: ways_back_page(ways, self.tasks, self.theming, self._brought_back, navigation.back)
        )
        navigation.restart("start")

    def exec(self) -> bool:
        """Serve until it is closed; return whether the start is tried once more."""
        self.shell.show()
        self.qt.exec()
        self.tasks.shutdown()
        return self._is_again

    def _page(self) -> Page:
        raise NotImplementedError

    def _brought_back(self, _told: Message) -> None:
        self._decide(is_again=True)  # the sign-in screen that comes says it best

    def _decide(self, is_again: bool) -> None:
        self._is_again = is_again
        self.shell.close()


class StartProblemWindow(StartWindow):
    """Shows one problem until the person decides."""

    def __init__(self, problem: Problem, messages: Mapping[str, Messages], language: str, ways: WaysBack) -> None:
        self._problem = problem
        super().__init__(messages, language, ways)

    def _page(self) -> Page:
        view = StartProblemView(self.theming)
        presenter = StartProblemPresenter(self._problem, self._decide, lambda: self.shell.navigation.push("ways_back"))
        return page_of(presenter, view)


def ways_back_page(
    ways: WaysBack, tasks: Tasks, theming: ThemeContext, ended: Callable[[Message], None], leave: Callable[[], None]
) -> Page:
    """Return the page of the ways back, before anybody has signed in."""
    presenter, view = WaysBackPresenter(ways, tasks, ended, leave), FormView(theming)
    view.choose.connect(presenter.type)
    view.type.connect(presenter.type)
    return page_of(presenter, view)


# The first start: a window of its own, in which a laptop becomes a kit.

# Two beside each other where they are short: all of a step is seen at 1024 × 560.
_WIZARD_WIDTH = {
    SLIP: 4,
    FINGERPRINT: 4,
    LANGUAGE: 4,
    URL: 2,
    CODE: 2,
    USER: 2,
    NAME: 2,
    NEW: 2,
    AGAIN: 2,
    PIN: 2,
    FACTOR: 2,
}


class FirstStartView(FormView):
    """The fields of a step, or what the camera sees of the slip."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming, _WIZARD_WIDTH)

    def show_photo_words(self, photo: Sight) -> None:
        """Say how the slip is held before the camera."""
        self._title.setText(self.theming.say(message("awal.scan")))
        self._hint.show_text(self.theming.say(message("awal.scan_away" if photo.away else "awal.scan_hint")))


class FirstStartWindow(StartWindow):
    """Leads through the first start; `exec` returns whether a kit was made."""

    def __init__(self, first: FirstStart, messages: Mapping[str, Messages], language: str, ways: WaysBack) -> None:
        self._first = first
        super().__init__(messages, language, ways)
        self.shell.field_left.connect(self._settle)
        self.shell.closing.connect(self._settle)

    def _settle(self) -> None:
        if (page := self.shell.navigation.page) is not None:
            page.presenter.settle()

    def _page(self) -> Page:
        view = FirstStartView(self.theming)
        presenter = FirstStartPresenter(
            *(self._first, self.tasks, lambda: view.frames),
            *(self.theming.catalog.language, self.theming.catalog.choose, self._decide),
            lambda: self.shell.navigation.push("ways_back"),
        )
        view.choose.connect(presenter.type)
        view.type.connect(presenter.type)
        return page_of(presenter, view)
