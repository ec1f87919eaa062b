from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulators.subject import RED, SyntheticSubject

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def portrait() -> Pixels:
    return SyntheticSubject(3).portrait(RED)
