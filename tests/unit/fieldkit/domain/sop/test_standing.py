"""A fact is not a word, and a word is not a paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW
from support.sops import SMALL, small_run, small_with

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.people import Role
from fieldkit.domain.planning.outreach import OutreachCount
from fieldkit.domain.sop.profile import Declaration, Fulfilment, SopActors, StepOutput, StepRoles
from fieldkit.domain.sop.run import Ending, Filed, Hold, Overtime, SopRun, StepNote, StepState, begin_run
from fieldkit.domain.sop.standing import (
    NO_PAPERS,
    How,
    Lack,
    Missing,
    Papers,
    glance_of,
    how_of,
    lacks_of,
    left_by_steps,
    left_in_the_field,
    merged_runs,
    papers_among,
)

F = Fulfilment
TUGAS = (LetterKind.SURAT_TUGAS,)
WITH_PAPER = Papers(TUGAS, TUGAS)
WORD = Ending(NOW, "u1", declared=Declaration("Dewi", "di kertas", NOW, "005/1"))
FACTS = (F.REQUEST_RECEIVED, F.APPLICATION_CHECKED, F.SCHEDULED, F.TEAM_ASSIGNED, F.SARPRAS_OUT, F.RECORDED)


def told(*facts: F) -> SopRun:
    run = small_run()
    for minutes, fact in enumerate(facts):
        run = run.apply(fact, "u1", NOW + timedelta(minutes=minutes))
    return run


def kinds(run: SopRun, no: int, papers: Papers = NO_PAPERS) -> list[Missing]:
    return [lack.kind for lack in lacks_of(run, no, papers)]


def test_a_step_is_fulfilled_by_its_facts_and_its_papers_only() -> None:
    run = told(*FACTS)
    assert how_of(small_run(), 3, WITH_PAPER) is How.OPEN
    assert how_of(run, 3, NO_PAPERS) is How.INCOMPLETE
    assert how_of(run, 3, WITH_PAPER) is How.FULFILLED
    assert kinds(run, 3) == [Missing.OUTPUT, Missing.INPUT, Missing.INPUT]
    assert kinds(run, 3, WITH_PAPER) == [Missing.INPUT, Missing.INPUT]
    told_nothing = begin_run(small_with(1, fulfilled_by=()), "a1", "u1", NOW).complete(1, WORD)
    assert how_of(told_nothing, 1, NO_PAPERS) is How.DECLARED


@pytest.mark.parametrize(
    ("no", "run", "papers", "lacking"),
    [
        (3, small_run(), NO_PAPERS, ["Kalender", "Data sasaran"]),
        (3, small_run().tick(3, "Kalender"), NO_PAPERS, ["Data sasaran"]),
        (3, small_run().apply(F.TARGETS_VERIFIED, "u1", NOW), NO_PAPERS, ["Kalender"]),
        (5, small_run(), NO_PAPERS, ["Surat tugas", "Sarpras"]),
        (5, small_run(), Papers(begun=TUGAS), ["Surat tugas", "Sarpras"]),
        (5, small_run(), WITH_PAPER, ["Sarpras"]),
        (5, told(F.SARPRAS_OUT), NO_PAPERS, ["Surat tugas"]),
        (5, small_run().skip(4, Ending(NOW, "u1", reason="rusak")), NO_PAPERS, ["Surat tugas", "Sarpras"]),
    ],
)
def test_an_input_is_there_by_a_tick_a_paper_a_fact_or_a_step_that_was_done(
    no: int, run: SopRun, papers: Papers, lacking: list[str]
) -> None:
    assert [lack.name for lack in lacks_of(run, no, papers) if lack.kind is Missing.INPUT] == lacking


@pytest.mark.parametrize(
    ("lack", "words"),
    [
        (Lack(Missing.FACT, "ignored", 3, ("notice_sent", "coordinated")), "fact notice_sent|coordinated"),
        (Lack(Missing.OUTPUT, "Jadwal", 3), "output Jadwal"),
        (Lack(Missing.REVISITS, count=2), "revisits 2"),
        (Lack(Missing.WHO), "who"),
    ],
)
def test_a_lack_has_words_for_programs(lack: Lack, words: str) -> None:
    assert lack.words == words


@pytest.mark.parametrize(
    ("ending", "lacking"),
    [
        (Ending(NOW, ""), [Missing.WHO, Missing.WHY, Missing.EVIDENCE]),
        (Ending(NOW, "u1"), [Missing.WHY, Missing.EVIDENCE]),
        (Ending(NOW, "", outsider="Kades"), [Missing.WHY, Missing.EVIDENCE]),
        (Ending(NOW, "u1", reason="lisan"), [Missing.EVIDENCE]),
        (Ending(NOW, "u1", reason="lisan", evidence=("surat-1",)), []),
        (Ending(NOW, "u1", reason="lisan", files=(Filed("f1", "foto.jpg", "image/jpeg"),)), []),
        (replace(WORD, by=""), []),
        (replace(WORD, declared=Declaration("Dewi", "di kertas", NOW, "")), [Missing.EVIDENCE]),
    ],
)
def test_a_word_says_who_why_and_what_shows_it(ending: Ending, lacking: list[Missing]) -> None:
    assert kinds(small_run().complete(1, ending), 1) == [Missing.FACT, *lacking]


def test_a_word_is_declared_and_facts_that_come_later_fulfil_it_beside_it() -> None:
    said = small_run().complete(1, WORD)
    assert how_of(said, 1, NO_PAPERS) is How.DECLARED
    assert lacks_of(said, 1, NO_PAPERS) == (Lack(Missing.FACT, facts=("request_received",)),)
    seen = said.apply(F.REQUEST_RECEIVED, "u2", NOW + timedelta(hours=1), "surat-1")
    assert how_of(seen, 1, NO_PAPERS) is How.FULFILLED
    ending = seen.of(1).now.ending
    assert ending is not None
    assert (ending.declared, ending.at, ending.evidence) == (WORD.declared, NOW, ("surat-1",))
    assert seen.heard(F.REQUEST_RECEIVED) is not None


def test_what_an_older_program_took_without_asking_is_declared_with_what_it_lacks() -> None:
    older = small_run().complete(1, Ending(NOW, "u1"))
    assert how_of(older, 1, NO_PAPERS) is How.DECLARED
    assert kinds(older, 1) == [Missing.FACT, Missing.WHY, Missing.EVIDENCE]


def test_a_step_that_was_left_out_is_neither() -> None:
    assert how_of(small_run().skip(1, Ending(NOW, "u1", reason="lisan")), 1, NO_PAPERS) is How.SKIPPED


def test_the_last_step_ends_with_what_is_open() -> None:
    run, open_visit = told(*FACTS), (Lack(Missing.REVISITS, count=2),)
    assert how_of(run, 6, WITH_PAPER) is How.FULFILLED
    assert how_of(run, 6, WITH_PAPER, open_visit) is How.INCOMPLETE
    assert lacks_of(run, 6, WITH_PAPER, open_visit) == open_visit
    assert how_of(run, 6, NO_PAPERS) is How.INCOMPLETE
    assert lacks_of(run, 6, NO_PAPERS) == left_by_steps(run, NO_PAPERS) == (Lack(Missing.OUTPUT, "Surat tugas"),)
    by_word = told(*FACTS[1:]).complete(1, WORD)
    assert how_of(by_word, 6, WITH_PAPER) is How.DECLARED
    assert (lacks_of(small_run(), 6, NO_PAPERS, open_visit), left_by_steps(small_run(), NO_PAPERS)) == ((), ())


def test_papers_of_a_seal_are_awaited_only_where_this_program_seals() -> None:
    sealed = StepOutput("Perekaman", (LetterKind.BUKTI_PEREKAMAN, LetterKind.BA_PENGIRIMAN))
    both = StepOutput("Perekaman", (LetterKind.BUKTI_PEREKAMAN, LetterKind.SPJ))
    assert not papers_among([]).show(sealed)
    assert papers_among([], is_official=True).show(sealed)
    assert not papers_among([], is_official=True).show(both)


def test_an_output_is_there_with_all_of_its_papers_and_void_is_no_paper() -> None:
    both = StepOutput("SPPD dan SPJ", (LetterKind.SPPD, LetterKind.SPJ))

    def letter(kind: LetterKind, state: LetterState) -> Letter:
        return Letter(kind.value, "a1", kind, "", "", {}, "u1", NOW, state)

    sppd = letter(LetterKind.SPPD, LetterState.ISSUED)
    assert not papers_among([sppd]).show(both)
    assert not papers_among([sppd, letter(LetterKind.SPJ, LetterState.DRAFT)]).show(both)
    assert not papers_among([sppd, letter(LetterKind.SPJ, LetterState.VOID)]).show(both)
    assert papers_among([sppd, letter(LetterKind.SPJ, LetterState.ISSUED)]).show(both)
    second = StepOutput("SPPD kedua", (LetterKind.SPPD,), nth=2)
    assert not papers_among([sppd]).show(second)
    assert papers_among([sppd, sppd]).show(second)
    draft = StepOutput("Draft", drafts=(LetterKind.SPPD,))
    assert papers_among([letter(LetterKind.SPPD, LetterState.WAITING)]).show(draft)
    assert not NO_PAPERS.show(draft)
    assert not papers_among([letter(LetterKind.SPPD, LetterState.VOID)]).show(draft)


def test_what_the_field_leaves_open_is_counted() -> None:
    count = OutreachCount(9, 4, 0, 2, 1, 3, NOW)
    assert [each.words for each in left_in_the_field(count, is_sarpras_out=True)] == [
        "targets 1",
        "revisits 2",
        "unsent 3",
        "sarpras 1",
    ]
    assert left_in_the_field(OutreachCount(9, 9, 0, 0, 0, 0, None), is_sarpras_out=False) == ()


def up_to(no: int) -> SopRun:
    run = small_run()
    for step in range(1, no):
        run = run.complete(step, Ending(NOW + timedelta(minutes=step), "u1", branch="lengkap" if step == 2 else ""))
    return run


def test_a_new_run_waits_for_its_first_step_and_for_whoever_records_it() -> None:
    glance = glance_of(small_run())
    assert (glance.done, glance.total, glance.is_finished) == (0, 6, False)
    assert glance.next is not None
    assert (glance.next.no, glance.next.column, glance.next.wanted) == (1, "Pemohon", (Fulfilment.REQUEST_RECEIVED,))
    assert glance.turn_of(Role.LOKET) is glance.next
    assert glance.turn_of(Role.KETUA_TIM) is None


def test_of_steps_beside_each_other_everybody_sees_his_own() -> None:
    glance = glance_of(up_to(3).start(4, "u1", NOW))
    mine, theirs = glance.turn_of(Role.KETUA_TIM), glance.turn_of(Role.KASI)
    assert mine is not None
    assert theirs is not None
    assert (mine.no, mine.state) == (4, StepState.RUNNING)
    assert (theirs.no, theirs.state) == (3, StepState.READY)


def test_the_end_that_ends_itself_is_nobodys_turn() -> None:
    glance = glance_of(up_to(6))
    assert (glance.done, glance.is_finished, glance.next) == (6, True, None)


def test_the_dinas_may_give_a_step_to_another_role() -> None:
    actors = SopActors("kecil", (StepRoles(1, (Role.ADMIN_DINAS,)),))
    glance = glance_of(small_run(), actors)
    assert glance.turn_of(Role.LOKET) is None
    assert glance.turn_of(Role.ADMIN_DINAS) == replace(glance.turn[0], roles=(Role.ADMIN_DINAS,), recorded_by=())


def test_what_did_not_end_by_facts_and_papers_is_told_and_words_are_counted() -> None:
    run = small_run().apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW).complete(2, Ending(NOW, "u1", branch="lengkap"))
    run = run.skip(3, Ending(NOW, "u1", reason="lisan")).apply(Fulfilment.SARPRAS_OUT, "u1", NOW)
    glance = glance_of(run.apply(Fulfilment.RECORDED, "u1", NOW))
    assert [(end.no, end.how) for end in glance.ends] == [
        (2, How.DECLARED),
        (3, How.SKIPPED),
        (6, How.DECLARED),
    ]
    assert glance.by_word == 3
    assert glance_of(small_run()).by_word == 0
    seen = small_run().apply(Fulfilment.SCHEDULED, "u1", NOW).apply(Fulfilment.TEAM_ASSIGNED, "u1", NOW)
    assert [end.how for end in glance_of(seen).ends] == [How.INCOMPLETE]
    assert glance_of(seen).by_word == 0


def test_a_step_of_nobody_has_no_column() -> None:
    glance = glance_of(begin_run(small_with(1, actors=()), "a1", "u1", NOW))
    assert glance.next is not None
    assert (glance.next.column, glance.next.roles, glance.next.recorded_by) == ("", (), ())


RUN = begin_run(SMALL, "a1", "u1", NOW)
LATER = NOW + timedelta(minutes=9)


def merge(one: SopRun, other: SopRun) -> SopRun | None:
    made = merged_runs(one, other)
    assert merged_runs(other, one) == made
    if made is not None:
        assert merged_runs(made, one) == merged_runs(made, made) == made
    return made


def test_steps_of_both_are_over() -> None:
    both = merge(
        RUN.apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW, "s1"), RUN.apply(Fulfilment.SARPRAS_OUT, "u2", LATER)
    )
    assert both is not None
    assert [both.of(no).now.is_over for no in (1, 2, 4)] == [True, False, True]
    assert both.heard(Fulfilment.REQUEST_RECEIVED) is not None


def test_a_step_that_needs_two_facts_is_over_when_each_laptop_heard_one() -> None:
    one = RUN.apply(Fulfilment.SCHEDULED, "u1", NOW, "plan")
    other = RUN.apply(Fulfilment.TEAM_ASSIGNED, "u2", LATER, "st")
    assert one.state(3) is other.state(3) is StepState.RUNNING
    both = merge(one, other)
    assert both is not None
    ending = both.of(3).now.ending
    assert ending is not None
    assert (ending.at, set(ending.evidence)) == (LATER, {"plan", "st"})


def test_of_two_endings_of_the_same_kind_the_earlier_counts_with_all_evidence() -> None:
    one = RUN.apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW, "s1")
    other = RUN.apply(Fulfilment.REQUEST_RECEIVED, "u2", LATER, "s2")
    both = merge(one, other)
    assert both is not None
    ending = both.of(1).now.ending
    assert ending is not None
    assert (ending.at, ending.by, ending.evidence) == (NOW, "u1", ("s1", "s2"))


def test_done_here_and_skipped_there_is_for_a_person() -> None:
    done = RUN.apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW)
    assert merge(done, RUN.skip(1, Ending(NOW, "u2", reason="tidak perlu"))) is None


def test_the_same_words_for_doing_and_for_leaving_out_are_for_a_person() -> None:
    said = Ending(NOW, "u1", reason="lisan")
    assert merge(RUN.complete(1, said), RUN.skip(1, said)) is None


def test_what_one_declared_stays_beside_what_the_other_saw_and_two_words_are_for_a_person() -> None:
    word = Declaration("Dewi", "di kertas", NOW, "005/1")
    said, seen = RUN.complete(1, Ending(NOW, "u1", declared=word)), RUN.apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW)
    both, twice = merge(said, seen), merge(said, RUN.complete(1, Ending(LATER, "u2", declared=word)))
    for made, by in ((both, "u1"), (twice, "u1")):
        assert made is not None
        ending = made.of(1).now.ending
        assert ending is not None
        assert (ending.declared, ending.by, ending.at) == (word, by, NOW)
    another = replace(word, letter="005/2")
    assert merge(said, RUN.complete(1, Ending(NOW, "u1", declared=another))) is None


def test_two_branches_are_for_a_person() -> None:
    ready = RUN.apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW)
    on, back = (ready.complete(2, Ending(NOW, "u1", branch=branch)) for branch in ("lengkap", "kurang"))
    assert merge(on, back) is None


def test_notes_and_ticks_of_both_stay() -> None:
    one = RUN.note(1, StepNote(LATER, "u1", "kedua")).tick(3, "Kalender")
    both = merge(one, RUN.note(1, StepNote(NOW, "u2", "pertama")))
    assert both is not None
    assert [note.text for note in both.of(1).notes] == ["pertama", "kedua"]
    assert both.of(3).now.ticked == ("Kalender",)


def test_a_repeated_step_stays_repeated() -> None:
    done = RUN.apply(Fulfilment.REQUEST_RECEIVED, "u1", NOW)
    both = merge(done.repeat(1, "salah orang", LATER), done.apply(Fulfilment.SARPRAS_OUT, "u2", LATER))
    assert both is not None
    assert len(both.of(1).rounds) == 2
    assert not both.of(1).now.is_over


def test_a_step_that_both_began_began_when_the_first_did() -> None:
    begun, again = RUN.start(1, "u1", NOW), RUN.start(1, "u2", LATER)
    alone, both = merge(RUN, again), merge(begun, again)
    assert alone is not None
    assert (alone.of(1).now.started_at, alone.of(1).now.started_by) == (LATER, "u2")
    assert both is not None
    assert (both.of(1).now.started_at, both.of(1).now.started_by, both.state(1)) == (NOW, "u1", StepState.RUNNING)


def test_two_different_sops_are_for_a_person() -> None:
    assert merge(RUN, replace(RUN, profile=replace(SMALL, sop_id="lain"))) is None


def test_holds_and_overtime_of_both_count_once_and_a_known_end_stays() -> None:
    begun = RUN.start(1, "u1", NOW)
    held = begun.hold(1, Hold("Dinsos", "u1", NOW))
    late = Overtime("u2", NOW - timedelta(hours=20), NOW - timedelta(hours=19))
    both = merge(held.resume(1, LATER), held.work_late(1, late))
    assert both is not None
    assert both.of(1).now.holds == (Hold("Dinsos", "u1", NOW, LATER),)
    assert both.of(1).now.overtime == (late,)
    two = merge(held, begun.hold(1, Hold("Desa", "u2", NOW)))
    assert two is not None
    assert [hold.whom for hold in two.of(1).now.holds] == ["Desa", "Dinsos"]
