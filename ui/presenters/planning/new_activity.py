"""Kegiatan baru as a form: an outreach that the dinas schedules by itself, without a request."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Activity, ModePerekaman
from fieldkit.domain.typed import read_day
from fieldkit.services.context.app_context import AppContext
from ui.presenters.amounts import day_text
from ui.presenters.form import Form, FormField, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer

_NO_SOP = "-"


def sop_field(context: AppContext) -> FormField:
    """Return the field of the SOP that an activity follows, which may be none."""
    sops = tuple(Choice(sop.sop_id, sop.title) for sop in context.office.sop.chosen())
    choices = (*sops, Choice(_NO_SOP, message("rencana.no_sop")))
    return FormField("sop", message("rencana.sop"), choices[0].name, choices=choices, pick=Pick.TYPED)


def sop_of(values: Mapping[str, str]) -> str:
    """Return the sop_id that was chosen, "" for none."""
    return "" if values["sop"] == _NO_SOP else values["sop"]


def new_activity_form(context: AppContext) -> Form:
    """Return the form that begins an activity with its SOP and goes on to its plan."""
    office = context.office

    def load() -> tuple[FormField, ...]:
        on = office.calendar.calendar().next_workday(context.clock.today())
        modes = Choice.each(ModePerekaman, "rencana.mode_")
        return (
            FormField("name", message("rencana.new_name")),
            FormField("place", message("rencana.new_place")),
            FormField("on", message("rencana.new_on"), day_text(on)),
            FormField("mode", message("rencana.mode"), ModePerekaman.LURING.value, choices=modes),
            sop_field(context),
        )

    def keep(values: Mapping[str, str]) -> Activity:
        on, mode, sop = answer(values, "on", read_day), ModePerekaman(values["mode"]), sop_of(values)
        begun = office.planning.begin_activity(values["name"], values["place"], sop, mode, on)
        if sop:
            office.sop.begin(begun.activity_id, sop)
        return begun

    form = Form(
        message("rencana.new_title"),
        load,
        keep,
        save=message("rencana.begin"),
        go_on=lambda navigator, begun: navigator.replace("plan", activity_id=begun.activity_id),
    )
    return form.for_whom(context, Permission.PLAN, message("rencana.not_planner"))
