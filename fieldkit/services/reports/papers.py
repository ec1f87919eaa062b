"""The sections of a report as a spreadsheet and as the fields of its paper."""

from __future__ import annotations

from textwrap import shorten

from fieldkit.domain.reports.report import Report
from fieldkit.ports.messages import Messages
from fieldkit.ports.reports import ReportSheet
from fieldkit.services.reports.ends import all_sections
from fieldkit.services.reports.sections import Cell, Chart, Section, Told, headlines, term, title_of

_LABEL_CHARS = 36  # what has room beside a bar


def say(told: Told, messages: Messages) -> str:
    """Return a term in the language of the messages."""
    return told if isinstance(told, str) else messages.text(told.key, **told.params)


def sheets_of(report: Report, messages: Messages, mark: str) -> tuple[ReportSheet, ...]:
    """Return the summary and one sheet per section that has rows."""
    summary = ReportSheet(
        say(term("summary"), messages),
        mark,
        (say(title_of(report), messages), ""),
        tuple((say(each.label, messages), each.value) for each in headlines(report)),
    )
    sections = [section for section in all_sections(report) if not section.is_empty]
    return (summary, *(_sheet(section, messages) for section in sections))


def paper_fields(report: Report, messages: Messages, mark: str) -> dict[str, object]:
    """Return what the template of the paper draws; the same report gives the same fields."""
    return {
        "made_at": report.made_at.isoformat(),
        "title": say(term("paper_title"), messages),
        "about": say(title_of(report), messages),
        "mark": mark,
        "headlines": [
            {"label": say(each.label, messages), "value": str(each.value), "mood": each.mood.value}
            for each in headlines(report)
        ],
        "sections": [_section(section, messages) for section in all_sections(report)],
    }


def _sheet(section: Section, messages: Messages) -> ReportSheet:
    return ReportSheet(
        say(section.title, messages),
        say(section.note, messages),
        tuple(say(column, messages) for column in section.columns),
        tuple(tuple(_cell(cell, messages) for cell in row) for row in section.rows),
        section.charted,
    )


def _section(section: Section, messages: Messages) -> dict[str, object]:
    return {
        "title": say(section.title, messages),
        "note": say(section.note if section.rows else term("nothing"), messages),
        "chart": _chart(section.chart, messages),
        "columns": [say(column, messages) for column in section.columns],
        "rows": [
            [{"text": _text(cell, messages), "is_number": isinstance(cell, int)} for cell in row]
            for row in section.rows
        ],
    }


def _chart(chart: Chart, messages: Messages) -> dict[str, object]:
    return {
        "is_line": chart.is_line,
        "legend": say(chart.legend, messages),
        "top": chart.top,
        "bars": [
            {
                "label": shorten(say(bar.label, messages), _LABEL_CHARS, placeholder=" …"),
                "value": bar.value,
                "shown": say(bar.shown, messages),
                "mood": bar.mood.value,
                "mark": bar.mark,
            }
            for bar in chart.bars
        ],
    }


def _cell(cell: Cell, messages: Messages) -> str | int | None:
    return cell if cell is None or isinstance(cell, int) else say(cell, messages)


def _text(cell: Cell, messages: Messages) -> str:
    found = _cell(cell, messages)
    return "–" if found is None else str(found)
