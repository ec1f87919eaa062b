from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import ACTIVITY, KETUA, PENGURUS, PETUGAS, Kit
from support.samples import INK
from support.sarpras import KIT_ID, SIGNATURE, fill, stock_inventory, take_out, verdict
from support.sops import SMALL

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import Plan, Terrain
from fieldkit.domain.sarpras import CheckOut, Condition, Consumable, SarprasItem, SarprasKind, SarprasKit
from fieldkit.domain.sop.profile import Equipment, SopDocument
from fieldkit.ports.devices import DeviceKind
from fieldkit.services.sarpras.check_out_kit import CheckOutKit
from fieldkit.services.sarpras.lists import ListTools
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.storage.store import open_store


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan()
    stock_inventory(kit)
    yield kit
    kit.store.close()


@pytest.fixture
def out(kit: Kit) -> CheckOutKit:
    return kit.context.office.sarpras.out


def other_context(kit: Kit, folder: Path, user: User) -> CheckOutKit:
    """The same store for somebody else."""
    units = UnitsOfWork(kit.store, kit.clock, kit.context.office.units.ids, user)
    return CheckOutKit(units, ListTools(kit.laptop.read, kit.context.signatures), kit.context.office.blanks.kit_id)


def stock(kit: Kit, consumable_id: str) -> int:
    with kit.store.read() as unit:
        return unit.repository(Consumable).get(consumable_id).stock


def refused(out: CheckOutKit, list_id: str, reason: str = "") -> str:
    with pytest.raises(RuleError) as refusal:
        out.close(list_id, reason)
    return refusal.value.code


def test_the_only_kit_is_taken_and_its_portions_are_proposed(out: CheckOutKit) -> None:
    found = out.begin("a1")
    assert found.kits == (KIT_ID,)
    assert [line.name for line in found.checklist.lines][:2] == ["Pemindai sidik jari", "Kamera iris"]
    assert [(c.name, c.count, c.most) for c in found.checklist.counts] == [
        ("Masker", 20, 100),
        ("Sarung tangan", 20, 60),
        ("Tisu", 4, 8),
    ]
    assert all(line.condition is None for line in found.checklist.lines)


def test_the_plan_names_the_kits_and_several_are_asked_for_without_one(kit: Kit, out: CheckOutKit) -> None:
    with kit.store.write() as unit:
        unit.repository(SarprasKit).save(SarprasKit("kit-8", "Kit 08", ("i6",)))
    assert out.begin("a1").checklist.lines == ()
    with kit.store.write() as unit:
        unit.repository(Plan).save(
            Plan("a2", "a2", (date(2026, 11, 23),), time(8), (), ("kit-8",), "Mobil", Terrain.EASY, 60)
        )
    assert [line.item_id for line in out.begin("a2").checklist.lines] == ["i6"]


def test_choosing_kits_keeps_the_answers_of_what_stays(kit: Kit, out: CheckOutKit) -> None:
    with kit.store.write() as unit:
        unit.repository(SarprasKit).save(SarprasKit("kit-8", "Kit 08", ("i6", "i1")))
    found = out.begin("a1")
    found = out.choose_kits(found.thing_id, (KIT_ID, "kit-8"))
    assert len(found.checklist.lines) == 8  # each item once
    out.answer(found.thing_id, "i6", Condition.RUSAK_RINGAN)
    found = out.choose_kits(found.thing_id, ("kit-8",))
    assert [(line.item_id, line.condition) for line in found.checklist.lines] == [
        ("i6", Condition.RUSAK_RINGAN),
        ("i1", None),
    ]


def test_each_answer_is_on_disk_before_the_next_and_a_second_start_goes_on(kit: Kit, tmp_path: Path) -> None:
    out = kit.context.office.sarpras.out
    found = out.begin("a1")
    out.all_good(found.thing_id, "i1")
    out.answer(found.thing_id, "i2", Condition.RUSAK_RINGAN)
    out.note(found.thing_id, "i2", "  kaca\n tergores ")
    out.count(found.thing_id, "c1", 30)
    kit.store.close()  # as a kill leaves it: nothing was asked to save
    kit.store = open_store(tmp_path / "kit.db", b"k" * 32, "KIT-07", kit.clock, kit.context.office.units.ids)
    again = other_context(kit, tmp_path, KETUA).begin("a1")
    assert again.thing_id == found.thing_id
    assert again.checklist.line("i1").is_answered
    assert again.checklist.line("i2").note == "kaca tergores"
    assert again.checklist.counts[0].count == 30


def test_leaving_asks_for_every_line_then_for_the_permission(out: CheckOutKit) -> None:
    found = out.begin("a1")
    assert refused(out, found.thing_id) == "sarpras.unchecked"
    assert refused(out, found.thing_id, "buru-buru") == "sarpras.unchecked"  # no reason helps
    fill(out, found)
    assert refused(out, found.thing_id) == "sarpras.no_izin"


