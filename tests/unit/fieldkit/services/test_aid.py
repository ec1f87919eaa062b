"""The steps of social aid end by what was noted of it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.aided import COORDINATION, DELIVERY, PROPOSAL, RESULT, aided, key, proposed, state
from support.app_context import Kit
from support.letters import AT

from fieldkit.domain.aid import AidAct, AidCase, AidNote, AidState, Program
from fieldkit.domain.people import Permission
from fieldkit.domain.sop.run import SopRun, StepState
from fieldkit.services.aid import AidStep, FollowAid
from fieldkit.services.exchange.exchange import Touched

S, P = AidState, Program


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = aided(tmp_path)
    yield kit
    kit.store.close()


@pytest.fixture
def aid(kit: Kit) -> FollowAid:
    return kit.context.office.aid


def answered(state: AidState, reason: str = "") -> AidStep:
    return AidStep(state, "Wiwik, Dinsos", paper="460/7", reason=reason)


def test_coordination_is_over_when_both_sides_were_asked(kit: Kit, aid: FollowAid) -> None:
    aid.meet(AT, "Wiwik", "")
    assert state(kit, COORDINATION) is StepState.RUNNING
    aid.meet(AT, "", "Karsono")
    assert state(kit, COORDINATION) is StepState.DONE


def test_proposing_is_over_when_nothing_noted_is_left(kit: Kit, aid: FollowAid) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.note("t2", AidNote(wanted=(P.PKH,)))
    assert state(kit, PROPOSAL) is StepState.WAITING
    aid.move(AT, [key(1)], proposed())
    assert state(kit, PROPOSAL) is StepState.RUNNING
    aid.note("t2", AidNote())  # needs nothing after all
    assert state(kit, PROPOSAL) is StepState.DONE


def test_the_result_is_judged_and_the_aid_arrives(kit: Kit, aid: FollowAid) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.note("t2", AidNote(wanted=(P.SEMBAKO, P.PKH)))
    aid.move(AT, [key(1), key(2), key(2, P.SEMBAKO)], proposed())
    aid.evaluate(AT, "menunggu")
    assert state(kit, RESULT) is StepState.DONE
    aid.move(AT, [key(1), key(2)], answered(S.DITETAPKAN))
    aid.move(AT, [key(1)], answered(S.DISALURKAN))
    assert state(kit, DELIVERY) is StepState.RUNNING
    aid.move(AT, [key(2, P.SEMBAKO)], answered(S.DITOLAK, "kuota penuh"))
    aid.move(AT, [key(2)], answered(S.DISALURKAN))
    assert state(kit, DELIVERY) is StepState.DONE


def test_refusals_alone_bring_nobody_aid(kit: Kit, aid: FollowAid) -> None:
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    aid.move(AT, [key(1)], answered(S.DITOLAK, "kuota penuh"))
    assert state(kit, DELIVERY) is StepState.WAITING


def test_what_another_laptop_proposed_counts_after_the_merge(kit: Kit, aid: FollowAid) -> None:
    for number in (1, 2):
        aid.note(f"t{number}", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    with kit.context.office.units.write(Permission.SEND) as work:
        repository, act = work.unit.repository(AidCase), AidAct(S.DIUSULKAN, kit.clock.now(), "u9", "Karsono", "141/7")
        repository.save(repository.get("t2").moving(P.PKH, act, None))
        work.unit.revisions.catch_up(work.at)
        touched = Touched()
        touched.note(work.unit.revisions.of(AidCase.KIND, "t2")[0])
        assert state(kit, PROPOSAL) is StepState.RUNNING
        touched.tell(work)
    assert state(kit, PROPOSAL) is StepState.DONE


def test_without_an_sop_aid_is_followed_as_ever(kit: Kit, aid: FollowAid) -> None:
    with kit.store.write() as unit:
        unit.repository(SopRun).remove(AT)
    aid.note("t1", AidNote(wanted=(P.PKH,)))
    aid.move(AT, [key(1)], proposed())
    aid.meet(AT, "Wiwik", "Karsono")
    aid.evaluate(AT, "menunggu")
    assert aid.overview(AT).counts == {S.DIUSULKAN: 1}
