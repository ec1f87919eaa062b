from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from support import pcscd
from support.standstill import wait_until
from support.tries import tries

from drivers.pcsc.driver import PcscDriver
from drivers.pcsc.ktp_el import (
    EF_BIODATA,
    EF_SIGNATURE,
    NoSam,
    PcscSam,
    codec_of,
    is_cut,
    is_ktp_el,
    read_closed_file,
    read_ktp_el,
    sam_of,
)
from drivers.pcsc.reader import PcscReader
from drivers.simulators.sam import AID, TEST_KEY, SamCard
from drivers.simulators.vpcd import SAM_PORT, CardSlot, KtpElCard
from fieldkit.ports.devices import DeviceError, NotConnectedError, ProtocolError

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


BIODATA = b"nama;tempat lahir;" * 40
UID = bytes.fromhex("04A1B2C3D4E5F6")


@pytest.fixture
def put(virtual_reader):
    slots = []

    def put_card(card, port=pcscd.PORT):
        slots.append(CardSlot(port))
        wait_until(lambda: slots[-1].insert(card))

    yield put_card
    for slot in slots:
        slot.remove()
    for reader in (pcscd.READER, pcscd.SAM_SLOT):
        pcscd.wait_until_empty(reader)


@pytest.fixture
def sam(context_for):
    module = sam_of(context_for(addresses={"pcsc": (f"{pcscd.SAM_SLOT}#sam={AID.hex()}",)}))
    yield module
    module.close()


@pytest.fixture
def reader(virtual_reader, flag):
    opened = PcscReader(virtual_reader)
    opened.open(flag())
    yield opened
    opened.close()


def test_without_a_slot_it_is_absent(context_for, flag):
    module = sam_of(context_for())
    assert isinstance(module, NoSam)
    for ask in (lambda: module.open(flag()), lambda: module.challenge(b""), lambda: module.wrap(b"")):
        with pytest.raises(NotConnectedError) as caught:
            ask()
        assert caught.value.code == "device.sam.absent"
    with pytest.raises(NotConnectedError):
        module.unwrap(b"")
    module.close()


@pytest.mark.usefixtures("virtual_reader")
def test_an_empty_slot_is_absent(sam, flag, monkeypatch):
    waits, wait = [], PcscReader.wait_for_card
    monkeypatch.setattr(PcscReader, "wait_for_card", lambda *asked: waits.append(asked[2]) or wait(*asked))
    with pytest.raises(NotConnectedError) as caught:
        sam.open(flag())
    assert caught.value.code == "device.sam.absent"
    assert waits == [500], "half a second, nobody waits for a SAM"
    with pytest.raises(NotConnectedError):
        sam.wrap(b"\x00\xb0\x00\x00\x08")


def test_a_card_in_the_slot_that_is_no_known_sam(put, sam, context_for, flag):
    put(KtpElCard(b"photo", UID), SAM_PORT)
    with pytest.raises(ProtocolError) as caught:
        sam.open(flag())
    assert caught.value.code == "device.sam.unknown"
    unnamed = sam_of(context_for(addresses={"pcsc": (f"{pcscd.SAM_SLOT}#sam",)}))
    with pytest.raises(ProtocolError):
        unnamed.open(flag())


def test_a_sam_opens_what_the_card_keeps_closed(put, sam, reader, flag):
    put(KtpElCard(b"photo", UID, {EF_BIODATA: BIODATA, EF_SIGNATURE: b""}, TEST_KEY))
    put(SamCard(), SAM_PORT)
    reader.wait_for_card(flag(), 120_000)
    sam.open(flag())
    assert is_ktp_el(reader)
    assert reader.transceive(b"\x00\xa4\x00\x00\x02\x6f\xf1")[-2:] == b"\x90\x00"
    assert reader.transceive(b"\x00\xb0\x00\x00\x08") == b"\x69\x82"
    assert read_closed_file(reader, sam, EF_BIODATA) == BIODATA
    assert read_closed_file(reader, sam, EF_SIGNATURE) == b""


def test_a_sam_of_another_card_opens_nothing(put, sam, reader, flag):
    put(KtpElCard(b"photo", UID, {EF_BIODATA: BIODATA}, b"another key"))
    put(SamCard(), SAM_PORT)
    reader.wait_for_card(flag(), 120_000)
    sam.open(flag())
    assert is_ktp_el(reader)
    with pytest.raises(DeviceError) as caught:
        read_closed_file(reader, sam, EF_BIODATA)
    assert caught.value.code == "device.ktp_el.read"


def test_the_slot_is_not_offered_for_residents(virtual_reader, context_for):
    context = context_for(addresses={"pcsc": (f"{pcscd.SAM_SLOT}#sam",)})
    assert [s.address for s in PcscDriver(context).scan()] == [virtual_reader]


class Scripted:
    """A reader whose card answers by a script."""

    def __init__(self, *answers: bytes) -> None:
        self._answers = list(answers)

    def open(self, cancel) -> None: ...

    def close(self) -> None: ...

    def wait_for_card(self, cancel, timeout_ms) -> bytes:
        return b"\x3b"

    def transceive(self, apdu: bytes) -> bytes:
        return self._answers.pop(0)

    def converse(self, act):
        return act()


def test_a_refusal_names_its_status(flag):
    module = PcscSam(Scripted(b"\x90\x00", b"\x69\x85"), "slot", AID)
    module.open(flag())
    with pytest.raises(ProtocolError) as caught:
        module.challenge(bytes(8))
    assert caught.value.problem.params == {"address": "slot", "status": "6985"}


def test_a_name_that_is_no_name_is_said_when_the_sam_is_asked_for(context_for, flag):
    module = sam_of(context_for(addresses={"pcsc": ("ACS ACR40U 01 00#sam=A0000XYZ",)}))
    for ask in (lambda: module.open(flag()), lambda: module.wrap(b"")):
        with pytest.raises(DeviceError) as caught:
            ask()
        assert caught.value.code == "device.sam.address"
