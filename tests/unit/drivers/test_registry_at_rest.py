from __future__ import annotations

import threading

import pytest
from support.standstill import wait_until

from drivers.registry import LIVELY, REST_OF_EMPTY, REST_OF_PLUGGED, DeviceRegistry
from fieldkit.ports.devices import Device, DeviceIdentity, DeviceKind, DeviceState, DeviceStatus


class Pad:
    """A device that nobody opens."""

    def close(self) -> None:
        """Nothing is held."""


class Repository:
    """A driver that lists what the test gave it."""

    def __init__(self, name: str, *statuses: DeviceStatus) -> None:
        self.name, self.statuses = name, statuses

    def scan(self) -> tuple[DeviceStatus, ...]:
        return self.statuses

    def connect(self, _status: DeviceStatus) -> Device:
        return Pad()  # type: ignore[return-value]  # closed at most


def pad(driver: str, address: str, state: DeviceState = DeviceState.READY) -> DeviceStatus:
    return DeviceStatus(driver, address, DeviceKind.SIGNATURE_PAD, state, DeviceIdentity("V", "M", address))


class Told:
    """What the kernel says, played by the test: time passes only while the registry waits."""

    hears = True

    def __init__(self, hears: bool = True) -> None:
        self.hears, self.now, self.waited = hears, 0.0, list[float]()
        self.comes_at = -1.0  # when something is plugged in or out
        self.ends_at = 0.0
        self.is_over = threading.Event()

    def wait(self, seconds: float) -> bool:
        if self.now >= self.ends_at:
            self.is_over.wait()
            return False
        is_told = self.now < self.comes_at <= self.now + seconds
        self.now = self.comes_at if is_told else self.now + seconds
        self.waited.append(self.now)
        return is_told

    def wake(self) -> None:
        self.is_over.set()


def asked(told: Told, repository: Repository, until: float) -> list[float]:
    """Watch for so long; return when the driver was asked."""
    times: list[float] = []
    scan = repository.scan
    repository.scan = lambda: (times.append(told.now), scan())[1]  # type: ignore[method-assign]
    told.ends_at = until
    registry = DeviceRegistry([repository], plugged=told, monotonic=lambda: told.now)
    registry.watch(every_s=1.0)
    wait_until(lambda: told.now >= until)
    registry.close()
    return [time for time in times if time <= until]


class PluggedRepository(Repository):
    is_plugged = True


def lively(begun: float) -> list[float]:
    return [begun + turn for turn in range(LIVELY)]


def test_at_rest_who_hears_of_changes_is_asked_seldom_and_at_once_when_something_comes():
    times = asked(told := Told(), PluggedRepository("topaz", pad("topaz", "A")), 100.0)
    assert times == [*lively(0.0), *(LIVELY - 1 + turn * REST_OF_PLUGGED for turn in (1, 2, 3, 4))]
    told = Told()
    told.comes_at = 40.5
    times = asked(told, PluggedRepository("topaz", pad("topaz", "A")), 60.0)
    assert [time for time in times if time > 30] == lively(40.5)


def test_at_rest_who_lists_what_hangs_on_a_network_is_asked_as_ever_and_who_lists_nothing_less_often():
    assert asked(Told(), Repository("sbi", pad("sbi", "A")), 30.0) == [float(turn) for turn in range(31)]
    times = asked(Told(), Repository("sbi"), 30.0)
    assert times == [float(turn * REST_OF_EMPTY) for turn in range(11)]


class GlancingRepository(Repository):
    """Looks after services of this laptop; `comes_at` is when one listens."""

    def __init__(self, told: Told, comes_at: float, *statuses: DeviceStatus) -> None:
        super().__init__("sbi", *statuses)
        self._told, self._comes_at = told, comes_at

    def glance(self) -> frozenset[int] | None:
        return frozenset({4501} if self._told.now >= self._comes_at else ())


def test_at_rest_services_of_this_laptop_are_asked_when_one_begins_to_listen():
    times = asked(told := Told(), GlancingRepository(told, 40.5), 60.0)
    assert times == [
        *lively(0.0),
        LIVELY - 1.0 + REST_OF_PLUGGED,
        *lively(41.0),
        *(46.0 + REST_OF_EMPTY * t for t in (1, 2, 3, 4)),
    ]


def test_a_service_that_listens_on_and_lists_its_device_is_asked_as_seldom_as_what_is_plugged():
    times = asked(told := Told(), GlancingRepository(told, 0.0, pad("sbi", "A")), 60.0)
    assert times == [*lively(0.0), *(LIVELY - 1 + turn * REST_OF_PLUGGED for turn in (1, 2))]


def test_another_service_is_asked_as_soon_as_it_listens():
    times = asked(told := Told(), GlancingRepository(told, 40.5, pad("sbi", "A")), 60.0)
    assert [time for time in times if time > LIVELY - 1 + REST_OF_PLUGGED] == lively(41.0)


def test_where_a_glance_tells_nothing_a_service_is_asked_as_ever():
    repository = GlancingRepository(told := Told(), 0.0, pad("sbi", "A"))
    repository.glance = lambda: None  # type: ignore[method-assign]
    assert asked(told, repository, 30.0) == [float(turn) for turn in range(31)]


@pytest.mark.parametrize("state", [DeviceState.BUSY, DeviceState.NOT_READY, DeviceState.PERMISSION_DENIED])
def test_what_may_become_ready_by_itself_is_asked_as_ever(state: DeviceState):
    times = asked(Told(), PluggedRepository("topaz", pad("topaz", "A", state)), 30.0)
    assert times == [float(turn) for turn in range(31)]


def test_a_driver_that_is_told_to_look_elsewhere_is_asked_as_ever():
    repository = PluggedRepository("topaz", pad("topaz", "A"))
    repository.is_plugged = False
    assert asked(Told(), repository, 30.0) == [float(turn) for turn in range(31)]


def test_where_the_kernel_tells_nothing_everybody_is_asked_as_ever():
    times = asked(Told(hears=False), PluggedRepository("topaz", pad("topaz", "A")), 30.0)
    assert times == [float(turn) for turn in range(31)]
    assert asked(Told(hears=False), Repository("sbi"), 30.0) == times


def test_a_device_that_is_worked_with_is_looked_at_as_ever():
    told, repository = Told(), PluggedRepository("topaz", pad("topaz", "A"))
    told.ends_at, used_at = 60.0, LIVELY - 1 + REST_OF_PLUGGED
    registry = DeviceRegistry([repository], plugged=told, monotonic=lambda: told.now)
    registry.scan()
    wait, times = told.wait, list[float]()

    def wait_and_work(seconds: float) -> bool:
        is_told = wait(seconds)
        if told.now >= used_at and not times:
            times.append(told.now)
            registry.device_for(DeviceKind.SIGNATURE_PAD)
        return is_told

    told.wait = wait_and_work  # type: ignore[method-assign]
    registry.watch(every_s=1.0)
    wait_until(lambda: told.now >= 60.0)
    registry.close()
    assert {used_at + 1.0, used_at + 2.0} <= set(told.waited)
