"""Semua layar: every screen that has no key of its own on Beranda, one digit away, with what waits there."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace

from fieldkit.domain.delivery.status_work import OfficeTask
from fieldkit.domain.people.accounts import Permission
from fieldkit.services.context.app_context import AppContext
from ui.presenters.actions import CHOICES, Action
from ui.presenters.commands import Command
from ui.presenters.figures import BigAction
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, Opens, opens
from ui.presenters.operating import OperatingPresenter
from ui.presenters.parts import Bar, Stage, Tone, ViewState
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import leave

_FIELD = ("visits", "trip", "recap", "aid")  # of the activity of the day
_OFFICE = ("prints", "clocks", "courier", "devices")
_PRINT = ("prints", "blanks", "printing_day", "courier")  # of who prints; clocks and devices stand elsewhere
_ALL = ("distribution", "applications", "reports", "exchange", "conflicts", "settings")


@dataclass(frozen=True, slots=True)
class Waits:
    """What is counted beside the ways."""

    tasks: Mapping[OfficeTask, int]
    conflicts: int


NOTHING_WAITS = Waits({}, 0)


def read_waits(context: AppContext) -> Waits:
    """Read the counts that the user's role has something to do with."""
    user, office = context.user, context.office
    counts = any(map(user.may, (Permission.PRINT_CARDS, Permission.TYPE_STATUS, Permission.HAND_OVER)))
    return Waits(office.statuses.tasks() if counts else {}, office.conflicts.count())


@dataclass(frozen=True, slots=True, kw_only=True)
class MoreState(ViewState):
    """The ways in the order of their digits; the intent of each is its screen."""

    ways: tuple[BigAction, ...] = ()


class MorePresenter(OperatingPresenter[MoreState]):
    """Leads on; `activity_id` is the activity of the day, "" in the office."""

    def __init__(self, context: AppContext, tasks: Tasks, navigator: Navigator, activity_id: str) -> None:
        super().__init__(MoreState(stage=Stage.LOADING, bar=Bar(leave(self.back))), tasks)
        self._context, self._navigator, self._activity_id = context, navigator, activity_id

    def start(self) -> None:
        """Read what waits."""
        self._tasks.run(STORE, lambda: read_waits(self._context), self._loaded, self._failed)

    def _loaded(self, waits: Waits) -> None:
        may = self._context.user.may
        office = () if may(Permission.RECORD) else _PRINT if may(Permission.PRINT_CARDS) else _OFFICE
        mine = (*(_FIELD if self._activity_id else ()), *office, *_ALL)
        ways = tuple(_way(screen, act, waits, self._to(screen)) for screen, act in zip(mine, CHOICES, strict=False))
        self._become(replace(self.state, stage=Stage.CONTENT, where=message("act.more"), ways=ways))

    def _to(self, screen: str) -> Opens:
        takes_activity = screen in (*_FIELD, "reports", "distribution", "applications", "printing_day")
        params = {"activity_id": self._activity_id} if takes_activity and self._activity_id else {}
        return opens(self._navigator, screen, **params)


def _way(screen: str, act: Action, waits: Waits, go: Callable[[], None]) -> BigAction:
    action = Command(screen, message(f"semua.{screen}"), act, runs=go)
    waiting = {
        "prints": waits.tasks.get(OfficeTask.PRINT, 0),
        "distribution": waits.tasks.get(OfficeTask.HAND_OVER, 0),
        "conflicts": waits.conflicts,
    }.get(screen, 0)
    headline: Message = message("common.waiting", count=waiting) if waiting else ""
    tone = Tone.BAD if waiting and screen == "conflicts" else Tone.CAUTION if waiting else Tone.NEUTRAL
    return BigAction(action, message(f"semua.{screen}_line"), headline, tone)
