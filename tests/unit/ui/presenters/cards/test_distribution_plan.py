from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import PETUGAS, Kit
from support.handed import distributed, stop
from support.letters import KASI, office
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.services.context.desk import Desk
from ui.presenters.cards.distribution_plan import DistributionPlan
from ui.presenters.words import phrase


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KASI)
    distributed(kit)
    yield kit
    kit.store.close()


def opened(desk: Desk, steps: Steps) -> Listing:
    return Listing(DistributionPlan(desk, steps, "a1").screen(), SameThread(), steps)


def places(kit: Kit) -> list[str]:
    return [each.where for each in kit.desk.office.handover.distribution("a1").stops]


def test_stops_stand_by_day_with_what_waits_for_them(kit: Kit, steps: Steps) -> None:
    stops = [stop(kit, 3, "Balai Desa Jimbe"), stop(kit, -1, "Balai Desa Dawuhan")]
    kit.desk.office.handover.plan_distribution("a1", stops)
    listing = opened(kit.desk, steps)
    assert [row.cells[2].words for row in listing.rows] == ["Balai Desa Dawuhan", "Balai Desa Jimbe"]
    assert listing.rows[1].cells[4].words == phrase("distribusi.documents", count=3)
    listing.presenter.search("jimbe")
    listing.press("accept")
    listing.press("add")
    assert steps.taken == [("push", "distribution_stop", "a1", "1"), ("push", "distribution_stop", "a1", "-1")]


def test_a_stop_that_was_taken_off_comes_back(kit: Kit, steps: Steps) -> None:
    stops = [stop(kit, 3, "Balai Desa Jimbe"), stop(kit, -1, "Balai Desa Dawuhan")]
    kit.desk.office.handover.plan_distribution("a1", stops)
    listing = opened(kit.desk, steps)
    listing.press("remove")
    assert places(kit) == ["Balai Desa Jimbe"]
    listing.presenter.perform(listing.presenter.state.toast.undo)
    assert places(kit) == ["Balai Desa Dawuhan", "Balai Desa Jimbe"]
    kit.desk.office.handover.plan_distribution("a1", stops[:1])
    listing.presenter.start()
    listing.press("remove")
    assert listing.presenter.state.problem.code == "card.no_stop"


def test_an_empty_schedule_says_who_writes_it(kit: Kit, steps: Steps) -> None:
    listing = opened(kit.desk, steps)
    assert listing.presenter.state.nothing.action is not None
    assert listing.offered("accept").refused == phrase("distribusi.choose_stop")
    other = opened(kit.desk_of(PETUGAS), steps)
    assert other.presenter.state.nothing.hint == phrase("distribusi.plan_not_yours")
    assert other.offered("add").refused == phrase("distribusi.plan_not_yours")
