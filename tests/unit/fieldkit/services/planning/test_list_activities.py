from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, time, timedelta
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, KETUA, TARGETS, TODAY, Kit
from support.clock import NOW
from support.sops import small_run

from fieldkit.domain.errors import StoreError
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import OutreachCount, Plan, Terrain
from fieldkit.domain.sop.run import Ending
from fieldkit.domain.sop.standing import How, Lack, Missing, SopGlance, StepEnd
from fieldkit.services.planning import ActivityLine, ListActivities, Progress, Show, turns
from fieldkit.services.sop.run_sop import keep_run

NONE = OutreachCount(0, 0, 0, 0, 0, 0, None)
P = Progress


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


@pytest.fixture
def listing(kit: Kit) -> ListActivities:
    return kit.context.office.activities


def add(kit: Kit, name: str, on: date, done: int = 0) -> None:
    """Lay in an activity whose small SOP is over up to a step."""
    activity = replace(ACTIVITY, activity_id=name, name=f"Jemput bola {name}", place=name, on=on, sop="kecil")
    run = replace(small_run(), thing_id=name, activity_id=name)
    for no in range(1, done + 1):
        run = run.complete(no, Ending(NOW, "u1", branch="lengkap" if no == 2 else ""))
    kit.context.visits.take_over(activity, ())
    with kit.context.office.units.write(Permission.VISIT) as work:
        keep_run(work, run, "sop_begun")


def names(listing: ListActivities, show: Show = Show.ALL, on: date | None = None) -> list[str]:
    return [line.activity.activity_id for line in listing.next_first(on) if line.is_shown(show, TODAY)]


def test_what_is_to_come_stands_above_what_was(kit: Kit, listing: ListActivities) -> None:
    for name, days in (("lama", -40), ("kemarin", -1), ("besok", 1), ("nanti", 50)):
        add(kit, name, TODAY + timedelta(days=days))
    assert names(listing) == ["a1", "besok", "nanti", "kemarin", "lama"]


def test_each_way_of_looking(kit: Kit, listing: ListActivities) -> None:
    add(kit, "mulai", TODAY, done=3)  # the sarpras are the team's
    add(kit, "selesai", TODAY - timedelta(days=30), done=5)
    assert {show.value: names(listing, show) for show in Show} == {
        "all": ["mulai", "a1", "selesai"],
        "mine": ["mulai"],
        "month": ["mulai", "a1"],
        "open": ["mulai", "a1"],
        "finished": ["selesai"],
    }
    (mine,) = (line for line in listing.everything() if line.mine)
    assert mine.mine is not None
    assert mine.mine.no == 4


def test_a_day_has_its_own(kit: Kit, listing: ListActivities) -> None:
    add(kit, "nanti", TODAY + timedelta(days=1))
    assert names(listing, on=TODAY + timedelta(days=1)) == ["nanti"]


def test_the_numbers_and_the_progress_of_an_activity_without_a_run(kit: Kit, listing: ListActivities) -> None:
    assert listing.one("a1").progress is Progress.NOT_BEGUN
    kit.seal(1, TARGETS[0])
    line = listing.one("a1")
    assert (line.count.targets, line.count.recorded, line.count.unsent) == (7, 1, 1)
    assert (line.progress, line.glance, line.sop) == (Progress.UNDER_WAY, None, "si_jaran_ijo")
    assert listing.everything()[0] == line
    with pytest.raises(StoreError):
        listing.one("nowhere")


@pytest.mark.parametrize(
    ("recorded", "waiting", "unsent", "progress"),
    [
        (0, 0, 0, P.NOT_BEGUN),
        (0, 5, 0, P.NOT_BEGUN),
        (1, 4, 0, P.UNDER_WAY),
        (5, 0, 1, P.UNDER_WAY),
        (5, 0, 0, P.FINISHED),
    ],
)
def test_without_an_sop_its_targets_say_how_far_an_activity_is(
    recorded: int, waiting: int, unsent: int, progress: Progress
) -> None:
    count = replace(NONE, targets=5, recorded=recorded, waiting=waiting, unsent=unsent)
    line = ActivityLine(ACTIVITY, (TODAY,), count, None, None)
    assert (line.progress, line.left, line.sop) == (progress, (), ACTIVITY.sop)


@pytest.mark.parametrize(
    ("changes", "count", "progress", "is_over"),
    [
        ({"done": 0}, NONE, P.NOT_BEGUN, False),
        ({"done": 1}, NONE, P.UNDER_WAY, False),
        ({}, NONE, P.FINISHED, True),
        ({"ends": (StepEnd(1, "Mengajukan", How.DECLARED),)}, NONE, P.DECLARED, True),
        ({"left": (Lack(Missing.OUTPUT, "Jadwal"),)}, NONE, P.LEFT_OPEN, True),
        ({"is_sarpras_out": True}, NONE, P.LEFT_OPEN, True),
        ({}, replace(NONE, revisit=1), P.LEFT_OPEN, True),
    ],
)
def test_with_an_sop_its_steps_say_how_far_and_what_is_over_is_never_late(
    changes: dict[str, object], count: OutreachCount, progress: Progress, is_over: bool
) -> None:
    glance = replace(SopGlance("a1", "a1", "kecil", "Jemput bola kecil", 5, 5, ()), **changes)
    line = ActivityLine(ACTIVITY, (TODAY,), count, glance, None)
    assert (line.progress, line.progress.is_over, line.sop) == (progress, is_over, "Jemput bola kecil")
    assert [line.is_late(TODAY + timedelta(days=days)) for days in (0, 1)] == [False, not is_over]
    shown = {show for show in (Show.OPEN, Show.FINISHED) if line.is_shown(show, TODAY)}
    assert shown == {Show.FINISHED if is_over else Show.OPEN}


def test_one_activity_is_told_as_among_all(kit: Kit, listing: ListActivities) -> None:
    add(kit, "mulai", TODAY, done=3)
    with kit.store.write() as unit:
        unit.repository(Plan).save(Plan("mulai", "mulai", (), time(8), (), (), "", Terrain.EASY, 60))
    line = listing.one("mulai")
    assert line in listing.everything()
    assert (line.days, line.progress, line.mine and line.mine.no) == ((TODAY,), P.UNDER_WAY, 4)


def test_a_plan_says_the_days_and_what_passed_is_late(kit: Kit, listing: ListActivities) -> None:
    days = (TODAY - timedelta(days=3), TODAY - timedelta(days=2))
    with kit.store.write() as unit:
        unit.repository(Plan).save(Plan("a1", "a1", days, time(8), (), (), "", Terrain.EASY, 60))
    line = listing.one("a1")
    assert line.days == days
    assert line.is_late(TODAY)
    assert not line.is_late(days[1])


def test_turns_come_nearest_day_first(kit: Kit, listing: ListActivities) -> None:
    add(kit, "nanti", TODAY + timedelta(days=9), done=3)
    add(kit, "besok", TODAY + timedelta(days=1), done=3)
    add(kit, "kantor", TODAY)  # the first step is not the team's
    assert [line.activity.activity_id for line in turns(listing.everything())] == ["besok", "nanti"]
