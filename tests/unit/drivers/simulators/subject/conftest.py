from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _people_are_grown_once() -> None:
    """Grow everybody anew here: the same seed gives the same bytes."""
