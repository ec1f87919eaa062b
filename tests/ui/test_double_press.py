"""Every command of every screen, pressed twice before the window comes back to its events: one effect each.

The work of a press waits until both presses are made, as it does on a slow disk. What counts is what is in the store
and on paper afterwards, and which screens lie on each other: twice must leave what once leaves.
"""

from __future__ import annotations

import shutil
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from support.app_context import Kit
from support.left_screens import delete_left
from support.planted import PlantedBug, demand_caught
from support.tasks import SameThread
from support.whole_office import PEOPLE, Paperless, WholeOffice, whole_office

from fieldkit.domain.errors import KnownError
from fieldkit.domain.people import Role
from ui.presenters.delivery.queue import Sending
from ui.presenters.home.places import PlacesPresenter
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Stage, ViewState
from ui.presenters.presenter import Command, Operation
from ui.presenters.tasks import COMPUTE, STORE
from ui.runtime.theme import ThemeContext
from ui.views.shell import Shell
from ui.views.window.pages import SignedIn, screen_factories

# The accounts that together may do everything; a command is pressed by the first who is not refused.
ROLES = (Role.KASI, Role.KETUA_TIM, Role.LOKET, Role.PENGURUS_BARANG, Role.OPERATOR_CETAK, Role.KEPALA_DINAS)
# Written by the log's own housekeeping, not by what was pressed.
_ASIDE = frozenset({"state_kept"})
# There and back again on one key: the second press undoes the first, as a person who presses twice expects.
_TURNS = frozenset({("activities", "turn"), ("month", "turn")})
# Where a command is not refused to whom it does not concern: it is not there.
_BY_ROLE = frozenset({"home", "plan", "sarpras_izin"})
Effects = tuple[Counter[str], tuple[str, ...]]


class Later(SameThread):
    """Executors that begin nothing before they are let; then everything, in order, until all is quiet.

    Devices wait for people who are not there: what was asked of one is only noted. A second press lets the first
    go and waits anew, which is one effect as long as nobody was there between.
    """

    def __init__(self) -> None:
        super().__init__()
        self._waiting: list[Callable[[], None]] = []
        self.asked: Counter[str] = Counter()

    def _queue(self, executor: str, *work: Any, **how: Any) -> None:
        if executor in (STORE, COMPUTE):
            queue = super()._queue
            self._waiting.append(lambda: queue(executor, *work, **how))
        else:
            self.asked[f"asked of {executor}"] += 1

    def settle(self) -> None:
        while self._waiting:
            self._waiting.pop(0)()


class Printer(Paperless):
    """A printer that counts what comes out."""

    def __init__(self) -> None:
        self.papers = 0

    def printer(self) -> str:
        return "Printer"

    def print_pages(self, pages: object) -> None:
        self.papers += 1

    def save(self, name: str, _content: bytes) -> str:
        self.papers += 1
        return name

    def receipt_printer(self) -> str:
        return "Struk"

    def print_receipt(self, receipt: object) -> None:
        self.papers += 1


@dataclass
class Bench:
    """An office that is as it was again after each press that wrote."""

    made: WholeOffice
    folder: Path  # as it was
    copies: Path
    theming: ThemeContext
    qtbot: QtBot
    office: WholeOffice = field(init=False)
    number: int = 0

    def __post_init__(self) -> None:
        self.office = self.made
        self.begin_again()

    def begin_again(self) -> None:
        """Open a copy of the office."""
        self.close()
        self.number += 1
        here = self.copies / f"{self.number}"
        shutil.copytree(self.folder, here)
        kit = Kit(here)
        kit.clock.at = self.made.kit.clock.at
        self.office = replace(self.made, kit=kit)

    def close(self) -> None:
        """Close the copy that was in use and remove it."""
        if self.number:
            self.office.kit.store.close()
            shutil.rmtree(self.copies / f"{self.number}")

    def sign_in(self, role: Role) -> Window:
        """Open the window for somebody."""
        return Window(self, role)