def test_it_leaves_signed_and_the_stock_goes_down(kit: Kit, out: CheckOutKit) -> None:
    left = take_out(kit)
    assert left.is_out
    assert left.taken_by == KETUA.user_id
    assert left.checklist.izin is not None
    assert left.checklist.izin.given_by == PENGURUS.user_id
    assert out.ink(left.checklist.izin) == INK
    assert out.photo(left.checklist.izin.picture).startswith(b"\x89PNG")
    assert (stock(kit, "c1"), stock(kit, "c2"), stock(kit, "c3")) == (80, 40, 4)
    with kit.store.read() as unit:
        kinds = [event.kind for event in unit.events.of(left.thing_id)]
        assert unit.events.verify()[1] is None
    assert (kinds[0], kinds[-1]) == ("sarpras_out_begun", "sarpras_out")
    with pytest.raises(RuleError) as closed:
        out.all_good(left.thing_id, "i1")
    assert closed.value.code == "sarpras.list_closed"
    with pytest.raises(RuleError) as twice:
        out.begin("a1")
    assert twice.value.code == "sarpras.already_out"


def test_a_change_after_the_signature_asks_for_a_new_one(out: CheckOutKit) -> None:
    found = fill(out, out.begin("a1"))
    assert out.allow(found.thing_id, PENGURUS, SIGNATURE).checklist.izin is not None
    assert out.measure(found.thing_id).checklist.izin is not None  # measured, not said
    assert out.begin("a1").checklist.izin is not None
    assert out.count(found.thing_id, "c1", 21).checklist.izin is None
    assert refused(out, found.thing_id) == "sarpras.no_izin"


def test_only_the_pengurus_barang_gives_the_permission(out: CheckOutKit) -> None:
    found = out.begin("a1")
    with pytest.raises(RuleError) as refusal:
        out.allow(found.thing_id, KETUA, SIGNATURE)
    assert refusal.value.code == "sarpras.keeper_only"


@pytest.mark.parametrize(
    ("condition", "code"), [(Condition.HILANG, "sarpras.item_lost"), (Condition.RUSAK_BERAT, "sarpras.item_broken")]
)
def test_something_critical_blocks_until_a_team_lead_gives_a_reason(
    kit: Kit, out: CheckOutKit, tmp_path: Path, condition: Condition, code: str
) -> None:
    found = fill(out, out.begin("a1"))
    out.answer(found.thing_id, "i1", condition)
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    assert refused(out, found.thing_id) == code
    petugas = other_context(kit, tmp_path, PETUGAS)
    assert refused(petugas, found.thing_id, "pinjam dari kecamatan") == "role.not_yours"
    left = out.close(found.thing_id, "pinjam dari  kecamatan")
    assert left.override == "pinjam dari kecamatan"
    with kit.store.read() as unit:
        assert unit.repository(SarprasItem).get("i1").condition is condition
        assert '"is_overridden":true' in unit.events.of(left.thing_id)[-1].payload


def test_what_is_not_critical_only_warns(out: CheckOutKit) -> None:
    found = fill(out, out.begin("a1"))
    found = out.answer(found.thing_id, "i7", Condition.HILANG)
    assert "sarpras.item_lost" in {c.problem.code for c in out.concerns(found)}
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    assert out.close(found.thing_id).is_out


def test_what_the_inventory_knows_as_broken_stays_so_until_the_repair_is_noted(kit: Kit, tmp_path: Path) -> None:
    with kit.store.write() as unit:
        item = unit.repository(SarprasItem).get("i1")
        unit.repository(SarprasItem).save(replace(item, condition=Condition.RUSAK_BERAT))
    out = kit.context.office.sarpras.out
    found = out.begin("a1")
    assert found.checklist.line("i1").condition is Condition.RUSAK_BERAT
    for act in (lambda: out.all_good(found.thing_id, "i1"), lambda: out.answer(found.thing_id, "i1", Condition.BAIK)):
        with pytest.raises(RuleError) as refusal:
            act()
        assert refusal.value.code == "sarpras.repair_first"
    keeper = other_context(kit, tmp_path, PENGURUS)
    assert keeper.all_good(found.thing_id, "i1").checklist.line("i1").condition is Condition.BAIK


def test_a_repair_noted_meanwhile_asks_the_line_anew(kit: Kit, out: CheckOutKit) -> None:
    with kit.store.write() as unit:
        item = unit.repository(SarprasItem).get("i1")
        unit.repository(SarprasItem).save(replace(item, condition=Condition.HILANG))
    assert out.begin("a1").checklist.line("i1").is_lost
    with kit.store.write() as unit:
        unit.repository(SarprasItem).save(item)
    assert out.begin("a1").checklist.line("i1").condition is None


