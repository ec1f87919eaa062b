"""The status bar: how the kit stands. Battery and disk are looked at by the clock, the rest when it changed."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import Problem
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.delivery.deliver import QueueView
from fieldkit.services.visits.plan_visits import DayOverview
from ui.presenters.delivery.queue import Sending
from ui.presenters.devices import indicators
from ui.presenters.home.gauges import Gauges
from ui.presenters.parts import Indicator, Light, StatusBar
from ui.presenters.presenter import Message, Presenter, message
from ui.presenters.tasks import STORE, Tasks

_EVERY_MS = 30_000
_GIGA = 1_000_000_000
# Other ends had an answer.
_AWAY = frozenset({"sync.unreachable", "sync.name_unknown", "sync.connection_lost", "sync.stalled"})


class StatusBarPresenter(Presenter[StatusBar]):
    """Keeps the status bar true while somebody is signed in."""

    def __init__(self, context: AppContext, tasks: Tasks, sending: Sending, gauges: Gauges) -> None:
        super().__init__(StatusBar(user=context.user.name))
        self._context, self._tasks, self._sending, self._gauges = context, tasks, sending, gauges
        self._queue: QueueView | None = None
        self._day: DayOverview | None = None
        self._is_reading = False
        self._stops: list[Callable[[], None]] = []

    def start(self) -> None:
        """Begin to look."""
        self._stops = [
            self._tasks.every(_EVERY_MS, self._render),
            self._sending.listen(self._moved),
            self._context.registry.listen(lambda: self._tasks.post(self._render)),
        ]
        self.refresh()

    def stop(self) -> None:
        """Look no more."""
        for stop in self._stops:
            stop()
        self._stops.clear()

    def _moved(self) -> None:
        if self._sending.is_running:
            self._render()
        else:
            self.refresh()

    @property
    def reads(self) -> frozenset[str]:
        """Return the kinds of things behind queue and place; a setting says which activity the day is about."""
        return frozenset({"record", "activity", "targets", "setting"})

    def refresh(self) -> None:
        """Read the queue; while the store is busy with the last reading nothing new is asked."""
        self._render()
        if not self._is_reading:
            self._is_reading = True
            self._tasks.run(STORE, self._load, self._read, self._unread)

    def _load(self) -> tuple[QueueView, DayOverview]:
        return self._context.delivery.glance(), self._context.visits.overview()

    def _read(self, found: tuple[QueueView, DayOverview]) -> None:
        self._is_reading = False
        self._queue, self._day = found
        self._render()

    def _unread(self, _problem: Problem) -> None:
        self._is_reading = False  # the screen in front says what is wrong with the store

    def _render(self) -> None:
        queue, free = self._queue, self._gauges.free_bytes()
        self._become(
            self.state._replace(
                devices=indicators(self._context.registry.statuses()),
                connection=self._connection(),
                where=self._where(),
                queue=message("common.unsent", count=queue.unsent) if queue and queue.unsent else "",
                battery_percent=self._gauges.battery_percent(),
                storage=message("strip.free", gigabytes=free // _GIGA) if free is not None else "",
            )
        )

    def _where(self) -> Message:
        activity = self._day.activity if self._day is not None else None
        return activity.place if activity is not None else ""

    def _connection(self) -> Indicator:
        report, problem = self._sending.report, self._sending.problem
        if self._sending.is_running:
            return Indicator(message("strip.sending"), Light.BUSY)
        if self._sending.is_answered or (report is not None and report.stopped_by is None):
            return Indicator(message("common.connected"), Light.READY)
        stopped = report.stopped_by if report is not None else problem
        if stopped is None:  # nobody asked yet: it may be there
            return Indicator(message("strip.unasked"), Light.OFF, message("strip.offline_detail"))
        is_away = stopped.code in _AWAY
        return Indicator(message("strip.offline" if is_away else "strip.stopped"), Light.CAUTION, stopped)