class Window:
    """The window of one person; `open` shows a screen and waits until it is quiet."""

    def __init__(self, bench: Bench, role: Role) -> None:
        self._bench, self.tasks, self.printer = bench, Later(), Printer()
        self.shell = Shell(bench.theming)
        bench.qtbot.addWidget(self.shell)
        context = bench.office.kit.context_of(PEOPLE[role])
        signed_in = SignedIn(context, Sending(context, self.tasks), PlacesPresenter(context, self.tasks))
        door = bench.office.door(context)
        self.shell.navigation._factories = screen_factories(
            door, self.tasks, self.shell, bench.theming, self.printer, lambda: signed_in
        )

    def screens(self) -> list[str]:
        return list(self.shell.navigation._factories)

    def open(self, screen: str) -> ViewState | None:
        """Return what a screen came to; None for one that is opened for something this office does not have."""
        try:
            self.shell.navigation.restart(screen, **self._bench.office.params(screen))
            delete_left()
            self.tasks.settle()
        except (KeyError, KnownError):
            return None
        page = self.shell.navigation.page
        assert page is not None
        return page.presenter.state

    def press(self, command: Command, times: int) -> Effects:
        """Press so often within one turn; return what came of it when all was quiet."""
        before = self._written()
        for _ in range(times):
            page = self.shell.navigation.page
            if command.act is not None:
                self.shell.perform(command.act)
            elif page is not None and command in offered(page.presenter.state):
                page.view.command(command)
        self.tasks.settle()
        return self._written() - before, tuple(self.shell.navigation._names)

    def _written(self) -> Counter[str]:
        with self._bench.office.kit.store.read() as unit:
            ask = unit.connection.exec_driver_sql
            found = Counter(dict(ask("SELECT kind, count(*) FROM events GROUP BY kind").all()))
            for table in ("things", "attachments", "targets", "activities", "users", "sealed_records"):
                found[f"rows of {table}"] = ask(f"SELECT count(*) FROM {table}").scalar() or 0
        found["papers"] = self.printer.papers
        found.update(set(self.tasks.asked))
        return Counter({what: number for what, number in found.items() if what not in _ASIDE})

    def close(self) -> None:
        self.shell.navigation.close()
        QApplication.processEvents()
        delete_left()


def offered(state: ViewState) -> tuple[Command, ...]:
    """Return every command that a state holds and that is not refused."""
    return tuple(each for each in commands_of(state) if not each.refused)


def commands_of(state: ViewState) -> tuple[Command, ...]:
    """Return every command that a state holds."""
    found = [state.bar.back, *state.bar.actions, state.retry, state.empty and state.empty.action]
    for name in state.__dataclass_fields__:
        value = getattr(state, name)
        found += value if isinstance(value, tuple) else [value]
    # One that is not refused stands before one of the same name that is.
    commands = sorted((each for each in found if isinstance(each, Command)), key=lambda each: not each.refused)
    return tuple({each.name: each for each in commands}.values())


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> tuple[WholeOffice, Path]:
    folder = tmp_path_factory.mktemp("office")
    made = whole_office(folder)
    made.kit.store.close()
    return made, folder


@pytest.fixture
def bench(whole: tuple[WholeOffice, Path], tmp_path: Path, theming: ThemeContext, qtbot: QtBot) -> Iterator[Bench]:
    made = Bench(*whole, tmp_path, theming, qtbot)
    yield made
    made.close()


def differing(bench: Bench, roles: tuple[Role, ...], only: str = "") -> tuple[list[str], Counter[str]]:
    """Press every command once and twice; return which differ and how, and how many commands did what."""
    wrong: list[str] = []
    seen: set[tuple[str, str]] = set()
    done: set[str] = set()
    tally: Counter[str] = Counter()
    for role in roles:
        window = bench.sign_in(role)
        for screen in [name for name in window.screens() if name not in done and (not only or name == only)]:
            state = window.open(screen)
            if state is None or state.stage not in (Stage.CONTENT, Stage.EMPTY):
                continue
            if screen not in _BY_ROLE and not any(command.refused for command in commands_of(state)):
                done.add(screen)  # nobody else is offered more
            for name in [command.name for command in offered(state) if (screen, command.name) not in seen | _TURNS]:
                seen.add((screen, name))
                came: list[Effects] = []
                for times in (1, 2):
                    state = state or window.open(screen)
                    assert state is not None
                    command = next((each for each in offered(state) if each.name == name), None)
                    if command is None:
                        break
                    came.append(window.press(command, times))
                    state = None
                    if came[-1][0]:
                        window.close()
                        bench.begin_again()
                        window = bench.sign_in(role)
                tally["written" if came and came[0][0] else "shown"] += 1
                if len(came) == 2 and came[0] != came[1]:
                    wrong.append(f"{role.value} {screen} {name}: once {came[0]}, twice {came[1]}")
        window.close()
    return wrong, tally


@pytest.mark.days
def test_every_command_pressed_twice_has_one_effect(bench: Bench) -> None:
    wrong, tally = differing(bench, ROLES)
    assert wrong == [], "\n".join(wrong)
    assert tally["written"] >= 20
    assert tally.total() >= 240


@pytest.mark.days
def test_an_operation_that_guards_nothing_is_found(bench: Bench, monkeypatch: pytest.MonkeyPatch) -> None:
    """The planted bug: an operation that begins however often it is asked for."""

    fact = "^operator_cetak prints paper: once .*'letter_drafted': 1.*, twice .*'letter_drafted': 2"
    bug = PlantedBug("begins however often it is asked for", fact)

    def begin(self: OperatingPresenter[Any], operation: Operation[Any], *_: object, **__: object) -> None:
        self._begin(operation)

    monkeypatch.setattr(OperatingPresenter, "_operate", begin)
    wrong, _ = differing(bench, (Role.OPERATOR_CETAK, Role.KASI), "prints")
    demand_caught(wrong, bug)
