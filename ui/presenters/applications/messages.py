"""An application in words: how far it is, whose turn it is, how long it took."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fieldkit.domain.applications import Application, ApplicationState, Done
from fieldkit.services.applications.views import ApplicationView, Leg
from ui.presenters.amounts import moment_text
from ui.presenters.figures import StepMark
from ui.presenters.messages import Message, message
from ui.presenters.parts import Tag, Tone
from ui.presenters.planning.sop_figures import Fact, TimelineStep, group

Local = Callable[[datetime], datetime]

_TONES = {
    ApplicationState.PERLU_DILENGKAPI: Tone.CAUTION,
    ApplicationState.DITARIK: Tone.NEUTRAL,
}


def document_words(application: Application) -> Message:
    """Return the name of the document."""
    return message(f"counter.document_{application.document.value}")


def state_tag(view: ApplicationView) -> Tag:
    """Return how far an application is; its document, once printed, has the last word."""
    application = view.application
    if view.is_over and application.counts:
        return Tag(message("counter.state_over"), Tone.GOOD)
    if view.card is not None and view.card.courier is not None:
        return Tag(message(f"counter.courier_{view.card.courier.state.value}"), Tone.SOFT)
    return Tag(message(f"counter.state_{application.state.value}"), _TONES.get(application.state, Tone.SOFT))


def act_words(leg: Leg) -> Message:
    """Return what is done in a step, short."""
    return message(f"counter.leg_{leg.fact.value}")


def actor_words(view: ApplicationView) -> Message:
    """Return who acts next, "" when nobody does."""
    if view.is_with_applicant:
        return message("counter.applicant")
    return view.next.who if view.next else ""


def minutes_words(view: ApplicationView) -> Message:
    """Return the minutes that the office took."""
    return message("counter.minutes", count=view.minutes)


def standard_words(view: ApplicationView) -> Message:
    """Return the standard of the whole way, "" without one."""
    standard = view.standard_minutes
    return "" if standard is None else message("counter.standard", count=standard)


def lines_of(view: ApplicationView, local: Local) -> tuple[TimelineStep, ...]:
    """Return the way of an application as a timeline."""
    return tuple(_line(no, leg, view, local) for no, leg in enumerate(view.legs, 1))


def _line(no: int, leg: Leg, view: ApplicationView, local: Local) -> TimelineStep:
    is_next = leg is view.next
    mark = StepMark.DONE if leg.ended_at else StepMark.CURRENT if is_next else StepMark.PENDING
    told: list[Message] = []
    if leg.ended_at is None:
        told.append(leg.who)
    elif leg.by:
        told.append(leg.by)
    if leg.ended_at is not None:
        told.append(moment_text(local(leg.ended_at)))
    if leg.minutes is not None and leg.standard_minutes is not None:
        told.append(message("counter.minutes_of", count=leg.minutes, standard=leg.standard_minutes))
    elif leg.standard_minutes is not None and leg.ended_at is None:
        told.append(message("counter.standard", count=leg.standard_minutes))
    tag = None
    if leg.is_slow:
        tag = Tag(message("counter.slow"), Tone.BAD)
    elif is_next:
        tag = Tag(message("counter.next"), Tone.SOFT)
    # The short words; those of the SOP are long and stand in the timeline of the activity.
    return TimelineStep(no, act_words(leg), mark, tuple(told), tag)


def history_facts(view: ApplicationView, local: Local) -> tuple[Fact, ...]:
    """Return everything that happened, newest first."""

    def fact(done: Done) -> Fact:
        who, at = view.names.get(done.by, ""), moment_text(local(done.at))
        words = message(f"counter.did_{done.state.value}", at=at, who=who, reason=done.note)
        return Fact(words, _TONES.get(done.state, Tone.GOOD))

    return group("counter.history", map(fact, reversed(view.application.history)))
