"""Catatan sasaran as a form: what the team should know before it knocks. Never printed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.targets.cells import read_degrees
from fieldkit.domain.targets.notes import LegalCategory, TargetNotes
from fieldkit.domain.targets.sheets import CellError
from fieldkit.services.context.desk import Desk
from ui.presenters.form import Form, FormField
from ui.presenters.parts import Choice
from ui.presenters.words import phrase

_NO_LEGAL = "-"
_POLES, _DATE_LINE = 90, 180


def notes_form(desk: Desk, activity_id: str, target_id: str) -> Form:
    """Return the form with what is noted about a target so far."""
    verification = desk.office.verification

    def load() -> tuple[FormField, ...]:
        notes = verification.notes(target_id) or TargetNotes(target_id, activity_id)
        return (
            FormField("safety", phrase("catatan.safety"), notes.safety, phrase("catatan.safety_hint")),
            FormField("access", phrase("catatan.access"), notes.access, phrase("catatan.access_hint")),
            FormField("contact", phrase("catatan.contact"), notes.contact, phrase("catatan.contact_hint")),
            FormField("latitude", phrase("catatan.latitude"), _degrees(notes.latitude), "-8,0954"),
            FormField("longitude", phrase("catatan.longitude"), _degrees(notes.longitude), "112,1609"),
            FormField(
                "legal",
                phrase("catatan.legal"),
                notes.legal.value if notes.legal else _NO_LEGAL,
                choices=(
                    Choice(_NO_LEGAL, phrase("catatan.legal_none")),
                    *(Choice(each.value, phrase(f"catatan.legal_{each.value}")) for each in LegalCategory),
                ),
            ),
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

    return Form(phrase("catatan.title"), load, keep, phrase("catatan.hint"), phrase("catatan.save"))


def _degrees(value: float | None) -> str:
    return "" if value is None else f"{value:.6f}".rstrip("0").rstrip(".").replace(".", ",")


def _read(text: str, most: int) -> float | None:
    try:
        return read_degrees(text, most)
    except CellError:
        raise InputError("catatan.coordinate", text=text) from None


def _line(text: str) -> str:
    return " ".join(text.split())
