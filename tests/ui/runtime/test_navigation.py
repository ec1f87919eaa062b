from __future__ import annotations

from collections.abc import Mapping

import pytest
from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent, QPaintEvent
from PySide6.QtWidgets import QApplication, QStackedWidget
from pytestqt.qtbot import QtBot

from ui.presenters.parts import ViewState
from ui.presenters.presenter import Action, Presenter
from ui.runtime.navigation import Navigation, Page, act_of
from ui.runtime.theme import ThemeContext
from ui.views.screen import Screen


class Quiet(Screen[ViewState]):
    def show_state(self, state: ViewState) -> None:
        pass


class Logged(Presenter[ViewState]):
    def __init__(self, name: str, log: list[str]) -> None:
        super().__init__(ViewState(where=name))
        self._name, self._log = name, log

    def start(self) -> None:
        self._log.append(f"{self._name} starts")

    @property
    def reads(self) -> frozenset[str]:
        return frozenset({self._name})

    def refresh(self) -> None:
        self._log.append(f"{self._name} reads")

    def stop(self) -> None:
        self._log.append(f"{self._name} stops")


class Way:
    def __init__(self, theming: ThemeContext, stack: QStackedWidget) -> None:
        self.log: list[str] = []
        self.params: list[Mapping[str, str]] = []
        self.navigation = Navigation(stack)
        self.presenters: list[Logged] = []
        for name in ("home", "list", "person"):
            self.navigation.register(name, lambda params, n=name: self._page(theming, n, params))

    def _page(self, theming: ThemeContext, name: str, params: Mapping[str, str]) -> Page:
        self.params.append(params)
        self.presenters.append(Logged(name, self.log))
        return Page(self.presenters[-1], Quiet(theming))


@pytest.fixture
def stack(qtbot: QtBot) -> QStackedWidget:
    stack = QStackedWidget()
    qtbot.addWidget(stack)
    return stack


@pytest.fixture
def way(theming: ThemeContext, stack: QStackedWidget) -> Way:
    way = Way(theming, stack)
    way.navigation.restart("home")
    return way


def test_back_returns_to_the_screen_before_and_starts_it_again(way: Way, stack: QStackedWidget) -> None:
    home = stack.currentWidget()
    way.navigation.push("person", record="0190")
    assert way.params[-1] == {"record": "0190"}
    way.navigation.back()
    assert stack.currentWidget() is home
    assert way.log == ["home starts", "home stops", "person starts", "person stops", "home starts"]
    assert stack.count() == 1


def test_the_lowest_screen_stays(way: Way, stack: QStackedWidget) -> None:
    way.navigation.back()
    assert stack.count() == 1
    assert way.log == ["home starts"]


def test_replace_takes_the_place_and_restart_closes_all(way: Way, stack: QStackedWidget) -> None:
    way.navigation.push("list")
    way.navigation.replace("person")
    assert stack.count() == 2
    way.navigation.restart("list")
    assert stack.count() == 1
    assert way.navigation.page is not None
    assert way.navigation.page.presenter.state.where == "list"


def test_a_place_is_opened_on_the_lowest_screen_alone(way: Way, stack: QStackedWidget) -> None:
    for name in ("home", "list", "person"):
        way.navigation.push(name)
    way.log.clear()
    way.navigation.go_to("list")
    assert (way.navigation.names, stack.count()) == (("home", "list"), 2)
    assert way.log == ["person stops", "list starts"]
    way.navigation.go_to("home")
    assert (way.navigation.names, stack.count()) == (("home",), 1)
    assert way.log[2:] == ["list stops", "home starts"]


def test_a_late_result_of_a_closed_screen_touches_no_dead_widget(qtbot: QtBot, way: Way) -> None:
    way.navigation.push("list")
    late = way.presenters[-1]
    way.navigation.back()
    qtbot.wait(10)  # the view is deleted now
    late._become(ViewState(where="late"))


def test_every_change_is_told_after_the_screen_shows_its_state(qtbot: QtBot, way: Way) -> None:
    seen: list[object] = []
    way.navigation.changed.connect(lambda: seen.append(way.navigation.page.view.state.where))  # type: ignore[union-attr]
    way.navigation.push("list")
    way.navigation.back()
    assert seen == ["list", "home"]


def test_a_name_is_given_once_and_an_unknown_one_is_a_bug(way: Way, theming: ThemeContext) -> None:
    with pytest.raises(ValueError, match="twice"):
        way.navigation.register("home", lambda params: way._page(theming, "home", params))
    with pytest.raises(KeyError):
        way.navigation.push("nowhere")


