"""The PC/SC service goes away and comes back while a card lies on the reader."""

from __future__ import annotations

import shutil
import threading
import time
from collections.abc import Iterator

import pytest
from support import pcscd

from drivers.pcsc.reader import PcscReader
from drivers.simulators.vpcd import SAM_PORT, CardSlot, KtpElCard
from drivers.transport import NeverCancelled
from fieldkit.ports.devices import DeviceError, DeviceState, SdkMissingError

SELECT = b"\x00\xa4\x00\x00\x02\x7f\x0a"
NEVER = NeverCancelled()

service = pytest.fixture(pcscd.own_service)


@pytest.fixture
def reader(service: pcscd.Service) -> Iterator[PcscReader]:
    opened = PcscReader(pcscd.READER)
    opened.open(NEVER)
    yield opened
    opened.close()


@pytest.fixture
def put() -> Iterator[CardSlot]:
    slot = CardSlot()
    yield slot
    slot.remove()


def lay_on(slot: CardSlot) -> None:
    deadline = time.monotonic() + 10
    while not slot.insert(KtpElCard(b"photo", b"\x04\x01\x02\x03")):
        assert time.monotonic() < deadline
        time.sleep(0.05)


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc): apt install gcc")
def test_nobody_outside_this_machine_reaches_the_virtual_reader(service: pcscd.Service) -> None:
    for port in (pcscd.PORT, SAM_PORT):
        assert pcscd.listening_at(port) == {"0100007F"}  # 127.0.0.1


def test_a_reader_stays_good_over_a_restart(service: pcscd.Service, reader: PcscReader, put: CardSlot) -> None:
    lay_on(put)
    reader.wait_for_card(NEVER, 5000)
    assert reader.transceive(SELECT) == b"\x90\x00"
    service.stop()
    with pytest.raises(DeviceError):
        reader.transceive(SELECT)
    assert reader.health() is DeviceState.SDK_MISSING
    started = time.monotonic()
    with pytest.raises(SdkMissingError) as caught:
        reader.wait_for_card(NEVER, 20_000)
    assert caught.value.code == "device.pcsc.no_service"
    assert time.monotonic() - started < 10
    service.start()
    lay_on(put)
    reader.wait_for_card(NEVER, 5000)
    assert reader.transceive(SELECT) == b"\x90\x00"


def test_changes_go_on_over_a_restart(service: pcscd.Service, reader: PcscReader, put: CardSlot) -> None:
    told: list[bool] = []
    over = threading.Event()

    class UntilOver:
        def is_cancelled(self) -> bool:
            return over.is_set()

    def watch() -> None:
        told.extend(change.is_there for change in reader.changes(UntilOver()))

    def wait_for(count: int) -> None:
        deadline = time.monotonic() + 8
        while len(told) < count and time.monotonic() < deadline:
            time.sleep(0.05)

    watching = threading.Thread(target=watch)
    watching.start()
    try:
        lay_on(put)
        wait_for(1)
        service.stop()
        wait_for(2)
        service.start()
        lay_on(put)
        wait_for(3)
    finally:
        over.set()
        watching.join()
    assert told == [True, False, True]
