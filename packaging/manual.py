"""Write the manual as pages and as a PDF with the pictures of a demo: `make manual`, after `make demo`."""

from __future__ import annotations

import argparse
import os
import re
import shutil
import sys
from pathlib import Path

from markdown_it import MarkdownIt
from PySide6.QtCore import QMarginsF, QRectF, QSizeF, QUrl
from PySide6.QtGui import (
    QFont,
    QFontDatabase,
    QGuiApplication,
    QPageLayout,
    QPageSize,
    QPainter,
    QPdfWriter,
    QTextDocument,
)

ROOT = Path(__file__).resolve().parents[1]
CHAPTERS = ROOT / "docs" / "panduan"
PICTURE = re.compile(r"!\[[^\]]*\]\(([\w-]+)\.png\)")
_STYLE = (
    "body{font:17px/1.5 sans-serif;max-width:46em;margin:2em auto;padding:0 1em;color:#14233a}"
    "img{max-width:100%;border:1px solid #8a94a6;margin:.5em 0}code{background:#eef1f6;padding:0 .2em}"
)

_DOTS = 96  # an inch
_PICTURE_WIDTH = 600  # of 657 dots between the margins of a sheet


def main() -> None:
    """Write into `--out`; exit code 3 when the demo did not make a picture."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--pictures", type=Path, default=ROOT / "out" / "demo" / "screenshots")
    options.add_argument("--out", type=Path, default=ROOT / "out" / "panduan")
    given = options.parse_args()
    if missing := [name for name in pictures() if found(given.pictures, name) is None]:
        print(f"manual: {given.pictures} lacks {', '.join(missing)}; run `make demo` first", file=sys.stderr)
        sys.exit(3)
    print(write(given.pictures, given.out))
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application = QGuiApplication([])
    print(write_pdf(given.out))
    application.shutdown()


def pictures() -> list[str]:
    """Return the names of the pictures that the chapters show."""
    texts = (chapter.read_text("utf-8") for chapter in sorted(CHAPTERS.glob("*.md")))
    return sorted({name for text in texts for name in PICTURE.findall(text)})


def found(folder: Path, name: str) -> Path | None:
    """Return the first picture of a name; the demo numbers its pictures in their order."""
    return next(iter(sorted(each for each in folder.rglob("*.png") if re.sub(r"^\d+-", "", each.stem) == name)), None)


def write(folder: Path, out: Path) -> Path:
    """Write each chapter as a page with its pictures beside it, and return the first page."""
    out.mkdir(parents=True, exist_ok=True)
    for name in pictures():
        picture = found(folder, name)
        assert picture is not None
        shutil.copyfile(picture, out / f"{name}.png")
    render = MarkdownIt().render
    for chapter in sorted(CHAPTERS.glob("*.md")):
        text = re.sub(r"\]\((\w[\w-]*)\.md\)", r"](\1.html)", chapter.read_text("utf-8"))
        head = f'<!doctype html><html lang="id"><meta charset="utf-8"><title>Fieldkit</title><style>{_STYLE}</style>'
        page = out / f"{'index' if chapter.stem == 'README' else chapter.stem}.html"
        page.write_text(f"{head}{render(text)}</html>\n", "utf-8")
    return out / "index.html"


def write_pdf(out: Path) -> Path:
    """Write the pages that `write` left in a folder as one PDF on A4, to be printed; a QGuiApplication is there."""
    names = ["index", *re.findall(r"\]\((\w[\w-]*)\.md\)", (CHAPTERS / "README.md").read_text("utf-8"))]
    bodies = []
    for at, name in enumerate(names):
        body = (out / f"{name}.html").read_text("utf-8").partition("</style>")[2].removesuffix("</html>\n")
        body = re.sub(
            r'<a href="(?!http)[^"]*">(.*?)</a>', r"\1", body, flags=re.S
        )  # leads to a file, not to a page here
        body = body.replace("<img ", f'<img width="{_PICTURE_WIDTH}" ')
        bodies.append(body if at == 0 else body.replace("<h1>", '<h1 style="page-break-before:always">', 1))
    document = QTextDocument()
    document.setBaseUrl(QUrl.fromLocalFile(f"{out.resolve()}/"))
    document.setDefaultStyleSheet("body, h1, h2, p, li, strong { color: #14233a }")
    for font in (ROOT / "assets" / "fonts").glob("*.ttf"):
        QFontDatabase.addApplicationFont(str(font))
    document.setDefaultFont(QFont("Inter", 10))
    document.setHtml("".join(bodies))
    path = out / "panduan.pdf"
    writer = QPdfWriter(str(path))
    writer.setTitle("Panduan Fieldkit")
    writer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    writer.setPageMargins(QMarginsF(18, 16, 18, 16), QPageLayout.Unit.Millimeter)
    writer.setResolution(_DOTS)
    sheet = QSizeF(writer.width(), writer.height())
    document.documentLayout().setPaintDevice(writer)
    document.setPageSize(sheet)
    painter = QPainter(writer)
    for page in range(document.pageCount()):
        if page:
            writer.newPage()
        painter.save()
        painter.translate(0, -page * sheet.height())
        document.drawContents(painter, QRectF(0, page * sheet.height(), sheet.width(), sheet.height()))
        painter.restore()
    painter.end()
    return path


if __name__ == "__main__":
    main()
