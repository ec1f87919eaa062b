from __future__ import annotations

import base64
import json
import sys
from contextlib import suppress
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.libfprint.answers import (
    MAX_LINE_BYTES,
    LineBuffer,
    OutsideProcess,
    Reader,
    content_of,
    image_of,
    list_readers,
    read_answer,
    readers_of,
    tell,
)
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    GreyImage,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
    TransportBrokenError,
)

IMAGE = {"width": 3, "height": 2, "ppi": 500, "pixels": base64.b64encode(b"abcdef").decode()}
json_values = st.one_of(
    st.integers(),
    st.sampled_from([None, True, 0.5, "", "AAAA", "=", [], [1], [{}], [{"driver": "a", "id": 1}], {}, {"a": []}]),
)
FIELDS = ("number", "error", "reason", "devices", "width", "height", "ppi", "pixels", "driver", "id", "name")


def test_an_answer_has_the_number_of_its_request():
    assert read_answer(b'{"number": 3, "same": true}') == (3, {"number": 3, "same": True})
    for line in (b"", b"[]", b"{}", b'{"number": "3"}', b'{"number": true}', b"\xff", b"[" * 100_000):
        with pytest.raises(ProtocolError):
            read_answer(line)


@pytest.mark.parametrize(
    ("kind", "error", "code"),
    [
        ("missing", SdkMissingError, "device.libfprint.missing"),
        ("cancelled", NothingPresentedError, "device.cancelled"),
        ("busy", DeviceBusyError, "device.busy"),
        ("absent", NotConnectedError, "device.not_connected"),
        ("removed", TransportBrokenError, "device.transport_broken"),
        ("permission", PermissionDeniedError, "device.libfprint.permission"),
        ("template", ProtocolError, "device.other_template"),
        ("anything", ProtocolError, "device.libfprint.failed"),
    ],
)
def test_errors_are_those_of_the_port(kind, error, code):
    with pytest.raises(error) as caught:
        tell({"error": kind, "reason": "because"}, "synaptics:0")
    assert caught.value.code == code


def test_readers_and_images():
    listed = {"driver": "goodixmoc", "id": "0", "name": "Goodix", "may_capture": False}
    assert readers_of({"devices": [listed]}) == [Reader("goodixmoc", "0", "Goodix", False)]
    assert image_of(IMAGE) == GreyImage(3, 2, b"abcdef", 500)
    for wrong in ({"width": 4}, {"height": True}, {"ppi": 0}, {"ppi": "500"}, {"pixels": "?"}, {"width": 10**9}):
        with pytest.raises(ProtocolError):
            image_of(IMAGE | wrong)
    for devices in (None, [1], [{"driver": "x"}]):
        with pytest.raises(ProtocolError):
            readers_of({"devices": devices})


def test_a_line_without_end_is_refused():
    lines = LineBuffer()
    assert lines.feed(b"one\ntw") == [b"one"]
    assert lines.feed(b"o\n") == [b"two"]
    lines.feed(bytes(MAX_LINE_BYTES))
    with pytest.raises(ProtocolError):
        lines.feed(b".")


@pytest.mark.days
@settings(deadline=None, max_examples=tries(1000))
@given(st.binary(max_size=80) | st.dictionaries(st.sampled_from(FIELDS), json_values).map(json.dumps).map(str.encode))
def test_any_line_is_an_answer_or_a_known_error(line):
    for read in (image_of, readers_of, lambda answer: content_of(answer, "pixels")):
        with suppress(DeviceError):
            assert read(tell(read_answer(line)[1], "a")) is not None


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
