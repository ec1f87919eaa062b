from __future__ import annotations

import socket
import sys
import threading
from dataclasses import replace

import pytest

from drivers.sbi.driver import ANSWER_WITHIN_S, SbiDriver, base_url
from fieldkit.ports.devices import (
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotConnectedError,
    ProtocolError,
)


@pytest.fixture
def answers_within(monkeypatch):
    """Set how long a service may be silent; what is not about that waits for a busy machine."""

    def within(seconds: float) -> None:
        monkeypatch.setattr(sys.modules[SbiDriver.__module__], "ANSWER_WITHIN_S", seconds)

    return within


def test_services_in_the_port_range_are_found_beside_a_mute_one(service_at, context_for, answers_within):
    answers_within(120.0)
    one, two = service_at(), service_at("1.0")
    with socket.create_server(("127.0.0.1", 0)) as mute:
        driver = SbiDriver(context_for(wait_s=0.3), ports=(one.port, two.port, mute.getsockname()[1]))
        statuses = []
        while len(statuses) < 6:
            lines = driver.scan()
            statuses = [status for status in lines if status.state is DeviceState.READY]
        (waited_for,) = (status for status in lines if not status.identity)
    assert sorted((s.address, s.kind) for s in statuses) == sorted(
        (s.url, kind) for s in (one, two) for kind in (DeviceKind.FINGERPRINT, DeviceKind.IRIS, DeviceKind.CAMERA)
    )
    assert {s.state for s in statuses} == {DeviceState.READY}
    assert (waited_for.state, waited_for.detail) == (DeviceState.NOT_READY, "device.sbi.asked")


def test_a_mute_program_is_given_five_seconds_and_then_named(context_for, answers_within):
    assert ANSWER_WITHIN_S == 5.0
    answers_within(0.2)
    with socket.create_server(("127.0.0.1", 0)) as mute:
        address = f"http://127.0.0.1:{mute.getsockname()[1]}"
        for given, ports in (((), (mute.getsockname()[1],)), ((address,), ())):
            (line,) = SbiDriver(context_for(addresses={"sbi": given}), ports=ports).scan()
            assert (line.address, line.state, line.detail) == (address, DeviceState.NOT_READY, "device.sbi.silent")
            assert line.params["address"] == address


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux tells its listeners")
def test_a_glance_sees_a_service_come_go_and_come_again(context_for):
    with socket.create_server(("127.0.0.1", 0)) as first:
        address = first.getsockname()
        drivers = [
            SbiDriver(context_for(), ports=address[1:]),
            SbiDriver(context_for(addresses={"sbi": ("localhost:{1}".format(*address),)}), ports=()),
        ]
        before = [driver.glance() for driver in drivers]
        assert all(len(seen) == 1 for seen in before)
        assert not SbiDriver(context_for(only_given=frozenset({"sbi"})), ports=address[1:]).glance()
    assert [driver.glance() for driver in drivers] == [frozenset()] * 2
    with socket.create_server(address):
        assert all(seen and seen != first for seen, first in zip((d.glance() for d in drivers), before, strict=True))


@pytest.mark.parametrize(
    "given", [{"addresses": {"sbi": ("10.0.0.7:4501",)}}, {"simulated": frozenset({"http://127.0.0.1:4501"})}]
)
def test_what_a_glance_cannot_see_is_not_glanced_at(context_for, given):
    assert SbiDriver(context_for(**given), ports=()).glance() is None


def test_where_the_system_does_not_tell_its_listeners_there_is_no_glance(context_for, monkeypatch):
    monkeypatch.setattr(sys.modules[SbiDriver.__module__], "listening_ports", lambda: None)
    assert SbiDriver(context_for(), ports=()).glance() is None


def test_what_speaks_another_language_in_the_range_is_somebody_elses(service, context_for):
    service.discovered = lambda kind: {"digitalId": "!"}
    service.send = lambda http, reply: http.send_error(404)
    assert SbiDriver(context_for(), ports=(service.port,)).scan() == []


def test_a_slow_service_keeps_nobody_waiting_and_is_shown_when_it_answers(service, context_for, answers_within):
    answers_within(120.0)
    answers, may_answer = service.discovered, threading.Event()
    service.discovered = lambda kind: may_answer.wait() and answers(kind)
    driver = SbiDriver(context_for(wait_s=0.1), ports=(service.port,))
    assert [s.detail for s in driver.scan()] == ["device.sbi.asked"]
    may_answer.set()
    statuses = driver.scan()
    while "device.sbi.asked" in {s.detail for s in statuses}:
        statuses = driver.scan()
    assert {s.kind for s in statuses} == {DeviceKind.FINGERPRINT, DeviceKind.IRIS, DeviceKind.CAMERA}
    assert sum(1 for verb, path, _ in service.requests if path == "/device") <= 2  # never asked twice at a time


@pytest.mark.parametrize("says", ["Ready", "Busy"])
def test_a_device_whose_provider_is_not_trusted_is_never_ready(service, context_for, says):
    class TrustsNobody:
        def verify_jws(self, jws: str) -> tuple[dict[str, object], bytes]:
            raise ProtocolError("device.jws_untrusted")

    service.states = dict.fromkeys(("Finger", "Iris", "Face"), says)
    context = context_for(addresses={"sbi": (service.url,)}, only_given=frozenset({"sbi"}))
    unproven = SbiDriver(replace(context, verifier=TrustsNobody()))
    for _ in range(2):
        statuses = unproven.scan()
        assert len(statuses) == 3
        assert {(s.state, s.detail) for s in statuses} == {(DeviceState.NOT_READY, "device.jws_untrusted")}
        assert all(s.identity for s in statuses)


