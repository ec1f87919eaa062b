"""How social aid is said: programmes, states, what a proposal has come through."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from datetime import date, datetime

from fieldkit.domain.aid import Aid, AidAct, AidCase, AidState, Program
from ui.presenters.amounts import day_text
from ui.presenters.figures import Step, StepMark
from ui.presenters.messages import CatalogMessage, Message, message
from ui.presenters.parts import Tag, Tone

TONES = {
    AidState.DICATAT: Tone.NEUTRAL,
    AidState.DIUSULKAN: Tone.SOFT,
    AidState.DIVERIFIKASI: Tone.SOFT,
    AidState.DITETAPKAN: Tone.GOOD,
    AidState.DITOLAK: Tone.BAD,
    AidState.DISALURKAN: Tone.GOOD,
}
_MARKS = {AidState.DITOLAK: StepMark.MISSING, AidState.DICATAT: StepMark.PENDING}


def state_words(state: AidState) -> CatalogMessage:
    """Return a state as a word."""
    return message(f"aid.state_{state.value}")


def program_words(program: Program) -> CatalogMessage:
    """Return the name of a programme."""
    return message(f"aid.program_{program.value}")


def state_tag(aid: Aid) -> Tag:
    """Return how far a proposal is."""
    return Tag(state_words(aid.state), TONES[aid.state])


def due_tag(aid: Aid, today: date) -> Tag | None:
    """Return when somebody should ask about a proposal, None when nobody needs to."""
    if aid.follow_up_on is None:
        return None
    day = day_text(aid.follow_up_on)
    return Tag(day, Tone.CAUTION, "clock") if aid.is_due(today) else Tag(day, Tone.NEUTRAL, "clock")


def facts_of(case: AidCase | None, programs: Callable[[Iterable[Program]], str]) -> tuple[tuple[Message, Message], ...]:
    """Return what is noted about a person; `programs` names several in the language of the screen."""
    if case is None:
        return ()
    dtsen = message(f"aid.dtsen_{case.dtsen.value}")
    if case.decile is not None:
        dtsen = message(f"aid.dtsen_{case.dtsen.value}_decile", decile=case.decile)
    told: dict[str, Message] = {
        "dtsen": dtsen,
        "has": programs(case.received) if case.received else "",
        "note": case.note,
    }
    return tuple((message(f"aid.{name}"), said) for name, said in told.items() if said)


def history_of(aid: Aid, local: Callable[[datetime], datetime], most: int) -> tuple[Step, ...]:
    """Return the last acts of a proposal, each with its day, who did it and what shows it."""
    return tuple(_step(act, local) for act in aid.acts[1:][-most:])


def _step(act: AidAct, local: Callable[[datetime], datetime]) -> Step:
    told = (day_text(local(act.at).date()), act.who, act.reason or act.paper)
    return Step(
        act.state.value,
        state_words(act.state),
        _MARKS.get(act.state, StepMark.DONE),
        " · ".join(part for part in told if part),
    )
