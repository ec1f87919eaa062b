from __future__ import annotations

from dataclasses import replace
from datetime import date
from importlib.resources import files

import pytest
import yaml

from fieldkit.domain.errors import InputError
from fieldkit.domain.recording.biodata import CODED_FIELDS, Biodata, CodeTables, check_biodata

TABLES = CodeTables(yaml.safe_load(files("assets").joinpath("tables/kode.yaml").read_text("utf-8")))
TODAY = date(2026, 11, 21)


def test_a_single_word_name_is_normal(biodata: Biodata) -> None:
    check_biodata(biodata, TABLES, TODAY)


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"name": "  "}, "biodata.no_name"),
        ({"name": "X" * 61}, "biodata.name_too_long"),
        ({"name": "МИСИНЕМ"}, "biodata.name_not_latin"),
        ({"name": "MISINEM 2"}, "biodata.name_not_latin"),
        ({"birth_date": date(2027, 1, 1)}, "biodata.birth_date"),
        ({"occupation": 90}, "biodata.unknown_code"),
        ({"religion": 0}, "biodata.unknown_code"),
    ],
)
def test_what_cannot_be_on_a_kk(biodata: Biodata, change: dict[str, object], code: str) -> None:
    with pytest.raises(InputError) as caught:
        check_biodata(replace(biodata, **change), TABLES, TODAY)  # type: ignore[arg-type]  # one field per case
    assert caught.value.code == code


def test_the_tables_are_the_official_ones() -> None:
    assert set(TABLES.tables) == set(CODED_FIELDS.values())
    assert [len(TABLES.tables[t]) for t in ("agama", "golongan_darah", "status_kawin", "pekerjaan")] == [7, 13, 4, 89]
    assert TABLES.wording("pekerjaan", 64) == "DOSEN"
    assert TABLES.wording("pekerjaan", 86) == "KEPALA DESA"


def test_the_name_is_masked_for_the_top_status_bar(biodata: Biodata) -> None:
    assert biodata.masked_name == "MIS•••"
