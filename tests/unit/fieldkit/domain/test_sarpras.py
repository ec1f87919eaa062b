from __future__ import annotations

from dataclasses import replace

import pytest
from support.clock import NOW
from support.sarpras import checklist, line, result

from fieldkit.domain.sarpras import (
    CRITICAL,
    FUELLED,
    USUAL_CONSUMABLES,
    CheckIn,
    Checklist,
    CheckOut,
    Condition,
    Consumable,
    CountLine,
    Gravity,
    ItemLine,
    Izin,
    LaptopReading,
    Portion,
    SarprasItem,
    SarprasKind,
    SarprasKit,
    Unsent,
    concerns_in,
    concerns_out,
    consumption,
    distance_km,
    ready_count,
)

IZIN = Izin("sri", "Sri Handayani", NOW)


def test_a_line_is_answered_when_all_three_questions_are() -> None:
    assert not line().is_answered
    for given in ({"is_complete": True}, {"is_clean": True}):
        assert not line(condition=Condition.BAIK, **given).is_answered
    assert not line(is_complete=True, is_clean=True).is_answered
    assert line(condition=Condition.BAIK, is_complete=False, is_clean=False).is_answered
    assert line().all_good().is_answered


def test_what_is_lost_is_asked_nothing_more() -> None:
    lost = line().all_good().answered(Condition.HILANG)
    assert (lost.is_answered, lost.is_complete, lost.is_clean) == (True, None, None)


@pytest.mark.parametrize(
    ("wanted", "found", "is_other"),
    [("SN-1", "SN-2", True), ("SN-1", "sn-1", False), ("", "SN-2", False), ("S", "", False)],
)
def test_another_serial_is_noticed_when_both_are_known(wanted: str, found: str, is_other: bool) -> None:
    assert line(serial=wanted, test=result(found)).is_other_device is is_other
    assert not line(serial=wanted).is_other_device


def test_only_what_somebody_looked_at_is_worse() -> None:
    worn = line(before=Condition.RUSAK_RINGAN)
    conditions = (None, Condition.BAIK, Condition.RUSAK_RINGAN, Condition.RUSAK_BERAT, Condition.HILANG)
    assert [replace(worn, condition=each).is_worse for each in conditions] == [False, False, False, True, True]


def test_a_change_is_that_of_its_line_or_count_alone() -> None:
    counts = (CountLine("c", "Masker", "lembar", 9, 3), CountLine("d", "Tisu", "pak", 9, 1))
    made = replace(checklist(line("a"), line("b")), counts=counts)
    changed = line("b", note="lecet")
    assert made.with_line(changed).lines == (line("a"), changed)
    assert made.with_count(replace(counts[1], count=4)).counts == (counts[0], replace(counts[1], count=4))


def test_a_change_of_lines_or_counts_undoes_the_signature_and_a_test_does_not() -> None:
    signed = replace(checklist(), counts=(CountLine("c", "Masker", "lembar", 9, 3),), izin=IZIN)
    assert signed.with_line(line(note="lecet")).izin is None
    assert signed.with_count(replace(signed.counts[0], count=4)).izin is None
    same = signed.with_count(signed.counts[0])
    assert same.izin == signed.with_line(signed.lines[0]).izin == IZIN, "nothing changed"
    tested = signed.with_tests([line(test=result())])
    assert tested.izin == IZIN
    assert tested.line("i1").test == result()


def test_an_unknown_item_is_no_line() -> None:
    with pytest.raises(KeyError):
        checklist().line("elsewhere")


def test_answered_lines_are_counted() -> None:
    assert checklist(line("a").all_good(), line("b")).answered == 1


def test_a_list_is_out_until_it_came_back() -> None:
    filling = CheckOut("o", "a1", (), ("Kit 07",), checklist(), "u", NOW)
    left = replace(filling, out_at=NOW)
    assert (filling.is_out, filling.is_closed) == (False, False)
    assert (left.is_out, left.is_closed) == (True, True)
    assert not replace(left, check_in="i").is_out
    assert left.words == "Kit 07 Pemindai SN-1"
    back = CheckIn("i", "a1", "o", ("Kit 07",), checklist(), "u", NOW)
    assert (back.is_closed, replace(back, in_at=NOW).is_closed) == (False, True)


