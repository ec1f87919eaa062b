from __future__ import annotations

import pytest


@pytest.fixture(autouse=True, scope="module")
def _secrets_are_soft() -> None:
    """Keep PINs as hard as they are."""
