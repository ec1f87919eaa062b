from __future__ import annotations

import fcntl
import os
import resource
import socket
from collections.abc import Iterator
from contextlib import suppress

import pytest

from drivers.context import readable, writable


def test_given_addresses_and_limits(context_for):
    context = context_for(addresses={"sbi": ("http://127.0.0.1:4501",)}, only_given=frozenset({"sbi"}))
    assert context.given("sbi") == ("http://127.0.0.1:4501",)
    assert context.given("topaz") == ()
    assert not context.may_search("sbi")
    assert context.may_search("topaz")


PAST_SELECT = 1_024


@pytest.fixture
def many_files() -> Iterator[None]:
    """Let this process have descriptors that `select` refuses."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    if hard != resource.RLIM_INFINITY and hard <= PAST_SELECT:
        pytest.skip(f"this system allows {hard} open files")
    resource.setrlimit(resource.RLIMIT_NOFILE, (max(soft, 2 * PAST_SELECT), hard))
    yield
    resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))


def test_a_line_is_readable_when_bytes_or_its_end_are_there() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert readable([here, there], 0) == []
        there.send(b"x")
        assert readable([here, there], 5) == [here]
        here.recv(1)
        there.close()
        assert readable([here], 5) == [here]
        assert here.recv(1) == b""


def test_a_full_line_is_not_writable() -> None:
    here, there = socket.socketpair()
    with here, there:
        assert writable([here], 5) == [here]
        here.setblocking(False)
        with suppress(BlockingIOError):
            while here.send(bytes(65_536)):
                pass
        assert writable([here], 0) == []


def test_nothing_to_wait_for_is_not_waited_for() -> None:
    assert readable([], 60) == []


def test_numbers_beyond_1023_are_as_good_as_others(many_files: None) -> None:
    here, there = socket.socketpair()
    with here, there:
        high = fcntl.fcntl(here, fcntl.F_DUPFD, PAST_SELECT)
        try:
            assert readable([high], 0) == []
            assert writable([high], 5) == [high]
            there.send(b"x")
            assert readable([high], 5) == [high]
        finally:
            os.close(high)
