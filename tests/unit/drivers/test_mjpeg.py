from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.mjpeg import MAX_HEAD_BYTES, MjpegReader
from fieldkit.ports.devices import ProtocolError

FRAMES = [b"\xff\xd8" + bytes([n]) * (50 + n) + b"\xff\xd9" for n in range(4)]
WITH_DASHES = "multipart/x-mixed-replace; boundary=--BoundaryString"
WITHOUT_DASHES = 'multipart/x-mixed-replace;boundary="BoundaryString"'


def body(delimiter: bytes = b"--BoundaryString", *, length: bool = True) -> bytes:
    parts = b""
    for frame in FRAMES:
        parts += delimiter + b"\r\nContent-Type: image/jpeg\r\n"
        parts += (b"Content-Length: %d\r\n" % len(frame) if length else b"") + b"\r\n" + frame + b"\r\n"
    return parts + delimiter + b"--\r\n"


def feed_often(reader: MjpegReader, received: bytes) -> None:
    for _ in range(1000):
        reader.feed(received)


@pytest.mark.parametrize("content_type", [WITH_DASHES, WITHOUT_DASHES])
@pytest.mark.parametrize("delimiter", [b"--BoundaryString", b"----BoundaryString"])
def test_both_boundary_forms(content_type, delimiter):
    assert MjpegReader(content_type).feed(body(delimiter)) == FRAMES


def test_parts_without_length_end_at_the_next_boundary():
    assert MjpegReader(WITH_DASHES).feed(body(length=False)) == FRAMES


def test_bare_line_feeds_are_taken():
    assert MjpegReader(WITH_DASHES).feed(body().replace(b"\r\n", b"\n")) == FRAMES


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.lists(st.integers(1, 60), min_size=1, max_size=40), st.booleans())
def test_any_cut_gives_the_same_frames(cuts, length):
    stream, reader, frames, at = body(length=length), MjpegReader(WITH_DASHES), [], 0
    for cut in cuts:
        frames += reader.feed(stream[at : at + cut])
        at += cut
    assert frames + reader.feed(stream[at:]) == FRAMES


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.binary(max_size=400), st.lists(st.binary(max_size=80), max_size=8))
def test_nonsense_is_refused_or_waited_on_within_bounds(start, rest):
    reader = MjpegReader(WITH_DASHES, max_frame_bytes=200)
    with suppress(ProtocolError):
        for received in (body()[: len(start)], start, *rest):
            reader.feed(received)
            assert len(reader._buffer) <= MAX_HEAD_BYTES + 500


def test_a_length_is_refused_before_its_bytes_come():
    reader = MjpegReader(WITH_DASHES, max_frame_bytes=1000)
    with pytest.raises(ProtocolError) as caught:
        reader.feed(b"--BoundaryString\r\nContent-Length: 1001\r\n\r\n")
    assert caught.value.code == "device.stream_too_big"


@pytest.mark.parametrize("endless", [b"x" * 100, b"--BoundaryString\r\n" + b"X-A: b\r\n" * 20])
def test_a_stream_without_frames_does_not_fill_the_memory(endless):
    reader = MjpegReader(WITH_DASHES)
    with pytest.raises(ProtocolError):
        feed_often(reader, endless)


def test_a_frame_without_length_and_end_is_bounded():
    reader = MjpegReader(WITH_DASHES, max_frame_bytes=10_000)
    reader.feed(b"--BoundaryString\r\nContent-Type: image/jpeg\r\n\r\n")
    with pytest.raises(ProtocolError):
        feed_often(reader, b"\xff\xd8" + b"j" * 1000)


def test_what_is_no_jpeg_is_refused():
    with pytest.raises(ProtocolError) as caught:
        MjpegReader(WITH_DASHES).feed(b"--BoundaryString\r\nContent-Length: 4\r\n\r\nGIF8\r\n--BoundaryString")
    assert caught.value.code == "device.stream_not_jpeg"


@pytest.mark.parametrize("content_type", ["", "image/jpeg", "multipart/x-mixed-replace", "text/html; boundary=x"])
def test_other_types_are_refused(content_type):
    with pytest.raises(ProtocolError):
        MjpegReader(content_type)
