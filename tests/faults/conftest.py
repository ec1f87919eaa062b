"""What all sweeps have in common."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.remembered import remember


@pytest.fixture(autouse=True, scope="module")
def _nothing_is_found_out_twice() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as patch:
        remember(patch)
        yield
