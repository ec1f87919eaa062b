from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import ACTIVITY, KETUA, PENGURUS, TODAY, Kit
from support.listing import Listing
from support.plans import KASI
from support.sops import SMALL
from support.tasks import SameThread, Steps

from fieldkit.domain.people import Role, User
from fieldkit.domain.planning.outreach import OutreachCount
from fieldkit.domain.sop.run import StepState
from fieldkit.domain.sop.standing import How, SopGlance, StepEnd, StepGlance
from fieldkit.services.planning import ActivityLine
from ui.presenters.figures import FigureCell
from ui.presenters.lists import Listed
from ui.presenters.planning.activities import Activities
from ui.presenters.presenter import message


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    add_activity(kit, "Jimbe", SMALL, TODAY, done=3)
    add_activity(kit, "Dawuhan", SMALL, TODAY + timedelta(days=2))
    add_activity(kit, "Toroh", SMALL, TODAY - timedelta(days=9), done=1)
    yield kit
    kit.close()


def opened(kit: Kit, steps: Steps, on: date | None = None) -> Listing:
    return Listing(Activities(kit.context, steps, on).screen(), SameThread(), steps)


def test_a_row_says_the_next_step_and_whose_turn_it_is(team: Kit, steps: Steps) -> None:
    listing = opened(team, steps)
    assert listing.names == ["Jimbe", "Dawuhan", "Toroh"]
    mine, others, late = (row.cells for row in listing.rows)
    assert (mine[2].words, mine[2].detail) == ("4. Mengambil sarpras", message("common.your_turn"))
    assert (others[2].words, others[2].detail) == ("1. Mengajukan", message("kegiatan.turn_of", who="Pemohon"))
    assert [cells[5].tags[0].words.key for cells in (mine, others, late)] == [
        "common.your_turn",
        "kegiatan.tag_not_begun",
        "kegiatan.tag_late",
    ]
    assert mine[4].words == message("kegiatan.by_word", done=3, total=6, count=3)
    assert [cells[0].detail for cells in (mine, others, late)] == [
        message("kegiatan.today"),
        message("kegiatan.in_days", count=2),
        message("kegiatan.days_ago", count=9),
    ]


def test_chips_show_the_ways_of_looking_and_search_finds_the_sop(team: Kit, steps: Steps) -> None:
    listing = opened(team, steps)
    assert listing.chips == {"all": 3, "mine": 1, "month": 3, "open": 3, "finished": 0}
    listing.presenter.choose(0, "mine")
    assert listing.names == ["Jimbe"]
    listing.presenter.choose(0, "all")
    listing.presenter.search(f"daw {SMALL.name[:4]}")
    assert listing.names == ["Dawuhan"]
    listing.presenter.search("zzz")
    assert listing.offered("accept").refused == message("kegiatan.choose_first")
    listing.press("accept")
    assert steps.taken == []


def test_enter_opens_what_is_under_the_cursor(team: Kit, steps: Steps) -> None:
    listing = opened(team, steps)
    listing.press("accept")
    listing.presenter.select("Toroh")
    listing.press("accept")
    listing.press("turn")
    assert steps.taken == [("push", "activity", "Jimbe"), ("push", "activity", "Toroh"), ("push", "month")]


def test_only_who_may_begins_something_new(steps: Steps, tmp_path: Path) -> None:
    def offered(user: User) -> list[str]:
        (tmp_path / user.user_id).mkdir()
        kit = Kit(tmp_path / user.user_id, user)
        listing = opened(kit, steps)
        names = [command.name for command in listing.presenter.state.bar.actions]
        for name in ("new_plan", "new_request"):
            if name in names:
                listing.press(name)
        kit.store.close()
        return names

    assert offered(PENGURUS) == ["turn", "accept"]
    assert steps.taken == []
    assert offered(User("u8", "Kasi", Role.KASI)) == ["turn", "new_plan", "new_request", "accept"]
    assert steps.taken == [("push", "plan", ""), ("push", "request", "")]


def test_who_records_chooses_which_one_is_worked_on_today(team: Kit, steps: Steps) -> None:
    listing = opened(team, steps)
    listing.presenter.select("Dawuhan")
    listing.press("work_on")
    chosen = team.context.visits.overview().activity
    assert chosen is not None
    assert chosen.activity_id == "Dawuhan"
    toast = listing.presenter.state.toast
    assert toast is not None
    assert toast.words == message("kegiatan.worked_on", name=chosen.name)


@pytest.mark.parametrize(("user", "hint"), [(KASI, "plan"), (KETUA, "register"), (PENGURUS, "wait")])
def test_where_nothing_is_yet_only_what_the_role_may_do_is_named(
    tmp_path: Path, steps: Steps, user: User, hint: str
) -> None:
    with Kit(tmp_path, user) as kit:
        listing = opened(kit, steps)
        assert listing.presenter.state.nothing.hint == message(f"kegiatan.empty_{hint}")
        offered = {command.name for command in listing.presenter.state.bar.actions}
        assert ("new_plan" in offered, "new_request" in offered) == (hint == "plan", hint != "wait")


