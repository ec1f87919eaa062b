from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support.tries import tries

from drivers.pcsc.ktp_el import EF_BIODATA, codec_of, is_cut, is_ktp_el, read_closed_file, read_ktp_el
from drivers.pcsc.reader import PcscReader
from fieldkit.ports.devices import DeviceError, ProtocolError

CONTROL = bytes(range(51))
PHOTO = b"\xff\xd8\xff\xe0" + b"photo" * 300 + b"\xff\xd9"
OK = b"\x90\x00"


class Chip:
    """The free part of a KTP-el: files with a two-byte length, read by offset."""

    def __init__(self, files: dict[int, bytes] | None = None, short_by: int = 0) -> None:
        self.files = {0x6FF0: CONTROL, 0x6FF2: PHOTO} if files is None else files
        self.short_by = short_by
        self._selected = b""

    def __call__(self, apdu: bytes) -> bytes:
        if apdu[:5] == b"\x00\xa4\x00\x00\x02":
            file_id = int.from_bytes(apdu[5:7], "big")
            if file_id == 0x7F0A:
                return OK
            if file_id not in self.files:
                return b"\x6a\x82"
            content = self.files[file_id]
            self._selected = (len(content) + self.short_by).to_bytes(2, "big") + content
            return OK
        if apdu[:2] == b"\x00\xb0":
            assert apdu[4] <= 248
            offset = int.from_bytes(apdu[2:4], "big")
            return self._selected[offset : offset + apdu[4]] + OK
        if apdu == b"\xff\xca\x00\x00\x00":
            return b"\x04\xa1\xb2\xc3" + OK
        return b"\x6d\x00"


class Answers:
    """A reader that answers from a function or a list, without hardware."""

    def __init__(self, answer) -> None:
        self._answer = answer

    def transceive(self, apdu: bytes) -> bytes:
        return self._answer(apdu)


class Module:
    """A SAM that adds nothing."""

    def challenge(self, from_card: bytes) -> bytes:
        return from_card

    def wrap(self, apdu: bytes) -> bytes:
        return apdu

    def unwrap(self, answer: bytes) -> bytes:
        return answer


def test_a_ktp_el_on_the_reader(virtual_reader, insert, flag):
    insert(Chip())
    reader = PcscReader(virtual_reader)
    reader.open(flag())
    card = read_ktp_el(reader, reader.wait_for_card(flag(), 120_000))
    reader.close()
    assert card.card_control == CONTROL
    assert card.photograph == PHOTO
    assert card.photograph_codec == "jpeg"
    assert card.uid == b"\x04\xa1\xb2\xc3"


def test_another_card_is_none():
    other = Answers(lambda apdu: b"\x6a\x82")
    assert not is_ktp_el(other)
    assert read_ktp_el(other, b"\x3b") is None


def test_a_card_without_uid():
    chip = Chip()
    card = read_ktp_el(Answers(lambda a: b"\x6a\x81" if a[0] == 0xFF else chip(a)), b"\x3b")
    assert card.uid == b""


def test_an_empty_photograph_and_a_short_file():
    assert read_ktp_el(Answers(Chip({0x6FF0: b"", 0x6FF2: b"abc"})), b"").photograph == b"abc"
    with pytest.raises(ProtocolError):
        read_ktp_el(Answers(Chip(short_by=5)), b"")


def test_a_missing_file_and_an_impossible_length():
    with pytest.raises(ProtocolError) as caught:
        read_ktp_el(Answers(Chip({0x6FF0: CONTROL})), b"")
    assert caught.value.problem.params == {"file": "6FF2", "status": "6A82"}
    with pytest.raises(ProtocolError) as caught:
        read_ktp_el(Answers(Chip(short_by=0x7FFF)), b"")
    assert caught.value.code == "device.ktp_el.length"


@pytest.mark.parametrize(
    ("image", "codec"),
    [
        (b"\xff\xd8\xff", "jpeg"),
        (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
        (b"\xff\x4f\xff\x51", "j2k"),
        (b"", "unknown"),
    ],
)
def test_codecs_are_sniffed(image, codec):
    assert codec_of(image) == codec


@pytest.mark.days
@settings(max_examples=tries(1000), deadline=None)
@given(st.lists(st.binary(max_size=260), max_size=12))
def test_any_answers_end_in_a_card_or_a_device_error(answers):
    queue = iter([OK, OK, *(a + OK for a in answers)])
    try:
        read_ktp_el(Answers(lambda apdu: next(queue, b"\x6f\x00")), b"")
    except DeviceError as error:
        assert error.code.startswith("device.ktp_el.")  # noqa: PT017


def test_a_first_read_of_one_byte_makes_no_wrong_length():
    chip = Chip()

    def slow(apdu: bytes) -> bytes:
        return chip(apdu[:4] + b"\x01") if apdu[:4] == b"\x00\xb0\x00\x00" else chip(apdu)

    card = read_ktp_el(Answers(slow), b"")
    assert (card.card_control, card.photograph) == (CONTROL, PHOTO)


def test_nor_does_it_in_a_file_behind_the_sam():
    chip = Chip({EF_BIODATA: CONTROL * 10})

    def slow(apdu: bytes) -> bytes:
        if apdu[1] in (0x84, 0x82):
            return OK
        return chip(apdu[:4] + b"\x01") if apdu[:4] == b"\x00\xb0\x00\x00" else chip(apdu)

    assert read_closed_file(Answers(slow), Module(), EF_BIODATA) == CONTROL * 10


@pytest.mark.parametrize(
    ("image", "is_so"),
    [
        (PHOTO, False),
        (PHOTO + b"\0\0\xff\xff", False),
        (PHOTO[:-1], True),
        (b"\xff\x4f\xff\x51 tiles", True),
        (b"\xff\x4f\xff\x51 tiles\xff\xd9", False),
        (b"scratched", False),
        (b"", False),
    ],
)
def test_a_picture_that_lacks_its_end_is_cut(image, is_so):
    assert is_cut(image) is is_so


def test_a_photograph_that_ends_too_early_is_read_again_once_then_refused():
    chip = Chip({0x6FF0: CONTROL, 0x6FF2: PHOTO[:700]})
    reads = []

    def mending(apdu: bytes) -> bytes:
        if apdu == b"\x00\xa4\x00\x00\x02\x6f\xf2":
            reads.append(apdu)
            chip.files[0x6FF2] = PHOTO if len(reads) == mended_at else PHOTO[:700]
        return chip(apdu)

    mended_at = 2
    assert read_ktp_el(Answers(mending), b"").photograph == PHOTO
    reads.clear()
    mended_at = 3
    with pytest.raises(ProtocolError) as caught:
        read_ktp_el(Answers(mending), b"")
    assert (caught.value.code, caught.value.problem.params) == ("device.ktp_el.photo_cut", {"size": 700})
    assert len(reads) == 2
