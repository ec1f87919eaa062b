"""Draws what is seen of an electronic signature."""

from __future__ import annotations

import json
from importlib.resources import files
from io import BytesIO
from pathlib import Path

from fieldkit.ports.signer import BoxWords

_PPI = 240


def draw_box(words: BoxWords) -> bytes:
    """Return the box as PNG, 74 × 23 mm."""
    import segno
    import typst

    code = BytesIO()
    if words.qr:
        segno.make(words.qr, error="m", micro=False).save(code, kind="svg", border=0, dark="#0B1B2B", xmldecl=False)
    said = {
        "caption": words.caption,
        "name": words.name,
        "jabatan": words.jabatan,
        "nip": words.nip,
        "qr": code.getvalue().decode(),
    }
    root = Path(str(files("assets")))
    fonts = typst.Fonts(include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(root / "fonts")])
    picture = typst.Compiler(root=str(root / "letters"), font_paths=fonts).compile(
        str(root / "letters" / "tte.typ"),
        format="png",
        ppi=_PPI,
        sys_inputs={"fields": json.dumps(said, ensure_ascii=False)},
    )
    pages = [page for page in (picture if isinstance(picture, list) else [picture]) if page is not None]
    return pages[0]  # words that need more room are cut
