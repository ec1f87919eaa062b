"""Two laptops followed the SOP of one activity without knowing of each other: what both did counts.

Step by step, round by round. Only when both ended one step in different ways (done here and skipped there, another
branch, another outsider) nobody but a person can say what is true.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime
from itertools import zip_longest
from typing import TypeVar

from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.run import Ending, FactHeard, Round, SopRun, StepRun, StepState

T = TypeVar("T")


def merged_runs(one: SopRun, other: SopRun) -> SopRun | None:
    """Return the run with the steps of both, None when a person has to decide. The order of the two does not matter."""
    if one.profile != other.profile:
        return None
    steps = [_steps(mine, other.of(mine.no)) for mine in one.steps]
    begun_at, begun_by = min((one.begun_at, one.begun_by), (other.begun_at, other.begun_by))
    run = replace(
        one,
        begun_at=begun_at,
        begun_by=begun_by,
        steps=tuple(step for step in steps if step is not None),
        facts=_facts((*one.facts, *other.facts)),
    )
    return run.recomputed() if len(run.steps) == len(steps) else None


def _steps(one: StepRun, other: StepRun) -> StepRun | None:
    rounds = [
        _rounds(mine, theirs) if mine and theirs else mine or theirs
        for mine, theirs in zip_longest(one.rounds, other.rounds)
    ]
    if any(each is None for each in rounds):
        return None
    notes = sorted({*one.notes, *other.notes}, key=lambda note: (note.at, note.by, note.text))
    return replace(one, rounds=tuple(each for each in rounds if each is not None), notes=tuple(notes))


def _rounds(one: Round, other: Round) -> Round | None:
    ending = _endings(one.ending, other.ending)
    if ending is None and one.is_over:  # both are then, and contradict each other
        return None
    ended = {each.state for each in (one, other) if each.is_over}
    if len(ended) > 1:
        return None
    begun = [(each.started_at, each.started_by) for each in (one, other) if each.started_at is not None]
    started_at, started_by = min(begun, default=(None, ""))
    is_running = StepState.RUNNING in (one.state, other.state)
    return Round(
        opened_because=max(one.opened_because, other.opened_because),
        started_at=started_at,
        started_by=started_by,
        ready_at=_earliest((one.ready_at, other.ready_at)),
        state=ended.pop() if ended else StepState.RUNNING if is_running else StepState.WAITING,
        ending=ending,
        facts=tuple(sorted({*one.facts, *other.facts}, key=list(Fulfilment).index)),
        ticked=tuple(sorted({*one.ticked, *other.ticked})),
    )


def _endings(one: Ending | None, other: Ending | None) -> Ending | None:
    """Return the earlier ending with the evidence of both, None when they contradict each other or there is none."""
    if one is None or other is None:
        return one or other
    if (one.outsider, one.reason, one.branch) != (other.outsider, other.reason, other.branch):
        return None
    said = [each.declared for each in (one, other) if each.declared is not None]
    if len(set(said)) > 1:
        return None
    first = min(one, other, key=lambda ending: (ending.at, ending.by, ending.fact or ""))
    files = {file.attachment_id: file for file in (*one.files, *other.files)}
    return replace(
        first,
        evidence=tuple(sorted({*one.evidence, *other.evidence})),
        files=tuple(files[name] for name in sorted(files)),
        declared=said[0] if said else None,
    )


def _facts(heard: Iterable[FactHeard]) -> tuple[FactHeard, ...]:
    known: dict[Fulfilment, FactHeard] = {}
    for each in heard:
        same = known.get(each.fact, each)
        evidence = tuple(sorted({*same.evidence, *each.evidence}))
        known[each.fact] = FactHeard(each.fact, min(same.first_at, each.first_at), evidence)
    return tuple(known[fact] for fact in Fulfilment if fact in known)


def _earliest(moments: Iterable[datetime | None]) -> datetime | None:
    return min((moment for moment in moments if moment is not None), default=None)
