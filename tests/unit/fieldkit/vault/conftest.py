from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _pins_are_soft() -> None:
    """Keep PINs as hard as they are."""
