"""The status bar: how the kit stands. Battery and disk are looked at by the clock, the rest when it changed."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Plan
from fieldkit.domain.sop.run import SopRun
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.delivery.deliver import QueueView
from fieldkit.services.planning import ActivityLine
from ui.presenters.activity_mark import under_work
from ui.presenters.amounts import clock_text
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
        self._is_office = not context.user.may(Permission.RECORD)
        super().__init__(StatusBar(user=context.user.name, is_office=self._is_office))
        self._context, self._tasks, self._sending, self._gauges = context, tasks, sending, gauges
        self._queue: QueueView | None = None
        self._line: ActivityLine | None = None
        self._about = ""
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
        return frozenset({"record", "activity", "targets", "setting", Plan.KIND, SopRun.KIND})

    def tell_of(self, activity_id: str) -> None:
        """Name the activity that the screen in front is about; "" is none, and in the field that of the day."""
        if activity_id != self._about:
            self._about, self._line = activity_id, None  # rather nothing than another village
            self.refresh()

    def refresh(self) -> None:
        """Read the queue; while the store is busy with the last reading nothing new is asked."""
        self._render()
        if not self._is_reading:
            self._is_reading = True
            self._tasks.run(STORE, self._load, self._read, self._unread)

    def _load(self) -> tuple[str, QueueView, ActivityLine | None]:
        about = self._about
        return about, self._context.delivery.glance(), self._shown(about)

    def _shown(self, about: str) -> ActivityLine | None:
        day = None if about or self._is_office else self._context.visits.overview().activity
        activity_id = day.activity_id if day is not None else about
        try:
            return self._context.office.activities.one(activity_id) if activity_id else None
        except StoreError:
            return None  # it was removed while its screen stood in front

    def _read(self, found: tuple[str, QueueView, ActivityLine | None]) -> None:
        self._is_reading = False
        about, self._queue, line = found
        if about != self._about:
            self.refresh()  # another screen came meanwhile
            return
        self._line = line
        self._render()

    def _unread(self, _problem: Problem) -> None:
        self._is_reading = False  # the screen in front says what is wrong with the store

    def _render(self) -> None:
        queue, line = self._queue, self._line
        free = None if self._is_office else self._gauges.free_bytes()
        self._become(
            self.state._replace(
                activity=under_work(line, self._context.clock.today()) if line is not None else None,
                devices=() if self._is_office else indicators(self._context.registry.statuses()),
                connection=self._connection(),
                where=self._where(),
                queue=message("common.unsent", count=queue.unsent) if queue and queue.unsent else "",
                battery_percent=None if self._is_office else self._gauges.battery_percent(),
                storage=message("strip.free", gigabytes=free // _GIGA) if free is not None else "",
            )
        )

    def _where(self) -> Message:
        if self._is_office:
            return self._context.dinas
        return self._line.activity.place if self._line is not None else ""

    def _connection(self) -> Indicator:
        report, problem = self._sending.report, self._sending.problem
        if self._sending.is_running:
            return Indicator(message("strip.sending"), Light.BUSY)
        if report is not None and report.stopped_by is None:
            at = clock_text(self._context.clock.local(report.ended_at))
            return Indicator(message("common.connected_at", at=at), Light.READY)
        if self._sending.is_answered:
            return Indicator(message("common.connected"), Light.READY)
        stopped = report.stopped_by if report is not None else problem
        if stopped is None:  # nobody asked yet: it may be there
            return Indicator(message("strip.unasked"), Light.OFF, message("strip.offline_detail"))
        is_away = stopped.code in _AWAY
        return Indicator(message("strip.offline" if is_away else "strip.stopped"), Light.CAUTION, stopped)
