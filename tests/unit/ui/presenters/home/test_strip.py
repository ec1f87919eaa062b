from __future__ import annotations

from support.desk import TARGETS, Kit
from support.tasks import SameThread

from fieldkit.domain.errors import Problem
from ui.presenters.delivery.sending import Sending
from ui.presenters.home.gauges import Gauges
from ui.presenters.home.strip import StripPresenter
from ui.presenters.parts import Light
from ui.presenters.words import phrase

GAUGES = Gauges(lambda: 64, lambda: 212_900_000_000)


def opened(kit: Kit, tasks: SameThread, gauges: Gauges = GAUGES) -> tuple[StripPresenter, Sending]:
    sending = Sending(kit.desk, tasks)
    strip = StripPresenter(kit.desk, tasks, sending, gauges)
    strip.start()
    return strip, sending


def test_it_tells_who_where_and_how_the_laptop_stands(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    strip = opened(kit, tasks)[0].state
    assert (strip.user, strip.where, strip.battery_percent) == ("Rina Wulandari", "Desa Jimbe", 64)
    assert strip.storage == phrase("strip.free", gigabytes=212)
    assert strip.queue == phrase("strip.unsent", count=1)
    assert len(strip.devices) == 5


def test_what_cannot_be_measured_is_not_told(kit: Kit, tasks: SameThread) -> None:
    strip = opened(kit, tasks, Gauges(lambda: None, lambda: None))[0].state
    assert (strip.battery_percent, strip.storage, strip.queue) == (None, "", "")


def test_the_connection_is_what_the_last_run_proved(kit: Kit, tasks: SameThread) -> None:
    kit.seal(1, TARGETS[0])
    strip, sending = opened(kit, tasks)
    assert strip.state.connection is not None
    assert strip.state.connection.light is Light.OFF
    kit.center.between = lambda: lights.append(strip.state.connection.light)
    lights: list[Light] = []
    sending.begin()
    assert lights[0] is Light.BUSY
    assert strip.state.connection.light is Light.READY
    assert strip.state.queue == ""  # counted again by itself
    kit.center.stopped_by = Problem("sync.unreachable")
    sending.begin()
    assert (strip.state.connection.light, strip.state.connection.detail) == (Light.CAUTION, kit.center.stopped_by)


def test_the_clock_looks_at_devices_and_battery_until_it_is_stopped_and_asks_the_store_nothing(kit: Kit) -> None:
    tasks, percent = SameThread("store"), [64]
    strip, _ = opened(kit, tasks, Gauges(lambda: percent[0], lambda: None))
    tasks.release("store")
    percent[0] = 63
    tasks.tick()
    assert strip.state.battery_percent == 63
    assert tasks._held["store"] == []
    strip.stop()
    percent[0] = 62
    tasks.tick()
    assert strip.state.battery_percent == 63


def test_what_was_sealed_is_counted_when_it_is_told(kit: Kit, tasks: SameThread) -> None:
    strip, _ = opened(kit, tasks)
    told: list[frozenset[str]] = []
    kit.store.listen(told.append)
    kit.seal(1, TARGETS[0])
    assert any(strip.reads & kinds for kinds in told)
    strip.refresh()
    assert strip.state.queue == phrase("strip.unsent", count=1)


def test_a_busy_store_is_asked_only_once(kit: Kit) -> None:
    tasks = SameThread("store")
    strip, _ = opened(kit, tasks)
    strip.refresh()
    strip.refresh()
    assert len(tasks._held["store"]) == 1
    tasks.release("store")
    assert strip.state.where == "Desa Jimbe"
