"""Every screen of the office at the context of every role: it shows something, says why not, and needs no mouse."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QMetaMethod, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractButton, QApplication, QWidget
from pytestqt.qtbot import QtBot
from support.left_screens import delete_left
from support.tries import some_of
from support.whole_office import PEOPLE, WholeOffice, idle_executors, whole_office

from fieldkit.app.bootstrap.catalogue import LANGUAGES
from fieldkit.domain.people import Role
from ui.presenters.parts import Stage, ViewState
from ui.presenters.presenter import CHOICES, Action, Command
from ui.runtime.navigation import Page
from ui.runtime.theme import ThemeContext
from ui.views.shell import Shell

MOST_TABS = 60


@pytest.fixture(scope="module")
def office(tmp_path_factory: pytest.TempPathFactory) -> Iterator[WholeOffice]:
    made = whole_office(tmp_path_factory.mktemp("office"))
    yield made
    made.kit.store.close()


@pytest.fixture
def shell(role: Role, qtbot: QtBot, theming: ThemeContext, office: WholeOffice) -> Iterator[Shell]:
    """The window at the context of a role, without threads."""
    shell = Shell(theming)
    qtbot.addWidget(shell)
    context = office.kit.context_of(PEOPLE[role])
    for name, factory in office.factories(lambda: context, idle_executors(), shell.navigation, theming).items():
        shell.navigation.register(name, factory)
    yield shell
    shell.navigation.close()


def screens_of(shell: Shell) -> list[str]:
    return list(shell.navigation._factories)


def opened(shell: Shell, office: WholeOffice, screen: str) -> ViewState:
    shell.navigation.restart(screen, **office.params(screen))
    delete_left()
    QApplication.processEvents()
    assert shell.navigation.page is not None
    return shell.navigation.page.presenter.state


def started(shell: Shell, office: WholeOffice, screen: str) -> ViewState:
    """Return what a screen comes to; nothing is drawn, which takes most of the time."""
    page = shell.navigation._factories[screen](office.params(screen))
    page.presenter.start()
    page.presenter.stop()
    page.view.deleteLater()
    delete_left()
    return page.presenter.state


def offered(state: ViewState) -> tuple[Command, ...]:
    """Return every action that a state holds, wherever the screen shows it."""
    found = [state.bar.back, *state.bar.actions, state.retry, state.empty and state.empty.action]
    for name in state.__dataclass_fields__:
        value = getattr(state, name)
        found += value if isinstance(value, tuple) else [value]
        found += getattr(value, "ways", ())
    return tuple(action for action in found if isinstance(action, Command))


@pytest.mark.parametrize("role", some_of(Role, 1))
def test_every_screen_shows_something_to_every_role(shell: Shell, office: WholeOffice, theming: ThemeContext) -> None:
    for screen in screens_of(shell):
        state = started(shell, office, screen)
        told = state.problem and theming.catalog.explain(state.problem)
        assert state.stage in (Stage.CONTENT, Stage.EMPTY), f"{screen} is {state.stage}: {told}"
        assert state.problem is None, f"{screen} opens with a problem: {told}"
        assert state.stage is not Stage.EMPTY or (state.empty and theming.say(state.empty.title)), f"{screen} is blank"
        for action in offered(state):
            for language in LANGUAGES:
                theming.catalog.choose(language)
                assert theming.say(action.words), f"{screen}: {action.name} has no words"
                assert not action.refused or len(theming.say(action.refused).split()) > 1, f"{screen}: {action.name}"


@pytest.mark.days
def test_the_same_words_have_the_same_key_on_every_screen(
    qtbot: QtBot, theming: ThemeContext, office: WholeOffice
) -> None:
    """Enter is the blue one of each screen, and a digit chooses what is numbered there."""
    shell = Shell(theming)
    qtbot.addWidget(shell)
    keys: dict[str, dict[Action, str]] = {}
    for role in (Role.KETUA_TIM, Role.KASI, Role.LOKET, Role.PENGURUS_BARANG, Role.OPERATOR_CETAK):
        context = office.kit.context_of(PEOPLE[role])
        shell.navigation._factories = dict(
            office.factories(lambda: context, idle_executors(), shell.navigation, theming)  # noqa: B023 – used at once
        )
        for screen in screens_of(shell):
            for command in offered(started(shell, office, screen)):
                if command.act is not None and command.act not in (Action.ACCEPT, *CHOICES):
                    keys.setdefault(theming.say(command.words), {})[command.act] = f"{screen} of {role.value}"
    assert {words: acts for words, acts in keys.items() if len(acts) > 1} == {}


@pytest.mark.days
@pytest.mark.parametrize("role", [Role.KETUA_TIM, Role.KASI, Role.KEPALA_DINAS])
def test_every_action_is_reached_without_the_mouse(shell: Shell, office: WholeOffice) -> None:
    shell.show()
    for screen in screens_of(shell):
        state = opened(shell, office, screen)
        keys = [action.act for action in (state.bar.back, *state.bar.actions) if action and action.act]
        assert len(keys) == len(set(keys)), f"{screen}: two actions of the bar on one key"
        reached = tabbed(shell)
        for button in shell.findChildren(QAbstractButton):
            if button.isVisible() and button.isEnabled() and button.focusPolicy() & Qt.FocusPolicy.TabFocus:
                assert button in reached, f"{screen}: {button.text()!r} is out of the way of Tab"


def tabbed(shell: Shell) -> set[QWidget]:
    """Return every widget that Tab comes by."""
    found: list[QWidget] = []
    for _ in range(MOST_TABS):
        at = shell.focusWidget() or shell
        if at in found:
            break
        found.append(at)
        QTest.keyClick(at, Qt.Key.Key_Tab)
    return set(found)


def deaf_signals(page: Page) -> list[str]:
    """Return the signals of a view that its presenter has a method for and nobody has connected."""
    meta, own = page.view.metaObject(), QWidget.staticMetaObject.methodCount()
    signals = [meta.method(at) for at in range(own, meta.methodCount())]
    return [
        name
        for signal in signals
        if signal.methodType() is QMetaMethod.MethodType.Signal
        and callable(getattr(page.presenter, name := bytes(signal.name().data()).decode(), None))
        and not page.view.isSignalConnected(signal)
    ]


@pytest.mark.days
@pytest.mark.parametrize("role", [Role.KASI], ids=lambda role: role.value)
def test_every_signal_of_a_screen_that_means_an_act_is_heard(shell: Shell, office: WholeOffice, role: Role) -> None:
    deaf = {}
    for screen in screens_of(shell):
        page = shell.navigation._factories[screen](office.params(screen))
        if found := deaf_signals(page):
            deaf[screen] = found
        page.view.deleteLater()
    assert deaf == {}
