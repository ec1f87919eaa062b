from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from hypothesis import given
from support.clock import NOW
from support.sops import ACTS, play_to_the_end, small_run, small_with, took

from fieldkit.domain.errors import RuleError
from fieldkit.domain.sop.profile import Branch, Fulfilment
from fieldkit.domain.sop.run import Ending, Hold, Overtime, SopRun, StepNote, StepState, StepTime, begin_run

F, S = Fulfilment, StepState


def at(minutes: float) -> Ending:
    return Ending(NOW + timedelta(minutes=minutes), "u1")


def up_to(no: int) -> SopRun:
    run = small_run()
    for step in range(1, no):
        branch = "lengkap" if step == 2 else ""
        run = run.complete(step, Ending(NOW, "u1", branch=branch))
    return run


def states(run: SopRun) -> str:
    return " ".join(run.state(step.no).value for step in run.steps)


def test_the_first_step_begins_and_the_others_wait() -> None:
    run = small_run()
    assert states(run) == "ready waiting waiting waiting waiting waiting"
    assert run.waits_for(3) == (1, 2)
    assert run.ready == (1,)


def test_steps_beside_each_other_are_ready_together() -> None:
    run = up_to(3)
    assert run.ready == (3, 4)
    assert run.start(4, "u1", NOW).complete(4, at(5)).ready == (3,)


def test_a_step_before_its_turn_is_refused() -> None:
    with pytest.raises(RuleError) as caught:
        small_run().complete(3, at(0))
    assert (caught.value.code, caught.value.problem.params["before"]) == ("sop.not_your_turn", "1, 2")
    with pytest.raises(RuleError, match=r"sop\.not_your_turn"):
        small_run().start(3, "u1", NOW)


def test_a_reason_ends_a_step_before_its_turn() -> None:
    run = small_run().complete(4, Ending(NOW, "u2", reason="mobil berangkat dulu"))
    assert run.state(4) is S.DONE
    assert run.of(4).now.ready_at is None
    assert took(run, 4) is None
    assert run.ready == (1,)


def test_real_minutes_count_from_a_noted_start_only() -> None:
    run = up_to(3).start(3, "u1", NOW + timedelta(minutes=10)).complete(3, at(40)).complete(4, at(45))
    assert (took(run, 3), took(run, 4), took(run, 5)) == (30, None, None)
    began = up_to(3).start(3, "u1", NOW + timedelta(minutes=10))
    assert [took(began.complete(3, at(minutes)), 3) for minutes in (9, 10)] == [None, 0]  # a clock was behind
    assert began.complete(3, at(12)).times == (StepTime(3, at(12).at, NOW + timedelta(minutes=10)),)
    assert began.skip(3, Ending(NOW, "u1", reason="tidak perlu")).times == ()


def test_a_step_that_runs_waits_for_somebody_until_it_goes_on_or_ends() -> None:
    dinsos = Hold("Dinsos", "u1", NOW)
    run = up_to(3)
    with pytest.raises(RuleError, match=r"sop\.not_begun"):
        run.hold(3, dinsos)
    held = run.start(3, "u1", NOW).hold(3, dinsos)
    assert held.of(3).now.hold == dinsos
    with pytest.raises(RuleError, match=r"sop\.on_hold"):
        held.hold(3, dinsos)
    on = held.resume(3, at(5).at)
    assert on.of(3).now.holds == (replace(dinsos, ended_at=at(5).at),)
    with pytest.raises(RuleError, match=r"sop\.not_on_hold"):
        on.resume(3, at(6).at)
    over = held.complete(3, at(9))
    assert over.of(3).now.hold is None
    with pytest.raises(RuleError, match=r"sop\.already_over"):
        over.resume(3, at(10).at)


def test_work_after_hours_is_noted_of_a_step_that_began() -> None:
    late = Overtime("u1", at(1).at, at(2).at)
    with pytest.raises(RuleError, match=r"sop\.not_begun"):
        up_to(3).work_late(3, late)
    run = up_to(3).start(3, "u1", NOW)
    assert run.work_late(3, late).complete(3, at(3)).times[-1].overtime == (late,)
    assert run.complete(3, at(3)).work_late(3, late).times[-1].overtime == (late,)