@pytest.mark.parametrize(
    ("condition", "may_go"),
    [
        (Condition.BAIK, True),
        (Condition.RUSAK_RINGAN, True),
        (Condition.RUSAK_BERAT, False),
        (Condition.HILANG, False),
    ],
)
def test_what_is_lost_or_badly_damaged_cannot_be_worked_with(condition: Condition, may_go: bool) -> None:
    assert condition.may_go is may_go


def test_without_six_kinds_nobody_is_recorded_and_two_are_fuelled() -> None:
    assert {kind.value for kind in CRITICAL} == {
        *("laptop", "fingerprint_scanner", "iris_camera", "photo_camera", "signature_pad", "vehicle")
    }
    assert {kind.value for kind in FUELLED} == {"vehicle", "generator"}


def test_conditions_go_from_good_to_lost() -> None:
    assert Condition.HILANG.is_worse_than(Condition.RUSAK_BERAT)
    assert Condition.RUSAK_RINGAN.is_worse_than(Condition.BAIK)
    assert not Condition.BAIK.is_worse_than(Condition.BAIK)
    assert not Condition.BAIK.is_worse_than(Condition.HILANG)


def test_stock_below_the_minimum_is_low() -> None:
    assert Consumable("c", "Masker", "lembar", 19, 20).is_low
    assert not Consumable("c", "Masker", "lembar", 20, 20).is_low


def test_the_usual_consumables_are_those_of_the_sops() -> None:
    names = {name for name, _, _ in USUAL_CONSUMABLES}
    assert {"Tisu", "Minyak kayu putih", "Sarung tangan", "Masker", "Handsanitizer", "Ribbon"} <= names


def test_things_are_found_by_name_and_number() -> None:
    item = SarprasItem("i", SarprasKind.IRIS_CAMERA, "Kamera iris", "IR-1174", "02.06.03")
    assert {"Kamera", "IR-1174", "02.06.03", "iris"} <= set(item.words.split())
    kit = SarprasKit("k", "Kit 07", (), (Portion("c", 4),))
    assert (kit.words, kit.quantity_of("c"), kit.quantity_of("d")) == ("Kit 07", 4, 0)


GOOD = line().all_good()
MEASURED = LaptopReading(NOW, 96, True, 212 * 1024**3, 0.4)
NOTHING = Unsent(0, None)


def signed(*lines: ItemLine, laptop: LaptopReading | None = MEASURED) -> Checklist:
    return replace(checklist(*lines), laptop=laptop, izin=IZIN)


def out(*lines: ItemLine, laptop: LaptopReading | None = MEASURED) -> dict[str, Gravity]:
    return {c.problem.code.removeprefix("sarpras."): c.gravity for c in concerns_out(signed(*lines, laptop=laptop))}


def test_a_good_signed_list_may_go() -> None:
    assert out(GOOD) == {}


@pytest.mark.parametrize(
    ("wrong", "code", "gravity"),
    [
        (GOOD.answered(Condition.HILANG), "item_lost", Gravity.BLOCKS),
        (GOOD.answered(Condition.RUSAK_BERAT), "item_broken", Gravity.BLOCKS),
        (GOOD.answered(Condition.RUSAK_RINGAN), "item_worn", Gravity.WARNS),
        (replace(GOOD, is_complete=False), "item_incomplete", Gravity.BLOCKS),
        (replace(GOOD, is_clean=False), "item_dirty", Gravity.WARNS),
        (replace(GOOD, test=result(is_ok=False)), "test_failed", Gravity.BLOCKS),
        (replace(GOOD, test=result("SN-9")), "other_serial", Gravity.BLOCKS),
        (line(), "unchecked", Gravity.STOPS),
    ],
)
def test_each_fault_weighs_what_it_should(wrong: ItemLine, code: str, gravity: Gravity) -> None:
    assert out(wrong) == {code: gravity}
    expected = gravity if gravity is Gravity.STOPS else Gravity.WARNS
    assert out(replace(wrong, is_critical=False)) == {code: expected}


def test_an_empty_list_goes_nowhere() -> None:
    empty = replace(checklist(), lines=(), laptop=MEASURED, izin=IZIN)
    assert [c.problem.code for c in concerns_out(empty)] == ["sarpras.no_items"]


