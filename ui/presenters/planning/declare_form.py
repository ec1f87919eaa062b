"""Somebody's word that a step was done: who, when, why by hand, and what shows it."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.services.context.app_context import AppContext
from fieldkit.services.sop.run_sop import HandAct
from ui.presenters.amounts import moment_text
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.planning.step_form import step_at
from ui.presenters.readers import answer, evidence, moments


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
            FormField("who", message("langkah.field_name"), name, hint=mine.doer),
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
