"""Datang sendiri: somebody who came without being on the list, as a form."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.nik import Nik, NoKk, Sex
from fieldkit.domain.planning.outreach import ServiceCategory, TargetFilter
from fieldkit.domain.recording.biodata import Address, Biodata, Citizenship
from fieldkit.domain.typed import chosen, optional, read_birth_day
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.picking import offered
from ui.presenters.readers import answer

WIDE = {"name": 2, "sex": 2, "marital": 4, "category": 4}
"""The fields that take more than one column."""

_UNKNOWN = 0  # a code that no table has: the recording asks for it
_BLOOD_NOT_KNOWN = 13


def walk_in_form(context: AppContext, activity_id: str) -> Form:
    """Return the form of the few things that the KK says at once; the rest is asked while recording."""

    def load() -> tuple[FormField, ...]:
        home = _home(context, activity_id)
        return (
            _field("nik"),
            _field("no_kk"),
            _field("name"),
            _field("birth_place"),
            _field("birth_date", hint="biodata.birth_date_hint"),
            _choice("sex", "", *((s.value, f"biodata.sex_{s.value.lower()}") for s in Sex)),
            _choice("marital", "", *((str(int(s)), f"field.marital_{s.name.lower()}") for s in MaritalStatus)),
            _field("street"),
            _field("rt"),
            _field("rw"),
            replace(_field("village", home.village), choices=_villages(context, activity_id), pick=Pick.OPEN),
            _choice("category", "umum", *((c.value, f"category.{c.value}") for c in ServiceCategory)),
        )

    def keep(values: Mapping[str, str]) -> object:
        who = _biodata(values, _home(context, activity_id))
        return context.office.visits.walk_in(activity_id, who, ServiceCategory(values["category"]))

    return Form(message("field.walk_in"), load, keep, message("field.walk_in_hint"), message("field.add"))


def _villages(context: AppContext, activity_id: str) -> tuple[Choice, ...]:
    """Return the villages of the list, the most frequent first."""
    return offered(context.visits.villages(activity_id))


def _home(context: AppContext, activity_id: str) -> Address:
    """Return where the others live: whoever comes by, comes from nearby."""
    listed = context.visits.list_of(TargetFilter(), activity_id, 1).targets
    return listed[0].biodata.address if listed else Address("", "", "", "", "", "")


def _biodata(values: Mapping[str, str], near: Address) -> Biodata:
    home = {name: " ".join(values[name].split()) for name in ("street", "rt", "rw", "village")}
    return Biodata(
        nik=answer(values, "nik", Nik.parse),
        no_kk=answer(values, "no_kk", optional(NoKk.parse)) or NoKk(""),
        name=" ".join(values["name"].split()).upper(),
        birth_place=values["birth_place"].strip().upper(),
        birth_date=answer(values, "birth_date", read_birth_day),
        sex=answer(values, "sex", chosen(Sex)),
        blood_type=_BLOOD_NOT_KNOWN,
        religion=_UNKNOWN,
        marital_status=answer(values, "marital", chosen(lambda text: MaritalStatus(int(text)))),
        family_relation=_UNKNOWN,
        education=_UNKNOWN,
        occupation=_UNKNOWN,
        citizenship=Citizenship.WNI,
        address=replace(near, **home),
    )


def _field(name: str, text: str = "", hint: str = "") -> FormField:
    return FormField(name, message(f"field.{name}"), text, message(hint) if hint else "")


def _choice(name: str, chosen: str, *choices: tuple[str, str]) -> FormField:
    return FormField(
        name, message(f"field.{name}"), chosen, choices=tuple(Choice(value, message(key)) for value, key in choices)
    )
