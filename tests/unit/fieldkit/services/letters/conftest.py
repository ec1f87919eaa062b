from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.clock import HandClock
from support.signing import service

from drivers.simulators.bsre import SimulatedBsre


@pytest.fixture(scope="module")
def running() -> Iterator[SimulatedBsre]:
    with service(HandClock()) as running:
        yield running


@pytest.fixture
def bsre(running: SimulatedBsre) -> SimulatedBsre:
    """Return a signing service that was asked nothing yet and knows no fault."""
    running.asked.clear()
    running.faults.clear()
    return running
