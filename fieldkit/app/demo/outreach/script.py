"""A script: for each step of an SOP, what people do at the screens until that step is over."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from fieldkit.app.demo.outreach.stage import Dinas, Stage

Step = Callable[[Stage], None]


@dataclass(frozen=True, slots=True)
class Script:
    """Steps by their number in the SOP, in the order in which they are walked, and whose SOP it is."""

    sop_id: str
    dinas: Dinas
    steps: Mapping[int, Step]
