from __future__ import annotations

import threading
from dataclasses import replace
from importlib.metadata import entry_points

import pytest
from support.standstill import wait_until

from drivers.registry import GROUP, SCAN_EVERY_S, DeviceRegistry, load_drivers
from drivers.sbi.driver import SbiDriver
from fieldkit.domain.errors import InputError
from fieldkit.ports.devices import (
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotConnectedError,
    SdkMissingError,
)
from fieldkit.ports.repositories import Choice, choice_of


class Pad:
    """A device that only knows whether it is closed."""

    def __init__(self) -> None:
        self.closed = 0

    def close(self) -> None:
        self.closed += 1


class Repository:
    """A driver whose list of devices the test holds in its hands."""

    def __init__(self, name: str, *statuses: DeviceStatus) -> None:
        self.name = name
        self.statuses = list(statuses)
        self.scans = 0
        self.fails = False

    def scan(self) -> list[DeviceStatus]:
        self.scans += 1
        if self.fails:
            raise SdkMissingError("device.pcsc.no_library")
        return list(self.statuses)

    def connect(self, status: DeviceStatus) -> Pad:
        return Pad()


def pad(driver: str, address: str, state: DeviceState = DeviceState.READY, serial: str = "") -> DeviceStatus:
    identity = DeviceIdentity("V", "M", serial or address)
    return DeviceStatus(driver, address, DeviceKind.SIGNATURE_PAD, state, identity)


def test_closing_ends_what_a_driver_holds():
    class Holding(Repository):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    holding = Holding("vendor", pad("vendor", "slap/S1"))
    DeviceRegistry([holding, Repository("topaz")]).close()
    assert holding.closed == 1


def test_the_chosen_device_comes_first_and_is_used():
    repository = Repository("topaz", pad("topaz", "A"), pad("topaz", "B"))
    registry = DeviceRegistry([repository], {DeviceKind.SIGNATURE_PAD: Choice("topaz", "B")})
    assert [s.address for s in registry.scan()] == ["B", "A"]
    chosen = registry.device_for(DeviceKind.SIGNATURE_PAD)
    assert registry.device_for(DeviceKind.SIGNATURE_PAD) is chosen
    assert registry.device(repository.statuses[1]) is chosen
    registry.choose(repository.statuses[0])
    assert [s.address for s in registry.statuses()] == ["A", "B"]
    assert registry.choices() == {DeviceKind.SIGNATURE_PAD: Choice("topaz", "A", "A")}
    assert registry.device_for(DeviceKind.SIGNATURE_PAD) is not chosen
    registry.close()


def test_what_was_kept_is_chosen_again():
    repository = Repository("topaz", pad("topaz", "A"), pad("topaz", "B"))
    registry = DeviceRegistry([repository])
    registry.scan()
    registry.restore({DeviceKind.SIGNATURE_PAD: choice_of(repository.statuses[1])})
    assert [s.address for s in registry.statuses()] == ["B", "A"]
    assert registry.device_for(DeviceKind.SIGNATURE_PAD) is registry.device(repository.statuses[1])
    registry.close()


def test_statuses_touch_no_wire():
    repository = Repository("topaz", pad("topaz", "A"))
    registry = DeviceRegistry([repository])
    assert list(registry.statuses()) == []
    registry.scan()
    assert len(list(registry.statuses())) == 1
    assert repository.scans == 1


def test_a_device_that_is_there_but_refused_says_why():
    refused = replace(
        pad("topaz", "A", DeviceState.NOT_READY), detail="device.camera_small", params={"width": 640, "height": 480}
    )
    with pytest.raises(NotConnectedError) as caught:
        DeviceRegistry([Repository("topaz", refused)]).device_for(DeviceKind.SIGNATURE_PAD)
    assert (caught.value.code, caught.value.problem.params["width"]) == ("device.camera_small", 640)


def test_no_device_names_what_is_missing():
    repository = Repository("topaz", pad("topaz", "A", DeviceState.ABSENT))
    registry = DeviceRegistry([repository])
    with pytest.raises(NotConnectedError) as caught:
        registry.device_for(DeviceKind.SIGNATURE_PAD)
    assert caught.value.code == "device.none.signature_pad"
    with pytest.raises(NotConnectedError):
        registry.device_for(DeviceKind.IRIS)


def test_a_driver_that_fails_is_one_line():
    broken, well = Repository("pcsc"), Repository("topaz", pad("topaz", "A"))
    broken.fails = True
    statuses = DeviceRegistry([broken, well]).scan()
    assert {s.detail for s in statuses} == {"device.pcsc.no_library", ""}
    assert len(statuses) == 2


class Buggy(Repository):
    """A driver with a bug that nobody foresaw."""

    def scan(self) -> list[DeviceStatus]:
        raise RuntimeError("index 7 of 3")


class Misread(Repository):
    """A driver that refuses an address in its own words."""

    def scan(self) -> list[DeviceStatus]:
        raise InputError("device.zfm.address", address="COM3#x")


def test_a_bug_of_one_driver_is_one_line_and_the_search_goes_on():
    well = Repository("topaz")
    registry = DeviceRegistry([Buggy("vendor"), Misread("zfm"), well])
    registry.watch(every_s=0.02)
    wait_until(lambda: well.scans >= 3)
    well.statuses.append(pad("topaz", "A"))
    assert [status.detail for status in registry.scan()] == ["device.driver_failed", "device.zfm.address", ""]
    bug = next(registry.statuses())
    assert (bug.driver, bug.state) == ("vendor", DeviceState.NOT_READY)
    assert str(bug.params["reason"]).startswith("RuntimeError: index 7 of 3 (test_registry.py:")
    assert well.scans >= 3
    registry.close()


