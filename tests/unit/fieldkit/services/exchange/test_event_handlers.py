from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.clock import NOW, HandClock
from support.laptops import ACT, USERS, Laptop, fill

from fieldkit.domain.cards.card import CardCase, Place
from fieldkit.domain.exchange import Revision
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.sop.run import SopRun, StepState
from fieldkit.domain.sop.standing import SopGlance
from fieldkit.services.exchange import exchange
from fieldkit.services.exchange.exchange import Touched


@pytest.fixture
def laptop(tmp_path: Path) -> Iterator[Laptop]:
    laptop = Laptop("KIT-A", tmp_path, HandClock(), USERS["A"])
    fill(laptop, people=2)
    yield laptop
    laptop.store.close()


def tell(laptop: Laptop, kind: str, thing_id: str) -> None:
    """Say that a thing came from another laptop."""
    with laptop.units.write(Permission.SEND) as work:
        work.unit.revisions.catch_up(work.at)
        touched = Touched()
        touched.note(work.unit.revisions.of(kind, thing_id)[0])
        touched.tell(work)


def step(laptop: Laptop, no: int) -> StepState:
    with laptop.store.read() as unit:
        return unit.repository(SopRun).get(ACT).state(no)


DOORS, CARDS, AID, GLANCE = HANDLERS = ("target_settled", "cards_moved", "aid_moved", "glance_again")


@pytest.mark.parametrize(
    ("kind", "activity_id", "heard"),
    [
        ("sop_run", ACT, {DOORS, CARDS, AID, GLANCE}),
        ("sop_run", "gone", {DOORS, CARDS, AID}),  # lists show no run that was removed
        ("target", ACT, {DOORS}),
        ("visit", ACT, {DOORS}),
        ("card", ACT, {CARDS}),
        ("card", "", set()),
        ("aid_case", ACT, {AID}),
        ("staff", ACT, set()),
    ],
)
def test_the_sop_of_an_activity_hears_of_what_may_concern_it(
    laptop: Laptop, monkeypatch: pytest.MonkeyPatch, kind: str, activity_id: str, heard: set[str]
) -> None:
    told: set[str] = set()
    for name in HANDLERS:
        monkeypatch.setattr(exchange, name, lambda _work, _of, name=name: told.add(name))
    with laptop.units.write(Permission.SEND) as work:
        touched = Touched()
        touched.note(Revision(kind, "x", activity_id, "", "{}", {}, "KIT-B", "", NOW))
        touched.tell(work)
    assert told == heard


def test_the_last_target_from_elsewhere_ends_the_recording(laptop: Laptop) -> None:
    with laptop.store.write() as unit:
        unit.targets.mark("t-0", TargetState.RECORDED)
        unit.targets.mark("t-1", TargetState.CANCELLED)
    assert step(laptop, 2) is not StepState.DONE
    tell(laptop, "target", "t-1")
    assert step(laptop, 2) is StepState.DONE


def test_the_last_document_from_elsewhere_ends_its_way(laptop: Laptop) -> None:
    laptop.handover.hand_on(["card-0"], Place.DESA, "Suyatno")
    with laptop.store.write() as unit:
        handed = unit.repository(CardCase).get("card-0").handings[0]
        unit.repository(CardCase).save(unit.repository(CardCase).get("card-1").handed(handed))
    tell(laptop, "card", "card-1")
    assert step(laptop, 3) is StepState.DONE


def test_lists_show_a_run_that_came_from_elsewhere(laptop: Laptop) -> None:
    with laptop.store.write() as unit:
        unit.repository(SopGlance).remove(ACT)
    tell(laptop, "sop_run", ACT)
    with laptop.store.read() as unit:
        assert unit.repository(SopGlance).get(ACT).total == 4
