from __future__ import annotations

import sys
from pathlib import Path

import pytest

from drivers.libfprint.process import OutsideProcess, list_readers
from fieldkit.ports.devices import (
    DeviceError,
    NothingPresentedError,
    ProtocolError,
    SdkMissingError,
    TransportBrokenError,
)

PLENTY_MS = 120_000


@pytest.fixture
def opened(finger, flag):
    process = OutsideProcess("virtual", str(finger.path))
    process.ask("open", flag(), PLENTY_MS, driver="virtual_image", id="0")
    yield process
    process.close()


@pytest.mark.parametrize("python", ["/usr/bin/does-not-exist", sys.executable])
def test_without_the_library_the_packages_are_named(python):
    with pytest.raises(SdkMissingError) as caught:
        list_readers(python=Path(python))
    assert "gir1.2-fprint-2.0" in caught.value.problem.params["package"]


def test_the_virtual_reader_is_listed_only_when_wanted(finger):
    assert [r.driver for r in list_readers(str(finger.path))] == ["virtual_image"]
    assert "virtual_image" not in [r.driver for r in list_readers()]


def test_nothing_comes_in_time_and_the_next_request_is_answered(opened, finger, flag):
    with pytest.raises(NothingPresentedError) as caught:
        opened.ask("capture", flag(), 300)
    assert caught.value.code == "device.no_finger"
    assert opened.is_alive, "a library that does not let go is killed"
    finger.lay()
    assert opened.ask("capture", flag(), PLENTY_MS)["width"] == 300


@pytest.mark.usefixtures("quick_polls")
def test_giving_up_comes_back_at_once(opened, finger, flag):
    cancel = flag(after=100)
    with pytest.raises(DeviceError) as caught:
        opened.ask("capture", cancel, 600_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    assert opened.is_alive, "a library that does not let go is killed"
    finger.lay()
    assert opened.ask("capture", flag(), PLENTY_MS)["pixels"]


def test_a_process_that_is_gone_is_a_broken_wire(opened, flag):
    opened._process.kill()
    opened._process.wait()
    with pytest.raises(TransportBrokenError):
        opened.ask("capture", flag(), PLENTY_MS)
    assert not opened.is_alive
    opened.close()


def test_a_failing_reader_is_told(opened, finger, flag):
    finger.fail()
    with pytest.raises(ProtocolError) as caught:
        opened.ask("capture", flag(), PLENTY_MS)
    assert caught.value.code == "device.libfprint.failed"
    finger.lay()
    assert opened.ask("capture", flag(), PLENTY_MS)["pixels"]