def test_more_than_the_stock_is_refused_when_counted_and_when_leaving(kit: Kit, out: CheckOutKit) -> None:
    found = fill(out, out.begin("a1"))
    for count, code in ((101, "sarpras.beyond_stock"), (-1, "sarpras.bad_count")):
        with pytest.raises(InputError) as refusal:
            out.count(found.thing_id, "c1", count)
        assert refusal.value.code == code
    out.count(found.thing_id, "c1", 100)
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    with kit.store.write() as unit:  # somebody else took some meanwhile
        unit.repository(Consumable).save(Consumable("c1", "Masker", "lembar", 50, 20))
    assert refused(out, found.thing_id) == "sarpras.beyond_stock"
    assert (stock(kit, "c1"), stock(kit, "c2")) == (50, 60)  # all or nothing


def test_what_is_out_elsewhere_cannot_leave_again(kit: Kit, out: CheckOutKit) -> None:
    take_out(kit)
    found = fill(out, out.begin("a2"))
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    assert refused(out, found.thing_id) == "sarpras.still_out"


def test_a_test_of_this_morning_fills_a_list_that_is_opened_later(kit: Kit, out: CheckOutKit) -> None:
    kit.context.office.sarpras.tests.keep([verdict(DeviceKind.FINGERPRINT)])
    kit.clock.at += timedelta(hours=2)
    test = out.begin("a1").checklist.line("i1").test
    assert test is not None
    assert (test.is_ok, test.serial) == (True, "SN-FIN-20817")
    kit.clock.at += timedelta(hours=12)
    assert out.begin("a2").checklist.line("i1").test is None


def test_photos_odometer_and_fuel_are_kept(out: CheckOutKit) -> None:
    found = out.begin("a1")
    found = out.add_photo(found.thing_id, "i1", b"\xff\xd8photo")
    assert out.photo(found.checklist.line("i1").photos[0]) == b"\xff\xd8photo"
    found = out.travel(found.thing_id, "i8", 41_250, " penuh ")
    assert (found.checklist.line("i8").km, found.checklist.line("i8").fuel) == (41_250, "penuh")
    with pytest.raises(InputError):
        out.travel(found.thing_id, "i8", -1, "")


def test_others_than_the_team_and_the_keeper_may_not(kit: Kit, tmp_path: Path) -> None:
    kasi = other_context(kit, tmp_path, User("u9", "Kasi", Role.KASI))
    with pytest.raises(RuleError) as refusal:
        kasi.begin("a1")
    assert refusal.value.code == "role.not_yours"


def test_an_activity_has_no_list_before_one_is_begun(out: CheckOutKit) -> None:
    assert out.current("a1") is None
    found = out.begin("a1")
    assert out.current("a1") == found
    assert isinstance(found, CheckOut)
    assert ACTIVITY.activity_id == found.activity_id


ASKS = SopDocument(
    equipment=(
        Equipment("Kamera", SarprasKind.PHOTO_CAMERA),  # Kit 07 holds one
        Equipment("Printer", SarprasKind.PRINTER),
        Equipment("Aplikasi SIAK"),
    ),
    supplies=("sarung tangan", "Hand sanitizer"),
)


def test_the_sop_asks_for_what_no_kit_holds_and_for_its_supplies(kit: Kit, out: CheckOutKit) -> None:
    with kit.store.write() as unit:
        unit.repository(SarprasKit).save(SarprasKit("kit-8", "Kit 08", ("i3", "i6")))
        unit.repository(Consumable).save(Consumable("c9", "Handsanitizer", "botol", 5))
    add_activity(kit, "x", replace(SMALL, document=ASKS))
    found = out.begin("x", ("kit-8",))
    assert [(line.item_id, line.name, line.is_critical) for line in found.checklist.lines[2:]] == [
        ("sop:Printer", "Printer", False)
    ]
    assert {(c.name, c.count) for c in found.checklist.counts} == {("Sarung tangan", 0), ("Handsanitizer", 0)}
    fill(out, found)
    out.answer(found.thing_id, "sop:Printer", Condition.HILANG)
    assert out.begin("x").checklist.line("sop:Printer").is_lost
    out.count(found.thing_id, "c9", 2)
    out.allow(found.thing_id, PENGURUS, SIGNATURE)
    left = out.close(found.thing_id)
    assert (left.is_out, stock(kit, "c9")) == (True, 3)
    back = kit.context.office.sarpras.back.begin("x")
    assert [line.item_id for line in back.checklist.lines] == ["i3", "i6"]


def test_without_a_kit_the_sop_asks_for_nothing_yet(kit: Kit, out: CheckOutKit) -> None:
    with kit.store.write() as unit:
        unit.repository(SarprasKit).save(SarprasKit("kit-8", "Kit 08", ("i6",)))
    add_activity(kit, "x", replace(SMALL, document=ASKS))
    found = out.begin("x")
    assert (found.checklist.lines, found.checklist.counts) == ((), ())
