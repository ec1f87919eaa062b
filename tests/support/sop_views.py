"""Steps of an SOP as screens show them, without a store."""

from __future__ import annotations

from dataclasses import replace

from support.clock import NOW

from fieldkit.domain.sop.run import StepState
from fieldkit.domain.sop.standing import How
from fieldkit.services.sop.view import InputView, RoundView, SopView, StepView, Turn

ROUND = RoundView(StepState.READY, "", None, None, (), (), "", None, "", "", "", None, False, (), (), None, ())
STEP = StepView(
    no=1,
    words="Merekam di tempat",
    title="Merekam",
    state=StepState.READY,
    turn=Turn.YOURS,
    waits_for=(),
    doer="Petugas",
    roles=(),
    is_outsider=False,
    is_mine=False,
    actors=(),
    inputs=(),
    outputs=(),
    standard=None,
    varies_with="",
    per="",
    minutes=None,
    on_hold="",
    beside=(),
    branches=(),
    awaited=(),
    remarks=(),
    refers_to="",
    is_terminator=False,
    notes=(),
    rounds=(ROUND,),
    how=How.OPEN,
    lacks=(),
)
TO_TICK = InputView("Kalender", is_there=False, may_tick=True)


def step_view(**changes: object) -> StepView:
    """Return a step whose turn it is."""
    return replace(STEP, **changes)  # type: ignore[arg-type]


def over(how: How, **changes: object) -> StepView:
    """Return a step that is over; what else changes is of its last round."""
    state = StepState.SKIPPED if how is How.SKIPPED else StepState.DONE
    ended = replace(ROUND, state=state, **{"ended_at": NOW, **changes})  # type: ignore[arg-type]
    return replace(STEP, turn=Turn.OVER, state=state, how=how, rounds=(ended,))


def sop_view(*steps: StepView, **changes: object) -> SopView:
    """Return a run of these steps, numbered as they stand."""
    numbered = tuple(replace(step, no=no) for no, step in enumerate(steps, 1))
    view = SopView("x", "kecil", "SOP-01", "Kecil", "DINAS", NOW, numbered, (), False, False, 0, 0, ())
    return replace(view, **changes)  # type: ignore[arg-type]
