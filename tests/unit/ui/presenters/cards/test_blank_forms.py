from __future__ import annotations

import pytest
from support.app_context import Kit
from support.cards_sent import PRINTER
from support.followed import keep_ledger

from fieldkit.domain.documents import Document
from fieldkit.domain.errors import InputError
from fieldkit.services.context.app_context import AppContext
from ui.presenters.cards import blank_forms as forms
from ui.presenters.form import Form, FormField
from ui.presenters.messages import message


@pytest.fixture
def printer(kit: Kit) -> AppContext:
    return kit.context_of(PRINTER)


def filled(form: Form, **typed: str) -> dict[str, str]:
    return {field.name: field.text for field in form.load()} | typed


def chosen(form: Form, **choice: str) -> tuple[FormField, ...]:
    fields = tuple(FormField(f.name, f.label, choice.get(f.name, f.text)) for f in form.load())
    return form.adapt(fields)


def test_numbers_are_asked_of_ktp_el_and_an_amount_of_the_rest(printer: AppContext) -> None:
    form = forms.receive_form(printer)
    assert [field.name for field in form.load()] == ["sort", "numbers", "place", "source"]
    paper = chosen(form, sort="kk", source="rim")
    assert [(field.name, field.text) for field in paper] == [
        *(("sort", "kk"), ("amount", ""), ("place", "dinas"), ("source", "rim")),
    ]
    form.keep({"sort": "kk", "amount": "500", "place": "dinas", "source": "1 rim"})
    form.keep(filled(form, numbers="B01 – B10", source="kotak"))
    assert printer.office.blanks.ledger().stock == {(Document.KK, ""): 500, (Document.KTP_EL, ""): 10}
    with pytest.raises(InputError) as refused:
        form.keep(filled(form, numbers="B1?", source="kotak"))
    assert refused.value.problem.field_name == "numbers"
    with pytest.raises(InputError) as refused:
        form.keep({"sort": "kia", "amount": "", "place": "dinas", "source": "kotak"})
    assert refused.value.problem.field_name == "amount"


def test_blanks_go_to_this_kit_unless_another_is_typed(printer: AppContext) -> None:
    blanks = printer.office.blanks
    receive, move = forms.receive_form(printer), forms.move_form(printer)
    receive.keep(filled(receive, numbers="B01 – B10", source="kotak"))
    move.keep(filled(move, numbers="B01", why="Teguh"))
    move.keep(filled(move, numbers="B02", to="KIT-33", why="Teguh"))
    move.keep(filled(move, numbers="B02", **{"from": "KIT-33"}, to="Dinas", why="Teguh"))
    assert {place: count for (_, place), count in blanks.ledger().stock.items() if count} == {"": 9, blanks.kit_id: 1}
    spoil = forms.spoil_form(printer)
    spoil.keep(filled(spoil, numbers="B03", why="tergores"))
    assert blanks.ledger().left(Document.KTP_EL) == 9


def test_the_count_says_what_the_ledger_says_at_that_place(kit: Kit, printer: AppContext) -> None:
    keep_ledger(kit)
    form = forms.count_form(printer)
    hints = {field.name: field.hint for field in form.load()}
    assert hints["found"] == message("blangko.hint_found", stock=18)
    there = chosen(form, place=printer.office.blanks.kit_id)
    assert {field.name: field.hint for field in there}["found"] == message("blangko.hint_found", stock=30)
    assert "missing" not in [field.name for field in chosen(form, sort="kk")]
    form.keep(filled(form, found="18"))
    with pytest.raises(InputError) as refused:
        form.keep(filled(form, found="17"))
    assert refused.value.problem.field_name == "why"


def test_the_minimum_and_what_was_wrong_are_kept(kit: Kit, printer: AppContext) -> None:
    keep_ledger(kit)
    want = forms.want_form(printer)
    want.keep(filled(want, minimum="60"))
    assert filled(forms.want_form(printer))["minimum"] == "60"
    blanks = printer.office.blanks
    spoilt = next(line.entry for line in blanks.book().lines if line.is_to_destroy)
    revoke = forms.revoke_form(printer, spoilt.thing_id)
    revoke.keep(filled(revoke, why="salah ketik"))
    assert not any(line.is_to_destroy for line in blanks.book().lines)
