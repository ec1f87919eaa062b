from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.sarpras import KIT_ID, SIGNATURE, fill, stock_inventory, take_out

from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.sarpras import (
    USUAL_CONSUMABLES,
    Condition,
    Consumable,
    Portion,
    SarprasItem,
    SarprasKind,
    SarprasKit,
)
from fieldkit.services.sarpras.keep_inventory import MOST_STOCK, KeepInventory, PastKind


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, PENGURUS)
    kit.plan()
    yield kit
    kit.store.close()


@pytest.fixture
def inventory(kit: Kit) -> KeepInventory:
    return kit.context.office.inventory


def scanner(**changes: object) -> SarprasItem:
    return replace(SarprasItem("i1", SarprasKind.FINGERPRINT_SCANNER, " Pemindai  jari ", "SN 1"), **changes)


def test_an_item_is_kept_tidily_and_found(inventory: KeepInventory) -> None:
    assert inventory.keep_item(scanner()).name == "Pemindai jari"
    inventory.keep_item(SarprasItem("i0", SarprasKind.LAPTOP, "Laptop", "LT-1"))
    assert [item.name for item in inventory.items()] == ["Laptop", "Pemindai jari"]
    assert [item.name for item in inventory.items("SN")] == ["Pemindai jari"]
    assert inventory.item("i0").serial == "LT-1"


def test_a_serial_belongs_to_one_item_of_its_kind(inventory: KeepInventory) -> None:
    inventory.keep_item(scanner())
    inventory.keep_item(scanner(spares="kabel"))  # the same again
    inventory.keep_item(scanner(thing_id="i2", kind=SarprasKind.CABLE))
    with pytest.raises(InputError) as twice:
        inventory.keep_item(scanner(thing_id="i3", serial="sn 1"))
    assert twice.value.problem.params == {"serial": "sn 1", "item": "Pemindai jari"}
    inventory.retire("i1")
    inventory.keep_item(scanner(thing_id="i3"))
    for thing_id in ("i4", "i5"):  # without a number of its own
        inventory.keep_item(scanner(thing_id=thing_id, serial=" "))


@pytest.mark.parametrize("name", ["", "  \n "])
def test_nothing_is_kept_without_a_name(inventory: KeepInventory, name: str) -> None:
    for act in (
        lambda: inventory.keep_item(scanner(name=name)),
        lambda: inventory.keep_consumable(Consumable("c", name, "pak")),
        lambda: inventory.keep_kit(SarprasKit("k", name)),
    ):
        with pytest.raises(InputError) as nameless:
            act()
        assert nameless.value.code == "sarpras.no_name"
    assert inventory.items() == []


def test_what_is_retired_leaves_the_list(inventory: KeepInventory) -> None:
    inventory.keep_item(scanner())
    inventory.retire("i1")
    assert inventory.items() == []
    assert [past.what.value for past in inventory.history("i1")] == ["retired", "kept"]


def test_a_repair_is_described(inventory: KeepInventory) -> None:
    inventory.keep_item(scanner(condition=Condition.RUSAK_BERAT))
    with pytest.raises(InputError):
        inventory.repair("i1", "  ")
    assert inventory.repair("i1", "kabel diganti") == inventory.item("i1")
    assert inventory.item("i1").condition is Condition.BAIK
    assert inventory.history("i1")[0].note == "kabel diganti"


def test_a_new_photo_takes_the_place_of_the_old(kit: Kit, inventory: KeepInventory) -> None:
    inventory.keep_item(scanner())
    first = inventory.photograph("i1", b"one").photo
    second = inventory.photograph("i1", b"two").photo
    assert inventory.photo(second) == b"two"
    with pytest.raises(StoreError):
        inventory.photo(first)


def test_stock_is_counted_up_and_down_and_never_below_nothing(inventory: KeepInventory) -> None:
    inventory.keep_consumable(Consumable("c", "Masker", "lembar", 10, 20))
    assert inventory.restock("c", 30).stock == 40
    assert inventory.restock("c", -40).stock == 0
    for by in (-1, 2_000_000):
        with pytest.raises(InputError):
            inventory.restock("c", by)
    with pytest.raises(InputError):
        inventory.keep_consumable(Consumable("d", "Tisu", "pak", -1))
    with pytest.raises(InputError) as twice:
        inventory.keep_consumable(Consumable("d", "masker", "lembar"))
    assert twice.value.code == "sarpras.name_twice"


def test_an_empty_inventory_begins_with_what_the_sops_name(inventory: KeepInventory) -> None:
    inventory.keep_consumable(Consumable("c", "tisu", "gulung", 3))
    found = inventory.begin_with_usual()
    assert len(found) == len(USUAL_CONSUMABLES)
    assert next(each for each in found if each.name == "tisu").stock == 3
    assert inventory.begin_with_usual() == found


