from __future__ import annotations

import threading
import time

import pytest
from support import pcscd
from support.standstill import wait_until
from support.tapes import taping

from drivers.pcsc import reader as module
from drivers.pcsc.reader import Command, PcscReader, Worker
from fieldkit.ports.devices import (
    DeviceError,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    TransportBrokenError,
)

ATR = bytes.fromhex("3B8A80013037393134315F3030316F")
PLENTY_MS = 120_000
BIG = bytes(range(256)) * 2


def answer(apdu: bytes) -> bytes:
    """A card with both habits of T=0: 61xx after a command, 6Cxx for a wrong Le."""
    if apdu[:2] == b"\x00\xca":
        return BIG[:256] + b"\x61\x00"
    if apdu[:2] == b"\x00\xc0":
        return BIG[256:] + b"\x90\x00"
    if apdu[:2] == b"\x00\xb0":
        return BIG[:8] + b"\x90\x00" if apdu[4:] == b"\x08" else b"\x6c\x08"
    if apdu[:2] == b"\x00\xcb":  # extended both ways
        return apdu[7:-2][::-1] + b"\x90\x00" if apdu[4:5] == b"\0" else b"\x67\x00"
    if apdu[:2] == b"\x00\xcd":  # wants another length than asked, with the data kept
        return apdu[5:-1] + b"\x90\x00" if apdu[-1:] == b"\x05" else b"\x6c\x05"
    if apdu[:2] == b"\x00\xee":
        return b"\x61\x10"
    return b"\x6d\x00"


@pytest.fixture
def reader(virtual_reader, flag):
    opened = PcscReader(virtual_reader)
    opened.open(flag())
    yield opened
    opened.close()


def test_a_card_is_read_with_its_habits(reader, insert, flag):
    card = insert(answer)
    assert reader.wait_for_card(flag(), PLENTY_MS) == ATR
    assert reader.transceive(b"\x00\xca\x00\x00\x00") == BIG + b"\x90\x00"
    assert reader.transceive(b"\x00\xb0\x00\x00\xf8") == BIG[:8] + b"\x90\x00"
    assert reader.transceive(b"\x00\x84\x00\x00\x08") == b"\x6d\x00"
    assert b"\x00\xc0\x00\x00\x00" in card.apdus
    with pytest.raises(ProtocolError):
        reader.transceive(b"\x00")


def test_extended_length_both_ways(reader, insert, flag):
    insert(answer)
    reader.wait_for_card(flag(), PLENTY_MS)
    data = bytes(range(256)) * 12
    assert reader.transceive(Command(b"\x00\xcb\x3f\xff", data, 65_536).encode()) == data[::-1] + b"\x90\x00"
    assert reader.transceive(Command(b"\x00\xcd\x00\x00", b"abcde", 256).encode()) == b"abcde\x90\x00"


def test_changes_tell_of_each_insertion_and_removal(reader, insert, flag):
    told, enough = [], flag()
    watching = threading.Thread(target=lambda: told.extend(reader.changes(enough)))
    watching.start()
    for seen in (1, 3):
        card = insert(answer)
        wait_until(lambda seen=seen: len(told) >= seen)
        card.pull()
        wait_until(lambda seen=seen: len(told) >= seen + 1)
    enough.is_set = True
    watching.join()
    assert [change.is_there for change in told] == [True, False, True, False]
    assert told[0].atr == ATR


def test_a_card_that_comes_while_waiting(reader, insert, flag):
    cancel = flag()
    coming = threading.Thread(target=lambda: (wait_until(lambda: cancel.asked), insert(answer)))
    coming.start()
    assert reader.wait_for_card(cancel, PLENTY_MS) == ATR
    coming.join()


