from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _papers_are_drawn_once() -> None:
    """Draw every paper anew here: the same fields give the same bytes."""
