"""What every signature pad does."""

from __future__ import annotations

import contextlib
import itertools
import threading

import pytest
from support.standstill import wait_until

from fieldkit.ports.devices import DeviceError, NothingPresentedError, TransportBrokenError


@pytest.mark.days
def test_a_signature_lies_on_the_pad(pad, mailbox, patience):
    signature = pad.device.sign(mailbox, patience(), 1000, 120_000)
    points = list(itertools.chain.from_iterable(signature.strokes))
    assert len(points) > 20
    assert all(0 <= p.x_um <= signature.width_um and 0 <= p.y_um <= signature.height_um for p in points)
    assert all(0 <= p.pressure <= 1 for p in points)
    assert [p.t_ms for p in points] == sorted(p.t_ms for p in points)
    assert mailbox.signatures


@pytest.fixture
def unsigned(pad, person, mailbox, patience):
    """The simulated person signs as soon as a program waits; here nobody is there, and no ink is on its way."""
    pad.kit.present(None)
    with contextlib.suppress(NothingPresentedError):
        while True:
            pad.device.sign(mailbox, patience(), 300, 300)
    yield pad
    pad.kit.present(person)


def test_nobody_signs(unsigned, mailbox, patience):
    with pytest.raises(NothingPresentedError):
        unsigned.device.sign(mailbox, patience(), 300, 300)


def test_giving_up_without_ink(unsigned, mailbox, patience):
    cancel = patience(after=5)
    with pytest.raises(DeviceError) as caught:
        unsigned.device.sign(mailbox, cancel, 300, 600_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded


def test_a_pulled_cable_while_signing(unsigned, mailbox, patience):
    cancel = patience()
    pulling = threading.Thread(target=lambda: (wait_until(lambda: cancel.asked), unsigned.kit.unplug(unsigned.name)))
    pulling.start()
    try:
        with pytest.raises(TransportBrokenError):
            unsigned.device.sign(mailbox, cancel, 300, 600_000)
    finally:
        pulling.join()
        unsigned.kit.plug(unsigned.name)
    unsigned.device.open(patience())