def test_no_card_and_no_patience(reader, flag, monkeypatch):
    with pytest.raises(NothingPresentedError):
        reader.wait_for_card(flag(), 150)
    assert module.POLL_MS <= 100
    monkeypatch.setattr(module, "POLL_MS", 1)
    cancel = flag(after=100)
    with pytest.raises(DeviceError) as caught:
        reader.wait_for_card(cancel, 600_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
    with pytest.raises(NothingPresentedError):
        reader.transceive(b"\x00\xa4\x00\x00")


def test_a_pulled_card_ends_the_connection_and_the_next_one_is_read(reader, insert, flag):
    card = insert(answer)
    reader.wait_for_card(flag(), PLENTY_MS)
    card.pull()

    def read_on() -> None:
        while True:
            reader.transceive(b"\x00\xb0\x00\x00\x08")
            time.sleep(0.05)

    with pytest.raises((NothingPresentedError, TransportBrokenError)):
        read_on()
    insert(answer)
    assert reader.wait_for_card(flag(), PLENTY_MS) == ATR
    assert reader.transceive(b"\x00\xb0\x00\x00\x08")[-2:] == b"\x90\x00"


@pytest.fixture
def may_answer(insert):
    may = threading.Event()
    yield may
    may.set()


def test_a_slow_card_is_given_up_at_once_and_read_when_it_is_quick_again(reader, insert, may_answer, flag):
    done = []
    enough = flag(once=lambda: card.apdus)  # the person gives up as soon as the card has the question

    def slow(apdu: bytes) -> bytes:
        may_answer.wait()
        return answer(apdu)

    card = insert(slow)
    reader.wait_for_card(enough, PLENTY_MS)
    with pytest.raises(DeviceError) as caught:
        reader.converse(lambda: [done.append(reader.transceive(b"\x00\xb0\x00\x00\x08")) for _ in range(2)])
    assert caught.value.code == "device.cancelled"
    assert not may_answer.is_set()
    with pytest.raises(NothingPresentedError):
        reader.transceive(b"\x00\xb0\x00\x00\x08")
    reader.close()
    assert card.apdus == [b"\x00\xb0\x00\x00\x08"]
    may_answer.set()
    reader.open(flag())
    assert reader.wait_for_card(flag(), PLENTY_MS) == ATR
    assert reader.transceive(b"\x00\xb0\x00\x00\x08")[-2:] == b"\x90\x00"
    assert done == []  # what was given up says nothing to the next card, nor anybody of the last


def test_open_close_open(reader, insert, flag):
    assert reader.capabilities.kind is DeviceKind.CARD_READER
    assert reader.health() is DeviceState.READY
    reader.close()
    reader.close()
    with pytest.raises(NotConnectedError):
        reader.wait_for_card(flag(), 100)
    reader.open(flag())
    insert(answer)
    assert reader.wait_for_card(flag(), PLENTY_MS) == ATR


def test_a_reader_that_is_not_there(virtual_reader, flag):
    missing = PcscReader("No Such Reader 00 00")
    with pytest.raises(NotConnectedError):
        missing.open(flag())
    assert missing.health() is DeviceState.ABSENT


def test_a_recorded_card_tells_its_commands_and_how_long_its_answers_are(virtual_reader, insert, flag):
    card = insert(answer)
    with taping() as tape:
        reader = PcscReader(virtual_reader)
        reader.open(flag())
        reader.wait_for_card(flag(), PLENTY_MS)
        reader.transceive(b"\x00\xb0\x00\x00\xf8")
        card.pull()
        pcscd.wait_until_empty()
        with pytest.raises(DeviceError) as caught:
            reader.transceive(b"\x00\xb0\x00\x00\x08")
        reader.close()
    events = [event for event in tape.events if event["act"] != "listed"]
    assert {event["line"] for event in events} == {virtual_reader}
    assert [event["act"] for event in events] == [
        *("opened", "connected", "command", "answer", "command", "answer", "command", "failed")
    ]
    assert events[1]["atr"] == ATR.hex()
    assert [event["apdu"] for event in events if event["act"] == "command"] == ["00b00000f8", *["00b0000008"] * 2]
    assert (events[3]["data"], events[3]["status"]) == ("", "6c08")
    assert (events[5]["data"]["bytes"], events[5]["status"]) == (8, "9000")
    assert events[-1]["code"] == caught.value.code
    assert any(event["act"] == "listed" for event in tape.events)


def test_calls_come_back_with_what_they_return_or_raise(flag):
    worker = Worker()
    assert worker.carry_out(lambda: 3, flag()) == 3
    with pytest.raises(ZeroDivisionError):
        worker.carry_out(lambda: 1 // 0, flag())
    assert worker.carry_out(lambda: threading.current_thread().name, flag()) == "pcsc-card"
    worker.leave()


class Impatient:
    """Presses Ctrl-C while it waits."""

    def is_cancelled(self):
        raise KeyboardInterrupt


@pytest.mark.parametrize("way", ["esc", "ctrl-c"])
def test_who_gives_up_leaves_the_call_which_is_undone_when_it_comes_back(flag, way):
    worker, may_end, undone = Worker(), threading.Event(), threading.Event()
    with pytest.raises(NothingPresentedError if way == "esc" else KeyboardInterrupt):
        worker.carry_out(lambda: may_end.wait(), flag(after=0) if way == "esc" else Impatient())
    worker.leave(undone.set)
    assert not undone.wait(0.02)
    may_end.set()
    wait_until(undone.is_set)
