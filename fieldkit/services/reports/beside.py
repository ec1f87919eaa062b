"""Sections of a report besides the recordings: coverage of the villages, IKD, the survey (SKM), blanks."""

from __future__ import annotations

from fieldkit.domain.documents import SHORT_NAMES
from fieldkit.domain.reports.beside import HIGHEST, Element, IkdOutcome
from fieldkit.domain.reports.report import Report
from fieldkit.services.reports.sections import MOST_BARS, Bar, Chart, Mood, Section, term

_MOODS = {
    IkdOutcome.ACTIVATED: Mood.GOOD,
    IkdOutcome.REFUSED: Mood.CAUTION,
    IkdOutcome.NOT_POSSIBLE: Mood.NEUTRAL,
}
_GOOD_ENOUGH = 3.06  # NRR from which PermenPANRB 14/2017 calls an element good (B)


def beside_sections(report: Report) -> tuple[Section, ...]:
    """Return the sections that have something to say."""
    made = (_coverage(report), _ikd(report), _survey(report), _blanks(report))
    return tuple(section for section in made if not section.is_empty)


def _coverage(report: Report) -> Section:
    lines = report.coverage
    obliged, recorded, left = (sum(getattr(each, name) for each in lines) for name in ("obliged", "recorded", "left"))
    most = sorted(lines, key=lambda line: -line.left)[:MOST_BARS]
    bars = tuple(
        Bar(line.village or "–", line.left, str(line.left), Mood.CAUTION if line.left else Mood.GOOD) for line in most
    )
    return Section(
        "coverage",
        term("coverage"),
        term("coverage_note", obliged=obliged, recorded=recorded, left=left),
        Chart(bars, legend=term("coverage_legend") if bars else ""),
        tuple(term(f"column_{name}") for name in ("village", "obliged", "recorded", "left", "others", "covered")),
        tuple(
            (
                line.village or "–",
                line.obliged,
                line.recorded,
                line.left,
                line.others,
                f"{round(100 * line.recorded / line.obliged)} %" if line.obliged else "",
            )
            for line in lines
        ),
        charted=3,
    )


def _ikd(report: Report) -> Section:
    told = report.ikd
    bars = tuple(
        Bar(term(f"ikd_{each.value}"), told.outcomes[each], str(told.outcomes[each]), _MOODS[each])
        for each in IkdOutcome
        if told.outcomes.get(each)
    )
    done = told.outcomes.get(IkdOutcome.ACTIVATED, 0)
    reasons = sorted(told.reasons.items(), key=lambda pair: (-pair[1], pair[0]))
    rows = (*((bar.label, bar.value) for bar in bars), *((f"– {reason}", count) for reason, count in reasons))
    return Section(
        "ikd",
        term("ikd"),
        term("ikd_note", asked=told.asked, done=done, wanted=told.wanted),
        Chart(bars, legend=term("ikd_legend", wanted=told.wanted) if bars and told.wanted else ""),
        (term("outcome"), term("count")),
        rows if told.asked else ((term("ikd_wanted"), told.wanted),) if told.wanted else (),
    )


def _survey(report: Report) -> Section:
    survey = report.survey
    named = tuple(zip(Element, survey.means, strict=False))
    bars = tuple(
        Bar(
            term(f"skm_{element.value}"),
            round(100 * mean),
            _hundredths(mean),
            Mood.GOOD if mean >= _GOOD_ENOUGH else Mood.CAUTION,
        )
        for element, mean in named
    )
    return Section(
        "survey",
        term("survey"),
        term("survey_note", answers=survey.answers, index=_hundredths(survey.index), grade=survey.grade),
        Chart(bars, legend=term("survey_legend") if bars else "", least_top=100 * HIGHEST),
        (term("column_element"), term("column_mean")),
        tuple((term(f"skm_{element.value}"), _hundredths(mean)) for element, mean in named),
    )


def _blanks(report: Report) -> Section:
    lines = report.blanks
    named = [f"{SHORT_NAMES[line.sort]} · {line.place or 'Dinas'}" for line in lines]
    bars = tuple(
        Bar(name, max(line.left, 0), str(line.left), Mood.SOFT if line.left >= 0 else Mood.BAD)
        for name, line in zip(named, lines, strict=True)
    )
    sums = {each: sum(getattr(line, each) for line in lines) for each in ("received", "printed", "spoilt", "withdrawn")}
    columns = ("begun_with", "received", "printed", "spoilt", "moved", "counted", "left")
    return Section(
        "blanks",
        term("blanks"),
        term("blanks_note", **sums),
        Chart(bars[:MOST_BARS], legend=term("blanks_legend") if bars else ""),
        (term("column_blank"), *(term(f"column_{name}") for name in columns)),
        tuple((name, *(getattr(line, each) for each in columns)) for name, line in zip(named, lines, strict=True)),
        charted=columns.index("left") + 1,
        is_in_chart=True,
    )


def _hundredths(value: float) -> str:
    return f"{value:.2f}".replace(".", ",")
