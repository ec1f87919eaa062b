from __future__ import annotations

import pytest

from fieldkit.domain.sarpras.inventory import (
    CRITICAL,
    FUELLED,
    USUAL_CONSUMABLES,
    Condition,
    Consumable,
    Portion,
    SarprasItem,
    SarprasKind,
    SarprasKit,
)


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
