from __future__ import annotations

from dataclasses import dataclass, replace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from pytestqt.qtbot import QtBot

from fieldkit.domain.errors import Problem
from ui.presenters.parts import Empty, Progress, Stage, ViewState
from ui.presenters.presenter import Action, Command, Held, Message, message
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen, bare, page, take_keyboard
from ui.widgets.button import ActionButton
from ui.widgets.cards import EmptyCard, ProblemCard, ProgressCard
from ui.widgets.layout import Text

RETRY = Command("retry", "Coba lagi")


@dataclass(frozen=True, slots=True, kw_only=True)
class GreetingState(ViewState):
    greeting: Message = ""


class Greeting(Screen[GreetingState]):
    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self.text = Text()
        QVBoxLayout(self.content).addWidget(self.text)

    def show_state(self, state: GreetingState) -> None:
        self.text.setText(self.theming.say(state.greeting))


@pytest.fixture
def screen(qtbot: QtBot, theming: ThemeContext) -> Greeting:
    screen = Greeting(theming)
    qtbot.addWidget(screen)
    screen.resize(1366, 636)
    screen.show()
    return screen


def visible(screen: Greeting, kind: type[ProblemCard | EmptyCard | ProgressCard]) -> list[object]:
    return [card for card in screen.findChildren(kind) if card.isVisible()]


def test_content_is_shown_alone(screen: Greeting) -> None:
    screen.render(GreetingState(greeting="Selamat pagi"))
    assert screen.text.isVisible()
    assert screen.text.text() == "Selamat pagi"
    assert not visible(screen, ProblemCard) + visible(screen, EmptyCard) + visible(screen, ProgressCard)


@pytest.mark.parametrize(
    ("state", "kind"),
    [
        (GreetingState(stage=Stage.LOADING), ProgressCard),
        (GreetingState(stage=Stage.EMPTY, empty=Empty("Belum ada", action=RETRY)), EmptyCard),
        (GreetingState(stage=Stage.ERROR, problem=Problem("ui.bug"), retry=RETRY), ProblemCard),
    ],
)
def test_other_stages_stand_in_place_of_the_content(
    screen: Greeting, state: GreetingState, kind: type[ProblemCard]
) -> None:
    screen.render(state)
    assert len(visible(screen, kind)) == 1
    assert not screen.text.isVisible()


def test_a_problem_beside_content_is_a_banner_with_its_way_out(qtbot: QtBot, screen: Greeting) -> None:
    screen.render(GreetingState(greeting="Selamat pagi", problem=Problem("ui.bug"), retry=RETRY))
    assert screen.text.isVisible()
    banner = visible(screen, ProblemCard)[0]
    assert isinstance(banner, ProblemCard)
    with qtbot.waitSignal(screen.commanded, check_params_cb=lambda command: command is RETRY):
        banner.findChild(ActionButton).click()


def test_busy_covers_the_content_and_can_be_cancelled(qtbot: QtBot, screen: Greeting) -> None:
    work = Progress("Menyegel", 2, 5, cancel=RETRY)
    screen.render(GreetingState(stage=Stage.BUSY, greeting="Selamat pagi", progress=work))
    assert screen.text.isVisible()
    below = screen.childAt(screen.text.mapTo(screen, screen.text.rect().center()))
    assert below is not screen.text
    screen.resize(1024, 500)
    with qtbot.waitSignal(screen.commanded, check_params_cb=lambda command: command is RETRY):
        cards = visible(screen, ProgressCard)
        assert isinstance(cards[0], ProgressCard)
        qtbot.mouseClick(cards[0].findChild(ActionButton), Qt.MouseButton.LeftButton)


def test_a_change_of_language_renders_the_state_again(screen: Greeting, theming: ThemeContext) -> None:
    screen.render(GreetingState(greeting=message("act.back")))
    theming.catalog.choose("en")
    assert screen.text.text() == "Back"


def test_what_only_the_view_holds_goes_to_whoever_asks_for_it_and_not_when_it_is_refused(screen: Greeting) -> None:
    taken: list[str] = []
    screen.held = lambda: "rahasia"  # type: ignore[method-assign]
    command = Command("confirm", "Tanda tangani", runs=Held(taken.append))
    screen.command(command)
    screen.command(replace(command, refused="belum"))
    assert taken == ["rahasia"]


def test_a_key_that_nobody_knows_is_left_to_others(screen: Greeting) -> None:
    assert not screen.perform(Action.CAPTURE)


def test_a_command_beside_the_bar_is_found_by_its_key(qtbot: QtBot, screen: Greeting) -> None:
    take, more = Command("take", "", Action.CAPTURE), Command("more", "+")
    screen.render(GreetingState(keyed=(more, take)))
    with qtbot.waitSignal(screen.commanded) as told:
        assert screen.perform(Action.CAPTURE)
    assert (told.args, screen.keys) == ([take], (Action.CAPTURE,))
    assert not screen.perform(Action.NOTE)


def test_it_takes_the_keyboard_from_nobody_in_sight(qtbot: QtBot) -> None:
    window, screen, overlay = QWidget(), QLineEdit(), QLineEdit()
    column = QVBoxLayout(window)
    column.addWidget(screen)
    column.addWidget(overlay)
    qtbot.addWidget(window)
    window.show()
    qtbot.waitExposed(window)
    overlay.setFocus()
    take_keyboard(screen)
    assert window.focusWidget() is overlay
    overlay.hide()
    take_keyboard(screen)
    assert window.focusWidget() is screen


def test_a_screen_keeps_the_margins_of_the_tokens(theming: ThemeContext, qtbot: QtBot) -> None:
    widget = QWidget()
    qtbot.addWidget(widget)
    margins = page(QVBoxLayout(widget), theming).contentsMargins()
    space = theming.tokens.space
    assert (margins.left(), margins.top(), margins.right()) == (space["lg"], space["lg"], space["lg"])


def test_an_inner_layout_has_none() -> None:
    layout = bare(QHBoxLayout(), 7)
    assert (layout.contentsMargins().left(), layout.contentsMargins().top(), layout.spacing()) == (0, 0, 7)
