"""Forms of what a team asks besides recording: IKD activation of a person, its target, the satisfaction survey."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.errors import InputError
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.reports.beside import HIGHEST, LOWEST, Element, IkdOutcome
from fieldkit.domain.typed import chosen, read_whole
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer

_PAD, _PAPER = "pad", "paper"


def ikd_form(context: AppContext, target_id: str) -> Form:
    """Return the form of what came of asking a person to activate their IKD."""

    def load() -> tuple[FormField, ...]:
        before = context.office.asking.offer(target_id)
        choices = Choice.each(IkdOutcome, "ikd.")
        return (
            FormField("outcome", message("ikd.outcome"), before.outcome.value if before else "", choices=choices),
            FormField("reason", message("ikd.reason"), before.reason if before else "", message("ikd.reason_hint")),
        )

    def keep(values: Mapping[str, str]) -> object:
        outcome = answer(values, "outcome", chosen(IkdOutcome))
        return context.office.asking.offered(target_id, outcome, values["reason"])

    form = Form(message("ikd.title"), load, keep, message("ikd.hint"))
    return form.for_whom(context, Permission.VISIT, message("sasaran.not_yours"))


def ikd_target_form(context: AppContext, activity_id: str) -> Form:
    """Return the form of how many activations are wanted of an activity."""

    def load() -> tuple[FormField, ...]:
        wanted = context.office.asking.wanted(activity_id)
        return (FormField("count", message("ikd.count"), str(wanted) if wanted else ""),)

    def keep(values: Mapping[str, str]) -> object:
        return context.office.asking.want(activity_id, answer(values, "count", read_whole))

    form = Form(message("ikd.target_title"), load, keep, message("ikd.target_hint"))
    return form.for_whom(context, Permission.EVALUATE, message("ikd.not_yours"))


def survey_form(context: AppContext, activity_id: str) -> Form:
    """Return the nine questions of the survey; whoever answers is not asked who they are."""

    def load() -> tuple[FormField, ...]:
        scores = tuple(Choice(str(n), str(n)) for n in range(LOWEST, HIGHEST + 1))
        origins = Choice.each((_PAD, _PAPER), "survey.from_")
        asked = (FormField(each.value, message(f"survey.{each.value}"), choices=scores) for each in Element)
        return (*asked, FormField("from", message("survey.from"), _PAD, choices=origins))

    def keep(values: Mapping[str, str]) -> object:
        if any(not values[each.value] for each in Element):
            raise InputError("survey.scores")
        scores = [int(values[each.value]) for each in Element]
        return context.office.asking.answered(activity_id, scores, is_from_paper=values["from"] == _PAPER)

    wide = {each.value: 2 for each in Element} | {"from": 2}
    form = Form(message("survey.title"), load, keep, message("survey.hint"), wide=wide)
    return form.for_whom(context, Permission.REGISTER, message("survey.not_yours"))
