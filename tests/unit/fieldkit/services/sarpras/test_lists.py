from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import KETUA, PENGURUS, Kit
from support.sarpras import SIGNATURE, stock_inventory

from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.people import Role, User
from fieldkit.domain.sarpras import Condition, SarprasItem
from fieldkit.services.sarpras.lists import MOST_KM, NOTE_LENGTH, note_conditions
from fieldkit.services.unit_of_work import UnitOfWork


@pytest.fixture
def kit(tmp_path: Path):
    kit = Kit(tmp_path, KETUA)
    kit.plan()
    stock_inventory(kit)
    yield kit
    kit.store.close()


def test_lengkap_and_bersih_turn_from_unasked_to_yes_to_no(kit: Kit) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    turned = [out.turn_complete(list_id, "i1").checklist.line("i1").is_complete for _ in range(3)]
    assert turned == [True, False, True]
    assert [out.turn_clean(list_id, "i1").checklist.line("i1").is_clean for _ in range(2)] == [True, False]


def test_what_changes_nothing_is_no_event(kit: Kit) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    out.note(list_id, "i1", "lecet")
    out.note(list_id, "i1", " lecet ")
    with kit.store.read() as unit:
        assert len(unit.events.of(list_id)) == 2


def test_notes_stay_out_of_the_log_and_have_an_end(kit: Kit) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    found = out.note(list_id, "i1", "rahasia " * 100)
    assert len(found.checklist.line("i1").note) == NOTE_LENGTH
    with kit.store.read() as unit:
        assert not any("rahasia" in event.payload for event in unit.events.of(list_id))


def test_power_disk_and_clock_are_measured_on_demand(kit: Kit) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    kit.laptop.battery_percent = None
    reading = out.measure(list_id).checklist.laptop
    assert reading is not None
    assert (reading.battery_percent, reading.clock_skew_s) == (None, 0.4)


def test_the_inventory_learns_how_things_were_last_seen(kit: Kit) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    found = out.answer(list_id, "i1", Condition.RUSAK_RINGAN)
    units = kit.context.office.units
    with kit.store.write() as unit:
        note_conditions(UnitOfWork(unit, KETUA, kit.clock.now(), units.ids), found.checklist)
    with kit.store.read() as unit:
        assert unit.repository(SarprasItem).get("i1").condition is Condition.RUSAK_RINGAN
        assert [event.kind for event in unit.events.of("i1")] == ["sarpras_seen"]
        assert unit.events.of("i2") == []


def test_an_unknown_list_is_an_error(kit: Kit) -> None:
    with pytest.raises(StoreError):
        kit.context.office.sarpras.out.all_good("nowhere", "i1")


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.PENGURUS_BARANG])
def test_no_other_role_gives_the_permission(kit: Kit, role: Role) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    with pytest.raises(RuleError) as refusal:
        out.allow(list_id, User("x", "X", role), SIGNATURE)
    assert refusal.value.code == "sarpras.keeper_only"
    assert out.allow(list_id, PENGURUS, SIGNATURE).checklist.izin is not None


@pytest.mark.parametrize(
    ("km", "is_taken"), [(None, True), (0, True), (MOST_KM, True), (-1, False), (MOST_KM + 1, False)]
)
def test_an_odometer_shows_so_many_km(kit: Kit, km: int | None, is_taken: bool) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    if is_taken:
        assert out.travel(list_id, "i8", km, "penuh").checklist.line("i8").km == km
    else:
        with pytest.raises(InputError, match=r"sarpras\.bad_km"):
            out.travel(list_id, "i8", km, "penuh")


@pytest.mark.parametrize(
    ("count", "code"), [(0, ""), (60, ""), (-1, r"sarpras\.bad_count"), (61, r"sarpras\.beyond_stock")]
)
def test_a_consumable_is_counted_from_nothing_to_all(kit: Kit, count: int, code: str) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    if code:
        with pytest.raises(InputError, match=code):
            out.count(list_id, "c2", count)
    else:
        assert [line.count for line in out.count(list_id, "c2", count).checklist.counts] == [20, count, 4]


def test_what_was_signed_stays_signed_when_the_same_is_said_again(kit: Kit) -> None:
    out = kit.context.office.sarpras.out
    list_id = out.begin("a1").thing_id
    out.note(list_id, "i1", "lecet")
    out.allow(list_id, PENGURUS, SIGNATURE)
    assert out.note(list_id, "i1", " lecet ").checklist.izin is not None
    assert out.note(list_id, "i1", "bersih").checklist.izin is None
