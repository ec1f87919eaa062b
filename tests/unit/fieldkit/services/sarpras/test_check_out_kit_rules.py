"""Each condition of a list that leaves by itself."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time
from pathlib import Path
from typing import Any

import pytest
from support.activities import add_activity
from support.app_context import KETUA, PENGURUS, Kit
from support.letters import KASI
from support.sarpras import KIT_ID, SIGNATURE, fill, stock_inventory, take_out, verdict
from support.sops import SMALL

from fieldkit.domain.errors import RuleError
from fieldkit.domain.planning.outreach import Plan, Terrain
from fieldkit.domain.sarpras import CheckOut, Condition, Consumable, Portion, SarprasItem, SarprasKind, SarprasKit
from fieldkit.domain.sop.profile import Fulfilment, SopDocument
from fieldkit.ports.devices import DeviceKind
from fieldkit.services.sarpras import check_out_kit
from fieldkit.services.sarpras.check_out_kit import CheckOutKit


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KETUA) as kit:
        kit.plan()
        stock_inventory(kit)
        yield kit


@pytest.fixture
def out(kit: Kit) -> CheckOutKit:
    return kit.context.office.sarpras.out


def save(kit: Kit, *things: Any) -> None:
    with kit.store.write() as unit:
        for thing in things:
            unit.repository(type(thing)).save(thing)


def item(kit: Kit, item_id: str, **changes: Any) -> None:
    with kit.store.read() as unit:
        found = unit.repository(SarprasItem).get(item_id)
    save(kit, replace(found, **changes))


def acts(kit: Kit, thing_id: str) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(thing_id)]


def signed(out: CheckOutKit, found: CheckOut) -> str:
    fill(out, found)
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    return found.thing_id


def come_back(kit: Kit) -> None:
    back = kit.context.office.sarpras.back
    found = fill(back, back.begin("a1"))
    back.allow(found.thing_id, PENGURUS, SIGNATURE)
    back.close(found.thing_id)


def test_who_does_not_fill_it_looks_at_the_newest_list(kit: Kit, out: CheckOutKit) -> None:
    theirs = kit.context_of(KASI).office.sarpras.out
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        theirs.open("a1")
    first = out.open("a1")
    assert theirs.open("a1") == out.open("a1") == first
    left = take_out(kit)
    assert out.open("a1") == left
    come_back(kit)
    assert theirs.open("a1").thing_id == first.thing_id
    assert out.open("a1").thing_id != first.thing_id


@pytest.mark.parametrize(
    ("planned", "others", "kits"),
    [(None, 0, (KIT_ID,)), ((), 0, (KIT_ID,)), (("kit-8",), 1, ("kit-8",)), (None, 1, ()), ((), 1, ())],
)
def test_without_a_plan_for_kits_only_the_one_that_there_is_goes(
    kit: Kit, out: CheckOutKit, planned: tuple[str, ...] | None, others: int, kits: tuple[str, ...]
) -> None:
    save(kit, *[SarprasKit("kit-8", "Kit 08", ("i6",))] * others)
    if planned is not None:
        save(kit, Plan("a1", "a1", (date(2026, 11, 23),), time(8), (), planned, "Mobil", Terrain.EASY, 60))
    assert out.begin("a1").kits == kits


def test_a_list_follows_the_inventory_and_changes_only_where_that_did(kit: Kit, out: CheckOutKit) -> None:
    found = out.begin("a1")
    assert out.begin("a1") == found
    assert acts(kit, found.thing_id) == ["sarpras_out_begun"]
    item(kit, "i7", is_retired=True)
    save(kit, SarprasKit(KIT_ID, "Kit 07", ("i1", "i7", "gone"), (Portion("c1", 200), Portion("gone", 1))))
    again = out.choose_kits(found.thing_id, ("gone", KIT_ID))
    assert [line.item_id for line in again.checklist.lines] == ["i1"]
    assert [(line.consumable_id, line.most) for line in again.checklist.counts] == [("c1", 100)]
    assert acts(kit, found.thing_id) == ["sarpras_out_begun", "sarpras_out_filled"]


def test_what_nobody_can_take_along_yet_begins_a_list_all_the_same(kit: Kit, out: CheckOutKit) -> None:
    save(kit, SarprasKit("kit-8", "Kit 08"))
    assert acts(kit, out.begin("a1").thing_id) == ["sarpras_out_begun"]


def test_other_items_need_another_signature(kit: Kit, out: CheckOutKit) -> None:
    list_id = signed(out, out.begin("a1"))
    item(kit, "i1", condition=Condition.RUSAK_BERAT)
    assert out.begin("a1").checklist.izin is not None
    item(kit, "i1", spares="kabel cadangan 2")
    assert out.begin("a1").checklist.izin is None
    assert out.get(list_id).checklist.izin is None


@pytest.mark.parametrize(
    ("found_as", "said", "kept_as", "now"),
    [
        (Condition.BAIK, None, Condition.BAIK, None),
        (Condition.BAIK, Condition.BAIK, Condition.BAIK, Condition.BAIK),
        (Condition.BAIK, Condition.RUSAK_BERAT, Condition.BAIK, Condition.RUSAK_BERAT),
        (Condition.BAIK, Condition.HILANG, Condition.RUSAK_BERAT, Condition.HILANG),
        (Condition.RUSAK_BERAT, None, Condition.RUSAK_BERAT, Condition.RUSAK_BERAT),
        (Condition.RUSAK_BERAT, None, Condition.BAIK, None),
        (Condition.RUSAK_BERAT, Condition.HILANG, Condition.BAIK, Condition.HILANG),
    ],
)
def test_an_answer_stays_unless_what_the_inventory_said_was_repaired(
    kit: Kit,
    out: CheckOutKit,
    found_as: Condition,
    said: Condition | None,
    kept_as: Condition,
    now: Condition | None,
) -> None:
    item(kit, "i1", condition=found_as)
    found = out.begin("a1")
    if said is not None:
        out.answer(found.thing_id, "i1", said)
    item(kit, "i1", condition=kept_as)
    assert out.begin("a1").checklist.line("i1").condition is now


def test_of_something_broken_anybody_says_that_it_is_lost(kit: Kit, out: CheckOutKit) -> None:
    item(kit, "i1", condition=Condition.RUSAK_BERAT)
    found = out.begin("a1")
    assert out.answer(found.thing_id, "i1", Condition.HILANG).checklist.line("i1").is_lost


def test_a_device_that_answered_for_its_own_line_answers_for_no_other(kit: Kit, out: CheckOutKit) -> None:
    kit.context.office.sarpras.tests.keep([verdict(DeviceKind.FINGERPRINT)])
    found = out.begin("a1")
    save(kit, SarprasItem("i9", SarprasKind.FINGERPRINT_SCANNER, "Pemindai kedua", "SN-FIN-9"))
    save(kit, SarprasKit("kit-8", "Kit 08", ("i9",)))
    lines = out.choose_kits(found.thing_id, ("kit-8", KIT_ID)).checklist
    tests = [lines.line(item_id).test for item_id in ("i1", "i9")]
    assert [test and (test.is_ok, test.code) for test in tests] == [(True, ""), (False, "sarpras.no_device")]


def test_the_whole_stock_may_leave_and_what_stays_is_no_act(kit: Kit, out: CheckOutKit) -> None:
    found = out.begin("a1")
    for consumable_id, count in (("c1", 100), ("c2", 0)):
        out.count(found.thing_id, consumable_id, count)
    out.close(signed(out, found))
    with kit.store.read() as unit:
        assert unit.repository(Consumable).get("c1").stock == 0
    assert [acts(kit, name) for name in ("c1", "c2")] == [["sarpras_stock"], []]


def test_what_is_lost_on_either_list_may_be_on_the_other(kit: Kit, out: CheckOutKit) -> None:
    for kit_id, items in (("kit-8", ("i7",)), ("kit-9", ("i8",))):
        save(kit, SarprasKit(kit_id, kit_id, items))
    first = signed(out, out.begin("a1", (KIT_ID,)))
    out.answer(first, "i7", Condition.HILANG)
    out.allow(first, PENGURUS, SIGNATURE)
    out.close(first)
    item(kit, "i7", condition=Condition.BAIK)  # found again
    assert out.close(signed(out, out.begin("a2", ("kit-8",)))).is_out
    held = signed(out, out.begin("a3", ("kit-9",)))
    with pytest.raises(RuleError, match=r"sarpras\.still_out"):
        out.close(held)
    out.answer(held, "i8", Condition.HILANG)
    out.allow(held, PENGURUS, SIGNATURE)
    assert out.close(held, "tanpa mobil").is_out


def test_supplies_of_the_sop_are_counted_once_there_is_a_kit(kit: Kit, out: CheckOutKit) -> None:
    add_activity(kit, "x", replace(SMALL, document=SopDocument(supplies=("Sarung Tangan",))))
    save(kit, SarprasKit("kit-8", "Kit 08", ("i6",)))
    assert out.begin("x").checklist.counts == ()
    found = out.choose_kits(out.begin("x").thing_id, ("kit-8",))
    assert [(line.name, line.count) for line in found.checklist.counts] == [("Sarung tangan", 0)]


def test_the_sop_hears_that_it_left(kit: Kit, out: CheckOutKit, monkeypatch: pytest.MonkeyPatch) -> None:
    heard: list[tuple[str, Fulfilment, str]] = []
    monkeypatch.setattr(check_out_kit, "fulfil", lambda _work, at, fact, thing: heard.append((at, fact, thing)))
    assert heard == [] != [left := take_out(kit)]
    assert heard == [("a1", Fulfilment.SARPRAS_OUT, left.thing_id)]
