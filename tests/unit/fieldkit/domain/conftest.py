from __future__ import annotations

from datetime import datetime

import pytest
from support.clock import NOW
from support.kept import MISINEM

from fieldkit.domain.recording.biodata import Biodata


@pytest.fixture
def now() -> datetime:
    return NOW


@pytest.fixture
def biodata() -> Biodata:
    return MISINEM
