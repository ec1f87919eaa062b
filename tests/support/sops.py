"""A small SOP that has one of everything, and hands that do with a run whatever comes to mind."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, time, timedelta

from hypothesis import strategies as st
from support.clock import NOW

from fieldkit.domain.errors import RuleError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.people import Role
from fieldkit.domain.planning.schedule import CalendarChoice, CalendarDay, DayKind, WorkCalendar, WorkHours
from fieldkit.domain.sop.profile import (
    Actor,
    Branch,
    Column,
    Fulfilment,
    SopProfile,
    SopStep,
    StandardTime,
    StepInput,
    StepOutput,
    TimeUnit,
)
from fieldkit.domain.sop.run import Ending, SopRun, StepState, begin_run
from fieldkit.domain.sop.times import OfficeClock
from fieldkit.ports.store import Store
from fieldkit.services.sop.run_sop import HandAct

F = Fulfilment
LETTER = StepInput("Surat tugas", papers=(LetterKind.SURAT_TUGAS,))
SMALL = SopProfile(
    sop_id="kecil",
    number="SOP-01",
    name="Jemput bola kecil",
    office="DINAS CONTOH",
    region="35.05",
    columns=(
        Column("Pemohon", (), (Role.LOKET, Role.KASI)),
        Column("Kasi", (Role.KASI,)),
        Column("Petugas", (Role.PETUGAS_PEREKAMAN, Role.KETUA_TIM)),
    ),
    steps=(
        SopStep(1, "Mengajukan", (Actor("Pemohon", confidence=0.9),), fulfilled_by=((F.REQUEST_RECEIVED,),)),
        SopStep(
            2,
            "Memeriksa",
            (Actor("Kasi"), Actor("Pemohon", "penerima")),
            branches=(Branch("lengkap", "lanjut", 3), Branch("kurang", "kembali", 1)),
            fulfilled_by=((F.APPLICATION_CHECKED,),),
        ),
        SopStep(
            3,
            "Menyiapkan",
            (Actor("Kasi"),),
            inputs=(StepInput("Kalender"), StepInput("Data sasaran", facts=(F.TARGETS_VERIFIED,))),
            outputs=(StepOutput("Surat tugas", (LetterKind.SURAT_TUGAS,)),),
            standard=StandardTime("2 jam", 120, TimeUnit.HOURS, 120),
            fulfilled_by=((F.SCHEDULED,), (F.TEAM_ASSIGNED, F.TRAVEL_ORDERED)),
            beside=(4,),
        ),
        SopStep(4, "Mengambil sarpras", (Actor("Petugas"),), fulfilled_by=((F.SARPRAS_OUT,),)),
        SopStep(
            5,
            "Merekam",
            (Actor("Petugas"),),
            inputs=(LETTER, StepInput("Sarpras", steps=(4,))),
            standard=StandardTime("30 menit", 30, TimeUnit.MINUTES, 30),
            fulfilled_by=((F.RECORDED,),),
        ),
        SopStep(6, "Selesai", is_terminator=True),
    ),
)


def act(at: datetime, who: str = "Kades Jimbe") -> HandAct:
    """Return somebody's word with everything that it needs."""
    return HandAct(who, at, "di luar program", letter="005/1/2026")


def never_closed(*days_off: date) -> OfficeClock:
    """Return an office that is open by day and night on all days of November 2026 but these, in UTC."""
    month = [date(2026, 11, day) for day in range(1, 31)]
    kind = {on: DayKind.DINAS_OFF if on in days_off else DayKind.DINAS_WORKS for on in month}
    changes = {on: CalendarDay(on.isoformat(), on, kind[on], "contoh") for on in month}
    hours = WorkHours(time.min, time.max, time(12), time(12))
    return OfficeClock(WorkCalendar(changes=changes, choice=CalendarChoice(hours=hours, friday=hours)), lambda at: at)


def work_on(store: Store, on: date = date(2026, 11, 21)) -> None:
    """Let the dinas of a store work on a day, at first on the Saturday of the tests' clock."""
    with store.write() as unit:
        unit.repository(CalendarDay).save(CalendarDay(on.isoformat(), on, DayKind.DINAS_WORKS, "contoh"))


def took(run: SopRun, no: int) -> int | None:
    """Return the minutes that a step took in such an office."""
    return never_closed().real_minutes(run.of(no).times)


def small_run() -> SopRun:
    """Return the small SOP at its beginning."""
    return begin_run(SMALL, "a1", "u1", NOW)


def small_with(no: int, **changes: object) -> SopProfile:
    """Return the small SOP with one step changed."""
    steps = (replace(step, **changes) if step.no == no else step for step in SMALL.steps)  # type: ignore[arg-type]
    return replace(SMALL, steps=tuple(steps))


# Two bytes an act, which and upon what; tuples take ten times as long, and short lists seldom come to the end.
ACTS = st.binary(min_size=60, max_size=120)


def play_to_the_end(run: SopRun, units: bytes) -> None:
    """Do all that, then finish what is open; assert that nothing was lost and that it ends."""
    numbers = [step.no for step in run.profile.steps]
    for minutes, (what, number) in enumerate(zip(units[::2], units[1::2], strict=False)):
        before = run
        try:
            run = _done(run, what % 8, number, minutes)
        except RuleError:
            continue
        assert [step.no for step in run.steps] == numbers
        for old, new in zip(before.steps, run.steps, strict=True):
            # What was over stays on the record for ever; only what shows it may grow.
            ended = [r.ending and (r.ending.at, r.ending.by, r.state) for r in old.rounds if r.is_over]
            assert [r.ending and (r.ending.at, r.ending.by, r.state) for r in new.rounds][: len(ended)] == ended
            assert all(r.is_over for r in new.rounds[:-1])
        assert run.is_finished or run.ready
        for step in (step for step in run.profile.steps if step.ends_itself):
            others = [other.now.is_over for other in run.steps if other.no != step.no]
            assert run.of(step.no).now.is_over is all(others)
    for _ in numbers:
        for no in run.ready:
            run = run.complete(no, Ending(NOW, "u1", branch=_answer(run, no, 0)))
    assert run.is_finished
    assert {run.state(no) for no in numbers} <= {StepState.DONE, StepState.SKIPPED}


def _answer(run: SopRun, no: int, place: int) -> str:
    branches = run.profile.step(no).branches
    return branches[place].when if branches else ""


def _done(run: SopRun, what: int, number: int, minutes: int) -> SopRun:
    when, steps = NOW + timedelta(minutes=minutes), run.profile.steps
    told = [fact for step in steps for group in step.fulfilled_by for fact in group]
    no, fact = number % len(steps) + 1, told[number % len(told)]
    match what:
        case 0 | 1 | 2:  # on, on and early, back
            ending = Ending(when, "u1", branch=_answer(run, no, -(what // 2)), reason="alasan" if what else "")
            return run.complete(no, ending)
        case 3:
            return run.complete(no, Ending(when, "u1"))
        case 4:
            return run.skip(no, Ending(when, "u1", reason="alasan"))
        case 5:
            return run.repeat(no, "alasan", when)
        case 6:
            return run.apply(fact, "u1", when, f"bukti-{minutes}")
        case _:
            return run.underway(fact, "u1", when).start(no, "u1", when)
