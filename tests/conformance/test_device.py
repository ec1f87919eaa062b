"""What every device does, whatever its kind."""

from __future__ import annotations

import pytest

from fieldkit.ports.devices import DeviceError, DeviceKind, DeviceState


def test_it_says_who_it_is_and_what_it_can(bench):
    identity = bench.device.identity
    assert identity.vendor
    assert identity.model
    assert identity.serial
    assert isinstance(bench.device.capabilities.kind, DeviceKind)


def test_its_flags_choose_its_suites(bench, capable, suites, request):
    if "hardware" in request.keywords:
        pytest.skip("the suites of a real device are those that its flags choose")
    listed = request.node.callspec.params["bench"]
    assert {suite: listed in names for suite, names in capable.items()} == suites(bench.device)


def test_health_is_ready(bench):
    assert bench.device.health() is DeviceState.READY


def test_close_twice_and_open_again(bench, patience):
    bench.device.close()
    bench.device.close()
    bench.device.open(patience())
    assert bench.device.health() is DeviceState.READY


def test_an_unplugged_device_is_absent_and_comes_back(bench, registry, patience):
    bench.kit.unplug(bench.name)
    try:
        assert bench.device.health() is DeviceState.ABSENT
        bench.device.close()
        with pytest.raises(DeviceError):
            bench.device.open(patience())
        states = {s.address: s.state for s in registry.scan()}
        assert states[bench.address] is DeviceState.ABSENT
    finally:
        bench.kit.plug(bench.name)
    bench.device.open(patience())
    assert bench.device.health() is DeviceState.READY


def test_the_list_marks_simulators(bench, registry):
    assert all(s.is_simulated for s in registry.scan() if s.address == bench.address)
