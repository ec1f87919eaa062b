from __future__ import annotations

from pathlib import Path

from support.signing import LETTER

from fieldkit.app.demo.pictures_page import write_pictures_page


def test_screens_and_pages_of_papers_stand_in_their_order(tmp_path: Path) -> None:
    screens = [tmp_path / "screenshots" / "001-masuk.png", tmp_path / "screenshots" / "002-<b>.png"]
    paper = tmp_path / "papers" / "surat.pdf"
    paper.parent.mkdir()
    paper.write_bytes(LETTER)
    page = write_pictures_page(tmp_path, "id", screens, [paper]).read_text("utf-8")
    found = [page.index(name) for name in ("Layar (2)", "001-masuk", "002-&lt;b&gt;", "Surat (1)", "pages/surat-1.png")]
    assert found == sorted(found)
    assert (tmp_path / "pages" / "surat-1.png").read_bytes().startswith(b"\x89PNG")