def test_a_kit_holds_items_once_and_portions_above_nothing(kit: Kit, inventory: KeepInventory) -> None:
    stock_inventory(kit)
    kept = inventory.keep_kit(SarprasKit("k", "Kit 08", ("i1", "i1", "i2"), (Portion("c1", 0), Portion("c2", 4))))
    assert (kept.items, kept.portions) == (("i1", "i2"), (Portion("c2", 4),))
    with pytest.raises(StoreError):
        inventory.keep_kit(SarprasKit("k", "Kit 08", ("unknown",)))
    with pytest.raises(InputError):
        inventory.keep_kit(SarprasKit("k9", "kit 07"))
    assert [found.thing_id for found in inventory.kits()] == [KIT_ID, "k"]


def test_others_look_and_change_nothing(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KETUA)
    inventory = kit.context.office.inventory
    assert inventory.items() == []
    for act in (
        lambda: inventory.keep_item(scanner()),
        lambda: inventory.repair("i1", "x"),
        lambda: inventory.retire("i1"),
        lambda: inventory.photograph("i1", b""),
        lambda: inventory.restock("c", 1),
        lambda: inventory.keep_kit(SarprasKit("k", "Kit")),
        inventory.begin_with_usual,
    ):
        with pytest.raises(RuleError) as refusal:
            act()
        assert refusal.value.code == "role.not_yours"
    kit.store.close()


@pytest.mark.parametrize(
    ("stock", "minimum", "is_taken"),
    [
        (0, 0, True),
        (MOST_STOCK, MOST_STOCK, True),
        (-1, 0, False),
        (MOST_STOCK + 1, 0, False),
        (0, -1, False),
        (0, MOST_STOCK + 1, False),
    ],
)
def test_a_stock_lies_between_nothing_and_the_most(
    inventory: KeepInventory, stock: int, minimum: int, is_taken: bool
) -> None:
    wanted = Consumable("c", "Masker", "lembar", stock, minimum)
    if is_taken:
        assert inventory.keep_consumable(inventory.keep_consumable(wanted)) == wanted
        assert inventory.restock("c", MOST_STOCK - stock).stock == MOST_STOCK
    else:
        with pytest.raises(InputError, match=r"sarpras\.bad_count"):
            inventory.keep_consumable(wanted)


def test_an_items_way_out_and_back_and_its_damage(tmp_path: Path) -> None:
    kit = Kit(tmp_path, KETUA)
    kit.plan()
    stock_inventory(kit)
    take_out(kit)
    inventory, back = kit.context.office.inventory, kit.context.office.sarpras.back
    assert [o.kit_names for o in inventory.out()] == [("Kit 07",)]
    assert inventory.places() == {"a1": "Desa Jimbe"}
    kit.clock.at += timedelta(hours=8)
    found = fill(back, back.begin("a1"))
    back.answer(found.thing_id, "i1", Condition.RUSAK_RINGAN)
    back.note(found.thing_id, "i1", "kaca tergores")
    back.allow(found.thing_id, PENGURUS, SIGNATURE)
    back.close(found.thing_id)
    told = inventory.history("i1")
    assert {past.what for past in told[:2]} == {PastKind.IN, PastKind.DAMAGED}
    assert told[2].what is PastKind.OUT
    assert {(past.place, past.note) for past in told[:2]} == {("Desa Jimbe", "kaca tergores")}
    assert told[2].at < told[0].at
    assert {past.what for past in inventory.history("i2")} == {PastKind.IN, PastKind.OUT}
    assert inventory.history("unknown") == []
    assert inventory.out() == []
    kit.store.close()


def test_an_item_has_its_own_lists_its_own_damage_and_its_own_repair(tmp_path: Path) -> None:
    with Kit(tmp_path, PENGURUS) as kit:
        kit.plan()
        stock_inventory(kit)
        sarpras, inventory = kit.context.office.sarpras, kit.context.office.inventory
        began = sarpras.out.begin("a1")
        assert inventory.history("i1") == []  # nothing left yet
        fill(sarpras.out, began)
        sarpras.out.allow(began.thing_id, PENGURUS, SIGNATURE)
        sarpras.out.choose_kits(began.thing_id, began.kits)
        sarpras.out.close(began.thing_id)
        sarpras.back.begin("a1")
        kit.clock.advance(minutes=1)
        inventory.repair("i2", "dicas")
        inventory.photograph("i3", b"photo")
        told = {item_id: [past.what for past in inventory.history(item_id)] for item_id in ("i1", "i2", "i3")}
    assert told == {
        "i1": [PastKind.OUT],
        "i2": [PastKind.REPAIRED, PastKind.OUT],
        "i3": [PastKind.KEPT, PastKind.OUT],
    }
