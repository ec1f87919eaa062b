from __future__ import annotations

import errno
import hashlib
import io
import json
import threading

import pytest
from support.tapes import taping

from drivers import trace
from drivers.trace import GUESSABLE_BYTES, Payload, Pieces, Recorder, all_readable, current, note, recording


def test_nothing_is_kept_while_nobody_records():
    assert current() is None
    note("serial", "/dev/ttyS0", "in", data=b"\x01")
    with taping() as tape:
        assert current() is not None
        note("serial", "/dev/ttyS0", "in", data=b"\x01")
    note("serial", "/dev/ttyS0", "in", data=b"\x02")
    assert current() is None
    assert tape.events == [{"way": "serial", "line": "/dev/ttyS0", "act": "in", "data": "01"}]


def test_the_header_says_what_the_file_is_and_each_event_when_it_was():
    times, file = iter([10.0, 10.25]), io.BytesIO()
    recorder = Recorder(file, {"program": "1"}, keeps_payloads=True, monotonic=lambda: next(times))
    recorder.note("hid", "1-2", "opened")
    header, event = map(json.loads, file.getvalue().splitlines())
    assert header == {"format": trace.FORMAT, "version": trace.VERSION, "program": "1", "payloads": True}
    assert event == {"ms": 250, "way": "hid", "line": "1-2", "act": "opened"}
    assert recorder.lines == {"1-2"}


def test_a_payload_is_hidden_and_a_short_one_cannot_be_guessed():
    short, long = b"\x04\xa1\xb2", bytes(GUESSABLE_BYTES)
    shown = []
    for _ in range(2):
        with taping() as tape:
            for content in (short, short, long, b""):
                note("pcsc", "reader", "answer", data=Payload(content))
        shown.append([event["data"] for event in tape.events])
        assert short.hex() not in tape.text
        assert hashlib.sha256(short).hexdigest() not in tape.text
    for first, second, whole, none in shown:
        assert first == second
        assert (set(first), first["bytes"]) == ({"bytes", "hmac"}, 3)
        assert whole == {"bytes": GUESSABLE_BYTES, "sha256": hashlib.sha256(long).hexdigest()}
        assert none == ""
    assert shown[0][0] != shown[1][0], "each recording has a key of its own"


def test_a_payload_is_kept_when_it_is_asked_for():
    with taping(with_payloads=True) as tape:
        note("pcsc", "reader", "answer", data=Payload(b"\x04\xa1"))
    assert tape.events[0]["data"] == "04a1"


def test_what_is_no_bytes_is_a_mistake_of_ours():
    with taping(), pytest.raises(TypeError):
        note("hid", "1-2", "set", data=object())


def test_nothing_follows_the_end():
    file = io.BytesIO()
    recorder = Recorder(file, {}, keeps_payloads=False)
    with recording(recorder):
        recorder.end()
        note("hid", "1-2", "opened")
    _, last = map(json.loads, file.getvalue().splitlines())
    assert (last["way"], last["act"]) == ("test", "end")


def test_a_recording_that_was_left_takes_nothing_more_and_has_no_end():
    file = io.BytesIO()
    recorder = Recorder(file, {}, keeps_payloads=False)
    with pytest.raises(KeyboardInterrupt), recording(recorder):
        raise KeyboardInterrupt
    recorder.note("hid", "1-2", "opened")  # a thread that still talks on a line
    assert len(file.getvalue().splitlines()) == 1


class FullDisk(io.BytesIO):
    """Takes two writes."""

    left = 2

    def write(self, content) -> int:
        self.left -= 1
        if self.left < 0:
            raise OSError(errno.ENOSPC, "full")
        return super().write(content)


def test_a_full_disk_is_told_at_the_end_and_never_to_a_device():
    recorder = Recorder(FullDisk(), {}, keeps_payloads=False)
    for _ in range(3):
        recorder.note("hid", "1-2", "opened")
    with pytest.raises(OSError, match="full"):
        recorder.end()


def test_threads_write_whole_lines():
    with taping() as tape:

        def talk(line: str) -> None:
            for _ in range(200):
                note("http", line, "frame", data=bytes(100))

        talking = [threading.Thread(target=talk, args=(str(n),)) for n in range(4)]
        for thread in talking:
            thread.start()
        for thread in talking:
            thread.join()
    assert sorted(event["line"] for event in tape.events) == sorted(str(n) for n in range(4) for _ in range(200))


def test_pieces_wait_for_their_end_and_neighbours_of_a_kind_are_one():
    told = []
    pieces = Pieces(lambda b: (2, b[:1] == b"p") if len(b) > 1 else None, told.append)
    pieces.feed(b"p")
    assert told == []
    pieces.feed(b"1p2r3r4p5p")
    assert told == [Payload(b"p1p2"), b"r3r4", Payload(b"p5")]
    pieces.end()
    pieces.end()
    assert told[3:] == [Payload(b"p")], "what is torn may be of a person"


def test_a_direction_without_payloads():
    told = []
    Pieces(all_readable, told.append).feed(b"*1")
    assert told == [b"*1"]
