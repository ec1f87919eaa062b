"""Verifikasi sasaran: the worklist before leaving."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import partial

from fieldkit.domain.errors import Problem
from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.planning.outreach import Target, TargetFilter, TargetState, TargetVerdict
from fieldkit.ports.messages import Messages
from fieldkit.services.context.desk import Desk
from ui.presenters.acts import Act
from ui.presenters.amounts import day_text
from ui.presenters.commands import Command, Weight
from ui.presenters.figures import NO_ROWS, Cell, Column, Row, Rows
from ui.presenters.navigator import Navigator
from ui.presenters.parts import NOTHING, Bar, Choice, Empty, Stage, Tag, Toast, Tone, ViewState
from ui.presenters.presenter import Presenter
from ui.presenters.printing import Printing
from ui.presenters.tasks import STORE, Tasks
from ui.presenters.ways_out import BACK, unread
from ui.presenters.words import Words, phrase

COLUMNS = (
    Column(phrase("sasaran.house"), 80),
    Column(phrase("sasaran.person")),
    Column(phrase("impor.born"), 130),
    Column(phrase("cek.verdict"), 190),
    Column(phrase("sasaran.warnings"), 250),
)
SHOWN = 200
_TONES = {
    TargetVerdict.BELUM_DICEK: Tone.NEUTRAL,
    TargetVerdict.TERVERIFIKASI: Tone.GOOD,
    TargetVerdict.SUDAH_MEREKAM: Tone.CAUTION,
    TargetVerdict.NIK_BERMASALAH: Tone.BAD,
    TargetVerdict.MENINGGAL: Tone.CAUTION,
    TargetVerdict.PINDAH: Tone.CAUTION,
}
_FILTERS: tuple[TargetVerdict | None, ...] = (TargetVerdict.BELUM_DICEK, None, *list(TargetVerdict)[1:])


@dataclass(frozen=True, slots=True, kw_only=True)
class VerifyTargetsState(ViewState):
    """The worklist as filtered and searched, the counts, and the verdicts to choose from."""

    rows: Rows = NO_ROWS
    tags: tuple[Tag, ...] = ()
    nothing: Empty = NOTHING
    choices: tuple[Choice, ...] = ()
    chosen: str = ""
    about: Words = ""
    remark: Words = ""


@dataclass(frozen=True, slots=True)
class _Found:
    targets: tuple[Target, ...]
    tally: Mapping[TargetVerdict, int]


class VerifyTargetsPresenter(Presenter[VerifyTargetsState]):
    """Judges one or all that are shown; SIAK answers by file."""

    def __init__(
        self, desk: Desk, tasks: Tasks, navigator: Navigator, printing: Printing, messages: Messages, activity_id: str
    ) -> None:
        super().__init__(VerifyTargetsState(stage=Stage.LOADING, bar=Bar(BACK)))
        self._desk, self._tasks, self._navigator, self._printing = desk, tasks, navigator, printing
        self._messages, self._activity_id = messages, activity_id
        self._text, self._filter, self._selected, self._told = "", 0, "", 0
        self._found = _Found((), {})

    def start(self) -> None:
        """Read the list anew."""
        self._tasks.run(STORE, partial(self._find, self._wanted), self._read, self._failed)

    refresh = start

    def search(self, text: str) -> None:
        """Show those whose name, NIK or address begins with what was typed."""
        self._text = text
        self.start()

    def next_filter(self) -> None:
        """Show the next verdict: not checked, all, verified, and so on."""
        self._filter = (self._filter + 1) % len(_FILTERS)
        self.start()

    def select(self, target_id: str) -> None:
        """Tell about a row."""
        self._selected = target_id
        self._render()

    def judge(self, verdict: str) -> None:
        """Keep a verdict of the row under the cursor."""
        if self._may and self._selected:
            ids, chosen = [self._selected], TargetVerdict(verdict)
            self._act(lambda: self._desk.office.verification.judge(self._activity_id, ids, chosen), phrase("cek.kept"))

    def judge_shown(self) -> None:
        """Keep "verified" of everybody whom filter and search show, also beyond the rows in sight."""
        if not self._may or not self._found.targets:
            return
        wanted = self._wanted
        judge = self._desk.office.verification.judge_all
        self._act(lambda: judge(self._activity_id, wanted, TargetVerdict.TERVERIFIKASI), phrase("cek.kept_all"))

    def export(self) -> None:
        """Write those whom nobody has checked into a file for SIAK."""

        def save() -> str:
            return self._printing.save(*self._desk.office.verification.export(self._activity_id, self._messages))

        self._tasks.run(STORE, save, lambda where: self._tell(phrase("impor.saved", where=where)), self._refused)

    def read_answer(self) -> None:
        """Go where the answer of SIAK is read."""
        self._navigator.push("siak_answer", activity_id=self._activity_id)

    def back(self) -> None:
        """Leave."""
        self._navigator.back()

    @property
    def _wanted(self) -> TargetFilter:
        verdict = _FILTERS[self._filter]
        return TargetFilter(self._text, verdicts=(verdict,) if verdict is not None else ())

    @property
    def _may(self) -> bool:
        return self._desk.user.may(Permission.VERIFY_TARGETS)

    def _find(self, wanted: TargetFilter) -> _Found:
        verification = self._desk.office.verification
        return _Found(
            tuple(verification.worklist(self._activity_id, wanted, SHOWN)), verification.tally(self._activity_id)
        )

    def _read(self, found: _Found) -> None:
        self._found = found
        if all(target.target_id != self._selected for target in found.targets):
            self._selected = found.targets[0].target_id if found.targets else ""
        self._become(replace(self.state, stage=Stage.CONTENT, problem=None, retry=None))
        self._render()

    def _render(self) -> None:
        targets, tally = self._found.targets, self._found.tally
        verdict = _FILTERS[self._filter]
        total = sum(tally.values()) if verdict is None else tally.get(verdict, 0)
        target = next((each for each in targets if each.target_id == self._selected), None)
        is_open = target is not None and target.state in (
            TargetState.PLANNED,
            TargetState.POSTPONED,
            TargetState.CANCELLED,
        )
        refused: Words = "" if self._may and is_open else phrase("cek.not_open" if self._may else "cek.not_yours")
        findings = self._desk.visits.findings(target) if target else ()
        self._become(
            replace(
                self.state,
                rows=Rows(len(targets), total, lambda at: self._row(targets[at])),
                tags=(
                    Tag(phrase("cek.all") if verdict is None else _words(verdict), Tone.SOFT),
                    Tag(phrase("cek.unchecked", count=tally.get(TargetVerdict.BELUM_DICEK, 0)), Tone.NEUTRAL),
                ),
                nothing=Empty(phrase("cek.empty"), phrase("cek.empty_hint")),
                choices=tuple(Choice(each.value, _words(each), refused=refused) for each in TargetVerdict),
                chosen=target.verdict.value if target else "",
                about=target.biodata.name if target else "",
                remark=phrase(findings[0].code) if findings else "",
                bar=self._bar(),
            )
        )

    def _row(self, target: Target) -> Row:
        who = target.biodata
        findings = self._desk.visits.findings(target)
        tags = (Tag(phrase("sasaran.check_nik"), Tone.CAUTION),) if findings else ()
        return Row(
            target.target_id,
            (
                Cell(str(target.house)),
                Cell(who.name, who.nik.masked, is_strong=True),
                Cell(day_text(who.birth_date)),
                Cell(tags=(Tag(_words(target.verdict), _TONES[target.verdict]),)),
                Cell(tags=tags),
            ),
        )

    def _bar(self) -> Bar:
        not_yours: Words = "" if self._may else phrase("cek.not_yours")
        none: Words = not_yours or ("" if self._found.targets else phrase("cek.nobody_shown"))
        return Bar(
            BACK,
            (
                Command("next_filter", phrase("cek.filter"), Act.FILTER, Weight.PLAIN),
                Command("export", phrase("cek.export"), Act.NEW, refused=not_yours),
                Command("read_answer", phrase("cek.answer"), Act.GROUP, refused=not_yours),
                Command("judge_shown", phrase("cek.judge_shown"), Act.ISSUE, Weight.PRIMARY, none),
            ),
        )

    def _act(self, act: Callable[[], object], told: Words) -> None:
        def done(_result: object) -> None:
            self._tell(told)
            self.start()

        self._tasks.run(STORE, act, done, self._refused)

    def _tell(self, words: Words) -> None:
        self._told += 1
        self._become(replace(self.state, toast=Toast(words, Tone.GOOD, serial=self._told), problem=None))

    def _refused(self, problem: Problem) -> None:
        self._become(replace(self.state, problem=problem))

    def _failed(self, problem: Problem) -> None:
        self._become(unread(self.state, problem))


def _words(verdict: TargetVerdict) -> Words:
    return phrase(f"verdict_siak.{verdict.value}")
