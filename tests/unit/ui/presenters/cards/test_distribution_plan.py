from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.desk import PETUGAS, Kit
from support.handed import distributed, stop
from support.letters import KASI, office
from support.tasks import SameThread, Steps

from fieldkit.services.context.desk import Desk
from ui.presenters.cards.distribution_plan import DistributionPlanPresenter
from ui.presenters.words import phrase


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KASI)
    distributed(kit)
    yield kit
    kit.store.close()


def opened(desk: Desk, steps: Steps) -> DistributionPlanPresenter:
    presenter = DistributionPlanPresenter(desk, SameThread(), steps, "a1")
    presenter.start()
    return presenter


def test_stops_stand_by_day_with_what_waits_for_them(kit: Kit, steps: Steps) -> None:
    stops = [stop(kit, 3, "Balai Desa Jimbe"), stop(kit, -1, "Balai Desa Dawuhan")]
    kit.desk.office.handover.plan_distribution("a1", stops)
    presenter = opened(kit.desk, steps)
    rows = [presenter.state.rows.row(at) for at in range(2)]
    assert [row.cells[2].words for row in rows] == ["Balai Desa Dawuhan", "Balai Desa Jimbe"]
    assert rows[1].cells[4].words == phrase("distribusi.documents", count=3)
    assert presenter.state.tags[0].words == phrase("distribusi.stops_left", count=1)
    presenter.search("jimbe")
    presenter.accept()
    presenter.add()
    assert steps.taken == [("push", "distribution_stop", "a1", "1"), ("push", "distribution_stop", "a1", "-1")]
    presenter.remove()
    presenter.search("")
    assert [each.where for each in kit.desk.office.handover.distribution("a1").stops] == ["Balai Desa Dawuhan"]
    presenter.remove()
    assert presenter.state.problem.code == "card.no_stop"


def test_an_empty_schedule_says_who_writes_it(kit: Kit, steps: Steps) -> None:
    presenter = opened(kit.desk, steps)
    assert presenter.state.nothing.action is not None
    presenter.select("")
    presenter.accept()
    presenter.remove()
    other = opened(kit.desk_of(PETUGAS), steps)
    assert other.state.nothing.hint == phrase("distribusi.plan_not_yours")
    other.add()
    presenter.back()
    assert steps.taken == [("back",)]
