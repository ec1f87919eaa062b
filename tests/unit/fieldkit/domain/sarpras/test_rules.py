from __future__ import annotations

from dataclasses import replace

import pytest
from support.clock import NOW
from support.sarpras import checklist, line, result

from fieldkit.domain.sarpras.checklist import Checklist, CountLine, ItemLine, Izin, LaptopReading, Unsent
from fieldkit.domain.sarpras.inventory import Condition, SarprasKind
from fieldkit.domain.sarpras.rules import (
    Gravity,
    concerns_in,
    concerns_out,
    consumption,
    distance_km,
    ready_count,
)

IZIN = Izin("sri", "Sri Handayani", NOW)
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