def test_a_driver_that_cannot_be_built_is_one_line(monkeypatch: pytest.MonkeyPatch, context_for):
    class Entry:
        name = "vendor"

        def load(self) -> object:
            raise ImportError("No module named 'vendor_sdk'")

    monkeypatch.setattr("drivers.registry.entry_points", lambda group: [Entry()])
    (driver,) = load_drivers(context_for())
    (status,) = DeviceRegistry([driver, Repository("topaz")]).scan()
    assert (status.driver, status.detail) == ("vendor", "device.driver_failed")
    assert "vendor_sdk" in str(status.params["reason"])
    with pytest.raises(DeviceError) as caught:
        driver.connect(status)
    assert caught.value.code == "device.driver_failed"


def looking() -> int:
    return len([thread for thread in threading.enumerate() if thread.name == "device-scan"])


def test_plugging_in_shows_without_a_click():
    repository, seen = Repository("topaz"), threading.Event()
    registry = DeviceRegistry([repository])
    ends = registry.listen(seen.set)
    registry.watch(every_s=0.02)
    registry.watch(every_s=0.02)
    assert looking() == 1
    wait_until(lambda: repository.scans >= 3)
    assert not seen.is_set()
    repository.statuses.append(pad("topaz", "A"))
    wait_until(seen.is_set)
    ends()
    seen.clear()
    repository.statuses.clear()
    wait_until(lambda: not list(registry.statuses()))
    assert not seen.is_set()
    registry.close()
    wait_until(lambda: looking() == 0)
    assert SCAN_EVERY_S <= 1.5, "a pulled cable shows within two seconds"


def test_close_closes_every_device_once():
    registry = DeviceRegistry([Repository("topaz", pad("topaz", "A"))])
    device = registry.device_for(DeviceKind.SIGNATURE_PAD)
    registry.close()
    registry.close()
    assert device.closed == 1


def test_many_threads_get_the_same_device():
    registry = DeviceRegistry([Repository("topaz", pad("topaz", "A"))])
    found: list[object] = []
    threads = [
        threading.Thread(target=lambda: found.append(registry.device_for(DeviceKind.SIGNATURE_PAD))) for _ in range(8)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(set(map(id, found))) == 1
    registry.close()


def test_drivers_are_found_by_entry_point(context_for):
    assert {e.name for e in entry_points(group=GROUP)} >= {"sbi", "opencv", "topaz", "pcsc"}
    assert {d.name for d in load_drivers(context_for())} >= {"sbi", "opencv", "topaz", "pcsc"}


def test_hot_plug_of_a_real_service(service_at, context_for, flag):
    service = service_at()
    registry = DeviceRegistry([SbiDriver(context_for(), ports=(service.port,))])
    device = registry.device_for(DeviceKind.IRIS)
    device.open(flag())
    port = service.port
    service.close()
    assert registry.scan() == ()
    service_at(port=port)
    assert len(registry.scan()) == 3
    again = registry.device_for(DeviceKind.IRIS)
    assert again is device
    again.open(flag())
    registry.close()


def test_a_device_that_may_not_enrol_is_used_last_unless_it_is_chosen():
    module = DeviceStatus("zfm", "ttyUSB0", DeviceKind.SIGNATURE_PAD, DeviceState.READY, may_enrol=False)
    other = pad("topaz", "A")
    registry = DeviceRegistry([Repository("zfm", module), Repository("topaz", other)])
    registry.scan()
    assert registry.device_for(DeviceKind.SIGNATURE_PAD) is registry.device(other)
    registry.choose(module)
    assert registry.device_for(DeviceKind.SIGNATURE_PAD) is registry.device(module)
    registry.close()


class Entry:
    """An entry point of somebody else's package."""

    def __init__(self, name: str, factory: object) -> None:
        self.name, self._factory = name, factory

    def load(self) -> object:
        if isinstance(self._factory, BaseException):
            raise self._factory
        return self._factory


def test_entry_points_that_exit_or_build_nothing_are_lines(monkeypatch: pytest.MonkeyPatch) -> None:
    def leaves(_context: object) -> object:
        raise SystemExit(1)

    entries = [
        Entry("absent", ModuleNotFoundError("No module named 'vendor'")),
        Entry("leaves", leaves),
        Entry("nothing", lambda _: None),
        Entry("whole", lambda _: Repository("whole", pad("whole", "A"))),
    ]
    monkeypatch.setattr("drivers.registry.entry_points", lambda group: entries)
    statuses = DeviceRegistry(load_drivers(None)).scan()
    assert [(s.driver, s.detail) for s in statuses] == [
        ("absent", "device.driver_failed"),
        ("leaves", "device.driver_failed"),
        ("nothing", "device.driver_failed"),
        ("whole", ""),
    ]


@pytest.mark.parametrize("answer", [None, ["no status"], SystemExit(2), RuntimeError("odd")])
def test_a_scan_that_answers_nonsense_leaves_the_others_alone(answer: object) -> None:
    class Odd(Repository):
        def scan(self):
            if isinstance(answer, BaseException):
                raise answer
            return answer

    statuses = DeviceRegistry([Odd("odd"), Repository("whole", pad("whole", "A"))]).scan()
    assert [(s.driver, s.detail) for s in statuses] == [("odd", "device.driver_failed"), ("whole", "")]


def test_a_driver_that_cannot_be_closed_keeps_nobody_from_closing() -> None:
    class Stuck(Repository):
        def close(self) -> None:
            raise RuntimeError("stuck")

    class Ending(Repository):
        closed = 0

        def close(self) -> None:
            self.closed += 1

    ending = Ending("zz")
    DeviceRegistry([Stuck("aa"), ending]).close()
    assert ending.closed == 1
