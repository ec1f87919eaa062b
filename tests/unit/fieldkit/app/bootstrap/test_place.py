from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

import pytest

from drivers.simulators.gps import Gpsd
from drivers.transport import NeverCancelled
from fieldkit.app.bootstrap.home import Home
from fieldkit.app.bootstrap.place import KitPlace, NoReceiver
from fieldkit.ports.devices import NotConnectedError, NothingPresentedError

AT = datetime(2026, 11, 21, tzinfo=UTC)


def test_the_receiver_that_the_kit_names_is_asked(tmp_path: Path) -> None:
    service = Gpsd(lambda: AT)
    (tmp_path / "devices.toml").write_text(f'[gps]\naddresses = ["{service.url}"]')
    place = KitPlace(Home(tmp_path))
    try:
        fix = place.fix(NeverCancelled(), 3_000)
        service.place = None
        with pytest.raises(NothingPresentedError):
            place.fix(NeverCancelled(), 300)
    finally:
        service.stop()
    assert (round(fix.latitude, 5), round(fix.longitude, 5), fix.at) == (-8.09834, 112.16519, AT)


def test_a_kit_without_a_receiver_says_so() -> None:
    with pytest.raises(NotConnectedError, match=r"device\.gps\.none"):
        NoReceiver().fix(NeverCancelled(), 1)