def test_a_turn_that_came_stays_though_an_earlier_step_is_done_again() -> None:
    run = up_to(5).underway(F.RECORDED, "u1", NOW + timedelta(minutes=1))
    run = run.repeat(1, "lagi", NOW).complete(1, at(50)).apply(F.RECORDED, "u1", NOW + timedelta(minutes=60))
    assert run.of(5).now.ready_at == NOW


def test_what_runs_already_may_be_ended_before_its_turn() -> None:
    assert small_run().underway(F.RECORDED, "u1", NOW).complete(5, at(1)).state(5) is S.DONE


BRANCHES = (Branch("kurang", "kembali", 1), Branch("ulang", "lagi", 2), Branch("cepat", "lanjut", 4))


@pytest.mark.parametrize(
    ("said", "rounds", "then"),
    [
        ("kurang", [2, 2, 1, 1, 1, 1], "ready waiting waiting done waiting waiting"),
        ("ulang", [1, 2, 1, 1, 1, 1], "done ready waiting done waiting waiting"),
        ("cepat", [1, 1, 1, 1, 1, 1], "done done skipped done ready waiting"),
    ],
)
def test_a_branch_leads_back_to_a_step_or_past_those_between(said: str, rounds: list[int], then: str) -> None:
    run = begin_run(small_with(2, branches=BRANCHES), "a1", "u1", NOW).complete(1, at(0))
    run = run.apply(F.SARPRAS_OUT, "u1", NOW)
    went = run.complete(2, Ending(NOW, "u1", branch=said))
    assert ([len(step.rounds) for step in went.steps], states(went)) == (rounds, then)
    done = run.apply(F.SCHEDULED, "u1", NOW).apply(F.TEAM_ASSIGNED, "u1", NOW)
    assert done.complete(2, Ending(NOW, "u1", branch="cepat")).state(3) is S.DONE
    by_fact = run.apply(F.APPLICATION_CHECKED, "u1", NOW).of(2).now.ending
    assert by_fact is not None
    assert by_fact.branch == "cepat", "a fact never leads back"


def test_a_decision_goes_on_or_back() -> None:
    run = small_run().complete(1, at(1))
    with pytest.raises(RuleError, match=r"sop\.branch_needed"):
        run.complete(2, at(2))
    back = run.complete(2, Ending(NOW, "u1", branch="kurang"))
    assert back.ready == (1,)
    assert [len(step.rounds) for step in back.steps] == [2, 2, 1, 1, 1, 1]
    assert back.of(1).now.opened_because == "kurang"
    assert back.complete(1, at(3)).complete(2, Ending(NOW, "u1", branch="lengkap")).ready == (3, 4)


def test_skipping_and_repeating_want_a_reason() -> None:
    run = small_run()
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        run.skip(1, Ending(NOW, "u1", reason=" "))
    skipped = run.skip(1, Ending(NOW, "u1", reason="surat menyusul"))
    assert skipped.state(1) is S.SKIPPED
    with pytest.raises(RuleError, match=r"sop\.already_over"):
        skipped.complete(1, at(0))
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        skipped.repeat(1, "", NOW)
    with pytest.raises(RuleError, match=r"sop\.not_over"):
        skipped.repeat(2, "lagi", NOW)
    assert skipped.repeat(1, "surat datang", NOW).state(1) is S.READY


def test_facts_complete_a_step_when_all_are_told() -> None:
    run = up_to(3).apply(F.TEAM_ASSIGNED, "u9", NOW + timedelta(minutes=1), "surat-1")
    assert run.state(3) is S.RUNNING
    assert run.lacks(3) == ((F.SCHEDULED,),)
    done = run.apply(F.SCHEDULED, "u9", NOW + timedelta(minutes=21), "rencana-1")
    ending = done.of(3).now.ending
    assert ending is not None
    assert (done.state(3), ending.fact, ending.evidence) == (S.DONE, F.SCHEDULED, ("surat-1", "rencana-1"))
    assert took(done, 3) == 20
    started = up_to(3).start(3, "u1", NOW).apply(F.SCHEDULED, "u9", NOW + timedelta(minutes=7))
    assert started.of(3).now.started_at == NOW


