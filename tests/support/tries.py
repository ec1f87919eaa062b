"""How much of a long test is in `make test`: a third of the random examples, and some of many cases."""

from __future__ import annotations

import os
from collections.abc import Iterable
from typing import Any

import pytest

IS_LONG = bool(os.environ.get("FIELDKIT_ALL_EXAMPLES"))


def tries(number: int) -> int:
    """Return how often a property is tried; `make faults` tries all."""
    return number if IS_LONG else number // 3


def some_of(cases: Iterable[Any], number: int) -> list[Any]:
    """Return all cases of a parameter: so many, evenly spread, are in `make test`, the others in `make test-days`."""
    whole = list(cases)
    now = {at * len(whole) // number for at in range(number)}

    def later(case: Any) -> Any:
        return pytest.param(*(case if isinstance(case, tuple) else (case,)), marks=pytest.mark.days)

    return [case if at in now else later(case) for at, case in enumerate(whole)]
