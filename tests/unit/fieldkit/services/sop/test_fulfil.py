"""What other parts of the program tell the SOP, within their own transaction."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import KETUA, Kit
from support.sops import small_run

from fieldkit.domain.people.accounts import Permission
from fieldkit.domain.sop.fulfilment import Fulfilment
from fieldkit.domain.sop.glance import SopGlance
from fieldkit.domain.sop.run import SopRun, StepState
from fieldkit.services.sop.fulfil import fulfil, papers_changed, underway


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    with Kit(tmp_path, KETUA) as kit:
        with kit.context.office.units.write(Permission.VISIT) as work:
            work.unit.repository(SopRun).save(small_run())
        yield kit


def run_of(kit: Kit) -> SopRun:
    with kit.context.office.units.read() as unit:
        return unit.repository(SopRun).get("a1")


def told(kit: Kit) -> list[tuple[str, object, object]]:
    with kit.context.office.units.read() as unit:
        events = [(event.kind, json.loads(event.payload)) for event in unit.events.of("a1")]
    return [(kind, payload["fact"], payload["steps"]) for kind, payload in events]


def test_a_fact_completes_its_step_and_the_log_says_so(kit: Kit) -> None:
    with kit.context.office.units.write(Permission.VISIT) as work:
        fulfil(work, "a1", Fulfilment.REQUEST_RECEIVED, "surat-1")
    ending = run_of(kit).of(1).now.ending
    assert ending is not None
    assert (ending.by, ending.at, ending.evidence) == (KETUA.user_id, kit.clock.now(), ("surat-1",))
    assert told(kit) == [("sop_fact_heard", "request_received", ["1"])]


def test_what_is_underway_runs_its_step_once(kit: Kit) -> None:
    for _ in range(2):
        with kit.context.office.units.write(Permission.VISIT) as work:
            underway(work, "a1", Fulfilment.RECORDED)
    assert run_of(kit).state(5) is StepState.RUNNING
    assert told(kit) == [("sop_fact_underway", "recorded", ["5"])]


def test_the_same_news_twice_is_no_news(kit: Kit) -> None:
    for _ in range(2):
        with kit.context.office.units.write(Permission.VISIT) as work:
            fulfil(work, "a1", Fulfilment.SARPRAS_OUT, "periksa-1")
    assert len(told(kit)) == 1


@pytest.mark.parametrize("activity_id", ["", "without a run"])
def test_without_a_run_nothing_happens(kit: Kit, activity_id: str) -> None:
    with kit.context.office.units.write(Permission.VISIT) as work:
        fulfil(work, activity_id, Fulfilment.RECORDED)
        underway(work, activity_id, Fulfilment.RECORDED)
        papers_changed(work, activity_id)
        assert work.unit.repository(SopGlance).find(activity_id) is None
    assert not told(kit)


def test_a_paper_shows_in_the_lists_and_the_run_stays_as_it_is(kit: Kit) -> None:
    before = run_of(kit)
    with kit.context.office.units.write(Permission.VISIT) as work:
        papers_changed(work, "a1")
        assert work.unit.repository(SopGlance).find("a1") is not None
    assert run_of(kit) == before
    assert not told(kit)
