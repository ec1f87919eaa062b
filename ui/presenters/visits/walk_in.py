"""Forms of the field: who came by themselves, who activates IKD, the satisfaction survey."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace

from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import NO_NIK, Nik, NoKk, Sex
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import ServiceCategory, TargetFilter
from fieldkit.domain.recording.biodata import Address, Biodata, Citizenship
from fieldkit.domain.reports.beside import HIGHEST, LOWEST, Element, IkdOutcome
from fieldkit.domain.typed import chosen, optional, read_birth_day, read_whole
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Form, FormField, Labels, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.picking import marital_statuses, offered, sexes
from ui.presenters.readers import answer, line, read_marital_status

_WIDE = {"known": 2, "name": 2, "sex": 2, "marital": 4, "category": 4}
NO_NIK_YET, NOT_KNOWN = "no_nik_yet", "not_known"
_NOT_KNOWN = {"name": "TIDAK DIKENAL", "birth_place": "TIDAK DIKETAHUI"}  # what the paper says of who cannot tell
_UNKNOWN = 0  # a code that no table has: the recording asks for it
_BLOOD_NOT_KNOWN = 13
_field = Labels("field.")


def walk_in_form(context: AppContext, activity_id: str, *, without_nik: bool = False) -> Form:
    """Return the form of the few things that the KK says at once; the rest is asked while recording.

    Of somebody without a NIK it asks whether anybody knows who that is.
    """
    who = _field("known", choices=Choice.each((NO_NIK_YET, NOT_KNOWN), "field.known_"))

    def load() -> tuple[FormField, ...]:
        home, villages = _home(context, activity_id), offered(context.visits.villages(activity_id))
        return (
            *((who,) if without_nik else (_field("nik"), _field("no_kk"))),
            _field("name"),
            _field("birth_place"),
            _field("birth_date", hint="biodata.birth_date_hint"),
            _field("sex", choices=sexes()),
            _field("marital", choices=marital_statuses()),
            _field("street"),
            _field("rt"),
            _field("rw"),
            replace(_field("village", home.village, choices=villages), pick=Pick.OPEN),
            _field("category", ServiceCategory.UMUM, choices=Choice.each(ServiceCategory, "category.")),
        )

    def keep(values: Mapping[str, str]) -> object:
        if without_nik:
            answer(values, "known", chosen(str))
        who = _biodata(values, _home(context, activity_id))
        return context.office.visits.walk_in(activity_id, who, ServiceCategory(values["category"]))

    title = "field.without_nik" if without_nik else "field.walk_in"
    hint, add = message(f"{title}_hint"), message("field.add")
    return Form(message(title), load, keep, hint, add, adapt=_adapted, wide=_WIDE)


def _adapted(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
    """Offer words for what somebody whom nobody knows cannot tell."""
    if not any(field.name == "known" and field.text == NOT_KNOWN for field in fields):
        return fields
    return tuple(replace(field, text=field.text or _NOT_KNOWN.get(field.name, "")) for field in fields)


def _home(context: AppContext, activity_id: str) -> Address:
    """Return where the others live: whoever comes by, comes from nearby."""
    listed = context.visits.list_of(TargetFilter(), activity_id, 1).targets
    return listed[0].biodata.address if listed else Address("", "", "", "", "", "")


def _biodata(values: Mapping[str, str], near: Address) -> Biodata:
    home = {name: " ".join(values[name].split()) for name in ("street", "rt", "rw", "village")}
    return Biodata(
        nik=answer(values, "nik", Nik.parse) if "nik" in values else NO_NIK,
        no_kk=(answer(values, "no_kk", optional(NoKk.parse)) if "nik" in values else None) or NoKk(""),
        name=line(values, "name"),
        birth_place=values["birth_place"].strip().upper(),
        birth_date=answer(values, "birth_date", read_birth_day),
        sex=answer(values, "sex", chosen(Sex)),
        blood_type=_BLOOD_NOT_KNOWN,
        religion=_UNKNOWN,
        marital_status=answer(values, "marital", read_marital_status),
        family_relation=_UNKNOWN,
        education=_UNKNOWN,
        occupation=_UNKNOWN,
        citizenship=Citizenship.WNI,
        address=replace(near, **home),
    )


_PAD, _PAPER = "pad", "paper"


def ikd_form(context: AppContext, target_id: str) -> Form:
    """Return the form of what came of asking a person to activate their IKD."""

    def load() -> tuple[FormField, ...]:
        before = context.office.asking.offer(target_id)
        choices = Choice.each(IkdOutcome, "ikd.")
        return (
            FormField("outcome", message("common.result"), before.outcome.value if before else "", choices=choices),
            FormField("reason", message("common.reason"), before.reason if before else "", message("ikd.reason_hint")),
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
