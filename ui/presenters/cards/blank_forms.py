"""The forms of the ledger of blanks: received, handed on, spoilt, counted, the minimum, what was wrong."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace

from fieldkit.domain.cards.blanks import NUMBERED, OFFICE
from fieldkit.domain.documents import Document
from fieldkit.domain.typed import optional, read_whole
from fieldkit.services.cards.keep_blanks import Blanks
from fieldkit.services.context.app_context import AppContext
from ui.presenters.cards.blanks import place_name
from ui.presenters.form import Form, FormField, Pick
from ui.presenters.messages import message
from ui.presenters.parts import Choice
from ui.presenters.readers import answer

_OFFICE = "dinas"  # a choice needs a name, and the office has none in the ledger
_NOT_ASKED = {True: {"amount"}, False: {"numbers", "missing"}}  # of a sort with numbers, of one without
Values = Mapping[str, str]
Fields = tuple[FormField, ...]


def receive_form(context: AppContext) -> Form:
    """Blanks that came in a box, with where from."""
    blanks = context.office.blanks
    return _form(
        "receive",
        lambda: (*_which(), _place(context, "place"), _field("source", "source")),
        lambda values: blanks.receive(_blanks(values), _at(values, "place"), values["source"]),
    )


def move_form(context: AppContext) -> Form:
    """Blanks that go to a kit, or back to the office."""
    blanks = context.office.blanks

    def load() -> Fields:
        to = replace(_place(context, "to"), pick=Pick.OPEN, text=blanks.kit_id, hint=message("blangko.hint_to"))
        return (*_which(), _place(context, "from"), to, _field("why", "taker", label="taker"))

    return _form(
        "move", load, lambda values: blanks.move(_blanks(values), _at(values, "from"), _at(values, "to"), values["why"])
    )


def spoil_form(context: AppContext) -> Form:
    """Blanks that can no longer be printed on."""
    blanks = context.office.blanks
    return _form(
        "spoil",
        lambda: (*_which(), _place(context, "place"), _field("why", "why")),
        lambda values: blanks.spoil(_blanks(values), _at(values, "place"), values["why"]),
    )


def count_form(context: AppContext) -> Form:
    """What was counted at a place, against what the ledger says."""
    blanks, stock = context.office.blanks, dict[tuple[Document, str], int]()

    def load() -> Fields:
        stock.update(blanks.ledger().stock)
        fields = (_sort(), _place(context, "place"), _field("found"), _field("why", "difference"))
        return (*fields, _field("missing", "missing"))

    def known(fields: Fields) -> Fields:
        values = {field.name: field.text for field in fields}
        said = message("blangko.hint_found", stock=stock.get((Document(values["sort"]), _at(values, "place")), 0))
        return tuple(replace(field, hint=said) if field.name == "found" else field for field in fields)

    def keep(values: Values) -> object:
        found, sort = answer(values, "found", read_whole), Document(values["sort"])
        return blanks.count(sort, _at(values, "place"), found, values["why"], values.get("missing", ""))

    return _form("count", load, keep, known)


def want_form(context: AppContext) -> Form:
    """Below which stock the screens remind."""
    blanks = context.office.blanks

    def load() -> Fields:
        return (_sort(), replace(_field("minimum"), text=str(blanks.ledger().minimum(Document.KTP_EL))))

    return _form(
        "want", load, lambda values: blanks.want(Document(values["sort"]), answer(values, "minimum", read_whole))
    )


def revoke_form(context: AppContext, entry_id: str) -> Form:
    """Why an entry was wrong."""
    keep = context.office.blanks.revoke
    return _form("revoke", lambda: (_field("why"),), lambda values: keep(entry_id, values["why"]))


def _form(
    act: str,
    load: Callable[[], Fields],
    keep: Callable[[Values], object],
    then: Callable[[Fields], Fields] = lambda fields: fields,
) -> Form:
    """Return a form that asks numbers of a sort that has them, of another how many."""
    every: list[FormField] = []

    def begin() -> Fields:
        every[:] = load()
        return adapt(tuple(every))

    def adapt(fields: Fields) -> Fields:
        now = {field.name: field for field in fields}
        if "sort" not in now:
            return fields
        out = _NOT_ASKED[Document(now["sort"].text) in NUMBERED]
        return then(tuple(now.get(field.name, field) for field in every if field.name not in out))

    return Form(message(f"blangko.{act}"), begin, keep, message(f"blangko.{act}_about"), adapt=adapt)


def _field(name: str, hint: str = "", label: str = "") -> FormField:
    words = message(f"blangko.field_{label or name}")
    return FormField(name, words, hint=message(f"blangko.hint_{hint}") if hint else "")


def _sort() -> FormField:
    choices = Choice.each(Document, "blangko.sort_")
    return FormField("sort", message("blangko.field_sort"), Document.KTP_EL.value, choices=choices)


def _which() -> Fields:
    return (_sort(), _field("numbers", "numbers"), _field("amount", "amount"))


def _place(context: AppContext, name: str) -> FormField:
    choices = tuple(Choice(place or _OFFICE, place_name(place)) for place in context.office.blanks.places())
    return FormField(name, message(f"blangko.field_{name}"), _OFFICE, choices=choices)


def _at(values: Values, name: str) -> str:
    place = values[name].strip()
    return OFFICE if place.casefold() == _OFFICE else place


def _blanks(values: Values) -> Blanks:
    sort = Document(values["sort"])
    if sort in NUMBERED:
        return Blanks(sort, values["numbers"])
    return Blanks(sort, count=answer(values, "amount", optional(read_whole)) or 0)
