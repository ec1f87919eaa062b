from __future__ import annotations

import threading
from collections import deque

import pytest

from drivers.vendor.host import AGAIN_AFTER_S, SILENT_S, VendorHost
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    DeviceState,
    NotConnectedError,
    SdkMissingError,
    TimedOutError,
    TransportBrokenError,
)

DIED = TransportBrokenError("device.vendor.died", name="acme", reason="SIGSEGV")


class Play:
    """An adapter that a test plays; each answer is fields, None for silence, or an error to raise."""

    def __init__(self, *answers: object) -> None:
        self.answers = deque(answers)
        self.now = 100.0
        self.starts = self.closed = 0
        self.sent: list[str] = []
        self.is_free = True

    def start(self, name: str, command: object) -> Play:
        self.starts += 1
        if isinstance(self.answers[0], SdkMissingError):
            raise self.answers.popleft()
        return self

    def send(self, do: str, **fields: object) -> int:
        self.sent.append(do)
        return len(self.sent)

    def receive(self, number: int, deadline: object, cancel: object) -> object:
        answer = self.answers.popleft()
        if isinstance(answer, Exception):
            raise answer
        if answer is None:
            self.now += deadline.remaining_s
        return answer

    def has_left(self, deadline: object, cancel: object) -> bool:
        return self.is_free

    def close(self) -> None:
        self.closed += 1


@pytest.fixture
def host_of():
    def build(play: Play) -> VendorHost:
        return VendorHost("acme", ("acme",), lambda: play.now, play.start)

    return build


def test_it_is_started_once_and_asked_at_each_look(host_of, scanner):
    play = Play({"devices": [scanner]}, {"devices": [scanner | {"state": "busy"}]})
    host = host_of(play)
    assert [d.state for d in host.look().devices] == [DeviceState.READY]
    assert [d.state for d in host.look().devices] == [DeviceState.BUSY]
    assert (play.starts, play.sent) == (1, ["list", "list"])


def test_a_device_that_is_pulled_out_stays_listed_as_absent(host_of, scanner):
    host = host_of(Play({"devices": [scanner]}, {"devices": []}))
    host.look()
    (gone,) = host.look().devices
    assert (gone.device_id, gone.state) == ("S1", DeviceState.ABSENT)


def test_a_slow_adapter_is_not_waited_for_in_a_scan(host_of, scanner):
    play = Play(None, None, {"devices": [scanner]})
    host = host_of(play)
    assert host.look().devices == ()
    assert host.look().devices == ()
    assert len(host.look().devices) == 1
    assert play.sent == ["list"]  # it is not asked again before it has answered


def test_a_silent_adapter_is_ended_and_started_anew_after_a_while(host_of, scanner):
    play = Play(None, None, {"devices": [scanner]})
    host = host_of(play)
    host.look()
    play.now += SILENT_S
    seen = host.look()
    assert (seen.problem.code, seen.state, play.closed) == ("device.vendor.silent", DeviceState.NOT_READY, 1)
    assert host.look() is seen  # no new start in every scan
    play.now += AGAIN_AFTER_S
    assert host.look().problem is None
    assert play.starts == 2


@pytest.mark.parametrize(
    ("fails", "state"),
    [
        (SdkMissingError("device.vendor.not_started", name="acme", reason="x"), DeviceState.SDK_MISSING),
        ({"error": "missing", "reason": "libacme"}, DeviceState.SDK_MISSING),
        ({"error": "permission"}, DeviceState.PERMISSION_DENIED),
        (DIED, DeviceState.NOT_READY),
    ],
)
def test_what_fails_is_a_state_with_its_reason(host_of, fails, state):
    seen = host_of(Play(fails)).look()
    assert seen.state is state
    assert seen.problem.code.startswith("device.vendor.")


def test_opening_starts_anew_at_once(host_of, scanner, flag):
    play = Play({"devices": [scanner]}, DIED, {"devices": [scanner]})
    host = host_of(play)
    host.look()
    with pytest.raises(TransportBrokenError), host.working(flag()) as program:
        program.receive(1, None, flag())
    assert host.look().problem == DIED.problem
    assert host.look().devices
    assert host.start(flag()).problem is None
    assert play.starts == 2


def test_a_refusal_of_the_device_leaves_the_adapter_running(host_of, scanner, flag):
    play = Play({"devices": [scanner]})
    host = host_of(play)
    host.look()
    with pytest.raises(DeviceBusyError), host.working(flag()):
        raise DeviceBusyError("device.busy", address="acme")
    assert (play.closed, host.look.__self__ is host) == (0, True)


def test_starting_waits_for_the_list_but_not_for_ever(host_of, flag):
    host = host_of(Play(*[None] * 100))
    with pytest.raises(TimedOutError) as caught:
        host.start(flag())
    assert caught.value.code == "device.vendor.silent"
    with pytest.raises(DeviceError) as caught:
        host_of(Play(None, None)).start(flag(after=0))
    assert caught.value.code == "device.cancelled"


def test_a_scan_does_not_wait_for_a_capture_and_a_second_capture_not_long(host_of, scanner, flag):
    play = Play({"devices": [scanner]})
    host = host_of(play)
    host.look()
    errors: list[DeviceError] = []

    def second() -> None:
        try:
            with host.working(flag()):
                raise AssertionError
        except DeviceError as error:
            errors.append(error)

    with host.working(flag()):
        assert host.look().devices[0].state is DeviceState.READY
        thread = threading.Thread(target=second)
        thread.start()
        while thread.is_alive():  # whenever it begins to wait
            play.now += 60
            thread.join(0.01)
    assert [error.code for error in errors] == ["device.busy"]


def test_one_that_hangs_in_what_was_given_up_is_started_anew(host_of, scanner, flag):
    play = Play({"devices": [scanner]}, {"devices": [scanner]})
    host = host_of(play)
    host.look()
    play.is_free = False
    assert host.start(flag()).problem is None
    assert (play.starts, play.closed) == (2, 1)
    with pytest.raises(TimedOutError), host.working(flag()):
        raise AssertionError
    assert play.closed == 2


def test_nothing_is_worked_with_before_it_was_opened(host_of, flag):
    with pytest.raises(NotConnectedError), host_of(Play()).working(flag()):
        raise AssertionError


def test_letting_go_never_raises_and_closing_ends_it(host_of, scanner):
    play = Play({"devices": [scanner]}, {"done": True}, None)
    host = host_of(play)
    host.let_go("S1")
    host.look()
    host.let_go("S1")
    assert play.closed == 0
    host.let_go("S1")
    assert (play.sent, play.closed) == (["list", "close", "close"], 1)
    host.close()
    assert play.closed == 1
