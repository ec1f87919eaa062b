"""What an act on an application asks first: a reason, a signature, a print."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.domain.cards.blanks import NUMBERED
from fieldkit.domain.typed import read_whole
from fieldkit.services.applications.serve_applications import Sheets, Signed
from fieldkit.services.context.app_context import AppContext
from ui.presenters.applications.paper_forms import read_scans
from ui.presenters.form import Form, FormField, Labels
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import Values, answer

_IN_SIAK = "siak"
_field = Labels("counter.field_")


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
