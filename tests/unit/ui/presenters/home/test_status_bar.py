from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, TARGETS, TODAY, Kit
from support.clock import NOW
from support.tasks import SameThread
from support.whole_office import PEOPLE

from fieldkit.domain.errors import Problem, StoreError
from fieldkit.domain.people import Role
from fieldkit.ports.delivery import SyncReport
from fieldkit.services.delivery.deliver import Deliver
from ui.presenters.delivery.queue import Sending
from ui.presenters.home.gauges import Gauges
from ui.presenters.home.status_bar import StatusBarPresenter
from ui.presenters.parts import Light
from ui.presenters.presenter import message
from ui.presenters.tasks import STORE

GAUGES = Gauges(lambda: 64, lambda: 212_900_000_000)


def opened(kit: Kit, tasks: SameThread, gauges: Gauges = GAUGES) -> tuple[StatusBarPresenter, Sending]:
    sending = Sending(kit.context, tasks)
    status_bar = StatusBarPresenter(kit.context, tasks, sending, gauges)
    status_bar.start()
    return status_bar, sending


def test_it_tells_who_where_and_how_the_laptop_stands(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    status_bar = opened(kit, tasks)[0].state
    assert (status_bar.user, status_bar.where, status_bar.battery_percent) == ("Rina Wulandari", "Desa Jimbe", 64)
    assert status_bar.storage == message("strip.free", gigabytes=212)
    assert status_bar.queue == message("common.unsent", count=1)
    assert len(status_bar.devices) == 5


def test_what_cannot_be_measured_is_not_told(kit: Kit, tasks: SameThread) -> None:
    status_bar = opened(kit, tasks, Gauges(lambda: None, lambda: None))[0].state
    assert (status_bar.battery_percent, status_bar.storage, status_bar.queue) == (None, "", "")


def test_the_connection_is_what_the_last_run_proved(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    status_bar, sending = opened(kit, tasks)
    assert status_bar.state.connection is not None
    assert (status_bar.state.connection.words, status_bar.state.connection.light) == (
        message("strip.unasked"),
        Light.OFF,
    )
    kit.center.between = lambda: lights.append(status_bar.state.connection.light)
    lights: list[Light] = []
    sending.begin()
    assert lights[0] is Light.BUSY
    assert status_bar.state.connection.light is Light.READY
    assert status_bar.state.queue == ""  # counted again by itself
    kit.center.stopped_by = Problem("sync.unreachable")
    sending.begin()
    assert (status_bar.state.connection.light, status_bar.state.connection.detail) == (
        Light.CAUTION,
        kit.center.stopped_by,
    )
    assert status_bar.state.connection.words == message("strip.offline")
    kit.center.stopped_by = Problem("sync.server_trouble")  # it is there, and it answered
    sending.begin()
    assert status_bar.state.connection.words == message("strip.stopped")


def test_the_connection_is_there_when_the_data_center_took_a_stick(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    status_bar, sending = opened(kit, tasks)
    kit.center.stopped_by = Problem("sync.unreachable")
    sending.begin()
    sending.answered()
    assert status_bar.state.connection is not None
    assert status_bar.state.connection.words == message("common.connected")
    sending.begin()
    assert status_bar.state.connection.words == message("strip.offline")


def test_the_office_is_told_the_activity_that_its_screen_is_about_and_no_device(tmp_path: Path) -> None:
    tasks = SameThread(STORE)
    with Kit(tmp_path, PEOPLE[Role.KASI]) as kit:
        kit.plan()
        kit.context.visits.take_over(replace(ACTIVITY, activity_id="a2", place="Desa Dawuhan"), ())
        status_bar, _ = opened(kit, tasks)
        tasks.release(STORE)
        assert (status_bar.state.activity, status_bar.state.where) == (None, kit.context.dinas)
        assert (status_bar.state.devices, status_bar.state.battery_percent, status_bar.state.storage) == ((), None, "")
        status_bar.tell_of("a1")
        status_bar.tell_of("a2")
        tasks.release(STORE)  # what was read for the screen before is not shown for this one
        tasks.release(STORE)
        assert status_bar.state.activity is not None
        assert status_bar.state.activity.letters == "DW"
        status_bar.tell_of("a1")
        assert status_bar.state.activity is None, "rather nothing than another village"
        status_bar.tell_of("gone")
        tasks.release(STORE)
        tasks.release(STORE)
        assert status_bar.state.activity is None


def test_the_place_follows_the_activity_that_is_worked_on(kit: Kit, tasks: SameThread) -> None:
    later = replace(ACTIVITY, activity_id="a2", place="Desa Dawuhan", on=TODAY + timedelta(days=1))
    kit.context.visits.take_over(later, ())
    status_bar, _ = opened(kit, tasks)
    assert status_bar.state.where == "Desa Jimbe"
    kit.store.listen(lambda kinds: status_bar.refresh() if status_bar.reads & kinds else None)
    kit.context.visits.work_on("a2")
    assert status_bar.state.where == "Desa Dawuhan"


def test_the_clock_looks_at_devices_and_battery_until_it_is_stopped_and_asks_the_store_nothing(kit: Kit) -> None:
    tasks, percent = SameThread("store"), [64]
    status_bar, _ = opened(kit, tasks, Gauges(lambda: percent[0], lambda: None))
    tasks.release("store")
    percent[0] = 63
    tasks.tick()
    assert status_bar.state.battery_percent == 63
    assert tasks._held["store"] == []
    status_bar.stop()
    percent[0] = 62
    tasks.tick()
    assert status_bar.state.battery_percent == 63


def test_what_was_sealed_is_counted_when_it_is_told(kit: Kit, tasks: SameThread) -> None:
    status_bar, _ = opened(kit, tasks)
    told: list[frozenset[str]] = []
    kit.store.listen(told.append)
    kit.seal(1, TARGETS[0])
    assert any(status_bar.reads & kinds for kinds in told)
    status_bar.refresh()
    assert status_bar.state.queue == message("common.unsent", count=1)


def test_a_busy_store_is_asked_only_once(kit: Kit) -> None:
    tasks = SameThread("store")
    status_bar, _ = opened(kit, tasks)
    status_bar.refresh()
    status_bar.refresh()
    assert len(tasks._held["store"]) == 1
    tasks.release("store")
    assert status_bar.state.where == "Desa Jimbe"


@pytest.mark.parametrize(
    ("code", "words"),
    [
        ("sync.unreachable", "strip.offline"),
        ("sync.name_unknown", "strip.offline"),
        ("sync.connection_lost", "strip.offline"),
        ("sync.stalled", "strip.offline"),
        ("sync.server_trouble", "strip.stopped"),
    ],
)
def test_only_where_nobody_answered_the_data_center_is_away(kit: Kit, tasks: SameThread, code: str, words: str) -> None:
    status_bar, sending = opened(kit, tasks)
    for way in ("stopped", "not begun"):
        sending.report = SyncReport(NOW, NOW, stopped_by=Problem(code)) if way == "stopped" else None
        sending.problem = Problem(code) if way == "not begun" else None
        status_bar.refresh()
        connection = status_bar.state.connection
        assert connection is not None
        assert (connection.words, connection.light) == (message(words), Light.CAUTION)


def test_a_store_that_cannot_be_read_is_asked_again(
    kit: Kit, tasks: SameThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    def damaged(_: object) -> None:
        raise StoreError("store.damaged")

    with monkeypatch.context() as patch:
        patch.setattr(Deliver, "glance", damaged)
        status_bar, _ = opened(kit, tasks)
    assert status_bar.state.where == ""
    assert status_bar.reads == {"record", "activity", "targets", "setting", "plan", "sop_run"}
    status_bar.refresh()
    assert status_bar.state.where == "Desa Jimbe"


def test_while_a_run_goes_on_the_store_is_left_alone(kit: Kit) -> None:
    tasks = SameThread("store", "sync")
    status_bar, sending = opened(kit, tasks)
    tasks.release("store")
    sending.begin()
    assert (tasks._held["store"], status_bar.state.connection and status_bar.state.connection.light) == ([], Light.BUSY)
    tasks.release("sync")
    assert len(tasks._held["store"]) == 1
    status_bar.stop()
    assert all(timer.is_stopped for timer in tasks.timers)


def test_a_device_that_comes_or_goes_shows_at_once_and_only_while_somebody_is_signed_in(
    kit: Kit, tasks: SameThread
) -> None:
    status_bar, _ = opened(kit, tasks)
    kit.devices.listed = ()
    before = status_bar.state.devices
    for heard in tuple(kit.devices.listeners):
        heard()
    assert status_bar.state.devices != before
    status_bar.stop()
    assert kit.devices.listeners == []
