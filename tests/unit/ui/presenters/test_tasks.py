from __future__ import annotations

from ui.presenters.tasks import COMPUTE, STORE, SYNC, device_executor


def test_every_device_has_a_executor_of_its_own_beside_the_fixed_ones() -> None:
    executors = {STORE, SYNC, COMPUTE, device_executor("3F-20817"), device_executor("IR-1174")}
    assert len(executors) == 5
