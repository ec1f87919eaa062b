"""What a screen is told about a run."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW
from support.sops import SMALL, never_closed, small_run

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role, User
from fieldkit.domain.sop.profile import (
    Declaration,
    Fulfilment,
    SopActors,
    StandardTime,
    StepOutput,
    StepRoles,
    TimeUnit,
)
from fieldkit.domain.sop.run import Ending, Filed, SopRun, StepNote, StepState, begin_run
from fieldkit.domain.sop.standing import How, Missing
from fieldkit.services.sop.view import SopView, StepView, Turn, view_of

KASI, LOKET, PETUGAS = (
    User("u1", "Dewi", Role.KASI),
    User("u2", "Tono", Role.LOKET),
    User("u3", "Rina", Role.PETUGAS_PEREKAMAN),
)
PEOPLE = (KASI, LOKET, PETUGAS)


def seen(run: SopRun, user: User = KASI, *letters: Letter, actors: SopActors | None = None) -> SopView:
    return view_of(run, user, actors, PEOPLE, letters, never_closed(), NOW + timedelta(hours=3))


def step(run: SopRun, no: int, *letters: Letter) -> StepView:
    return seen(run, KASI, *letters).steps[no - 1]


def absent(view: StepView) -> tuple[str, ...]:
    return tuple(each.name for each in view.lacks if each.kind is Missing.INPUT)


def surat_tugas(state: LetterState) -> Letter:
    return Letter("l1", "a1", LetterKind.SURAT_TUGAS, "Surat tugas", "ST-1", {}, "u1", NOW, state)


def third() -> SopRun:
    run = small_run().complete(1, Ending(NOW, "u2", outsider="Kades"))
    return run.complete(2, Ending(NOW + timedelta(minutes=5), "u1", branch="lengkap"))


def test_it_says_whose_turn_it_is_and_why_not() -> None:
    assert [each.turn for each in seen(small_run()).steps] == [
        Turn.RECORD,
        Turn.WAITS,
        Turn.WAITS,
        Turn.OTHERS,
        Turn.OTHERS,
        Turn.ITSELF,
    ]
    assert seen(small_run(), PETUGAS).steps[0].turn is Turn.OUTSIDE
    assert [each.no for each in seen(small_run(), LOKET).my_turn] == [1]
    assert [(each.no, each.turn) for each in seen(third()).my_turn] == [(3, Turn.YOURS)]
    assert [each.no for each in seen(third(), PETUGAS).my_turn] == [4]
    assert step(third(), 1).turn is Turn.OVER
    assert step(third(), 5).waits_for == (3, 4)


def test_actors_of_the_dinas_count() -> None:
    mine = SopActors("kecil", (StepRoles(4, (Role.KASI,)),))
    shown = seen(third(), KASI, actors=mine).steps[3]
    assert (shown.turn, shown.roles) == (Turn.YOURS, (Role.KASI,))


def test_actors_are_told_by_their_columns() -> None:
    second = step(small_run(), 2)
    assert second.doer == "Kasi"
    assert [(a.column, a.part, a.is_outsider) for a in second.actors] == [
        ("Kasi", "pelaksana", False),
        ("Pemohon", "penerima", True),
    ]
    first = step(small_run(), 1)
    assert (first.is_outsider, first.roles) == (True, (Role.LOKET, Role.KASI))


def test_an_input_is_there_by_fact_paper_step_or_hand() -> None:
    run = third()
    assert absent(step(run, 3)) == ("Kalender", "Data sasaran")
    assert [each.may_tick for each in step(run, 3).inputs] == [True, True]
    told = run.tick(3, "Kalender").apply(Fulfilment.TARGETS_VERIFIED, "u1", NOW)
    assert absent(step(told, 3)) == ()
    assert absent(step(run, 5)) == ("Surat tugas", "Sarpras")
    assert absent(step(run, 5, surat_tugas(LetterState.DRAFT))) == ("Surat tugas", "Sarpras")
    assert absent(step(run, 5, surat_tugas(LetterState.ISSUED))) == ("Sarpras",)
    assert absent(step(run.apply(Fulfilment.SARPRAS_OUT, "u3", NOW), 5)) == ("Surat tugas",)


@pytest.mark.parametrize(
    ("state", "is_there", "count"),
    [(LetterState.DRAFT, False, 1), (LetterState.ISSUED, True, 1), (LetterState.VOID, False, 0)],
)
def test_an_output_is_there_when_its_paper_is_issued(state: LetterState, is_there: bool, count: int) -> None:
    (output,) = step(third(), 3, surat_tugas(state), replace(surat_tugas(state), letter=LetterKind.SPPD)).outputs
    assert (output.is_there, len(output.papers), output.kinds) == (is_there, count, (LetterKind.SURAT_TUGAS,))


def test_real_time_stands_against_standard_time() -> None:
    run = third().start(3, "u1", NOW + timedelta(minutes=10))
    running = step(run, 3)
    assert (running.state, running.minutes) == (StepState.RUNNING, None)
    slow = run.complete(3, Ending(NOW + timedelta(minutes=150), "u1"))
    view = seen(slow)
    assert (view.steps[2].minutes, view.steps[2].is_slow) == (140, True)
    assert (view.standard_minutes, view.minutes, view.done) == (150, 140, 3)
    assert not step(run.complete(3, Ending(NOW + timedelta(minutes=130), "u1")), 3).is_slow


def test_what_happened_is_told_in_names() -> None:
    run = third().note(2, StepNote(NOW, "u2", "KK menyusul")).repeat(1, "surat salah", NOW)
    view = seen(run)
    assert [(note.by, note.text) for note in view.steps[1].notes] == [("Tono", "KK menyusul")]
    first = view.steps[0]
    assert [(each.state, each.outsider, each.by) for each in first.rounds] == [
        (StepState.DONE, "Kades", "Tono"),
        (StepState.WAITING, "", ""),
    ]
    assert first.now.opened_because == "surat salah"
    assert view.steps[1].now.branch == "lengkap"


def test_facts_that_are_awaited_and_heard_are_told() -> None:
    run = third()
    assert step(run, 3).awaited == ((Fulfilment.SCHEDULED,), (Fulfilment.TEAM_ASSIGNED, Fulfilment.TRAVEL_ORDERED))
    early = seen(small_run().apply(Fulfilment.SARPRAS_OUT, "u3", NOW, "periksa-1")).steps[3]
    assert (early.now.fact, early.now.is_early, early.now.evidence) == (Fulfilment.SARPRAS_OUT, True, ("periksa-1",))
    assert early.awaited == step(run, 2).awaited == ()


def test_steps_beside_each_other_name_each_other() -> None:
    assert (step(third(), 3).beside, step(third(), 4).beside) == ((4,), (3,))


def test_the_head_of_the_view() -> None:
    view = seen(third(), PETUGAS)
    assert (view.sop_id, view.number, view.name) == ("kecil", SMALL.number, SMALL.name)
    assert not view.may_override
    assert seen(third(), KASI).may_override
    assert not view.is_finished


@pytest.mark.parametrize(
    ("standard", "per", "minutes", "is_slow"),
    [(30, "", 31, True), (30, "", 30, False), (30, "orang", 31, False), (None, "", 31, False), (30, "", None, False)],
)
def test_a_step_is_slow_beyond_its_own_standard(
    standard: int | None, per: str, minutes: int | None, is_slow: bool
) -> None:
    given = None if standard is None else StandardTime("x", standard, TimeUnit.MINUTES, standard)
    assert replace(step(third(), 3), standard=given, per=per, minutes=minutes).is_slow is is_slow


def test_what_is_over_and_what_is_only_a_word_is_counted() -> None:
    run = third()
    skipped = run.skip(3, Ending(NOW, "u1", reason="x"))
    heard = skipped.apply(Fulfilment.SARPRAS_OUT, "u3", NOW, "periksa-1")
    assert [(seen(each).done, seen(each).by_word) for each in (run, skipped, heard)] == [(2, 2), (3, 3), (4, 3)]


@pytest.mark.parametrize(
    ("roles", "user", "turn", "is_mine"),
    [
        (StepRoles(1, (Role.KASI,), (Role.LOKET,)), KASI, Turn.YOURS, True),
        (StepRoles(1, (Role.KASI,), (Role.LOKET,)), LOKET, Turn.OTHERS, True),
        (StepRoles(1, (), (Role.LOKET,)), LOKET, Turn.RECORD, True),
        (StepRoles(1, (), (Role.LOKET,)), KASI, Turn.OUTSIDE, False),
        (StepRoles(1, (Role.LOKET,)), KASI, Turn.OTHERS, False),
        (StepRoles(1), KASI, Turn.OTHERS, False),
    ],
)
def test_a_step_is_its_accounts_or_of_those_who_write_down_for_an_outsider(
    roles: StepRoles, user: User, turn: Turn, is_mine: bool
) -> None:
    shown = seen(small_run(), user, actors=SopActors("kecil", (roles,))).steps[0]
    assert (shown.turn, shown.is_mine) == (turn, is_mine)
    assert shown.is_outsider is (not roles.roles and bool(roles.recorded_by))


def test_what_the_program_knows_or_somebody_ticked_is_ticked_no_more() -> None:
    run = third().tick(3, "Kalender").apply(Fulfilment.TARGETS_VERIFIED, "u1", NOW)
    assert [(each.is_there, each.may_tick) for each in step(third(), 3).inputs] == [(False, True), (False, True)]
    assert [(each.is_there, each.may_tick) for each in step(run, 3).inputs] == [(True, False), (True, False)]


@pytest.mark.parametrize(
    ("is_seen", "is_lacking", "is_there"), [(True, False, True), (True, True, True), (False, False, False)]
)
def test_what_no_paper_shows_is_there_when_the_program_saw_the_step(
    is_seen: bool, is_lacking: bool, is_there: bool
) -> None:
    papers = (StepOutput("Jadwal", (LetterKind.JADWAL,)),) if is_lacking else ()
    fourth = replace(SMALL.steps[3], outputs=(StepOutput("Sarpras siap"), *papers))
    run = begin_run(replace(SMALL, steps=(*SMALL.steps[:3], fourth, *SMALL.steps[4:])), "a1", "u1", NOW)
    assert not step(run, 4).outputs[0].is_there
    run = run.complete(1, Ending(NOW, "u2")).complete(2, Ending(NOW, "u1", branch="lengkap"))
    ended = run.apply(Fulfilment.SARPRAS_OUT, "u3", NOW) if is_seen else run.complete(4, Ending(NOW, "u3"))
    shown = step(ended, 4)
    assert (shown.outputs[0].is_there, shown.outputs[0].papers, shown.outputs[0].kinds) == (is_there, (), ())
    assert (shown.how in (How.FULFILLED, How.INCOMPLETE)) is is_seen


def test_whoever_left_the_dinas_has_no_name_and_the_end_no_doer() -> None:
    run = small_run().note(1, StepNote(NOW, "gone", "x")).complete(1, Ending(NOW, "gone"))
    first, last = step(run, 1), step(run, 6)
    assert (first.notes[0].by, first.now.by, first.now.role) == ("", "", None)
    assert (last.doer, last.now.outsider, last.now.fact, last.now.evidence, last.now.declared) == (
        "",
        "",
        None,
        (),
        None,
    )
    assert (last.now.ended_at, last.now.is_early, last.now.files, last.now.reason) == (None, False, (), "")
    said, files = Declaration("Kades", "lisan", NOW), (Filed("f1", "surat.pdf", "application/pdf"),)
    ending = Ending(NOW, "u2", reason="cuti", evidence=("e",), files=files, declared=said)
    told = step(small_run().complete(1, ending), 1).now
    assert (told.files, told.declared) == (files, said)
    assert (told.reason, told.evidence, told.role, told.is_early, told.ended_at) == (
        "cuti",
        ("e",),
        Role.LOKET,
        False,
        NOW,
    )
