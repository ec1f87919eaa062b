"""A fact is not a word, and a word is not a paper."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW
from support.sops import small_run, small_with

from fieldkit.domain.letters.letter import Letter, LetterKind, LetterState
from fieldkit.domain.planning.outreach import OutreachCount
from fieldkit.domain.sop.declaration import Declaration
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.profile import StepOutput
from fieldkit.domain.sop.run import Ending, Filed, SopRun, begin_run
from fieldkit.domain.sop.standing import (
    NO_PAPERS,
    How,
    Lack,
    Missing,
    Papers,
    how_of,
    lacks_of,
    left_by_steps,
    left_in_the_field,
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
