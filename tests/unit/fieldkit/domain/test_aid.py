from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.aid import (
    WAYS,
    Aid,
    AidAct,
    AidCase,
    AidMeeting,
    AidNote,
    AidRound,
    AidState,
    Dtsen,
    Program,
    standing,
)
from fieldkit.domain.errors import InputError, RuleError

S = AidState
NOTED = Aid(Program.PKH, (AidAct(S.DICATAT, NOW, "u1"),))
SOON = date(2026, 12, 1)


def act(state: AidState, after: timedelta = timedelta(), who: str = "Karsono") -> AidAct:
    return AidAct(state, NOW + after, "u1", who)


def through(*states: AidState) -> Aid:
    aid = NOTED
    for number, state in enumerate(states):
        aid = aid.moved(act(state, timedelta(days=number)), SOON)
    return aid


@pytest.mark.parametrize(
    "states",
    [
        (S.DIUSULKAN, S.DIVERIFIKASI, S.DITETAPKAN, S.DISALURKAN),
        (S.DIUSULKAN, S.DITOLAK, S.DIUSULKAN, S.DITETAPKAN),
        (S.DIUSULKAN, S.DIVERIFIKASI, S.DITOLAK),
    ],
)
def test_a_proposal_goes_its_way(states: tuple[AidState, ...]) -> None:
    aid = through(*states)
    assert aid.state is states[-1]
    assert [each.state for each in aid.acts] == [S.DICATAT, *states]


@pytest.mark.parametrize(
    ("states", "wanted"),
    [((), S.DISALURKAN), ((), S.DITOLAK), ((S.DIUSULKAN,), S.DISALURKAN), ((S.DIUSULKAN, S.DITOLAK), S.DISALURKAN)],
)
def test_what_nobody_decided_is_not_given(states: tuple[AidState, ...], wanted: AidState) -> None:
    with pytest.raises(RuleError, match=r"aid\.no_way"):
        through(*states).moved(act(wanted, timedelta(days=9)), None)


def test_every_state_has_its_ways() -> None:
    assert set(WAYS) == set(AidState)
    assert [state for state in AidState if not WAYS[state]] == [S.DISALURKAN]


def test_an_answer_does_not_come_before_the_proposal_but_a_musdes_may_be_before_the_note() -> None:
    before = timedelta(days=-3)
    proposed = NOTED.moved(act(S.DIUSULKAN, before), None)
    assert proposed.moved(act(S.DITOLAK, before), None).state is S.DITOLAK
    with pytest.raises(InputError, match=r"aid\.out_of_order"):
        proposed.moved(act(S.DITOLAK, before - timedelta(days=1)), None)


def test_a_follow_up_is_due_on_its_day_until_the_end() -> None:
    proposed = through(S.DIUSULKAN)
    assert [proposed.is_due(SOON + timedelta(days=days)) for days in (-1, 0, 1)] == [False, True, True]
    assert not NOTED.is_due(SOON)


@pytest.mark.parametrize("states", [(S.DIUSULKAN, S.DITOLAK), (S.DIUSULKAN, S.DITETAPKAN, S.DISALURKAN)])
def test_nothing_is_asked_any_more_at_the_end(states: tuple[AidState, ...]) -> None:
    before, over = through(*states[:-1]), through(*states)
    assert (before.is_over, before.follow_up_on) == (False, SOON)
    assert (over.is_over, over.follow_up_on) == (True, None)
    assert not replace(over, follow_up_on=SOON).is_due(SOON)


def test_noting_anew_keeps_what_was_begun() -> None:
    case = AidCase("t1", "a1").noting(AidNote(Dtsen.BELUM, 2, (), (Program.PKH, Program.SEMBAKO)), NOW, "u1")
    moved = case.moving(Program.PKH, act(S.DIUSULKAN), None)
    told = AidNote(Dtsen.TERDAFTAR, 1, (Program.PBI_JK,), (Program.PKH, Program.BLT_DD), "punya anak sekolah")
    again = moved.noting(told, NOW, "u2")
    assert [(aid.program, aid.state) for aid in again.aids] == [(Program.PKH, S.DIUSULKAN), (Program.BLT_DD, S.DICATAT)]
    assert (again.dtsen, again.decile, again.received) == (Dtsen.TERDAFTAR, 1, (Program.PBI_JK,))
    with pytest.raises(RuleError, match=r"aid\.proposed_already"):
        again.noting(replace(told, wanted=(Program.BLT_DD,)), NOW, "u2")
    with pytest.raises(RuleError, match=r"aid\.need_unknown"):
        again.moving(Program.ATENSI, act(S.DIUSULKAN), None)
    assert standing([again, moved]) == {S.DIUSULKAN: 2, S.DICATAT: 2}


@pytest.mark.parametrize(
    ("note", "code"),
    [
        (AidNote(decile=0), "aid.decile_wrong"),
        (AidNote(decile=11), "aid.decile_wrong"),
        (AidNote(received=(Program.PKH,), wanted=(Program.PKH,)), "aid.received_already"),
    ],
)
def test_a_note_that_contradicts_itself_is_refused(note: AidNote, code: str) -> None:
    with pytest.raises(InputError, match=code):
        AidCase("t1", "a1").noting(note, NOW, "u1")


def test_both_sides_are_asked_at_once_or_in_turn() -> None:
    dinsos, desa, both = (AidMeeting(NOW, "u1", *who) for who in (("Wiwik", ""), ("", "Karsono"), ("Wiwik", "Karsono")))
    rounds = [AidRound("a1", "a1", meetings) for meetings in ((), (dinsos,), (desa,), (dinsos, desa), (both,))]
    assert [each.is_coordinated for each in rounds] == [False, False, False, True, True]


def test_nobody_is_found_by_the_aid_they_need() -> None:
    assert AidCase("t1", "a1", note="ODGJ").words == AidRound("a1", "a1").words == ""
