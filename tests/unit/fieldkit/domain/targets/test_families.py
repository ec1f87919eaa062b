"""What a row above a family says holds for the people below."""

from __future__ import annotations

import pytest

from fieldkit.domain.targets.families import NO_FAMILY, Family, read_family
from fieldkit.domain.targets.sheets import Cell, SheetRow

KK = "3505120101100001"
WHOLE = Family(KK, "JL. MAWAR 3, KRAJAN", "003", "001")


def family(*cells: Cell, before: Family = NO_FAMILY) -> Family | None:
    return read_family(SheetRow(7, cells), before)


@pytest.mark.parametrize(
    ("cells", "told"),
    [
        ((f"No. KK : {KK} Alamat : JL. MAWAR 3, Nama Dusun : KRAJAN, RT/RW : 003/001",), WHOLE),
        ((f"NOMOR KK: {KK}", "Alamat : JL. MAWAR 3", "Dusun : KRAJAN", "RT : 3", "RW : 1"), WHOLE),
        (("No. KK", KK, None, "Nama Kepala Keluarga", "SUTRISNO"), Family(KK)),
        (("No. KK :", f"'{KK}"), Family(KK)),
        (("No KK : 3505 1201 0110 0001",), Family(KK)),
        ((f"No. KK : {KK} RT/RW 3/1 Kode Pos : 66161",), Family(KK, rt="003", rw="001")),
        ((f"No. KK : {KK} Desa/Kel : JIMBE Kecamatan : KADEMANGAN",), Family(KK, village="JIMBE")),
        (("Nama Kepala Keluarga :", "SUTRISNO"), NO_FAMILY),
        ((None, "Alamat :", "DUSUN KRAJAN RT/RW 003/001"), Family(street="DUSUN KRAJAN", rt="003", rw="001")),
    ],
)
def test_a_family_row_is_read_label_by_label(cells: tuple[Cell, ...], told: Family) -> None:
    assert family(*cells) == told


@pytest.mark.parametrize(
    "cells",
    [
        (),
        (None, None),
        (1, "MISINEM", "3505125207510003", "Alamat : KRAJAN"),
        ("MISINEM", "No. KK :", KK),
        ("RT : 003",),
        ("No. Akta : 12",),
        ("ALAMATSARI",),
    ],
)
def test_another_row_is_no_family(cells: tuple[Cell, ...]) -> None:
    assert family(*cells) is None


def test_rows_add_up_until_the_next_number() -> None:
    first = family("No. KK :", KK)
    assert first is not None
    second = family("Alamat :", "KRAJAN RT/RW : 003/001", before=first)
    assert second == Family(KK, "KRAJAN", "003", "001")
    assert family("No. KK : 3505120101100002", before=second) == Family("3505120101100002")
