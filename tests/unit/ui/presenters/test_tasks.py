from __future__ import annotations

from ui.presenters.tasks import COMPUTE, STORE, SYNC, device_lane


def test_every_device_has_a_lane_of_its_own_beside_the_fixed_ones() -> None:
    lanes = {STORE, SYNC, COMPUTE, device_lane("3F-20817"), device_lane("IR-1174")}
    assert len(lanes) == 5
