"""What is asked when somebody applies and at each act after that, and which papers that case needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace

from fieldkit.domain.applications import Applicant, Application, Parents, Requirement
from fieldkit.domain.cards.blanks import NUMBERED
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.letters.requirements import CASES, PAPERS, SupportingPaper, case_of, needed_papers
from fieldkit.domain.nik import MaritalStatus, Nik
from fieldkit.domain.typed import optional, read_birth_day, read_whole
from fieldkit.services.applications.begin_application import Handed, service_of
from fieldkit.services.applications.serve_applications import Sheets, Signed
from fieldkit.services.context.app_context import AppContext
from ui.presenters.applications.family import read_scans
from ui.presenters.form import SEPARATOR, Form, FormField, Labels, Pick, texts_of
from ui.presenters.parts import Choice
from ui.presenters.picking import marital_statuses, offered
from ui.presenters.presenter import message
from ui.presenters.readers import Values, answer, line, read_marital_status

_PARENTS = ("father", "mother", "family_card")
_field, _choice = Labels("counter.field_"), Labels("counter.")
_IN_SIAK = "siak"
_OTHER = "other"  # before the place of a paper that was typed


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

    def papers_of(values: Values) -> tuple[Sequence[SupportingPaper], Sequence[SupportingPaper]]:
        """Return the papers that a case needs, and those that count where they apply."""
        document, request, born = document_of(values), values["request"], None
        with suppress(InputError):  # half a day is typed
            born = answer(values, "birth_date", optional(read_birth_day))
        needed = needed_papers(document, request, born, context.clock.today())
        return needed, case_of(document, request).optional

    def paper_choices(values: Values) -> tuple[Choice, ...]:
        needed, where_applicable = papers_of(values)
        return (
            *(Choice(paper.value, PAPERS[paper][0]) for paper in needed),
            *(
                Choice(paper.value, message("counter.paper_if_any", paper=PAPERS[paper][0]))
                for paper in where_applicable
            ),
            *(Choice(f"{_OTHER}{at}", words) for at, words in enumerate(_others(values))),
        )

    def adapt(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Let the document follow the activity, what F-1.02 ticks the document, and the papers the case."""
        choices = Choice.each(given[texts_of(fields).get("activity", activity_id)], "counter.document_")
        fields = tuple(field.offering(choices) if field.name == "document" else field for field in fields)
        cases = Choice.each([case.name for case in CASES[document_of(texts_of(fields))]], "surat.choice_")
        fields = tuple(field.offering(cases) if field.name == "request" else field for field in fields)
        papers = paper_choices(texts_of(fields))
        return tuple(field.offering(papers) if field.name == "papers" else field for field in fields)

    def keep(values: Values) -> Application:
        document, there = document_of(values), values["papers"].split(SEPARATOR)
        needed, where_applicable = papers_of(values)
        papers = (
            *(Requirement.of(paper, paper.value in there) for paper in needed),
            *(Requirement.of(paper, True) for paper in where_applicable if paper.value in there),
            *(Requirement(words, f"{_OTHER}{at}" in there) for at, words in enumerate(_others(values))),
        )
        applicant, wish, number = _applicant(values, document), values["wish"], values["registration"]
        way = service_of(None, document)
        handed = Handed(way, document, applicant, papers, wish, number, values["request"])
        return applications.register(values.get("activity", activity_id), handed)

    return Form(
        message("counter.new"),
        load,
        keep,
        save=message("common.register"),
        go_on=lambda navigator, kept: navigator.replace("application", application_id=kept.thing_id),
        adapt=adapt,
        wide={"activity": 4, "document": 2, "name": 2, "request": 2, "marital_status": 4, "papers": 4},
    )


def _others(values: Values) -> Sequence[str]:
    return tuple(filter(None, map(str.strip, values["others"].split(";"))))


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


def act_form(context: AppContext, application_id: str, act: str) -> Form:
    """Return what an act asks first. Raise `KeyError` for an act that asks nothing."""
    return _FORMS[act](context, application_id)


def _send_back(context: AppContext, application_id: str) -> Form:
    applications = context.office.applications
    return _form(
        "send_back",
        lambda: (_field("reason", applications.get(application_id).to_complete),),
        lambda values: applications.send_back(application_id, values["reason"]),
    )


def _withdraw(context: AppContext, application_id: str) -> Form:
    applications = context.office.applications
    return _form(
        "withdraw",
        lambda: (_field("reason"),),
        lambda values: applications.withdraw(application_id, values["reason"]),
    )


def _tte(context: AppContext, application_id: str) -> Form:
    def load() -> tuple[FormField, ...]:
        application = context.office.applications.get(application_id)
        letters = context.office.applications.signed_letters(application.activity_id)
        here = tuple(Choice(letter.thing_id, letter.title, letter.number) for letter in letters)
        choices = (*here, Choice(_IN_SIAK, message("counter.tte_in_siak")))
        return (
            FormField("where", message("counter.tte_where"), choices[0].name, choices=choices),
            FormField("number", message("counter.field_siak_number"), hint=message("counter.siak_number_hint")),
            FormField("scan", message("counter.siak_scan"), hint=message("papers.file_hint"), is_paper=True),
        )

    def keep(values: Values) -> object:
        if values["where"] != _IN_SIAK:
            return context.office.applications.note_tte(application_id, Signed(values["where"]))
        scans = read_scans(context, values, "scan")
        return context.office.applications.note_tte(application_id, Signed("", values["number"], scans))

    return _form("tte", load, keep)


def _print(context: AppContext, application_id: str) -> Form:
    def keep(values: Values) -> object:
        sheets = Sheets(
            values["batch"],
            answer(values, "good", read_whole),
            answer(values, "spoilt", read_whole),
            values["why"],
            _numbers(values, "numbers"),
            _numbers(values, "spoilt_numbers"),
        )
        return context.office.applications.note_printed([application_id], sheets)

    def load() -> tuple[FormField, ...]:
        sort, blanks = context.office.applications.get(application_id).document, context.office.blanks
        good, spoilt, why = _field("good", "1"), _field("spoilt", "0"), _field("why", hint="counter.why_hint")
        if sort not in NUMBERED or not blanks.stock(sort):
            return (_field("batch", hint="counter.batch_hint"), good, spoilt, why)
        number, hint = "".join(blanks.proposed(sort, 1)), message("blangko.hint_spoilt_numbers")
        return (
            FormField("numbers", message("blangko.number"), number, message("blangko.hint_number")),
            _field("batch", hint="counter.batch_hint"),
            good,
            spoilt,
            FormField("spoilt_numbers", message("blangko.spoilt_numbers"), hint=hint),
            why,
        )

    return _form("print", load, keep)


def _form(act: str, load: Callable[[], tuple[FormField, ...]], keep: Callable[[Values], object]) -> Form:
    title, hint = message(f"counter.ask_{act}"), message(f"counter.ask_{act}_hint")
    return Form(title, load, keep, hint, message(f"counter.do_{act}"))


def _numbers(values: Values, name: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in values.get(name, "").split(",") if each.strip())


_FORMS: Mapping[str, Callable[[AppContext, str], Form]] = {
    "send_back": _send_back,
    "withdraw": _withdraw,
    "tte": _tte,
    "print": _print,
}
