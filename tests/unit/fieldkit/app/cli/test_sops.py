from __future__ import annotations

from pathlib import Path

import pytest
from support.commands import fieldkit

ROOT = Path(__file__).parents[5]
BLITAR = ROOT / "assets/sop/blitar_si_jaran_ijo.yaml"


def test_a_good_file_is_shown_as_the_program_understands_it() -> None:
    said = fieldkit("sop", "check", BLITAR, "--json")
    assert (said.code, said.err) == (0, "")
    assert said.json["id"] == "blitar_si_jaran_ijo"
    assert said.json["document"]["made_on"] == "2023-12-05"
    assert said.json["document"]["on_the_checklist"] == ["Kendaraan", "Set Alat Perekaman"]
    first, *_, last = said.json["steps"]
    assert (first["who"], first["accounts"], first["minutes"]) == ("Pemohon", [], 5)
    assert "loket" in first["recorded_by"]
    assert (last["no"], last["who"]) == (12, "")


@pytest.mark.parametrize(("lang", "word"), [("id", "Pelaksana"), ("en", "Done by")])
def test_for_people(lang: str, word: str) -> None:
    said = fieldkit("sop", "check", BLITAR, lang=lang)
    assert (said.code, said.err) == (0, "")
    assert word in said.out
    assert "Kepala Dinas Kependudukan" in said.out


def test_every_mistake_is_one_sentence_with_file_line_and_field(tmp_path: Path) -> None:
    file = tmp_path / "kediri.yaml"
    text = BLITAR.read_text("utf-8")
    file.write_text(text.replace("kabid, kasi]", "kabag]").replace("menit: 120,", "menit: lama,"), "utf-8")
    said = fieldkit("sop", "check", file)
    assert said.code == 2
    lines = said.err.splitlines()
    assert len(lines) == 2
    at = text[: text.index("Bidang Dafduk: [")].count("\n") + 1
    assert lines[0].startswith(f"Berkas kediri.yaml, baris {at}, isian “peran › Bidang Dafduk › akun 1”")
    assert "langkah 3 › waktu › menit" in lines[1]


def test_a_file_that_is_not_there(tmp_path: Path) -> None:
    said = fieldkit("sop", "check", tmp_path / "tidak-ada.yaml")
    assert (said.code, said.problem) == (2, "cli.unreadable")


def test_the_example_is_written_once_and_is_a_good_file(tmp_path: Path) -> None:
    file = tmp_path / "kia.yaml"
    assert fieldkit("sop", "example", file).code == 0
    said = fieldkit("sop", "check", file, "--json")
    assert (said.code, said.json["id"], len(said.json["steps"])) == (0, "kia_di_sekolah", 12)
    again = fieldkit("sop", "example", file)
    assert (again.code, again.problem) == (2, "cli.unwritable")
