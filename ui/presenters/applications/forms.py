"""What is asked when somebody applies, and which papers that case needs."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import date

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.applications import Applicant, Application, Parents, Requirement, Service, usual_papers
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik
from fieldkit.domain.typed import chosen, optional, read_birth_day
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import SEPARATOR, Form, FormField, Labels, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.picking import marital_statuses, offered
from ui.presenters.readers import Values, answer, line

_PARENTS = ("father", "mother", "family_card")
_field = Labels("counter.field_")


def new_form(context: AppContext, activity_id: str = "") -> Form:
    """Return the form of a new application; it opens what it made. Without an activity it asks which one serves it."""
    counters: dict[str, tuple[str, Sequence[Document]]] = {}  # name of a choice → activity_id and what it gives
    applications, today = context.office.applications, context.clock.today()

    def load() -> tuple[FormField, ...]:
        counters.clear()
        if activity_id:
            counters[""] = (activity_id, applications.documents(activity_id))
            return adapt(_fields((), counters[""][1]))
        choices = []
        for place, (activity, given) in enumerate(applications.counters()):
            counters[f"a{place}"] = (activity.activity_id, given)
            choices.append(Choice(f"a{place}", activity.name))
        if not choices:
            raise InputError("application.no_counter")
        return adapt(_fields(tuple(choices), tuple(Document), offered(context.office.requests.villages())))

    def adapt(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Let the document follow the activity, and the papers document, birth date and what else is asked for."""
        values = {field.name: field.text for field in fields}
        documents = _names(counters[values.get("activity", "")][1])
        picked = (field.offering(documents).text for field in fields if field.name == "document")
        values["document"] = next(picked, documents[0].name)
        papers = tuple(Choice(*each) for each in _papers(values, today))
        choices = {"document": documents, "papers": papers}
        return tuple(field.offering(choices[field.name]) if field.name in choices else field for field in fields)

    def keep(values: Values) -> Application:
        at, offered = counters[values.get("activity", "")]
        values = {"document": offered[0].value, **values}
        document = _document(values)
        service = Service.KK if document is Document.KK else Service.BECAK_PINTAR
        there = values["papers"].split(SEPARATOR)
        requirements = tuple(Requirement(words, name in there) for name, words in _papers(values, today))
        handed = Handed(service, document, _applicant(values), requirements, values["wish"], values["registration"])
        return applications.register(at, handed)

    return Form(
        message("counter.new_title"),
        load,
        keep,
        save=message("counter.register"),
        go_on=lambda navigator, kept: navigator.replace("application", application_id=kept.thing_id),
        adapt=adapt,
    )


def _fields(
    activities: tuple[Choice, ...], documents: Sequence[Document], villages: tuple[Choice, ...] = ()
) -> tuple[FormField, ...]:
    """Return the empty fields; where there is no choice, there is no field."""
    at = FormField(
        "activity", message("counter.activity"), activities[0].name if activities else "", choices=activities
    )
    choices = _names(documents)
    document = FormField("document", message("counter.document"), choices[0].name, choices=choices)
    married = FormField("marital_status", message("counter.marital_status"), choices=marital_statuses())
    is_for_card = tuple(documents) != (Document.KK,)  # the age gate is that of cards
    return (
        *((at,) if activities else ()),
        *((document,) if len(choices) > 1 else ()),
        _field("name"),
        _field("nik"),
        _field("birth_date", hint="counter.birth_date_hint"),
        _field("registration", hint="counter.registration_hint"),
        _field("phone"),
        _field("address"),
        replace(_field("village", choices=villages), pick=Pick.OPEN),
        _field("wish", hint="counter.wish_hint"),
        _field("others", hint="counter.others_hint"),
        *((married,) if is_for_card else ()),
        *(map(_field, _PARENTS) if Document.KIA in documents else ()),
        FormField("papers", message("counter.papers_there"), is_many=True),
    )


def _papers(values: Values, today: date) -> Sequence[tuple[str, str]]:
    """Return the papers that a case needs: the name of the choice, and what it is called."""
    document = _document(values)
    usual = usual_papers(document, _day_or_none(values["birth_date"]), today)
    others = [each.strip() for each in values["others"].split(";") if each.strip()]
    return [(f"{document.value}{at}", words) for at, words in enumerate((*usual, *others))]


def _document(values: Values) -> Document:
    return Document(values.get("document", Document.KK.value))  # not asked for where there is only the KK


def _names(documents: Sequence[Document]) -> tuple[Choice, ...]:
    return Choice.each(documents, "counter.document_")


def _applicant(values: Values) -> Applicant:
    return Applicant(
        line(values, "name"),
        answer(values, "nik", Nik.parse),
        values["address"].strip(),
        values["village"].strip(),
        values["phone"].strip(),
        answer(values, "birth_date", optional(read_birth_day)),
        answer(values, "marital_status", chosen(lambda text: MaritalStatus(int(text))))
        if _document(values) is not Document.KK  # the age gate is that of cards
        else MaritalStatus.BELUM_KAWIN,
        parents=Parents(*(values.get(name, "").strip() for name in _PARENTS))
        if _document(values) is Document.KIA
        else None,
    )


def _day_or_none(text: str) -> date | None:
    try:
        return read_birth_day(text)
    except InputError:
        return None
