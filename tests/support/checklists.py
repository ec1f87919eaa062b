"""Presenters of the checklists over a real store, without threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from support.app_context import KETUA, TARGETS, Kit
from support.sarpras import stock_inventory
from support.tasks import SameThread, Steps

from fieldkit.domain.people import User
from ui.presenters.presenter import Command
from ui.presenters.sarpras.checklist import ChecklistPresenter


def stocked_kit(folder: Path, user: User = KETUA) -> Iterator[Kit]:
    """Yield a kit with an inventory and the day's targets."""
    kit = Kit(folder, user)
    kit.plan(*TARGETS)
    stock_inventory(kit)
    yield kit
    kit.store.close()


def check_out(kit: Kit, steps: Steps, tasks: SameThread | None = None, way: str = "out") -> ChecklistPresenter:
    """Return the open presenter of what leaves."""
    presenter = ChecklistPresenter(kit.context, tasks or SameThread(), steps, "a1", way)
    presenter.start()
    return presenter


def check_in(kit: Kit, steps: Steps) -> ChecklistPresenter:
    """Return the open presenter of what comes back."""
    return check_out(kit, steps, way="in")


def press(presenter: ChecklistPresenter, name: str) -> Command:
    """Press a command that stands there now."""
    state = presenter.state
    count = (state.counter.fewer, state.counter.more) if state.counter else ()
    command = next(each for each in (*state.bar.actions, *state.keyed, *count) if each.name == name)
    presenter.perform(command)
    return command
