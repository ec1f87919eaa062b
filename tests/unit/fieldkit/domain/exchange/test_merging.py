from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from support.clock import NOW
from support.kept import biodata
from support.sops import SMALL

from fieldkit.domain.exchange.merging import merged_values
from fieldkit.domain.planning.outreach import ServiceCategory, Target, TargetState, TargetVerdict
from fieldkit.domain.sarpras.inventory import Consumable
from fieldkit.domain.sop.run import begin_run
from fieldkit.domain.visits import Visit

TARGET = Target("t", "a", 1, biodata(), ServiceCategory.LANSIA)
TIMES = (NOW, NOW + timedelta(minutes=1))
S = TargetState


def merge(one: object, other: object, stock: int = 0) -> object:
    """Merge, and see that it does not matter which laptop does it."""
    made = merged_values(one, other, TIMES, stock)
    assert merged_values(other, one, TIMES[::-1], stock) == made
    return made


@pytest.mark.parametrize(
    ("one", "other", "state"),
    [
        (S.RECORDED, S.POSTPONED, S.RECORDED),
        (S.CANCELLED, S.POSTPONED, S.POSTPONED),
        (S.CANCELLED, S.PLANNED, S.CANCELLED),
        (S.RECORDING, S.PLANNED, S.RECORDING),
    ],
)
def test_where_a_target_stands_follows_from_what_happened(one: S, other: S, state: S) -> None:
    made = merge(replace(TARGET, state=one, reason="x"), replace(TARGET, state=other, reason="y"))
    assert isinstance(made, Target)
    assert made.state is state


def test_a_check_and_no_check_are_a_check_and_two_checks_are_for_a_person() -> None:
    checked = replace(TARGET, verdict=TargetVerdict.TERVERIFIKASI)
    assert merge(TARGET, checked) == checked
    assert merge(checked, replace(TARGET, verdict=TargetVerdict.PINDAH)) is None


def test_who_a_target_is_is_for_a_person() -> None:
    assert merge(TARGET, replace(TARGET, biodata=biodata("BUDI"))) is None


def test_stock_is_what_is_left_after_both() -> None:
    masks = Consumable("m", "Masker", "lembar", 90, 20)
    assert merge(masks, replace(masks, stock=80), stock=70) == replace(masks, stock=70)
    assert merge(masks, replace(masks, stock=80)) == replace(masks, stock=0)
    assert merge(masks, replace(masks, stock=80), stock=-1) is None
    assert merge(masks, replace(masks, name="Masker kain"), stock=70) is None


VISIT, RUN = Visit("v", "a", "t", "u", NOW), begin_run(SMALL, "a", "u", NOW)


@pytest.mark.parametrize("one", [RUN, TARGET, Consumable("m", "Masker", "lembar", 90, 20)])
def test_neither_visits_nor_different_kinds_are_merged(one: object) -> None:
    assert merge(VISIT, replace(VISIT, note="x")) is None
    assert merge(one, VISIT) is None


def test_runs_are_merged_step_by_step() -> None:
    assert merge(RUN.start(1, "u", NOW), RUN) == RUN.start(1, "u", NOW)
