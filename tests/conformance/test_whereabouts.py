"""What every satellite receiver does, over its own wire."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.gps import whereabouts
from drivers.simulators.gps import JIMBE, Gpsd, NmeaReceiver
from fieldkit.ports.devices import DeviceError, NothingPresentedError
from fieldkit.ports.laptop import Whereabouts

AT = datetime(2026, 11, 21, 2, 0, tzinfo=UTC)
Simulated = NmeaReceiver | Gpsd


@pytest.fixture(params=["nmea", "gpsd"])
def sky(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Simulated]:
    simulated: Simulated = NmeaReceiver(tmp_path, lambda: AT) if request.param == "nmea" else Gpsd(lambda: AT)
    yield simulated
    simulated.stop()


@pytest.fixture
def receiver(sky: Simulated) -> Whereabouts:
    return whereabouts([sky.url if isinstance(sky, Gpsd) else sky.address])


def test_it_tells_place_time_and_precision_again_and_again(receiver: Whereabouts, patience: Callable) -> None:
    for _ in range(2):
        fix = receiver.fix(patience(), 120_000)
        assert (round(fix.latitude, 5), round(fix.longitude, 5)) == (JIMBE.latitude, JIMBE.longitude)
        assert fix.at == AT
        assert fix.accuracy_m is not None


def test_without_a_view_of_the_sky_it_says_so_in_time(
    sky: Simulated, receiver: Whereabouts, patience: Callable
) -> None:
    sky.place = None
    with pytest.raises(NothingPresentedError):
        receiver.fix(patience(), 300)
    cancel = patience(after=5)
    with pytest.raises(DeviceError) as caught:
        receiver.fix(cancel, 600_000)
    assert caught.value.code == "device.cancelled"
    assert cancel.was_heeded
