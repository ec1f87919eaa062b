"""Beri NIK: the NIK of somebody who was taken in without one, and the paper that it stands on."""

from __future__ import annotations

from collections.abc import Mapping

from fieldkit.domain.nik import Nik
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.targets.identity import NikPaper
from fieldkit.domain.typed import chosen
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer

_WIDE = {"paper": 4, "nik": 2, "number": 2}


def add_nik_form(context: AppContext, target_id: str) -> Form:
    """Return the form; it says whose provisional number it takes the place of."""

    def load() -> tuple[FormField, ...]:
        who = context.visits.target(target_id).biodata
        papers = Choice.each(NikPaper, "field.nik_paper_")
        hint = message("field.nik_in_place", name=who.masked_name, number=who.nik.masked)
        return (
            FormField("nik", message("field.nik"), hint=hint),
            FormField("number", message("field.nik_number"), hint=message("field.nik_number_hint")),
            FormField("paper", message("field.nik_paper"), choices=papers),
        )

    def keep(values: Mapping[str, str]) -> object:
        nik, paper = answer(values, "nik", Nik.parse), answer(values, "paper", chosen(NikPaper))
        return context.office.niks.add(target_id, nik, paper, values["number"])

    title = message("field.add_nik")
    form = Form(title, load, keep, message("field.add_nik_hint"), title, wide=_WIDE)
    return form.for_whom(context, Permission.VERIFY_TARGETS, message("sasaran.not_yours"))
