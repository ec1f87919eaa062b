"""A step of an SOP: the screens where it is done, and the forms of what somebody writes down or declares about it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from enum import StrEnum

from fieldkit.domain.applications import LEGS, Service
from fieldkit.domain.errors import RuleError
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sop.run_sop import HandAct
from fieldkit.services.sop.view import StepView
from ui.presenters.amounts import moment_text
from ui.presenters.form import SAVE, Form, FormField, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer, evidence, moments

_EVERY = "*"  # all that can be ticked
_SCREENS: dict[Fulfilment, str] = {
    Fulfilment.REQUEST_RECEIVED: "request",
    Fulfilment.TARGETS_COLLECTED: "import_targets",
    Fulfilment.DISPOSED: "disposition",
    Fulfilment.TARGETS_VERIFIED: "verify_targets",
    Fulfilment.SCHEDULED: "plan",
    Fulfilment.PLAN_APPROVED: "plan",
    Fulfilment.PLAN_DIRECTED: "plan",
    Fulfilment.NOTICE_SENT: "letters",
    Fulfilment.TEAM_ASSIGNED: "letters",
    Fulfilment.REPLY_DRAFTED: "letters",
    Fulfilment.REPLY_SIGNED: "sign_letters",
    Fulfilment.REPLY_HANDED_OVER: "letters",
    Fulfilment.TRAVEL_ORDERED: "letters",
    Fulfilment.MEETING_HELD: "letters",
    Fulfilment.SARPRAS_OUT: "check_out",
    Fulfilment.ARRIVED: "trip",
    Fulfilment.COORDINATED: "trip",
    Fulfilment.AT_LOCATION: "trip",
    Fulfilment.RECORDED: "targets",
    Fulfilment.SARPRAS_IN: "check_in",
    Fulfilment.SENT: "queue",
    **dict.fromkeys((*LEGS[Service.KK], *LEGS[Service.BECAK_PINTAR][:-2]), "applications"),
    Fulfilment.PHOTOS_TAKEN: "applications",
    Fulfilment.PRINTED: "prints",
    Fulfilment.HANDOVER_WRITTEN: "distribution",
    Fulfilment.DISTRIBUTION_PLANNED: "distribution_plan",
    Fulfilment.CARDS_TO_KECAMATAN: "distribution",
    Fulfilment.CARDS_TO_DESA: "distribution",
    Fulfilment.CARDS_TO_PERSONS: "distribution",
    Fulfilment.COURIER_TOLD: "courier",
    Fulfilment.COURIER_DELIVERED: "courier",
    Fulfilment.AID_COORDINATED: "aid",
    Fulfilment.AID_PROPOSED: "aid",
    Fulfilment.AID_EVALUATED: "aid",
    Fulfilment.AID_DELIVERED: "aid",
    Fulfilment.EVALUATED: "evaluation",
}
# Another way to the same, or to what belongs to it: whoever is told brings the list; from door to door.
_BESIDE = {
    Fulfilment.NOTICE_SENT: "import_targets",
    Fulfilment.RECORDED: "visits",
    Fulfilment.DOCUMENT_HANDED_OVER: "distribution",
}
WITHOUT_ACTIVITY = frozenset({"queue", "sign_letters", "courier"})
"""Screens that show all activities."""


class StepAct(StrEnum):
    """What is written down."""

    BEGIN = "begin"  # choose the SOP
    TICK = "tick"
    SKIP = "skip"
    REPEAT = "repeat"
    NOTE = "note"


def step_at(context: AppContext, activity_id: str, no: int) -> StepView:
    """Return a step. Raise `RuleError("sop.unknown")` where the activity follows no SOP."""
    view = context.office.sop.view(activity_id)
    if view is None:
        raise RuleError("sop.unknown", sop="")
    return next(each for each in view.steps if each.no == no)


def step_form(context: AppContext, activity_id: str, no: int, act: StepAct) -> Form:
    """Return the form of an act at step `no`."""
    sop = context.office.sop

    def wanted() -> tuple[str, ...]:
        return tuple(each.name for each in step_at(context, activity_id, no).inputs if each.may_tick)

    def load() -> tuple[FormField, ...]:
        match act:
            case StepAct.BEGIN:
                sops = tuple(Choice(each.sop_id, f"{each.title} · {each.office.title()}") for each in sop.chosen())
                planned = context.office.activities.one(activity_id).activity.sop
                known = planned if planned in {choice.name for choice in sops} else sops[0].name
                return (FormField("chosen", message("rencana.sop"), known, choices=sops, pick=Pick.DIGITS),)
            case StepAct.TICK:
                names = wanted()
                every = (Choice(_EVERY, message("langkah.tick_all")),) if len(names) > 1 else ()
                choices = (*every, *(Choice(name, name) for name in names))
                label = message("langkah.inputs")
                return (FormField("chosen", label, choices[0].name, choices=choices, pick=Pick.DIGITS),)
            case StepAct.NOTE:
                return (FormField("text", message("common.note")),)
            case StepAct.SKIP | StepAct.REPEAT:
                return (FormField("reason", message("common.reason")),)

    def keep(values: Mapping[str, str]) -> None:
        match act:
            case StepAct.BEGIN:
                sop.begin(activity_id, values["chosen"])
            case StepAct.TICK:
                sop.tick(activity_id, no, *(wanted() if values["chosen"] == _EVERY else (values["chosen"],)))
            case StepAct.NOTE:
                sop.note(activity_id, no, values["text"])
            case StepAct.SKIP:
                sop.skip(activity_id, no, values["reason"])
            case StepAct.REPEAT:
                sop.repeat(activity_id, no, values["reason"])

    title, hint = message(f"langkah.form_{act.value}", no=no), message(f"langkah.form_{act.value}_hint")
    return Form(title, load, keep, hint, message("langkah.begin") if act is StepAct.BEGIN else SAVE)


def declare_form(context: AppContext, activity_id: str, no: int) -> Form:
    """Return the form of a declaration. A step with a decision asks for it too."""
    sop = context.office.sop

    def load() -> tuple[FormField, ...]:
        mine = step_at(context, activity_id, no)
        name = "" if mine.is_outsider else context.user.name
        now = moment_text(context.clock.local(context.clock.now()))
        choices = tuple(Choice(str(at), branch.when, branch.then) for at, branch in enumerate(mine.branches))
        decision = FormField("branch", message("langkah.field_decision"), "0", choices=choices)
        return (
            FormField("who", message("common.name"), name, hint=mine.doer),
            FormField("at", message("langkah.field_at"), now),
            FormField("why", message("langkah.field_why"), hint=message("langkah.field_why_hint")),
            FormField("paper", message("langkah.field_letter"), hint=message("langkah.field_letter_hint")),
            FormField("file", message("langkah.field_file"), hint=message("langkah.field_file_hint"), is_paper=True),
            *((decision,) if choices else ()),
        )

    def keep(values: Mapping[str, str]) -> None:
        at = answer(values, "at", moments(context.clock))
        files = evidence(values, "file", context.pictures)
        branches = step_at(context, activity_id, no).branches
        branch = branches[int(values["branch"])].when if "branch" in values else ""
        act = HandAct(values["who"], at, values["why"], files, values["paper"])
        sop.declare(activity_id, no, act, branch)

    hint = message("langkah.form_declare_hint")
    return Form(message("langkah.form_declare", no=no), load, keep, hint, message("langkah.declare"))


def screens_of(wanted: Iterable[Fulfilment]) -> tuple[str, ...]:
    """Return the screens where what a step waits for comes about; () for what is only written down."""
    ways = (screen for fact in wanted for screen in (_SCREENS.get(fact), _BESIDE.get(fact)))
    return tuple(dict.fromkeys(screen for screen in ways if screen is not None))


def params_of(screen: str, activity_id: str) -> dict[str, str]:
    """Return what a screen is opened with."""
    return {} if screen in WITHOUT_ACTIVITY else {"activity_id": activity_id}