def test_a_day_shows_what_is_on_it(team: Kit, steps: Steps) -> None:
    day = TODAY + timedelta(days=2)
    add_activity(team, "Juga", SMALL, day)
    listing = opened(team, steps, day)
    assert sorted(listing.names) == ["Dawuhan", "Juga"]
    assert listing.presenter.state.title == message("kegiatan.of_day", day="23-11-2026")
    assert "turn" not in [command.name for command in listing.presenter.state.bar.actions]


def test_nothing_yet_and_nothing_of_mine_say_so(tmp_path: Path, steps: Steps) -> None:
    kit = Kit(tmp_path, KETUA)
    nothing = opened(kit, steps).presenter.state.nothing
    assert (nothing.title, nothing.hint) == (message("kegiatan.empty"), message("kegiatan.empty_register"))
    add_activity(kit, "Dawuhan", SMALL, TODAY)
    listing = opened(kit, steps)
    listing.presenter.choose(0, "mine")
    assert listing.presenter.state.nothing.title == message("common.nothing_waits")
    kit.store.close()


TURN = StepGlance(4, "Mengambil sarpras", "Petugas", StepState.READY)
GLANCE = SopGlance("x", "x", "kecil", "Kecil", 6, 3, (TURN,))
LINE = ActivityLine(ACTIVITY, (TODAY,), OutreachCount(7, 3, 0, 0, 4, 0, None), GLANCE, None)


def in_days(*days: int) -> ActivityLine:
    return replace(LINE, days=tuple(TODAY + timedelta(days=away) for away in days))


@pytest.mark.parametrize(
    ("line", "column", "cell"),
    [
        (in_days(0), 0, FigureCell("21-11-2026", message("kegiatan.today"))),
        (in_days(1), 0, FigureCell("22-11-2026", message("kegiatan.tomorrow"))),
        (in_days(2), 0, FigureCell("23-11-2026", message("kegiatan.in_days", count=2))),
        (in_days(-1), 0, FigureCell("20-11-2026", message("kegiatan.days_ago", count=1))),
        (in_days(0, 7), 0, FigureCell("21-11-2026", message("kegiatan.days", count=2))),
        (replace(LINE, mine=replace(TURN, no=5)), 2, FigureCell("5. Mengambil sarpras", message("common.your_turn"))),
        (LINE, 2, FigureCell("4. Mengambil sarpras", message("kegiatan.turn_of", who="Petugas"))),
        (
            replace(LINE, glance=replace(GLANCE, turn=())),
            2,
            FigureCell(message("kegiatan.nothing_next"), is_muted=True),
        ),
        (replace(LINE, glance=None), 2, FigureCell(message("kegiatan.no_sop"), is_muted=True)),
        (LINE, 3, FigureCell(message("kegiatan.count_targets", count=7), message("kegiatan.recorded", done=3))),
        (
            replace(LINE, count=OutreachCount(0, 0, 0, 0, 0, 0, None)),
            3,
            FigureCell(message("kegiatan.count_targets", count=0), is_muted=True),
        ),
        (LINE, 4, FigureCell(message("kegiatan.of_steps", done=3, total=6), "Kecil")),
        (
            replace(LINE, glance=replace(GLANCE, ends=(StepEnd(1, "Mengajukan", How.SKIPPED),))),
            4,
            FigureCell(message("kegiatan.by_word", done=3, total=6, count=1), "Kecil"),
        ),
        (replace(LINE, glance=None), 4, FigureCell()),
    ],
)
def test_a_row_tells_when_what_next_whom_and_how_far(
    idle: Kit, line: ActivityLine, column: int, cell: FigureCell
) -> None:
    assert Activities(idle.context, Steps()).screen().heads[column].cell(line) == cell


@pytest.mark.parametrize(
    ("everything", "chip", "title"),
    [
        ((LINE,), "mine", "common.nothing_waits"),
        ((LINE,), "all", "ui.list.none"),
        ((), "mine", "kegiatan.empty"),
        ((), "all", "kegiatan.empty"),
    ],
)
def test_an_empty_list_says_whether_a_chip_or_nothing_is_the_reason(
    idle: Kit, everything: tuple[ActivityLine, ...], chip: str, title: str
) -> None:
    listed = Listed(everything, (), None, (), (chip,))
    assert Activities(idle.context, Steps()).screen().empty(listed).title == message(title)


def test_the_list_is_read_anew_with_all_that_stands_in_it(idle: Kit) -> None:
    assert Activities(idle.context, Steps()).screen().reads == {"activity", "targets", "record", "plan", "sop_run"}
