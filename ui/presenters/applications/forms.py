"""What is asked when somebody applies, and which papers that case needs."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.applications import Applicant, Application, Parents, Requirement, usual_papers
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.official_forms import REQUESTS
from fieldkit.domain.nik import Nik
from fieldkit.domain.typed import optional, read_birth_day
from fieldkit.services.applications.begin_application import Handed, service_of
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import SEPARATOR, Form, FormField, Labels, Pick, texts_of
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.picking import marital_statuses, offered
from ui.presenters.readers import Values, answer, line, read_marital_status

_PARENTS = ("father", "mother", "family_card")
_field, _choice = Labels("counter.field_"), Labels("counter.")


def new_form(context: AppContext, activity_id: str = "") -> Form:
    """Return the form of a new application; it opens what it made. Without an activity it asks which one serves it."""
    applications, villages = context.office.applications, context.office.requests.villages
    given: dict[str, Sequence[Document]] = {}  # what people apply for, by activity_id

    def load() -> tuple[FormField, ...]:
        serving = () if activity_id else applications.counters()
        if not (activity_id or serving):
            raise InputError("application.no_counter")
        served = {activity.activity_id: documents for activity, documents in serving}
        given.update(served or {activity_id: applications.documents(activity_id)})
        activities = tuple(Choice(activity.activity_id, activity.name) for activity, _ in serving)
        documents = {each for documents in given.values() for each in documents}
        asked = (  # where there is no choice, there is no field
            *([_choice("activity", activities[0].name, choices=activities)] if activities else ()),
            *([_choice("document")] if len(documents) > 1 else ()),
            *map(_field, ("name", "nik")),
            *(_field(name, hint=f"counter.{name}_hint") for name in ("birth_date", "registration")),
            *map(_field, ("phone", "address")),
            replace(_field("village", choices=offered(() if activity_id else villages())), pick=Pick.OPEN),
            replace(_field("request"), pick=Pick.TYPED),
            *(_field(name, hint=f"counter.{name}_hint") for name in ("wish", "others")),
            *([_choice("marital_status", choices=marital_statuses())] if documents != {Document.KK} else ()),
            *map(_field, _PARENTS if Document.KIA in documents else ()),
            FormField("papers", message("counter.papers_there"), is_many=True),
        )
        return adapt(asked)

    def document_of(values: Values) -> Document:
        return Document(values.get("document", given[values.get("activity", activity_id)][0]))

    def papers_of(values: Values) -> Mapping[str, str]:
        """Return what the papers of a case are called, by names that no other document has."""
        document, born = document_of(values), None
        with suppress(InputError):  # half a day is typed
            born = answer(values, "birth_date", optional(read_birth_day))
        others = filter(None, map(str.strip, values["others"].split(";")))
        papers = (*usual_papers(document, born, context.clock.today()), *others)
        return {f"{document.value}{at}": words for at, words in enumerate(papers)}

    def adapt(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Let the document follow the activity, what F-1.02 ticks the document, and the papers the case."""
        choices = Choice.each(given[texts_of(fields).get("activity", activity_id)], "counter.document_")
        fields = tuple(field.offering(choices) if field.name == "document" else field for field in fields)
        values = texts_of(fields)
        papers = tuple(Choice(*each) for each in papers_of(values).items())
        offers = {"request": Choice.each(REQUESTS[document_of(values)], "surat.choice_"), "papers": papers}
        return tuple(field.offering(offers[field.name]) if field.name in offers else field for field in fields)

    def keep(values: Values) -> Application:
        document, there = document_of(values), values["papers"].split(SEPARATOR)
        papers = tuple(Requirement(words, name in there) for name, words in papers_of(values).items())
        applicant, wish, number = _applicant(values, document), values["wish"], values["registration"]
        way = service_of(None, document)
        handed = Handed(way, document, applicant, papers, wish, number, values["request"])
        return applications.register(values.get("activity", activity_id), handed)

    return Form(
        message("counter.new_title"),
        load,
        keep,
        save=message("counter.register"),
        go_on=lambda navigator, kept: navigator.replace("application", application_id=kept.thing_id),
        adapt=adapt,
        wide={"activity": 4, "document": 2, "name": 2, "request": 2, "marital_status": 4, "papers": 4},
    )


def _applicant(values: Values, document: Document) -> Applicant:
    return Applicant(
        line(values, "name"),
        answer(values, "nik", Nik.parse),
        values["address"].strip(),
        values["village"].strip(),
        values["phone"].strip(),
        answer(values, "birth_date", optional(read_birth_day)),
        MaritalStatus.BELUM_KAWIN if document is Document.KK else answer(values, "marital_status", read_marital_status),
        Parents(*(values[name].strip() for name in _PARENTS)) if document is Document.KIA else None,
    )
