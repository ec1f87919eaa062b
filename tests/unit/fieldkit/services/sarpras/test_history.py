from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from support.app_context import KETUA, PENGURUS, Kit
from support.sarpras import SIGNATURE, fill, stock_inventory, take_out

from fieldkit.domain.sarpras.inventory import Condition
from fieldkit.services.sarpras.history import PastKind


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
