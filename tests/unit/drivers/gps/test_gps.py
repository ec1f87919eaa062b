from __future__ import annotations

from datetime import UTC, datetime

import pytest

from drivers.gps import GPSD, is_receiver, whereabouts
from drivers.simulators.gps import Gpsd
from fieldkit.ports.devices import NotConnectedError

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)


def test_given_receivers_are_the_only_ones():
    assert whereabouts().addresses[0] == GPSD
    assert whereabouts(["/dev/ttyACM7"]).addresses == ("/dev/ttyACM7",)


def test_the_first_that_is_there_answers(tmp_path, flag):
    service = Gpsd(lambda: AT)
    try:
        assert whereabouts([str(tmp_path / "ttyNONE"), service.url]).fix(flag(), 3000).at == AT
    finally:
        service.stop()
    with pytest.raises(NotConnectedError) as caught:
        whereabouts([str(tmp_path / "ttyNONE")]).fix(flag(), 300)
    assert caught.value.code == "device.gps.none"


def test_receivers_are_known_by_their_numbers():
    assert is_receiver(0x1546, 0x01A8)
    assert is_receiver(0x0E8D, 0x3329)
    assert not is_receiver(0x0403, 0x6001)
    assert not is_receiver(None, None)
