"""The five SOPs: each fact they name is told by some part of the program, and each fulfilment counts."""

from __future__ import annotations

import ast
from datetime import timedelta
from pathlib import Path

import pytest
from support.clock import NOW

import fieldkit
from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.applications import LEGS
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.domain.sop.standing import How, Papers, how_of
from fieldkit.services.letters.fields import COMPOSERS
from fieldkit.services.letters.write_letters import WHEN_ISSUED

SERVICES = Path(fieldkit.__file__).parent / "services"
PROFILES = {profile.sop_id: profile for profile in own_profiles()}
ALL = tuple(LetterKind) * 2
BLITAR, GROBOGAN, MADIUN = "blitar_si_jaran_ijo", "grobogan_jemput_bola", "madiun_dolopo_jemput_bola"


def told_by_services() -> set[Fulfilment]:
    """Return the facts that services outside the room of the SOPs name, and those of the legs of an application."""
    names = {
        node.attr
        for file in SERVICES.rglob("*.py")
        if file.parent.name != "sop" or file.name == "run_sop.py"
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        if isinstance(node, ast.Attribute) and isinstance(node.value, ast.Name) and node.value.id == "Fulfilment"
    }
    return {Fulfilment[name] for name in names} | {fact for legs in LEGS.values() for fact in legs}


def test_production_tells_every_fact_that_the_five_profiles_name() -> None:
    named = {
        fact for profile in PROFILES.values() for step in profile.steps for group in step.fulfilled_by for fact in group
    }
    assert named <= told_by_services()
    assert WHEN_ISSUED[LetterKind.TANDA_TERIMA_SURAT] is Fulfilment.REPLY_HANDED_OVER


def test_every_paper_of_an_output_is_of_one_step_of_its_own_or_signed_there() -> None:
    """An output is there by its own paper: not the SPPD for the SPJ, nor what was written for another output."""
    own = {step.no: step.outputs for step in PROFILES[BLITAR].steps}
    assert {LetterKind.SPPD, LetterKind.SPJ} == set(own[6][1].papers)
    assert own[11][0].papers == (LetterKind.BA_PENGEMBALIAN,)
    assert own[5][0].papers == (LetterKind.TANDA_TERIMA_SURAT,)
    assert {LetterKind.JADWAL_DISTRIBUSI} < {p for o in PROFILES[GROBOGAN].step(10).outputs for p in o.papers}
    assert {LetterKind.BA_PENGEMBALIAN, LetterKind.JADWAL_DISTRIBUSI, LetterKind.TANDA_TERIMA_SURAT} <= set(COMPOSERS)


def walked(sop_id: str, without: Fulfilment | None = None) -> SopRun:
    run = begin_run(PROFILES[sop_id], "a1", "u1", NOW)
    facts = (fact for step in run.profile.steps for group in step.fulfilled_by for fact in group)
    for minutes, fact in enumerate(facts):
        run = run if fact is without else run.apply(fact, "u1", NOW + timedelta(minutes=minutes))
    return run


@pytest.mark.parametrize("sop_id", PROFILES)
def test_with_every_fact_and_every_paper_each_step_is_fulfilled(sop_id: str) -> None:
    run = walked(sop_id)
    assert {how_of(run, step.no, Papers(ALL, ALL)) for step in run.steps} == {How.FULFILLED}


@pytest.mark.parametrize(
    ("sop_id", "no", "removed"),
    [
        (BLITAR, 2, Fulfilment.DISPOSED),
        (BLITAR, 5, Fulfilment.REPLY_HANDED_OVER),
        (BLITAR, 5, LetterKind.TANDA_TERIMA_SURAT),
        (BLITAR, 6, LetterKind.SPJ),
        (BLITAR, 11, LetterKind.BA_PENGEMBALIAN),
        (GROBOGAN, 3, Fulfilment.PLAN_DIRECTED),
        (GROBOGAN, 10, LetterKind.JADWAL_DISTRIBUSI),
        (MADIUN, 3, LetterKind.NOTULEN),
        (MADIUN, 12, Fulfilment.AID_DELIVERED),
        ("grobogan_kk_wni", 2, LetterKind.BUKTI_PENGAMBILAN),
        ("grobogan_becak_pintar", 6, Fulfilment.COURIER_TOLD),
    ],
)
def test_without_a_single_fulfilment_its_step_is_not_fulfilled(
    sop_id: str, no: int, removed: Fulfilment | LetterKind
) -> None:
    kept = tuple(kind for kind in ALL if kind is not removed)
    run = walked(sop_id, removed if isinstance(removed, Fulfilment) else None)
    assert how_of(run, no, Papers(kept, kept)) is not How.FULFILLED


@pytest.mark.parametrize(("sop_id", "no"), [(GROBOGAN, 11), (MADIUN, 8)])
def test_the_ba_of_an_earlier_step_is_not_that_of_a_later_one(sop_id: str, no: int) -> None:
    once = tuple(LetterKind)
    assert how_of(walked(sop_id), no, Papers(once, once)) is How.INCOMPLETE


@pytest.mark.parametrize("sop_id", PROFILES)
def test_no_two_steps_show_the_same_paper(sop_id: str) -> None:
    """But for the BA of Grobogan's step 9: its document hands that one on through step 10."""
    shown = [(kind, output.nth) for step in PROFILES[sop_id].steps for output in step.outputs for kind in output.papers]
    twice = {each for each in shown if shown.count(each) > 1}
    assert twice == ({(LetterKind.BA_SERAH_TERIMA, 1)} if sop_id == GROBOGAN else set())
