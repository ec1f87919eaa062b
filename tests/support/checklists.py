"""Presenters of the checklists over a real store, without threads."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from support.app_context import KETUA, TARGETS, Kit
from support.sarpras import stock_inventory
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import User
from ui.presenters.sarpras.check_out import CheckOutPresenter


def stocked_kit(folder: Path, user: User = KETUA) -> Iterator[Kit]:
    """Yield a kit with an inventory and the day's targets."""
    kit = Kit(folder, user)
    kit.plan(*TARGETS)
    stock_inventory(kit)
    yield kit
    kit.store.close()


def check_out(kit: Kit, steps: Steps, tasks: SameThread | None = None) -> CheckOutPresenter:
    """Return the open presenter of what leaves."""
    presenter = CheckOutPresenter(kit.context, tasks or SameThread(), steps, "a1")
    presenter.start()
    return presenter
