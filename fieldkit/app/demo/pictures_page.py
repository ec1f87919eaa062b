"""One page with everything a demo showed: its screens in their order, and each page of each paper."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from html import escape
from pathlib import Path

from fieldkit.documents.pdf_pages import draw_pages

_STYLE = (
    "body{font:16px sans-serif;margin:24px;background:#eef1f6}"
    "figure{display:inline-block;margin:0 24px 24px 0;vertical-align:top}"
    "img{max-width:640px;border:1px solid #8a94a6}figcaption{padding:4px 0}"
)


def write_pictures_page(out: Path, language: str, screens: Sequence[Path], papers: Iterable[Path]) -> Path:
    """Write `index.html` and the pages of the papers as PNG (`pages/`) into `out`, and return its path.

    Raise `OSError` when it cannot be written, `InputError` for a paper that is no PDF.
    """
    pages = out / "pages"
    pages.mkdir(exist_ok=True)
    drawn = []
    for paper in papers:
        for number, page in enumerate(draw_pages(paper.read_bytes()), 1):
            drawn.append(pages / f"{paper.stem}-{number}.png")
            drawn[-1].write_bytes(page)
    names = ("Layar", "Surat") if language == "id" else ("Screens", "Papers")
    parts = [
        f"<h1>{name} ({len(of)})</h1>{_figures(out, of)}" for name, of in zip(names, (screens, drawn), strict=True)
    ]
    index = out / "index.html"
    index.write_text(
        f'<!doctype html><html lang="{language}"><meta charset="utf-8"><title>Fieldkit</title>'
        f"<style>{_STYLE}</style>{''.join(parts)}</html>\n",
        "utf-8",
    )
    return index


def _figures(out: Path, pictures: Iterable[Path]) -> str:
    found = ((escape(str(path.relative_to(out)), quote=True), escape(path.stem)) for path in pictures)
    return "".join(
        f'<figure><a href="{place}"><img src="{place}" alt="{name}" loading="lazy"></a>'
        f"<figcaption>{name}</figcaption></figure>\n"
        for place, name in found
    )