@pytest.mark.parametrize(
    ("laptop", "told"),
    [
        (None, {"laptop_unmeasured": Gravity.WARNS}),
        (LaptopReading(NOW), {}),  # a machine that tells nothing is no fault
        (LaptopReading(NOW, 50, None, 2 * 1024**3, 120.0), {}),  # just enough
        (replace(MEASURED, battery_percent=49), {"battery_low": Gravity.WARNS}),
        (replace(MEASURED, free_bytes=2 * 1024**3 - 1), {"disk_low": Gravity.BLOCKS}),
        (replace(MEASURED, clock_skew_s=-121.0), {"clock_off": Gravity.WARNS}),
    ],
)
def test_power_disk_and_clock(laptop: LaptopReading | None, told: dict[str, Gravity]) -> None:
    assert out(GOOD, laptop=laptop) == told


def test_the_gravest_comes_first_and_names_the_line() -> None:
    found = concerns_out(replace(checklist(replace(GOOD, is_clean=False), line("i2")), laptop=MEASURED))
    assert [c.gravity for c in found] == [Gravity.STOPS, Gravity.BLOCKS, Gravity.WARNS]
    assert found[-1].item_id == "i1"
    assert found[-1].problem.params == {"item": "Pemindai"}


def test_more_than_there_is_stops() -> None:
    for count, found in ((9, []), (10, [Gravity.STOPS])):
        many = replace(signed(GOOD), counts=(CountLine("c", "Masker", "lembar", 9, count),))
        assert [c.gravity for c in concerns_out(many)] == found


def test_coming_back_damage_is_to_be_described_and_blocks_nothing_else() -> None:
    worse = GOOD.answered(Condition.RUSAK_BERAT)
    told = {c.problem.code: c.gravity for c in concerns_in(signed(worse), NOTHING)}
    assert told == {
        "sarpras.no_damage_note": Gravity.STOPS,
        "sarpras.no_damage_photo": Gravity.WARNS,
        "sarpras.item_broken": Gravity.WARNS,
    }
    described = replace(worse, note="jatuh", photos=("p",))
    assert [c.problem.code for c in concerns_in(signed(described), NOTHING)] == ["sarpras.item_broken"]
    lost = replace(GOOD.answered(Condition.HILANG), note="tertinggal")
    assert {c.problem.code for c in concerns_in(signed(lost), NOTHING)} == {"sarpras.item_lost"}


def test_what_was_worn_before_needs_no_new_description() -> None:
    worn = replace(GOOD.answered(Condition.RUSAK_RINGAN), before=Condition.RUSAK_RINGAN)
    assert {c.problem.code for c in concerns_in(signed(worn), NOTHING)} == {"sarpras.item_worn"}


def test_unsent_records_are_said() -> None:
    found = concerns_in(signed(GOOD), Unsent(7, NOW))
    assert [(c.problem.code, c.problem.params) for c in found] == [("sarpras.unsent", {"count": 7})]


def test_an_unsigned_return_waits() -> None:
    found = concerns_in(replace(signed(GOOD), izin=None), NOTHING)
    assert [(c.problem.code, c.gravity) for c in found] == [("sarpras.not_received", Gravity.BLOCKS)]


def test_ready_lines_are_answered_and_without_concern() -> None:
    assert ready_count(checklist(GOOD, line("b"), replace(GOOD, item_id="c", is_clean=False))) == 1


def test_how_far_a_vehicle_went() -> None:
    car = line("car", kind=SarprasKind.VEHICLE, fuel="penuh", km=100).all_good()
    assert distance_km(car, replace(car, fuel="setengah", km=148)) == 48
    assert distance_km(car, replace(car, km=None)) is None
    assert distance_km(replace(car, km=None), car) is None


def test_consumption_is_what_did_not_come_back() -> None:
    went = replace(
        checklist(), counts=(CountLine("a", "Masker", "lembar", 50, 20), CountLine("b", "Tisu", "pak", 9, 0))
    )
    came = replace(checklist(), counts=(CountLine("a", "Masker", "lembar", 20, 6),))
    assert [(u.name, u.taken, u.back, u.used) for u in consumption(went, came)] == [("Masker", 20, 6, 14)]
    uncounted = consumption(went, checklist())
    assert uncounted[0].used == 20
