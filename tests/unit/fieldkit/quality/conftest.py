from __future__ import annotations

import numpy as np
import pytest
from numpy.typing import NDArray

from drivers.simulators.subject import RED, SyntheticSubject

Pixels = NDArray[np.uint8]


@pytest.fixture(scope="session")
def portrait() -> Pixels:
    return SyntheticSubject(3).portrait(RED)


@pytest.fixture(autouse=True, scope="module")
def _pictures_are_judged_once() -> None:
    """Look at every picture anew here."""
