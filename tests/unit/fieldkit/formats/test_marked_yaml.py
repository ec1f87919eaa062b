from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fieldkit.formats.marked_yaml import MAX_CHARS, YamlLineError, read_marked

TEXT = """\
# kop
nomor: 35.10
langkah:
  - urutan: 1
    kegiatan: no
    waktu:
  - {urutan: 2,
     kegiatan: ''}
"""


def test_scalars_stay_what_was_typed() -> None:
    assert read_marked(TEXT).value == {
        "nomor": "35.10",
        "langkah": [
            {"urutan": "1", "kegiatan": "no", "waktu": None},
            {"urutan": "2", "kegiatan": ""},
        ],
    }


def test_every_path_knows_its_line() -> None:
    marked = read_marked(TEXT)
    assert marked.line(("nomor",)) == 2
    assert marked.line(("langkah", 0, "kegiatan")) == 5
    assert marked.line(("langkah", 1, "kegiatan")) == 8
    assert marked.line(("langkah", 1, "waktu", "menit")) == 7
    assert marked.line(("langkah", 1, "not written", "urutan")) == 7
    assert marked.line(("nothing",)) == 1


def test_a_key_written_twice_is_told() -> None:
    marked = read_marked("a: 1\nb: 2\na: 3\n")
    assert (marked.twice, marked.line(("a",))) == ((("a",),), 3)


def test_an_empty_text_is_none() -> None:
    assert read_marked("").value is None


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("a: 1\nb: [1, 2\n", 3),
        ("a: 1\n  b: 2\n", 2),
        ("a: &x 1\nb: *x\n", 2),
        ("a: &x [*x]\n", 1),
        ("a: 1\n---\nb: 2\n", 2),
        ("a: 1\nb: \x07\n", 2),
        ("a: " + "[" * 500 + "]" * 500, 1),
        ("a" * (MAX_CHARS + 1), 1),
    ],
)
def test_what_cannot_be_read_is_refused_with_its_line(text: str, line: int) -> None:
    with pytest.raises(YamlLineError) as caught:
        read_marked(text)
    assert caught.value.line == line
    assert caught.value.detail


@given(st.text(max_size=200))
def test_any_text_is_read_or_refused(text: str) -> None:
    line = 1
    try:
        read_marked(text)
    except YamlLineError as error:
        line = error.line
    assert line >= 1
