from __future__ import annotations

import pytest
from support import pcscd
from support.standstill import wait_until

from drivers.pcsc.driver import PcscDriver
from drivers.pcsc.ktp_el import EF_BIODATA, EF_SIGNATURE, is_ktp_el, read_closed_file
from drivers.pcsc.reader import PcscReader
from drivers.pcsc.sam import NoSam, PcscSam, sam_of
from drivers.simulators.sam import AID, TEST_KEY, SamCard
from drivers.simulators.vpcd import SAM_PORT, CardSlot, KtpElCard
from fieldkit.ports.devices import DeviceError, NotConnectedError, ProtocolError

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
