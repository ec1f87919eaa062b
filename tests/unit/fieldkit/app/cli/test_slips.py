from __future__ import annotations

from pathlib import Path

import pypdfium2
import pytest
from support.commands import fieldkit, refused

from fieldkit.app.cli.slips import kits_in
from fieldkit.domain.errors import InputError

URL = "https://pusat.example:8443"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    made = tmp_path / "gateway"
    assert fieldkit("gateway", "init", "--dir", made, "--dinas", "Dinas Uji", "--host", "pusat.example").code == 0
    return made


@pytest.mark.parametrize(
    "text",
    [
        "K01,ani\nK02,budi\n",
        "kit;admin\nK01;ani\n\nK02;budi\n",
        "\ufeffNo,Admin,Laptop\n1,ani,K01\n2,budi,K02\n",
    ],
)
def test_a_table_names_kit_and_admin(tmp_path: Path, text: str) -> None:
    (tmp_path / "kits.csv").write_text(text, "utf-8")
    assert kits_in(tmp_path / "kits.csv") == [("K01", "ani"), ("K02", "budi")]


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("", "slips.none"),
        ("K01\n", "slips.row"),
        ("K01,ani\nK01,budi\n", "slips.twice"),
        ("K01,A ni\n", "cli.user_id_form"),
    ],
)
def test_a_bad_row_is_named_before_any_code_is_made(tmp_path: Path, text: str, code: str) -> None:
    (tmp_path / "kits.csv").write_text(text)
    with pytest.raises(InputError) as caught:
        kits_in(tmp_path / "kits.csv")
    assert caught.value.code == code


@pytest.mark.days
def test_many_kits_get_one_sheet_of_slips(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "kits.csv").write_text("".join(f"K{n:02},ani\n" for n in range(1, 8)))
    sheet = tmp_path / "slips.pdf"
    order = ("gateway", "enrol-code", "--dir", folder, "--url", URL, "--csv", tmp_path / "kits.csv")
    made = fieldkit(*order, "--sheet", sheet, "--json").json
    assert [each["kit"] for each in made] == [f"K{n:02}" for n in range(1, 8)]
    pages = [page.get_textpage().get_text_range() for page in pypdfium2.PdfDocument(sheet.read_bytes())]
    assert len(pages) == 2
    assert all(each["code"] in "".join(pages).replace("\r\n", "") for each in made)
    assert "Dinas Uji" in pages[0]
    assert sheet.stat().st_mode & 0o077 == 0
    assert refused(*order, "--sheet", sheet) == (2, "cli.exists")
    told = fieldkit(*order).out
    assert ("Laptop: K07, admin: ani" in told, told.count(URL)) == (True, 7)


def test_one_kit_or_a_table_has_to_be_named(folder: Path, tmp_path: Path) -> None:
    order = ("gateway", "enrol-code", "--dir", folder, "--url", URL)
    (tmp_path / "kits.csv").write_text("K01,ani\n")
    for wrong in ((), ("--kit", "K01"), ("--kit", "K01", "--admin", "ani", "--csv", tmp_path / "kits.csv")):
        assert refused(*order, *wrong) == (2, "slips.which")