def test_a_fact_before_its_turn_completes_its_step_and_the_others_stay() -> None:
    run = small_run().apply(F.SARPRAS_OUT, "u3", NOW)
    assert states(run) == "ready waiting waiting done waiting waiting"
    assert run.of(4).now.ready_at is None


def test_a_fact_told_again_only_adds_what_shows_it() -> None:
    run = small_run().apply(F.REQUEST_RECEIVED, "u1", NOW, "surat-1").apply(F.REQUEST_RECEIVED, "u1", NOW, "surat-2")
    ending = run.of(1).now.ending
    assert ending is not None
    assert ending.evidence == ("surat-1", "surat-2")
    assert len(run.of(1).rounds) == 1
    heard = run.heard(F.REQUEST_RECEIVED)
    assert heard is not None
    assert heard.evidence == ("surat-1", "surat-2")
    assert run.apply(F.REQUEST_RECEIVED, "u1", NOW, "surat-2") == run
    assert run.apply(F.REQUEST_RECEIVED, "u1", NOW) == run
    bare = small_run().apply(F.REQUEST_RECEIVED, "u1", NOW)
    assert [heard.evidence for heard in bare.facts] == [()]


def test_a_fact_takes_a_decision_onwards() -> None:
    run = small_run().complete(1, at(0)).apply(F.APPLICATION_CHECKED, "u1", NOW)
    assert run.ready == (3, 4)


def test_a_repeated_step_wants_its_facts_again() -> None:
    run = small_run().apply(F.REQUEST_RECEIVED, "u1", NOW).repeat(1, "surat salah", NOW)
    assert run.state(1) is S.READY
    assert run.apply(F.REQUEST_RECEIVED, "u1", NOW).state(1) is S.DONE


def test_what_is_underway_runs_without_its_turn() -> None:
    run = small_run().underway(F.RECORDED, "u1", NOW)
    assert states(run) == "ready waiting waiting waiting running waiting"
    assert run.underway(F.RECORDED, "u2", NOW + timedelta(hours=1)) == run
    ended = run.apply(F.RECORDED, "u1", NOW + timedelta(minutes=45))
    assert (ended.state(5), took(ended, 5)) == (S.DONE, 45)


def test_the_end_comes_by_itself_and_goes_when_a_step_is_repeated() -> None:
    run = up_to(6)
    assert run.is_finished
    assert run.state(6) is S.DONE
    again = run.repeat(5, "satu orang lagi", NOW)
    assert again.state(6) is S.WAITING
    assert not again.is_finished
    assert again.complete(5, at(9)).is_finished
    for act in (lambda: run.repeat(6, "x", NOW), lambda: run.skip(6, at(0)), lambda: small_run().complete(6, at(0))):
        with pytest.raises(RuleError, match=r"sop\.ends_itself"):
            act()


def test_notes_and_ticks_are_kept() -> None:
    run = small_run().note(2, StepNote(NOW, "u1", "menunggu KK")).tick(3, "Kalender").tick(3, "Kalender")
    assert run.of(2).notes[0].text == "menunggu KK"
    assert run.of(3).now.ticked == ("Kalender",)
    with pytest.raises(RuleError, match=r"sop\.unknown_input"):
        run.tick(3, "Kopi")
    with pytest.raises(RuleError, match=r"sop\.ends_itself"):
        run.tick(6, "Kalender")
    with pytest.raises(RuleError, match=r"sop\.unknown_step"):
        run.of(9)
    with pytest.raises(RuleError, match=r"sop\.already_started"):
        run.start(1, "u1", NOW).start(1, "u1", NOW)


@given(ACTS)
def test_no_sequence_of_acts_loses_a_step_or_cannot_end(acts: bytes) -> None:
    play_to_the_end(small_run(), acts)
