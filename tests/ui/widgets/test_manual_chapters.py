from __future__ import annotations

from pathlib import Path

import pytest

from ui.widgets import letter_pages


def test_pictures_that_are_not_here_and_ways_out_of_the_manual_are_left_out(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uji.md").write_text(
        "# Uji\n\n![masuk](masuk.png)\nBaca [bab](petugas.md) dan [paket](../installing.md).\n"
    )
    monkeypatch.setattr(letter_pages, "_FOLDERS", (tmp_path / "none", tmp_path))
    monkeypatch.setattr(letter_pages, "_PICTURES", (tmp_path / "none", tmp_path))
    assert letter_pages.chapter_text("uji") == "# Uji\n\nBaca [bab](petugas.md) dan paket.\n"
    with pytest.raises(OSError, match="none"):
        letter_pages.chapter_text("none")


def test_a_picture_that_a_package_brought_or_a_checkout_made_stays(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "uji.md").write_text("![masuk](masuk.png)\n![kirim](kirim.png)\n")
    (tmp_path / "made").mkdir()
    (tmp_path / "made" / "kirim.png").write_bytes(b"PNG")
    monkeypatch.setattr(letter_pages, "_FOLDERS", (tmp_path,))
    monkeypatch.setattr(letter_pages, "_PICTURES", (tmp_path, tmp_path / "made"))
    assert letter_pages.chapter_text("uji") == "![kirim](kirim.png)\n"
    assert letter_pages.picture_file("kirim.png") == tmp_path / "made" / "kirim.png"
    assert letter_pages.picture_file("../uji.md") == tmp_path / "uji.md", "never out of the folders"
