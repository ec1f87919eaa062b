"""Which steps of an SOP are over without having been fulfilled: a section of its own, after all that is counted."""

from __future__ import annotations

from collections import Counter

from fieldkit.domain.reports.report import Report
from fieldkit.domain.sop.standing import How, Lack, Missing
from fieldkit.services.reports.beside import beside_sections
from fieldkit.services.reports.sections import Bar, Chart, Mood, Section, Told, sections_of, term

_MOODS = {How.DECLARED: Mood.CAUTION, How.SKIPPED: Mood.NEUTRAL, How.INCOMPLETE: Mood.BAD}


def all_sections(report: Report) -> tuple[Section, ...]:
    """Return every section in the order of the paper."""
    return (*sections_of(report), *beside_sections(report), ends_section(report))


def ends_section(report: Report) -> Section:
    """Return the steps that ended by somebody's word, were left out, or lack a paper."""
    counts = Counter(each.end.how for each in report.ends)
    return Section(
        "ends",
        term("ends"),
        term("ends_note", declared=counts[How.DECLARED], skipped=counts[How.SKIPPED], lacking=counts[How.INCOMPLETE]),
        Chart(tuple(Bar(_how(how), counts[how], str(counts[how]), _MOODS[how]) for how in _MOODS if counts[how])),
        (term("step"), term("activity"), term("column_how"), term("column_missing")),
        tuple(
            (f"{each.end.no}. {each.end.words}", each.activity, _how(each.end.how), _first(each.end.lacks))
            for each in report.ends
        ),
    )


def _how(how: How) -> Told:
    return term(f"how_{how.value}")


def _first(lacks: tuple[Lack, ...]) -> Told:
    """Return the papers that are missing by name, else how many things are."""
    papers = [lack.name for lack in lacks if lack.kind is Missing.OUTPUT]
    if papers:
        return "; ".join(papers)
    return term("lacks", count=len(lacks)) if lacks else ""
