from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PETUGAS, Kit
from support.handed import distributed, put_at_dinas, stop
from support.letters import KASI, office
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.cards.card import Place
from fieldkit.services.context.app_context import AppContext
from ui.presenters.cards.distribution import DistributionPlan, Planned
from ui.presenters.figures import FigureCell
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import message


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = office(tmp_path, KASI)
    distributed(kit)
    yield kit
    kit.store.close()


def opened(context: AppContext, steps: Steps) -> Listing:
    return Listing(DistributionPlan(context, steps, "a1").screen(), SameThread(), steps)


def places(kit: Kit) -> list[str]:
    return [each.where for each in kit.context.office.handover.distribution("a1").stops]


def test_stops_stand_by_day_with_what_waits_for_them(kit: Kit, steps: Steps) -> None:
    stops = [stop(kit, 3, "Balai Desa Jimbe"), stop(kit, -1, "Balai Desa Dawuhan")]
    kit.context.office.handover.plan_distribution("a1", stops)
    listing = opened(kit.context, steps)
    assert [row.cells[2].words for row in listing.rows] == ["Balai Desa Dawuhan", "Balai Desa Jimbe"]
    assert listing.rows[1].cells[4].words == message("distribusi.documents", count=3)
    listing.presenter.search("jimbe")
    listing.press("accept")
    listing.press("add")
    assert steps.taken == [("push", "distribution_stop", "a1", "1"), ("push", "distribution_stop", "a1", "-1")]
    listing.presenter.search("zzz")
    assert listing.offered("remove").refused == message("distribusi.choose_stop")


@pytest.mark.parametrize(("days", "is_over"), [(-1, True), (0, False), (1, False)])
def test_a_stop_is_over_from_the_next_day_on(idle: Kit, days: int, is_over: bool) -> None:
    heads = DistributionPlan(idle.context, Steps(), "a1").screen().heads
    planned = Planned(0, stop(idle, days, "Jimbe"), 2)
    assert heads[0].cell(planned).is_muted is is_over
    tone = Tone.NEUTRAL if is_over else Tone.SOFT
    assert heads[1].cell(planned).tags == (Tag(message("distribusi.place.desa"), tone),)
    assert heads[4].cell(planned) == FigureCell(message("distribusi.documents", count=2))
    office = replace(planned, stop=replace(planned.stop, to=Place.KECAMATAN))
    assert heads[4].cell(office) == FigureCell("–")


def test_a_document_without_a_village_waits_for_no_stop(kit: Kit, steps: Steps) -> None:
    put_at_dinas(kit, 20, village="")
    kit.context.office.handover.plan_distribution("a1", [stop(kit, 3, "Balai Desa Kosong")])
    listing = opened(kit.context, steps)
    assert listing.rows[0].cells[4].words == message("distribusi.documents", count=0)
    assert listing.presenter.reads == {"distribution", "card"}
    other = opened(kit.context_of(PETUGAS), steps)
    for name in ("remove", "accept"):
        assert other.offered(name).refused == message("distribusi.plan_not_yours")


def test_a_stop_that_was_taken_off_comes_back(kit: Kit, steps: Steps) -> None:
    stops = [stop(kit, 3, "Balai Desa Jimbe"), stop(kit, -1, "Balai Desa Dawuhan")]
    kit.context.office.handover.plan_distribution("a1", stops)
    listing = opened(kit.context, steps)
    listing.press("remove")
    assert places(kit) == ["Balai Desa Jimbe"]
    listing.presenter.perform(listing.presenter.state.toast.undo)
    assert places(kit) == ["Balai Desa Dawuhan", "Balai Desa Jimbe"]
    kit.context.office.handover.plan_distribution("a1", stops[:1])
    listing.presenter.start()
    listing.press("remove")
    assert listing.presenter.state.problem.code == "card.no_stop"


def test_an_empty_schedule_says_who_writes_it(kit: Kit, steps: Steps) -> None:
    listing = opened(kit.context, steps)
    assert listing.presenter.state.nothing.action is not None
    assert listing.offered("accept").refused == message("distribusi.choose_stop")
    other = opened(kit.context_of(PETUGAS), steps)
    assert other.presenter.state.nothing.hint == message("distribusi.plan_not_yours")
    assert other.offered("add").refused == message("distribusi.plan_not_yours")
