from __future__ import annotations

import threading

import pytest
from support import fprint
from support.performed import laying_cards

from fieldkit.app.bootstrap.clock import WIB, SystemClock, UuidV7
from fieldkit.app.bootstrap.devices import connect_devices
from fieldkit.app.demo.bench import simulated_bench
from fieldkit.ports.devices import DeviceKind, DeviceState
from fieldkit.services.devices import SelfTest

NEVER = type("Never", (), {"is_cancelled": lambda self: False})()


@pytest.mark.days
def test_every_kind_is_there_while_it_runs_and_nothing_after() -> None:
    before = set(threading.enumerate())
    with laying_cards(), simulated_bench() as bench:
        devices = connect_devices(bench.trust, SystemClock(WIB), bench.addresses, is_watching=False)
        found = [status for status in devices.registry.scan() if status.is_simulated]
        devices.close()
        assert {status.state for status in found} == {DeviceState.READY}
        assert {status.kind for status in found} >= set(DeviceKind) - {DeviceKind.CARD_READER, DeviceKind.UNKNOWN}
        assert {status.driver for status in found} >= {"sbi", "opencv", "topaz", "isdv4", "zfm"}
    assert set(threading.enumerate()) == before
    assert not bench.trust.exists()


def test_the_finger_for_the_lock_is_captured_through_the_library() -> None:
    fprint.demand()
    clock = SystemClock(WIB)
    with laying_cards(), simulated_bench() as bench:
        devices = connect_devices(bench.trust, clock, bench.addresses, is_watching=False)
        try:
            reader = next(status for status in devices.registry.scan() if status.driver == "libfprint")
            verdict = SelfTest(devices.registry, clock, UuidV7(clock)).run(reader, NEVER)
        finally:
            devices.close()
    assert reader.is_simulated
    assert (verdict.is_ok, verdict.detail) == (True, None)  # with a detail nobody would have laid a finger there
