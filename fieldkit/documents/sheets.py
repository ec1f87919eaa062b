"""Sheets that the office keeps and that are no letters: the recovery sheet, spare codes, slips of enrolment."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from io import BytesIO
from pathlib import Path

import segno
import typst

from assets import FOLDER
from fieldkit.domain.people.slip import Slip
from fieldkit.ports.sheets import Sheet

_PRINT_PPI = 200


class TypstSheets:
    """Implements `Sheets`."""

    def __init__(self, assets: Path = FOLDER) -> None:
        self._assets = assets

    def recovery(self, facts: Mapping[str, str]) -> Sheet:
        """Return the sheet with its code: `kit`, `dinas`, `user`, `name`, `at`, `code`."""
        return self._rendered("recovery_sheet", facts)

    def spare_codes(self, facts: Mapping[str, str], codes: Sequence[str]) -> Sheet:
        """Return the spare codes of a second factor: `kit`, `dinas`, `user`, `name`, `at`, and the codes."""
        return self._rendered("spare_codes", {**facts, "codes": list(codes)})

    def qr(self, line: str) -> bytes:
        """Return a PNG, large enough for the camera of a phone."""
        made = BytesIO()
        segno.make(line, error="m", micro=False).save(made, kind="png", scale=8, border=4)
        return made.getvalue()

    def slips(self, dinas: str, slips: Sequence[Slip], until: datetime) -> Sheet:
        """Return the slips, six on a page; `until` is when their codes end, in the time of the dinas."""
        each = [
            {
                "kit": slip.kit,
                "admin": slip.admin,
                "url": slip.url,
                "code": slip.code,
                "fingerprint": slip.ca_fingerprint,
                "until": f"{until:%d-%m-%Y %H.%M}",
                "qr": _qr(slip.line),
            }
            for slip in slips
        ]
        return self._rendered("enrolment_slips", {"dinas": dinas, "slips": each})

    def _rendered(self, name: str, fields: Mapping[str, object]) -> Sheet:
        fonts = typst.Fonts(
            include_system_fonts=False, include_embedded_fonts=False, font_paths=[str(self._assets / "fonts")]
        )
        compiler = typst.Compiler(root=str(self._assets / "sheets"), font_paths=fonts)
        file, inputs = str(self._assets / "sheets" / f"{name}.typ"), {"fields": json.dumps(fields, ensure_ascii=False)}
        pdf = compiler.compile(file, format="pdf", sys_inputs=inputs)
        pages = compiler.compile(file, format="png", ppi=_PRINT_PPI, sys_inputs=inputs)
        assert isinstance(pdf, bytes)
        return Sheet(pdf, tuple(page for page in (pages if isinstance(pages, list) else [pages]) if page is not None))


def _qr(line: str) -> str:
    out = BytesIO()
    segno.make(line, error="m", micro=False).save(
        out, kind="svg", border=1, dark="#000000", light="#FFFFFF", xmldecl=False
    )
    return out.getvalue().decode()
