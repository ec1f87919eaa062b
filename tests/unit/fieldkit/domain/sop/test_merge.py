from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

from support.clock import NOW
from support.sops import SMALL

from fieldkit.domain.sop.declaration import Declaration
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.merge import merged_runs
from fieldkit.domain.sop.run import Ending, SopRun, StepNote, StepState, begin_run

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
