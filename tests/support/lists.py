"""Target lists as desa write them: files made by hand, cell by cell, so that nothing tidies them up on the way."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from functools import cache
from xml.sax.saxutils import escape, quoteattr

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.errors import InputError
from fieldkit.ports.messages import Messages

XLSX_TYPE = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet.main+xml"
MACRO_TYPE = "application/vnd.ms-excel.sheet.macroEnabled.main+xml"
_NS = 'xmlns="http://schemas.openxmlformats.org/spreadsheetml/2006/main"'
_DATE_STYLE = 1


@cache
def _catalogue() -> Messages:
    return strict_catalogue("id")


@contextmanager
def refused_by_name() -> Iterator[None]:
    """Let a file be refused, but only with a sentence of the catalogue."""
    try:
        yield
    except InputError as error:
        told = _catalogue().problem(error.problem)
        assert all((told.what, told.safe, told.do))


class Raw(str):
    """A cell as it stands in the XML: `<c r="B2" s="1"><v>…</v></c>` without its reference."""


def number(text: str) -> Raw:
    """Return a number cell with exactly these characters, as Excel leaves them."""
    return Raw(f"<c{{r}}><v>{text}</v></c>")


def serial(days: int) -> Raw:
    """Return a day as Excel keeps it: a number with a date format."""
    return Raw(f'<c{{r}} s="{_DATE_STYLE}"><v>{days}</v></c>')


def formula(source: str, cached: str = "") -> Raw:
    """Return a formula with the text that Excel calculated last, or none."""
    value = f"<v>{escape(cached)}</v>" if cached else ""
    return Raw(f'<c{{r}} t="str"><f>{escape(source)}</f>{value}</c>')


def xlsx(rows: Sequence[Sequence[object]], *, merged: Sequence[str] = (), content_type: str = XLSX_TYPE) -> bytes:
    """Return an XLSX with shared strings as Excel writes them; None is a cell that is not there."""
    shared: dict[str, int] = {}
    lines = []
    for at, row in enumerate(rows, 1):
        cells = "".join(_cell(value, f"{_letters(column)}{at}", shared) for column, value in enumerate(row))
        lines.append(f'<row r="{at}">{cells}</row>' if cells else "")
    strings = "".join(f'<si><t xml:space="preserve">{escape(text)}</t></si>' for text in shared)
    merges = "".join(f"<mergeCell ref={quoteattr(ref)}/>" for ref in merged)
    merges = f"<mergeCells>{merges}</mergeCells>" if merges else ""
    memory = io.BytesIO()
    with zipfile.ZipFile(memory, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, text in {
            "[Content_Types].xml": _types(content_type),
            "_rels/.rels": _rels({"rId1": ("officeDocument", "xl/workbook.xml")}),
            "xl/_rels/workbook.xml.rels": _rels(
                {
                    "rId1": ("worksheet", "worksheets/sheet1.xml"),
                    "rId2": ("sharedStrings", "sharedStrings.xml"),
                    "rId3": ("styles", "styles.xml"),
                }
            ),
            "xl/workbook.xml": (
                f'<workbook {_NS} xmlns:r="http://schemas.openxmlformats.org/officeDocument/2006/relationships">'
                '<sheets><sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>'
            ),
            "xl/sharedStrings.xml": f"<sst {_NS}>{strings}</sst>",
            "xl/styles.xml": (
                f'<styleSheet {_NS}><fonts count="1"><font/></fonts>'
                '<fills count="1"><fill><patternFill/></fill></fills>'
                '<borders count="1">'
                '<border/></borders><cellStyleXfs count="1"><xf/></cellStyleXfs><cellXfs count="2"><xf/>'
                '<xf numFmtId="14" applyNumberFormat="1"/></cellXfs></styleSheet>'
            ),
            "xl/worksheets/sheet1.xml": f"<worksheet {_NS}><sheetData>{''.join(lines)}</sheetData>{merges}</worksheet>",
        }.items():
            archive.writestr(name, f'<?xml version="1.0" encoding="UTF-8" standalone="yes"?>{text}')
    return memory.getvalue()


def _cell(value: object, place: str, shared: dict[str, int]) -> str:
    if value is None:
        return ""
    if isinstance(value, Raw):
        return value.replace("{r}", f' r="{place}"')
    return f'<c r="{place}" t="s"><v>{shared.setdefault(str(value), len(shared))}</v></c>'


def _letters(column: int) -> str:
    return ("" if column < 26 else chr(64 + column // 26)) + chr(65 + column % 26)


def _types(main: str) -> str:
    package = "application/vnd.openxmlformats-package.relationships+xml"
    kinds = {
        "/xl/workbook.xml": main,
        "/xl/sharedStrings.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.sharedStrings+xml",
        "/xl/styles.xml": "application/vnd.openxmlformats-officedocument.spreadsheetml.styles+xml",
    }
    kinds["/xl/worksheets/sheet1.xml"] = "application/vnd.openxmlformats-officedocument.spreadsheetml.worksheet+xml"
    parts = "".join(f'<Override PartName="{part}" ContentType="{kind}"/>' for part, kind in kinds.items())
    return (
        '<Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">'
        f'<Default Extension="rels" ContentType="{package}"/><Default Extension="xml" ContentType="application/xml"/>'
        f"{parts}</Types>"
    )


def _rels(targets: dict[str, tuple[str, str]]) -> str:
    base = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
    lines = "".join(
        f'<Relationship Id="{name}" Type="{base}/{kind}" Target="{target}"/>'
        for name, (kind, target) in targets.items()
    )
    return (
        f'<Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">{lines}</Relationships>'
    )


HEADER = ("NO", "NIK", "NO KK", "NAMA", "L/P", "TEMPAT LAHIR", "TANGGAL LAHIR", "ALAMAT", "RT", "RW", "KATEGORI")


def row_of(nik: object, name: object, born: object, **changes: object) -> tuple[object, ...]:
    """Return a line under `HEADER`."""
    line = dict(
        zip(
            HEADER,
            ("1", nik, "3505120101200004", name, "P", "BLITAR", born, "DSN KRAJAN", "3", "1", "lansia"),
            strict=True,
        )
    )
    return tuple({**line, **changes}.values())
