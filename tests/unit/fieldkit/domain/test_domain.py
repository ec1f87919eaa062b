from __future__ import annotations

import sys

import pytest

from fieldkit.domain import light_dataclasses
from fieldkit.domain.errors import Problem


@pytest.mark.skipif(sys.version_info >= (3, 13), reason="Python itself compiles all methods at once")
def test_its_values_are_made_lightly() -> None:
    assert Problem.__eq__.__module__ == Problem.__setattr__.__module__ == light_dataclasses.__name__
