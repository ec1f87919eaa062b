from __future__ import annotations

import time

import pytest

from drivers.transport import POLL_S, Deadline, NeverCancelled, cancelled, check, pause, split_url
from fieldkit.domain.errors import InputError, Recovery
from fieldkit.ports.devices import NothingPresentedError


def test_deadline_counts_down_and_stays_at_zero():
    now = [10.0]
    deadline = Deadline(2, lambda: now[0])
    assert (deadline.remaining_s, deadline.is_over) == (2, False)
    now[0] = 13.0
    assert (deadline.remaining_s, deadline.is_over) == (0, True)


def test_check_raises_only_when_cancelled(flag):
    check(NeverCancelled())
    with pytest.raises(NothingPresentedError) as caught:
        check(flag(after=0))
    assert caught.value.code == "device.cancelled"
    assert cancelled().problem.recovery is Recovery.NONE


class Night:
    """A clock that passes while somebody sleeps, and the sleeps."""

    def __init__(self):
        self.sleeps = []

    def now(self):
        return sum(self.sleeps)

    def sleep(self, seconds):
        self.sleeps.append(seconds)


def test_pause_ends_with_patience(flag):
    night, cancel = Night(), flag(after=2)
    pause(5, cancel, night.now, night.sleep)
    assert night.sleeps == [POLL_S, POLL_S], "asked before each short sleep"
    assert cancel.was_heeded
    assert POLL_S <= 0.1
    whole = Night()
    pause(0.12, NeverCancelled(), whole.now, whole.sleep)
    assert whole.sleeps == pytest.approx([0.05, 0.05, 0.02])


def test_pause_sleeps_by_the_clock_of_the_machine():
    assert pause.__defaults__ == (time.monotonic, time.sleep)


@pytest.mark.parametrize("wrong", ["http://127.0.0.1:99999", "tcp://host:port", "http://[::1"])
def test_an_address_that_cannot_be_is_refused_with_its_reason(wrong):
    with pytest.raises(InputError) as caught:
        split_url(wrong)
    assert caught.value.code == "device.address"
    assert caught.value.problem.params["address"] == wrong
    assert caught.value.problem.params["reason"]
    assert split_url("http://[::1]:4501/x").port == 4501
