"""A report as sections: what is said, charted and listed; screen, spreadsheet and paper show the same ones."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum

from fieldkit.domain.cards.card import Place
from fieldkit.domain.cards.printing import ClockState, ClockUnit
from fieldkit.domain.recording.positions import Modality
from fieldkit.domain.reports import BANDS, PromiseFigures, QualityCount, Report, Span
from fieldkit.domain.visits import RECORDED, Outcome

MOST_BARS = 14  # what stands legibly below each other
MOST_PERCENT = 300  # of a standard; a longer bar would make the others vanish


@dataclass(frozen=True, slots=True)
class Term:
    """A sentence of the catalogue; a plain `str` is text that nobody translates."""

    key: str
    params: Mapping[str, str | int] = field(default_factory=dict)


Told = Term | str
Cell = Told | int | None  # None: nothing to say


class Mood(StrEnum):
    """How a bar stands; its number says the same."""

    GOOD = "good"
    CAUTION = "caution"
    BAD = "bad"
    SOFT = "soft"
    NEUTRAL = "neutral"


@dataclass(frozen=True, slots=True)
class Bar:
    """One bar with its number beside it; `mark` is where its standard stands, in the same measure."""

    label: Told
    value: int
    shown: Told
    mood: Mood = Mood.SOFT
    mark: int | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """Bars below each other, or a line over days; `legend` says what the marks mean."""

    bars: tuple[Bar, ...]
    is_line: bool = False
    legend: Told = ""
    least_top: int = 1  # what the whole length stands for at least

    @property
    def top(self) -> int:
        """Return the value that fills the whole length."""
        return max([self.least_top, *(max(bar.value, bar.mark or 0) for bar in self.bars)])


@dataclass(frozen=True, slots=True)
class Section:
    """One question and its answer. `charted` is the column of the table whose numbers the chart shows."""

    name: str
    title: Told
    note: Told
    chart: Chart
    columns: tuple[Told, ...]
    rows: tuple[tuple[Cell, ...], ...]
    charted: int = 1
    is_in_chart: bool = False  # the chart shows that column whole; a table beside it may leave it out

    @property
    def is_empty(self) -> bool:
        """Return whether there is nothing to show."""
        return not self.rows


@dataclass(frozen=True, slots=True)
class Headline:
    """A number that stands above everything else."""

    label: Told
    value: int
    mood: Mood = Mood.NEUTRAL


def term(key: str, **params: str | int) -> Term:
    """Return the sentence `reports.<key>`."""
    return Term(f"reports.{key}", params)


# What only tells rows apart; on a screen it stands below the name of the row.
SOP_COLUMN, SERIAL_COLUMN, ALGORITHM_COLUMN = term("sop"), term("serial"), term("algorithm")


def title_of(report: Report) -> Told:
    """Return what the report is about."""
    period = report.period
    if report.activity is not None:
        return report.activity.name
    if period.span is Span.MONTH:
        return term(f"month_{period.on.month}", year=period.on.year)
    return term("title_day", day=period.on.strftime("%d-%m-%Y"))


def headlines(report: Report) -> tuple[Headline, ...]:
    """Return the numbers that a reader wants first."""
    missed = sum(promise.of(ClockState.MISSED) for promise in report.promises)
    over = report.minutes.over
    return (
        Headline(term("activities"), len(report.activities)),
        Headline(term("visits"), report.visits),
        Headline(term("recorded"), report.recorded, Mood.GOOD if report.recorded else Mood.NEUTRAL),
        Headline(term("with_exception"), report.with_exception),
        Headline(term("over_standard", standard=report.minutes.standard), over, Mood.CAUTION if over else Mood.NEUTRAL),
        Headline(term("sla_missed"), missed, Mood.BAD if missed else Mood.NEUTRAL),
    )


def sections_of(report: Report) -> tuple[Section, ...]:
    """Return every section in the order of the paper; those without rows say so themselves."""
    return (
        _outcomes(report),
        _activities(report),
        _minutes(report),
        _missed(report),
        _positions(report),
        _devices(report),
        _steps(report),
        _promises(report),
        _documents(report),
    )


def _outcomes(report: Report) -> Section:
    total = report.visits
    told = [(outcome, report.outcomes[outcome]) for outcome in Outcome if report.outcomes.get(outcome)]
    return Section(
        "outcomes",
        term("outcomes"),
        _outcomes_note(report),
        Chart(tuple(Bar(_outcome(o), n, str(n), Mood.GOOD if o in RECORDED else Mood.SOFT) for o, n in told)),
        (term("outcome"), term("count"), term("share")),
        tuple((_outcome(o), n, _share(n, total)) for o, n in told),
    )


def _outcomes_note(report: Report) -> Term:
    sealed, told = report.recorded - report.official, {"visits": report.visits, "unsent": report.unsent}
    if report.official:
        return term("outcomes_note_official", recorded=sealed, official=report.official, **told)
    return term("outcomes_note", recorded=sealed, **told)


def _activities(report: Report) -> Section:
    lines = report.activities
    days = report.days if sum(day.recorded > 0 for day in report.days) > 1 else ()
    form = "%d" if report.period.span is Span.MONTH else "%d-%m"
    per_day = tuple(Bar(day.on.strftime(form).lstrip("0"), day.recorded, str(day.recorded)) for day in days)
    return Section(
        "activities",
        term("activities"),
        term("activities_note", count=len(lines)),
        Chart(per_day, bool(per_day), term("per_day") if per_day else ""),
        (
            term("activity"),
            term("day"),
            *(term(f"column_{name}") for name in ("targets", "recorded", "exceptions", "revisit", "waiting", "unsent")),
        ),
        tuple(
            (
                line.name,
                line.on.strftime("%d-%m-%Y"),
                line.targets,
                line.recorded,
                line.with_exception,
                line.revisit,
                line.waiting,
                line.unsent,
            )
            for line in lines
        ),
        charted=3,
    )


def _minutes(report: Report) -> Section:
    minutes = report.minutes
    starts = (0, *BANDS)
    labels = [term("band", first=starts[place] + 1 if place else 0, last=end) for place, end in enumerate(BANDS)] + [
        term("band_open", first=BANDS[-1])
    ]
    bars = tuple(
        Bar(label, n, str(n), Mood.GOOD if place <= BANDS.index(minutes.standard) else Mood.CAUTION)
        for place, (label, n) in enumerate(zip(labels, minutes.bands, strict=True))
    )
    return Section(
        "minutes",
        term("minutes"),
        term(
            "minutes_note",
            mean=minutes.mean,
            middle=minutes.middle,
            longest=minutes.longest,
            over=minutes.over,
            standard=minutes.standard,
        ),
        Chart(
            bars if minutes.count else (),
            legend=term("minutes_legend", standard=minutes.standard) if minutes.count else "",
        ),
        (term("band_title"), term("people"), term("share")),
        tuple((bar.label, bar.value, _share(bar.value, minutes.count)) for bar in bars) if minutes.count else (),
    )


def _missed(report: Report) -> Section:
    by_reason: dict[str, int] = {}
    for missed in report.missed:
        reason = missed.reason.value if missed.reason else "failed"
        by_reason[reason] = by_reason.get(reason, 0) + missed.count
    ordered = sorted(by_reason.items(), key=lambda pair: -pair[1])
    bars = tuple(Bar(_reason(name), n, str(n), Mood.BAD if name == "failed" else Mood.CAUTION) for name, n in ordered)
    return Section(
        "exceptions",
        term("exceptions"),
        term("exceptions_note", people=report.with_exception, positions=sum(by_reason.values())),
        Chart(bars),
        (term("position"), term("reason"), term("count")),
        tuple(
            (_position(m.position), _reason(m.reason.value if m.reason else "failed"), m.count) for m in report.missed
        ),
        charted=2,
    )


def _positions(report: Report) -> Section:
    named = [(_position(count.position), count.algorithm) for count in report.positions]
    return _quality("positions", (term("position"), ALGORITHM_COLUMN), report.positions, named)


def _devices(report: Report) -> Section:
    named: list[tuple[Told, str]] = []
    for count in report.devices:
        model, _, serial = count.device.rpartition(" ")
        named.append((model or serial or term("device_unknown"), serial if model else ""))
    return _quality("devices", (term("device"), SERIAL_COLUMN), report.devices, named)


def _quality(
    name: str, heads: tuple[Told, Told], counts: Sequence[QualityCount], named: Sequence[tuple[Told, str]]
) -> Section:
    # A signature has no quality of its own: its score only says that something was drawn.
    bars = tuple(
        Bar(label, round(count.mean), str(round(count.mean)), _mood(count))
        for (label, _), count in zip(named, counts, strict=True)
        if count.samples and count.position.modality is not Modality.SIGNATURE
    )
    return Section(
        name,
        term(name),
        term("quality_note"),
        Chart(bars[:MOST_BARS], legend=term("quality_legend") if bars else "", least_top=100),
        (*heads, *(term(f"column_{each}") for each in ("mean", "lowest", "samples", "repeat", "attempts", "retakes"))),
        tuple(
            (
                *names,
                round(count.mean) if count.samples else None,
                count.lowest if count.samples else None,
                count.samples,
                count.repeat,
                count.attempts,
                count.retakes,
            )
            for names, count in zip(named, counts, strict=True)
        ),
        charted=2,
        is_in_chart=True,
    )


def _steps(report: Report) -> Section:
    measured = [(step, step.standard) for step in report.steps if step.standard]
    slowest = sorted(measured, key=lambda pair: -pair[0].mean / pair[1])[:MOST_BARS]
    several = len({step.sop_id for step in report.steps}) > 1
    bars = tuple(
        Bar(
            f"{step.no}. {step.words}",
            min(MOST_PERCENT, round(100 * step.mean / standard)),
            term("of_standard", mean=step.mean, standard=standard),
            Mood.BAD if step.is_slow else Mood.GOOD,
            100,
        )
        for step, standard in slowest
    )
    return Section(
        "steps",
        term("steps"),
        term("steps_note", slow=sum(step.is_slow for step in report.steps), steps=len(report.steps)),
        Chart(bars, legend=term("steps_legend") if bars else ""),
        (
            term("step"),
            *((SOP_COLUMN,) if several else ()),
            *(term(f"column_{each}") for each in ("minutes", "standard", "longest", "times", "over")),
        ),
        tuple(
            (
                f"{s.no}. {s.words}",
                *((s.sop,) if several else ()),
                s.mean,
                s.standard,
                s.longest,
                s.count,
                s.over if s.standard else None,
            )
            for s in report.steps
        ),
        charted=2 if several else 1,
    )


def _promises(report: Report) -> Section:
    moods = {ClockState.KEPT: Mood.GOOD, ClockState.MISSED: Mood.BAD, ClockState.PAUSED: Mood.CAUTION}
    order = (ClockState.KEPT, ClockState.MISSED, ClockState.RUNNING, ClockState.PAUSED, ClockState.NOT_STARTED)
    several = len(report.promises) > 1
    bars = tuple(
        Bar(
            _promise(promise, state.value) if several else term(f"clock_{state.value}"),
            promise.of(state),
            str(promise.of(state)),
            moods.get(state, Mood.SOFT),
        )
        for promise in report.promises
        for state in order
    )
    return Section(
        "sla",
        term("sla"),
        term("sla_note"),
        Chart(bars[:MOST_BARS]),
        (term("promise"), *(term(f"clock_{state.value}") for state in order)),
        tuple((_promise(promise), *(promise.of(state) for state in order)) for promise in report.promises),
    )


def _promise(promise: PromiseFigures, state: str = "promise") -> Term:
    rule = promise.rule
    if rule.unit is ClockUnit.WORKDAYS:
        return term(f"{state}_workdays", days=rule.amount)
    return term(f"{state}_hours", hours=rule.amount // 60)


def _documents(report: Report) -> Section:
    told = [(place, report.documents[place]) for place in Place if report.documents.get(place)]
    total = sum(report.documents.values())
    return Section(
        "documents",
        term("documents"),
        term("documents_note", count=total, handed=report.documents.get(Place.PERSON, 0)),
        Chart(tuple(Bar(_place(p), n, str(n), Mood.GOOD if p is Place.PERSON else Mood.SOFT) for p, n in told)),
        (term("place"), term("count"), term("share")),
        tuple((_place(place), n, _share(n, total)) for place, n in told),
    )


def _mood(count: QualityCount) -> Mood:
    if 2 * count.good >= count.samples:
        return Mood.GOOD
    return Mood.CAUTION if 2 * (count.good + count.enough) >= count.samples else Mood.BAD


def _share(part: int, whole: int) -> str:
    return f"{round(100 * part / whole)} %" if whole else ""


def _outcome(outcome: Outcome) -> Term:
    if outcome in RECORDED:
        return Term(f"field.outcome_{outcome.value}")
    return Term(f"end_reason.{outcome.value}")


def _position(position: object) -> Term:
    return Term(f"position.{str(position).lower()}")


def _reason(name: str) -> Term:
    return term("failed") if name == "failed" else Term(f"reason.{name}")


def _place(place: Place) -> Term:
    return term(f"place_{place.value}")
