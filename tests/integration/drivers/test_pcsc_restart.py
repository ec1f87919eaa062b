"""The PC/SC service goes away and comes back while a card lies on the reader."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator

import pytest
from support import pcscd
from support.standstill import wait_until

from drivers.pcsc.reader import PcscReader
from drivers.simulators.vpcd import SAM_PORT, CardSlot, KtpElCard
from drivers.transport import NeverCancelled
from fieldkit.ports.devices import DeviceError, DeviceState, SdkMissingError

SELECT = b"\x00\xa4\x00\x00\x02\x7f\x0a"
NEVER, PATIENCE_MS = NeverCancelled(), 60_000

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
    pcscd.lay_on(slot, KtpElCard(b"photo", b"\x04\x01\x02\x03"))


@pytest.mark.skipif(shutil.which("cc") is None, reason="no C compiler (cc): apt install gcc")
def test_nobody_outside_this_machine_reaches_the_virtual_reader(service: pcscd.Service) -> None:
    for port in (pcscd.PORT, SAM_PORT):
        assert pcscd.listening_at(port) == {"0100007F"}  # 127.0.0.1


def test_a_reader_stays_good_over_a_restart(service: pcscd.Service, reader: PcscReader, put: CardSlot) -> None:
    lay_on(put)
    reader.wait_for_card(NEVER, PATIENCE_MS)
    assert reader.transceive(SELECT) == b"\x90\x00"
    service.stop()
    with pytest.raises(DeviceError):
        reader.transceive(SELECT)
    assert reader.health() is DeviceState.SDK_MISSING
    with pytest.raises(SdkMissingError) as caught:  # and not that nothing was presented in all that time
        reader.wait_for_card(NEVER, PATIENCE_MS)
    assert caught.value.code == "device.pcsc.no_service"
    service.start()
    lay_on(put)
    reader.wait_for_card(NEVER, PATIENCE_MS)
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
        wait_until(lambda: len(told) >= count, told=lambda: len(told), every_s=0.05)

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
