from __future__ import annotations

from pathlib import Path
from unittest.mock import patch

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.checklists import stocked_kit
from support.sarpras import KIT_ID, fill

from fieldkit.domain.errors import InputError
from fieldkit.domain.sarpras import BLANKS, Condition
from ui.presenters.form import Form
from ui.presenters.presenter import message
from ui.presenters.sarpras import inventory as forms


@pytest.fixture
def keeper(tmp_path: Path):
    yield from stocked_kit(tmp_path, PENGURUS)


@pytest.fixture
def lead(tmp_path: Path):
    yield from stocked_kit(tmp_path, KETUA)


def save(form: Form, **changes: str) -> object:
    return form.keep({field.name: field.text for field in form.load()} | changes)


def test_a_new_item_is_required_by_its_kind_and_an_old_one_by_its_answer(keeper: Kit) -> None:
    inventory = keeper.context.office.inventory
    new = save(forms.item_form(keeper.context, ""), name="Laptop 2", kind="laptop")
    assert new.is_critical
    changed = save(forms.item_form(keeper.context, new.thing_id), is_critical="no", spares="tas")
    assert (changed.thing_id, changed.is_critical, changed.spares) == (new.thing_id, False, "tas")
    save(forms.item_form(keeper.context, new.thing_id), is_used="no")
    assert new.thing_id not in {item.thing_id for item in inventory.items()}


def test_an_item_shows_whether_it_is_required(keeper: Kit) -> None:
    asked = {
        item_id: {field.name: field.text for field in forms.item_form(keeper.context, item_id).load()}
        for item_id in ("", "i1", "i5")
    }
    assert not {"is_critical", "is_used"} & asked[""].keys()
    assert [(asked[each]["is_critical"], asked[each]["is_used"]) for each in ("i1", "i5")] == [
        ("yes", "yes"),
        ("no", "yes"),
    ]
    assert not save(forms.item_form(keeper.context, ""), name="Kabel", kind="cable").is_critical


def test_a_stock_is_counted_by_what_is_added(keeper: Kit) -> None:
    assert save(forms.consumable_form(keeper.context, "c1"), added="1.000").stock == 1100
    assert save(forms.consumable_form(keeper.context, "c1"), added="-100").stock == 1000
    ribbon = save(forms.consumable_form(keeper.context, ""), name="Ribbon", unit="gulung", added="+2")
    assert (bool(ribbon.thing_id), ribbon.stock) == (True, 2)
    for wrong in ("sepuluh", "1,5", "٣", "9" * 10):
        with pytest.raises(InputError) as refusal:
            save(forms.consumable_form(keeper.context, "c1"), added=wrong)
        assert refusal.value.code in ("typed.whole", "typed.range")


def test_a_kit_is_put_together(keeper: Kit) -> None:
    kit = save(forms.kit_form(keeper.context, KIT_ID), items="i1 i2", c1="0")
    assert (kit.items, kit.quantity_of("c1"), kit.quantity_of("c2")) == (("i1", "i2"), 0, 20)
    empty = save(forms.kit_form(keeper.context, ""), name="Kit 08")
    assert (bool(empty.thing_id), empty.items) == (True, ())
    spare = save(forms.kit_form(keeper.context, ""), name="Kit 09", items="i8", c1="", c2="3")
    assert [spare.quantity_of(each) for each in ("c1", "c2")] == [0, 3]
    form = forms.kit_form(keeper.context, spare.thing_id)
    assert next(field for field in form.load() if field.name == "items").choices[0].name == "i8", "its own come first"
    save(forms.consumable_form(keeper.context, ""), name="Ribbon", unit="gulung")
    form.keep({"name": "Kit 09", "items": "i8", "c2": "4"})  # filled in before there was a ribbon
    assert [field.text for field in form.load() if field.name == "c2"] == ["4"]


def test_an_office_without_items_is_asked_for_none(tmp_path: Path) -> None:
    with Kit(tmp_path, PENGURUS) as kit:
        assert [field.name for field in forms.kit_form(kit.context, "").load()] == ["name", BLANKS]


def test_a_repair(keeper: Kit) -> None:
    assert save(forms.repair_form(keeper.context, "i1"), repair="kabel baru").condition is Condition.BAIK


def test_notes_ask_what_fits_the_thing(lead: Kit) -> None:
    out = lead.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    asked = {i: [f.name for f in forms.note_form(lead.context, "out", list_id, i).load()] for i in ("i1", "i7", "i8")}
    assert asked == {"i1": ["note"], "i7": ["note", "fuel"], "i8": ["km", "fuel", "note"]}
    assert forms.note_form(lead.context, "out", list_id, "i8").load()[0].text == ""
    save(forms.note_form(lead.context, "out", list_id, "i8"), km="41.250", fuel="penuh", note="ban baru")
    line = out.get(list_id).checklist.line("i8")
    assert (line.km, line.fuel, line.note) == (41_250, "penuh", "ban baru")
    again = {field.name: field.text for field in forms.note_form(lead.context, "out", list_id, "i8").load()}
    assert again == {"km": "41250", "fuel": "penuh", "note": "ban baru"}
    for item_id, told in (("i1", {"note": "retak"}), ("i7", {"note": "bocor", "fuel": "setengah"})):
        save(forms.note_form(lead.context, "out", list_id, item_id), **told)
        line = out.get(list_id).checklist.line(item_id)
        assert (line.km, line.note, line.fuel) == (None, told["note"], told.get("fuel", ""))
    with pytest.raises(InputError) as refusal:
        save(forms.note_form(lead.context, "out", list_id, "i8"), km="jauh")
    assert refusal.value.code == "typed.whole"


def test_a_reason_opens_the_way_and_an_empty_one_does_not(lead: Kit) -> None:
    sarpras = lead.context.office.sarpras
    found = fill(sarpras.out, sarpras.out.begin("a1"))
    form = forms.reason_form(lead.context, "out", found.thing_id)
    with pytest.raises(InputError) as refusal:
        save(form, reason=" ")
    assert refusal.value.code == "sarpras.no_reason"
    assert save(form, reason="darurat").is_out
    back = fill(sarpras.back, sarpras.back.begin("a1"))
    assert save(forms.reason_form(lead.context, "in", back.thing_id), reason="malam").is_closed


def test_kits_are_chosen_for_a_list(lead: Kit) -> None:
    list_id = lead.context.office.sarpras.out.begin("a1").thing_id
    assert save(forms.kits_form(lead.context, list_id), kits="").checklist.lines == ()
    assert len(save(forms.kits_form(lead.context, list_id), kits=KIT_ID).checklist.lines) == 8
    assert [field.hint for field in forms.kits_form(lead.context, list_id).load()] == [""]


def test_where_no_kit_is_known_the_form_says_who_makes_one(keeper: Kit) -> None:
    out = keeper.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    with patch.object(type(out), "kits", lambda _: ()):
        (field,) = forms.kits_form(keeper.context, list_id).load()
    assert (field.choices, field.hint) == ((), message("sarpras.no_kits"))
