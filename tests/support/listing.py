"""A list screen driven without a window: its rows, its commands, what they lead to."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from support.tasks import SameThread, Steps

from ui.presenters.figures import Row
from ui.presenters.lists import Listed, ListPresenter, ListScreen, Panel
from ui.presenters.presenter import Command


def at_row(current: Any = None, *others: Any, ticked: Sequence[Any] = (), filters: tuple[str, ...] = ()) -> Listed[Any]:
    """Return what a list shows whose cursor stands on a row."""
    rows = others if current is None else (current, *others)
    return Listed(rows, rows, current, ticked, filters)


def refusals(screen: ListScreen[Any], listed: Listed[Any]) -> dict[str, Any]:
    """Return why each command of a list is refused, by its name."""
    return {command.name: command.refused for command in screen.commands(listed)}


class Listing:
    """A started presenter of a list; `steps` are the screens that it opened."""

    def __init__(self, screen: ListScreen[Any], tasks: SameThread, steps: Steps) -> None:
        self.presenter, self.steps = ListPresenter(screen, tasks, steps), steps
        self.presenter.start()

    @property
    def rows(self) -> list[Row]:
        rows = self.presenter.state.rows
        return [rows.row(at) for at in range(rows.count)]

    @property
    def names(self) -> list[str]:
        return [row.name for row in self.rows]

    @property
    def ticked(self) -> list[str]:
        return [row.name for row in self.rows if row.is_ticked]

    @property
    def chips(self) -> dict[str, int]:
        return {chip.name: chip.count for group in self.presenter.state.chips for chip in group}

    def panels(self, kind: type[Panel]) -> list[Any]:
        return [panel for panel in self.presenter.state.panels if isinstance(panel, kind)]

    def offered(self, name: str) -> Command:
        return next(command for command in self.presenter.state.bar.actions if command.name == name)

    def press(self, name: str) -> None:
        self.presenter.perform(self.offered(name))
