"""What is asked about an application: everything at its beginning, and the one thing that an act needs."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from datetime import date

from fieldkit.domain.ages import MaritalStatus
from fieldkit.domain.applications import Applicant, Application, Parents, Requirement, Service, usual_papers
from fieldkit.domain.cards.blanks import NUMBERED
from fieldkit.domain.cards.card import Document
from fieldkit.domain.errors import InputError
from fieldkit.domain.nik import Nik
from fieldkit.domain.typed import chosen, optional, read_birth_day, read_whole
from fieldkit.services.applications.begin_application import Handed
from fieldkit.services.applications.serve_applications import Sheets, Signed
from fieldkit.services.context.app_context import AppContext
from ui.presenters.applications.paper_forms import read_scans
from ui.presenters.form import SEPARATOR, Form, FormField, Pick
from ui.presenters.messages import Message, message
from ui.presenters.parts import Choice
from ui.presenters.picking import offered
from ui.presenters.readers import answer

_NAMES = {each: Choice(each.value, message(f"counter.document_{each.value}")) for each in Document}
_STATUSES = tuple(Choice(str(each.value), message(f"counter.married_{each.name.lower()}")) for each in MaritalStatus)
_PARENTS = ("father", "mother", "family_card")
_IN_SIAK = "siak"
Values = Mapping[str, str]


def new_form(context: AppContext, activity_id: str = "") -> Form:
    """Return the form of a new application; it opens what it made. Without an activity it asks which one serves it."""
    counters: dict[str, tuple[str, Sequence[Document]]] = {}  # name of a choice → activity_id and what it gives
    today = context.clock.today()

    def load() -> tuple[FormField, ...]:
        counters.clear()
        if activity_id:
            counters[""] = (activity_id, context.office.applications.documents(activity_id))
            return adapt(_fields((), counters[""][1]))
        choices = []
        for place, (activity, given) in enumerate(context.office.applications.counters()):
            counters[f"a{place}"] = (activity.activity_id, given)
            choices.append(Choice(f"a{place}", activity.name))
        if not choices:
            raise InputError("application.no_counter")
        return adapt(_fields(tuple(choices), tuple(_NAMES), offered(context.office.requests.villages())))

    def adapt(fields: tuple[FormField, ...]) -> tuple[FormField, ...]:
        """Let the document follow the activity, and the papers document, birth date and what else is asked for."""
        values = {field.name: field.text for field in fields}
        offered = counters[values.get("activity", "")][1]
        if values.setdefault("document", offered[0].value) not in offered:
            values["document"] = offered[0].value
        wanted = _papers(values, today)
        return tuple(
            replace(field, text=values["document"], choices=tuple(_NAMES[each] for each in offered))
            if field.name == "document"
            else replace(field, text=_those(field.chosen, wanted), choices=tuple(Choice(*each) for each in wanted))
            if field.name == "papers"
            else field
            for field in fields
        )

    def keep(values: Values) -> Application:
        at, offered = counters[values.get("activity", "")]
        values = {"document": offered[0].value, **values}
        document = _document(values)
        service = Service.KK if document is Document.KK else Service.BECAK_PINTAR
        there = values["papers"].split(SEPARATOR)
        requirements = tuple(Requirement(words, name in there) for name, words in _papers(values, today))
        handed = Handed(service, document, _applicant(values), requirements, values["wish"], values["registration"])
        return context.office.applications.register(at, handed)

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
    choices = tuple(_NAMES[each] for each in documents)
    document = FormField("document", message("counter.document"), choices[0].name, choices=choices)
    married = FormField("marital_status", message("counter.marital_status"), choices=_STATUSES)
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
        replace(_field("village"), choices=villages, pick=Pick.OPEN),
        _field("wish", hint="counter.wish_hint"),
        _field("others", hint="counter.others_hint"),
        *((married,) if is_for_card else ()),
        *(map(_field, _PARENTS) if Document.KIA in documents else ()),
        FormField("papers", message("counter.papers_there"), is_many=True),
    )


def act_form(context: AppContext, application_id: str, act: str) -> Form:
    """Return what an act asks first. Raise `KeyError` for an act that asks nothing."""
    load, keep = _FORMS[act](context, application_id)
    title, hint = message(f"counter.ask_{act}"), message(f"counter.ask_{act}_hint")
    return Form(title, load, keep, hint, message(f"counter.do_{act}"))


_Asked = tuple[Callable[[], tuple[FormField, ...]], Callable[[Values], object]]


def _send_back(context: AppContext, application_id: str) -> _Asked:
    def load() -> tuple[FormField, ...]:
        return (_field("reason", context.office.applications.get(application_id).to_complete),)

    return load, lambda values: context.office.applications.send_back(application_id, values["reason"])


def _withdraw(context: AppContext, application_id: str) -> _Asked:
    return (
        lambda: (_field("reason"),),
        lambda values: context.office.applications.withdraw(application_id, values["reason"]),
    )


def _tte(context: AppContext, application_id: str) -> _Asked:
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

    return load, keep


def _print(context: AppContext, application_id: str) -> _Asked:
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

    return load, keep


def _numbers(values: Values, name: str) -> tuple[str, ...]:
    return tuple(each.strip() for each in values.get(name, "").split(",") if each.strip())


_FORMS: Mapping[str, Callable[[AppContext, str], _Asked]] = {
    "send_back": _send_back,
    "withdraw": _withdraw,
    "tte": _tte,
    "print": _print,
}


def _papers(values: Values, today: date) -> Sequence[tuple[str, str]]:
    """Return the papers that a case needs: the name of the choice, and what it is called."""
    document = _document(values)
    usual = usual_papers(document, _day_or_none(values["birth_date"]), today)
    others = [each.strip() for each in values["others"].split(";") if each.strip()]
    return [(f"{document.value}{at}", words) for at, words in enumerate((*usual, *others))]


def _document(values: Values) -> Document:
    return Document(values.get("document", Document.KK.value))  # not asked for where there is only the KK


def _those(chosen: tuple[str, ...], wanted: Sequence[tuple[str, str]]) -> str:
    names = {name for name, _words in wanted}
    return SEPARATOR.join(name for name in chosen if name in names)


def _applicant(values: Values) -> Applicant:
    return Applicant(
        " ".join(values["name"].split()).upper(),
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


def _field(name: str, text: str = "", hint: str = "") -> FormField:
    told: Message = message(hint) if hint else ""
    return FormField(name, message(f"counter.field_{name}"), text, told)
