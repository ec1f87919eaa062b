"""What two laptops did to one thing without knowing of each other, where no person is needed to see what is true."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from datetime import datetime

from fieldkit.domain.planning.outreach import Target, TargetState, TargetVerdict
from fieldkit.domain.sarpras.inventory import Consumable
from fieldkit.domain.sop.merge import merged_runs
from fieldkit.domain.sop.run import SopRun

# A sealed record outweighs what was said at a door, and that outweighs a door that nobody knocked at.
_WEIGHT = {
    TargetState.PLANNED: 0,
    TargetState.RECORDING: 1,
    TargetState.POSTPONED: 2,
    TargetState.CANCELLED: 2,
    TargetState.RECORDED: 3,
    TargetState.RECORDED_WITH_EXCEPTION: 3,
}
COUNTED: Mapping[str, str] = {Consumable.KIND: "stock"}
"""Kinds with a number from which every laptop takes, and its field."""


def merged_values(one: object, other: object, times: tuple[datetime, datetime], stock: int) -> object | None:
    """Return the value that holds what both say, None when a person has to choose.

    `times` are when each was kept; `stock` is what is left after all that either laptop took.
    """
    if isinstance(one, SopRun) and isinstance(other, SopRun):
        return merged_runs(one, other)
    if isinstance(one, Target) and isinstance(other, Target):
        return _targets(one, other, times)
    if isinstance(one, Consumable) and isinstance(other, Consumable) and stock >= 0:
        left = replace(one, stock=stock)  # below zero somebody has to count
        return left if left == replace(other, stock=stock) else None
    return None


def _targets(one: Target, other: Target, times: tuple[datetime, datetime]) -> Target | None:
    """Where a target stands follows from visits and records, which are kept one by one; the rest people must agree on.

    Of two outcomes at the door the later one counts.
    """
    mine, theirs = (
        (_WEIGHT[each.state], at, each.state, each.reason) for each, at in zip((one, other), times, strict=True)
    )
    _, _, state, reason = max(mine, theirs)
    checked = {one.verdict, other.verdict} - {TargetVerdict.BELUM_DICEK}
    if len(checked) > 1:
        return None
    verdict = checked.pop() if checked else TargetVerdict.BELUM_DICEK
    settled = replace(one, state=state, reason=reason, verdict=verdict)
    return settled if settled == replace(other, state=state, reason=reason, verdict=verdict) else None
