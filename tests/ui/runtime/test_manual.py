from __future__ import annotations

from pathlib import Path

import pytest

from ui.runtime import manual


def test_pictures_and_ways_out_of_the_manual_are_left_out(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "uji.md").write_text(
        "# Uji\n\n![masuk](masuk.png)\nBaca [bab](petugas.md) dan [paket](../installing.md).\n"
    )
    monkeypatch.setattr(manual, "_FOLDERS", (tmp_path / "none", tmp_path))
    assert manual.chapter_text("uji") == "# Uji\n\nBaca [bab](petugas.md) dan paket.\n"
    with pytest.raises(OSError, match="none"):
        manual.chapter_text("none")