def test_the_proof_is_asked_for_once_and_again_after_a_failure(service, context_for):
    def asked() -> int:
        return sum(1 for each in service.requests if "/info" in str(each))

    driver = SbiDriver(context_for(addresses={"sbi": (service.url,)}, only_given=frozenset({"sbi"})))
    for _ in range(3):
        assert {s.state for s in driver.scan()} == {DeviceState.READY}
        assert asked() == 3


def test_only_given_addresses_are_asked_when_so_told(service_at, context_for):
    given, other = service_at(), service_at()
    context = context_for(
        addresses={"sbi": (f"localhost:{given.port}",)}, only_given=frozenset({"sbi"}), simulated=frozenset({given.url})
    )
    statuses = SbiDriver(context, ports=(other.port,)).scan()
    assert {s.address for s in statuses} == {given.url}
    assert all(s.is_simulated for s in statuses)
    assert not other.requests


def test_a_given_address_that_fails_is_a_line_with_its_reason(service, context_for):
    def scan_given():
        context = context_for(addresses={"sbi": (service.url,)}, only_given=frozenset({"sbi"}))
        (status,) = SbiDriver(context).scan()
        return status

    service.discovered = lambda kind: {"digitalId": "!"}
    assert (scan_given().state, scan_given().detail) == (DeviceState.NOT_READY, "device.sbi.reply")
    service.close()
    assert (scan_given().state, scan_given().detail) == (DeviceState.ABSENT, "device.not_connected")


def test_a_known_service_that_is_occupied_is_busy(service, context_for, answers_within):
    answers_within(120.0)
    driver = SbiDriver(context_for(), ports=(service.port,))
    assert {s.state for s in driver.scan()} == {DeviceState.READY}
    answers, free = service.discovered, threading.Event()
    service.discovered = lambda kind: free.wait() and answers(kind)
    answers_within(0.2)
    hasty = SbiDriver(context_for(), ports=(service.port,))
    hasty._found = driver._found
    assert [(s.state, s.detail) for s in hasty.scan()] == [(DeviceState.NOT_READY, "device.timed_out")] * 3
    hasty._proven = driver._proven
    assert [(s.state, s.detail) for s in hasty.scan()] == [(DeviceState.BUSY, "device.timed_out")] * 3
    free.set()
    answers_within(120.0)
    assert {s.state for s in driver.scan()} == {DeviceState.READY}


def test_a_slap_scanner_comes_before_a_single_finger_scanner(service, context_for):
    plain = service.digital_id
    service.digital_id = lambda kind: (
        {**plain(kind), "type": "Finger"}
        | ({"deviceSubType": "Single", "serialNo": "SN-0"} if kind == "Finger" else {"deviceSubType": "Slap"})
    )
    statuses = SbiDriver(context_for(), ports=(service.port,)).scan()
    assert statuses[-1].identity.serial == "SN-0"


def test_states_come_with_their_reason(service, context_for):
    service.states = {"Finger": "Not Registered", "Iris": "Not Ready", "Face": "Busy"}
    statuses = {s.kind: s for s in SbiDriver(context_for(), ports=(service.port,)).scan()}
    assert statuses[DeviceKind.FINGERPRINT].detail == "device.sbi.100"
    assert statuses[DeviceKind.IRIS].state is DeviceState.NOT_READY
    assert statuses[DeviceKind.CAMERA].state is DeviceState.BUSY


def test_a_remembered_device_opens_without_a_scan(service_at, context_for, flag):
    service = service_at("1.0")
    identity = DeviceIdentity("ACME", "Finger 1", "SN-Finger")
    status = DeviceStatus("sbi", service.url, DeviceKind.FINGERPRINT, DeviceState.READY, identity)
    device = SbiDriver(context_for()).connect(status)
    device.open(flag())
    assert device.identity.firmware == "7.1"


def test_a_status_without_identity_cannot_be_connected(context_for):
    status = DeviceStatus("sbi", "http://127.0.0.1:1", DeviceKind.FINGERPRINT, DeviceState.ABSENT)
    with pytest.raises(NotConnectedError):
        SbiDriver(context_for()).connect(status)


@pytest.mark.parametrize(
    "address", ["http://localhost:4502/", "localhost:4502", "127.0.0.1:4502", "http://127.0.0.1:4502"]
)
def test_addresses_in_any_form(address):
    assert base_url(address) == "http://127.0.0.1:4502"


@pytest.mark.parametrize("wrong", ["http://127.0.0.1:99999", "127.0.0.1:45O1", "http://[::1"])
def test_a_wrong_address_is_a_line_and_hides_no_service(service, context_for, wrong):
    context = context_for(addresses={"sbi": (wrong, service.url)}, only_given=frozenset({"sbi"}))
    *there, line = SbiDriver(context).scan()
    assert {s.state for s in there} == {DeviceState.READY}
    assert (line.address, line.state, line.detail) == (wrong, DeviceState.NOT_READY, "device.address")
    assert line.params["reason"]


def test_an_address_of_the_newer_internet_keeps_its_brackets():
    assert base_url("http://[::1]:4502/x") == "http://[::1]:4502"


def test_one_bad_entry_is_a_line_beside_the_devices_of_its_service(service, context_for):
    answers = service.discovered
    service.discovered = lambda kind: {"digitalId": "!"} if kind == "Iris" else answers(kind)
    context = context_for(addresses={"sbi": (service.url,)}, only_given=frozenset({"sbi"}))
    *there, line = SbiDriver(context).scan()
    assert {s.kind for s in there} == {DeviceKind.FINGERPRINT, DeviceKind.CAMERA}
    assert (line.state, line.detail) == (DeviceState.NOT_READY, "device.sbi.reply")
