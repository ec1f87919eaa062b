"""An APDU through our reader against a bare pyscard transmit, both over the virtual reader."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator

import pytest
from smartcard import scard
from support import pcscd

from drivers.pcsc.reader import PcscReader
from drivers.simulators.vpcd import CardSlot, KtpElCard
from drivers.transport import NeverCancelled

SELECT = b"\x00\xa4\x00\x00\x02\x7f\x0a"
ROUNDS = 200

virtual_reader = pytest.fixture(scope="module")(pcscd.virtual_reader)


@pytest.fixture
def reader(virtual_reader: str) -> Iterator[PcscReader]:
    slot, reader = CardSlot(), PcscReader(virtual_reader)
    deadline = time.monotonic() + 10
    while not slot.insert(KtpElCard(b"photo", b"\x04\x01\x02\x03")):
        assert time.monotonic() < deadline
    reader.open(NeverCancelled())
    reader.wait_for_card(NeverCancelled(), 5000)
    yield reader
    reader.close()
    slot.remove()
    pcscd.wait_until_empty()


def median_ms(act: Callable[[], object]) -> float:
    times = []
    for _ in range(ROUNDS):
        started = time.perf_counter()
        act()
        times.append((time.perf_counter() - started) * 1000)
    return statistics.median(times)


def test_an_apdu_costs_at_most_twice_a_bare_transmit(reader: PcscReader, capsys: pytest.CaptureFixture[str]) -> None:
    card, apdu = reader._card, list(SELECT)
    header = scard.SCARD_PCI_T1 if reader._protocol == scard.SCARD_PROTOCOL_T1 else scard.SCARD_PCI_T0
    assert reader.transceive(SELECT) == b"\x90\x00"
    bare = median_ms(lambda: scard.SCardTransmit(card, header, apdu))
    ours = median_ms(lambda: reader.transceive(SELECT))
    with capsys.disabled():
        print(f"\nAPDU: bare {bare:.3f} ms, ours {ours:.3f} ms, {ours / bare:.2f} times")
    assert ours <= 2 * bare
