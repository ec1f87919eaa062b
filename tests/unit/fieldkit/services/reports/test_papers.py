from __future__ import annotations

import json
from datetime import date

from support.clock import NOW
from support.reported import tally_of

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from fieldkit.domain.reports.report import Period, Report, Span, StepFigures, qualities_by_position
from fieldkit.services.reports.papers import paper_fields, sheets_of

LONG = "Bidang memverifikasi data sasaran, menyusun jadwal dan petugas serta membuat surat balasan"
REPORT = Report(
    Period(Span.MONTH, date(2026, 11, 21)),
    NOW,
    positions=qualities_by_position([tally_of("a1")]),
    steps=(StepFigures("s", "SOP", 3, LONG, None, 1, 9, 9, 0), StepFigures("s", "SOP", 4, LONG, 5, 1, 9, 9, 1)),
)
INDONESIAN = strict_catalogue("id")


def test_a_paper_has_plain_values_only_and_every_section() -> None:
    fields = paper_fields(REPORT, INDONESIAN, "tanda")
    assert json.loads(json.dumps(fields)) == fields
    assert fields["about"] == "November 2026"
    sections = fields["sections"]
    assert isinstance(sections, list)
    assert len(sections) == 10
    assert sections[0]["note"] == "Belum ada yang tercatat pada masa ini."


def test_a_long_name_is_shortened_beside_a_bar_and_whole_in_the_table() -> None:
    sections = paper_fields(REPORT, INDONESIAN, "")["sections"]
    assert isinstance(sections, list)
    steps = sections[6]
    assert [bar["label"] for bar in steps["chart"]["bars"]] == ["4. Bidang memverifikasi data …"]
    assert [row[0]["text"] for row in steps["rows"]] == [f"3. {LONG}", f"4. {LONG}"]
    assert steps["rows"][0][2] == {"text": "–", "is_number": False}


def test_a_spreadsheet_leaves_empty_sections_out_and_keeps_numbers_numbers() -> None:
    sheets = sheets_of(REPORT, INDONESIAN, "tanda")
    assert [sheet.title for sheet in sheets] == ["Ringkasan", "Mutu per jari", "Waktu langkah SOP"]
    assert sheets[0].note == "tanda"
    assert sheets[1].rows[0][1:5] == ("nfiq2", 66, 46, 12)
    assert sheets[2].rows[0][2] is None
