"""How often a property is tried with random examples: a third in `make test`, all in `make faults`."""

from __future__ import annotations

import os

IS_LONG = bool(os.environ.get("FIELDKIT_ALL_EXAMPLES"))


def tries(number: int) -> int:
    return number if IS_LONG else number // 3
