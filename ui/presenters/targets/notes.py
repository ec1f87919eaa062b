"""What becomes known of somebody on the list, as forms: what the team should know before it knocks, and a NIK."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.targets.cells import read_degrees
from fieldkit.domain.targets.identity import NikPaper
from fieldkit.domain.targets.notes import LegalCategory, TargetNotes
from fieldkit.domain.targets.sheets import CellError
from fieldkit.domain.typed import chosen
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField, Labels
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer

_NO_LEGAL = "-"
_field = Labels("catatan.", "catatan.")
_POLES, _DATE_LINE = 90, 180
_WIDE = {"paper": 4, "nik": 2, "number": 2}


def notes_form(context: AppContext, activity_id: str, target_id: str) -> Form:
    """Return the form with what is noted about a target so far."""
    verification = context.office.verification

    def load() -> tuple[FormField, ...]:
        notes = verification.notes(target_id) or TargetNotes(target_id, activity_id)
        none = Choice(_NO_LEGAL, message("catatan.legal_none"))
        return (
            *(_field(name, getattr(notes, name), f"{name}_hint") for name in ("safety", "access", "contact")),
            FormField("latitude", message("catatan.latitude"), _degrees(notes.latitude), "-8,0954"),
            FormField("longitude", message("catatan.longitude"), _degrees(notes.longitude), "112,1609"),
            _field("legal", notes.legal or _NO_LEGAL, choices=(none, *Choice.each(LegalCategory, "catatan.legal_"))),
        )

    def keep(values: Mapping[str, str]) -> object:
        latitude, longitude = _read(values["latitude"], _POLES), _read(values["longitude"], _DATE_LINE)
        if (latitude is None) != (longitude is None):
            raise InputError("catatan.half_a_place")
        now = verification.notes(target_id) or TargetNotes(target_id, activity_id)
        noted = replace(
            now,
            legal=None if values["legal"] == _NO_LEGAL else LegalCategory(values["legal"]),
            access=_line(values["access"]),
            contact=_line(values["contact"]),
            safety=_line(values["safety"]),
            latitude=latitude,
            longitude=longitude,
        )
        if noted != now:
            verification.note(noted)
        return noted

    return Form(message("catatan.title"), load, keep, message("catatan.hint"), message("catatan.save"))


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def _read(text: str, most: int) -> float | None:
    try:
        return read_degrees(text, most)
    except CellError:
        raise InputError("catatan.coordinate", text=text) from None


def _line(text: str) -> str:
    return " ".join(text.split())


def add_nik_form(context: AppContext, target_id: str) -> Form:
    """Return the form; it says whose provisional number it takes the place of."""

    def load() -> tuple[FormField, ...]:
        who = context.visits.target(target_id).biodata
        papers = Choice.each(NikPaper, "field.nik_paper_")
        hint = message("field.nik_in_place", name=who.masked_name, number=who.nik.masked)
        return (
            FormField("nik", message("common.nik"), hint=hint),
            FormField("number", message("field.nik_number"), hint=message("field.nik_number_hint")),
            FormField("paper", message("field.nik_paper"), choices=papers),
        )

    def keep(values: Mapping[str, str]) -> object:
        nik, paper = answer(values, "nik", Nik.parse), answer(values, "paper", chosen(NikPaper))
        return context.office.niks.add(target_id, nik, paper, values["number"])

    title = message("field.add_nik")
    form = Form(title, load, keep, message("field.add_nik_hint"), title, wide=_WIDE)
    return form.for_whom(context, Permission.VERIFY_TARGETS, message("sasaran.not_yours"))
