"""What ended on somebody's word stands in the report, and names the papers that are not there."""

from __future__ import annotations

from datetime import date

import pytest
from support.clock import NOW

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.reports import EndFigures, Period, Report, Span
from fieldkit.domain.sop.standing import How, Lack, Missing, StepEnd
from fieldkit.services.reports.make_reports import all_sections, ends_section, say

ENDS = (
    EndFigures("Jemput bola", StepEnd(3, "Jadwal", How.DECLARED, (Lack(Missing.OUTPUT, "Surat tugas"),))),
    EndFigures("Jemput bola", StepEnd(4, "Sarpras", How.SKIPPED)),
    EndFigures("Jemput bola", StepEnd(5, "Rekam", How.INCOMPLETE, (Lack(Missing.WHY),))),
)


def report(*ends: EndFigures) -> Report:
    return Report(Period(Span.DAY, date(2026, 11, 21)), NOW, ends=ends)


@pytest.mark.parametrize("language", LANGUAGES)
def test_each_step_is_told_with_how_it_ended_and_what_it_lacks(language: str) -> None:
    messages, section = strict_catalogue(language), ends_section(report(*ENDS))
    rows = [
        [say(cell, messages) for cell in row if isinstance(cell, str) or hasattr(cell, "key")] for row in section.rows
    ]
    assert [row[0] for row in rows] == ["3. Jadwal", "4. Sarpras", "5. Rekam"]
    assert rows[0][3] == "Surat tugas"
    assert len({row[2] for row in rows}) == 3
    assert [bar.value for bar in section.chart.bars] == [1, 1, 1]
    assert say(section.note, messages)


def test_where_everything_was_seen_the_section_is_empty_and_it_stands_last() -> None:
    assert ends_section(report()).is_empty
    assert all_sections(report())[-1].name == "ends"