def test_close_stops_the_screen_in_front(way: Way, stack: QStackedWidget) -> None:
    way.navigation.close()
    assert way.log[-1] == "home stops"
    assert stack.count() == 0
    assert way.navigation.page is None


class Painted(Quiet):
    """Counts how often it is painted, and with which state."""

    def __init__(self, theming: ThemeContext) -> None:
        super().__init__(theming)
        self.painted: list[object] = []

    def paintEvent(self, event: QPaintEvent) -> None:  # noqa: N802 – Qt's name
        self.painted.append(self.state.where if self.state is not None else None)
        super().paintEvent(event)


@pytest.fixture
def returning(qtbot: QtBot, theming: ThemeContext, stack: QStackedWidget) -> tuple[Navigation, Logged, Painted]:
    """A screen that was shown, with another one over it."""
    navigation, presenter, view = Navigation(stack), Logged("old", []), Painted(theming)
    navigation.register("first", lambda _: Page(presenter, view))
    navigation.register("second", lambda _: Page(Logged("second", []), Quiet(theming)))
    stack.resize(300, 200)
    stack.show()
    navigation.restart("first")
    qtbot.waitUntil(lambda: view.painted == ["old"])
    navigation.push("second")
    QApplication.processEvents()
    view.painted.clear()
    return navigation, presenter, view


def test_what_a_screen_last_showed_is_not_painted_again(
    qtbot: QtBot, returning: tuple[Navigation, Logged, Painted]
) -> None:
    navigation, presenter, view = returning
    navigation.back()
    for _ in range(5):
        QApplication.processEvents()
    assert view.painted == []
    presenter._become(ViewState(where="new"))
    qtbot.waitUntil(lambda: bool(view.painted))
    assert set(view.painted) == {"new"}


def test_a_screen_that_has_nothing_to_read_is_painted_all_the_same(
    qtbot: QtBot, returning: tuple[Navigation, Logged, Painted]
) -> None:
    navigation, _, view = returning
    navigation.back()
    qtbot.waitUntil(lambda: view.painted == ["old"])


def test_only_the_screen_in_front_reads_anew_and_only_what_it_shows(way: Way) -> None:
    way.navigation.push("list")
    way.log.clear()
    way.navigation.tell(frozenset({"home"}))
    assert way.log == []
    way.navigation.tell(frozenset({"home", "list"}))
    assert way.log == ["list reads"]
    assert way.navigation.name == "list"
    way.navigation.back()
    assert way.navigation.name == "home"


NONE, CTRL = Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.ControlModifier
KEYPAD, SHIFT = Qt.KeyboardModifier.KeypadModifier, Qt.KeyboardModifier.ShiftModifier


@pytest.mark.parametrize(
    ("key", "modifiers", "act"),
    [
        (Qt.Key.Key_Space, NONE, Action.CAPTURE),
        (Qt.Key.Key_Return, NONE, Action.ACCEPT),
        (Qt.Key.Key_Enter, KEYPAD, Action.ACCEPT),
        (Qt.Key.Key_R, NONE, Action.REPEAT),
        (Qt.Key.Key_0, NONE, Action.CHOICE_10),
        (Qt.Key.Key_1, KEYPAD, Action.CHOICE_1),
        (Qt.Key.Key_F12, NONE, Action.BLANK),
        (Qt.Key.Key_Z, CTRL, Action.UNDO),
        (Qt.Key.Key_D, CTRL, Action.RECAP),
        (Qt.Key.Key_Q, CTRL, None),
        (Qt.Key.Key_Return, SHIFT, None),
        (Qt.Key.Key_Q, NONE, None),
    ],
)
def test_a_key_press_finds_its_act(key: Qt.Key, modifiers: Qt.KeyboardModifier, act: Action | None) -> None:
    assert act_of(QKeyEvent(QEvent.Type.KeyPress, key, modifiers)) is act


def test_a_screen_is_about_the_activity_that_it_or_the_nearest_below_it_was_opened_for(
    theming: ThemeContext, stack: QStackedWidget
) -> None:
    navigation = Way(theming, stack).navigation
    navigation.restart("home")
    assert navigation.activity_id == ""
    navigation.push("list", activity_id="jimbe")
    navigation.push("person", record_id="r1")
    assert navigation.activity_id == "jimbe"
    navigation.replace("person", activity_id="dawuhan")
    assert navigation.activity_id == "dawuhan"
    navigation.go_to("list")
    assert navigation.activity_id == ""
