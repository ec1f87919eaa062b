from __future__ import annotations

from drivers.gps.lines import MAX_LINE_BYTES, Lines


def test_lines_come_whole_however_they_are_cut():
    lines = Lines()
    assert list(lines.feed(b"first\r\nsec")) == [b"first"]
    assert list(lines.feed(b"ond\n\nthi")) == [b"second", b""]
    assert list(lines.feed(b"rd\n")) == [b"third"]


def test_a_line_without_end_takes_no_memory_and_the_next_one_is_read():
    lines = Lines()
    for _ in range(50):
        assert list(lines.feed(b"x" * MAX_LINE_BYTES)) == []
        assert len(lines._begun) <= MAX_LINE_BYTES
    assert list(lines.feed(b"x" * (MAX_LINE_BYTES + 1) + b"\nnext\n")) == [b"next"]
