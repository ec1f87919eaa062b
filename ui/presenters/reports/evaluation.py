"""Evaluasi: what an activity taught, beside its numbers; ends with the laporan kegiatan."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import fields, replace

from fieldkit.domain.letters.letter import Letter
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.reports.evaluation import Evaluation, Points
from fieldkit.domain.visits import VISIT_MINUTES
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.reports.evaluate import EvaluationView
from ui.presenters.actions import Action
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import Number
from ui.presenters.form import FormField
from ui.presenters.lists import Facts, Numbers, Panel
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator, opens
from ui.presenters.office_list import OfficeList
from ui.presenters.parts import Tag, Tone
from ui.presenters.work_form import Around, Filled, WorkForm

NAMES = tuple(field.name for field in fields(Points))
_SAVE_MS = 5_000
_MOST_LATE = 4


class EvaluationOfActivity(OfficeList):
    """Four lists that are kept by themselves until the report is written, which happens once."""

    def __init__(self, context: AppContext, navigator: Navigator, activity_id: str) -> None:
        super().__init__(context, navigator, activity_id)
        self._evaluation = context.office.evaluation
        self._read: EvaluationView | None = None

    def form(self) -> WorkForm:
        """Return the form; who does not evaluate only reads it."""
        return WorkForm(
            "",
            self._load,
            lambda values: self._evaluation.write(self._of, _points(values)),
            around=self._around,
            about=lambda: self._seen.letter.thing_id if self._seen.letter else "",
            reads=frozenset({Evaluation.KIND, Letter.KIND}),
            keeps_every_ms=_SAVE_MS,
            wide=dict.fromkeys(NAMES, 2),
        )

    @property
    def _seen(self) -> EvaluationView:
        assert self._read is not None
        return self._read

    def _load(self) -> tuple[FormField, ...]:
        seen = self._read = self._evaluation.view(self._of)
        return tuple(
            FormField(
                name,
                message(f"evaluasi.{name}"),
                "\n".join(getattr(seen.points, name)),
                message(f"evaluasi.{name}_hint"),
                is_long=True,
            )
            for name in NAMES
        )

    def _around(self, filled: Filled) -> Around:
        seen, may = self._seen, self._context.user.may(Permission.EVALUATE)
        late = tuple(
            Number(f"{each.minutes} / {each.standard_minutes}", f"{each.no}. {each.name}", Tone.CAUTION)
            for each in seen.times
            if each.is_late
        )[:_MOST_LATE]
        side: tuple[Panel, ...] = (
            Facts("", tags=(_tag(seen, self._day_text),)),
            Numbers(message("evaluasi.numbers"), _numbers(seen)),
            *((Numbers(message("evaluasi.late"), late),) if late else ()),
        )
        is_open = may and seen.letter is None
        return Around(
            self._commands(seen, filled, may=may),
            side,
            where=seen.activity.place,
            title=message("evaluasi.title", activity=seen.activity.name),
            note=message("evaluasi.kept_by_itself") if is_open else "",
            is_open=is_open,
        )

    def _commands(self, seen: EvaluationView, filled: Filled, *, may: bool) -> tuple[Command, ...]:
        points, of, write = _points(filled.texts), self._of, self._evaluation
        empty: Message = message("evaluasi.nothing_said") if points.is_empty else ""
        refused = empty if may else message("evaluasi.not_yours")
        minutes = self._writes(filled, lambda: write.minutes(of, points))
        report, words = self._writes(filled, lambda: write.report(of, points)), message("evaluasi.report")
        if seen.letter is not None:  # written once
            words = message("evaluasi.open_report")
            report = opens(self._navigator, "letter", letter_id=seen.letter.thing_id)
        return (
            Command("minutes", message("evaluasi.minutes"), Action.NEW, refused=refused, runs=minutes),
            Command("report", words, Action.ISSUE, Weight.PRIMARY, "" if seen.letter else refused, report),
        )

    def _writes(self, filled: Filled, work: Callable[[], Letter]) -> Callable[[], None]:
        """Return what writes a paper and shows it."""
        written = replace(self._shown(work), busy=message("ui.stage.busy"))
        return lambda: filled.accept(written)


def _points(texts: Mapping[str, str]) -> Points:
    return Points(**{name: tuple(texts.get(name, "").splitlines()) for name in NAMES})


def _tag(seen: EvaluationView, day: Callable[..., str]) -> Tag:
    if seen.letter is not None:
        return Tag(message("evaluasi.reported", day=day(seen.letter.made_at)), Tone.GOOD)
    if seen.evaluation is not None:
        return Tag(message("evaluasi.draft", day=day(seen.evaluation.at)), Tone.SOFT)
    return Tag(message("evaluasi.not_begun"), Tone.NEUTRAL)


def _numbers(seen: EvaluationView) -> tuple[Number, ...]:
    count = seen.count
    numbers = [
        Number(str(count.targets), message("common.targets")),
        Number(str(count.recorded), message("evaluasi.recorded"), Tone.GOOD),
        Number(str(count.with_exception), message("evaluasi.with_exception")),
        Number(str(count.revisit), message("evaluasi.revisit"), Tone.CAUTION if count.revisit else Tone.NEUTRAL),
        Number(str(count.unsent), message("evaluasi.unsent"), Tone.CAUTION if count.unsent else Tone.NEUTRAL),
    ]
    if seen.visits:
        over = Tone.CAUTION if seen.over_standard else Tone.NEUTRAL
        numbers += [
            Number(str(seen.visit_minutes), message("evaluasi.visit_minutes")),
            Number(str(seen.over_standard), message("evaluasi.over_standard", minutes=VISIT_MINUTES), over),
        ]
    return tuple(numbers)
