from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import KETUA, PENGURUS, TODAY, Kit
from support.sops import SMALL
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import Role, User
from fieldkit.services.planning.list_activities import Show
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.planning.activities import ActivitiesPresenter


@pytest.fixture
def team(tmp_path: Path) -> Iterator[Kit]:
    kit = Kit(tmp_path, KETUA)
    add_activity(kit, "Jimbe", SMALL, TODAY, done=3)
    add_activity(kit, "Dawuhan", SMALL, TODAY + timedelta(days=2))
    add_activity(kit, "Toroh", SMALL, TODAY - timedelta(days=9), done=1)
    yield kit
    kit.close()


def opened(kit: Kit, tasks: SameThread, steps: Steps, **params: Show) -> ActivitiesPresenter:
    presenter = ActivitiesPresenter(kit.context, tasks, steps, **params)
    presenter.start()
    return presenter


def names(presenter: ActivitiesPresenter) -> list[str]:
    rows = presenter.state.rows
    return [rows.row(at).name for at in range(rows.count)]


def test_a_row_says_the_next_step_and_whose_turn_it_is(team: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(team, tasks, steps)
    assert names(presenter) == ["Jimbe", "Dawuhan", "Toroh"]
    mine, others, late = (presenter.state.rows.row(at).cells for at in range(3))
    assert (mine[2].words, mine[2].detail) == ("4. Mengambil sarpras", message("kegiatan.your_turn"))
    assert (others[2].words, others[2].detail) == ("1. Mengajukan", message("kegiatan.turn_of", who="Pemohon"))
    assert [cells[5].tags[0].words.key for cells in (mine, others, late)] == [
        "kegiatan.tag_mine",
        "kegiatan.tag_not_begun",
        "kegiatan.tag_late",
    ]
    assert mine[4].words == message("kegiatan.of_steps", done=3, total=6)


def test_ways_of_looking_go_round(team: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(team, tasks, steps, show=Show.MINE)
    assert names(presenter) == ["Jimbe"]
    presenter.show(Show.MINE)
    assert len(names(presenter)) == 3
    for _ in Show:
        presenter.next_filter()
    assert [way.show for way in presenter.state.filters if way.is_on] == [Show.ALL]
    presenter.search("daw")
    assert names(presenter) == ["Dawuhan"]
    presenter.search("zzz")
    assert presenter.state.nothing.title == message("kegiatan.not_found", text="zzz")
    presenter.accept()
    assert steps.taken == []


def test_the_sops_go_round(team: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(team, tasks, steps)
    presenter.next_sop()
    assert presenter.state.sop == message("kegiatan.of_sop", sop=SMALL.name)
    presenter.next_sop()
    assert presenter.state.sop == message("kegiatan.every_sop")


def test_enter_opens_what_is_under_the_cursor(team: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(team, tasks, steps)
    presenter.accept()
    presenter.select("Toroh")
    presenter.accept()
    assert steps.taken == [("push", "activity", "Jimbe"), ("push", "activity", "Toroh")]


def test_only_who_may_begins_something_new(team: Kit, tasks: SameThread, steps: Steps, tmp_path: Path) -> None:
    def offered(user: User) -> list[str]:
        kit = Kit(tmp_path / user.user_id, user)
        intents = [action.name for action in opened(kit, tasks, steps).state.bar.actions]
        kit.store.close()
        return intents

    (tmp_path / "u3").mkdir()
    (tmp_path / "u8").mkdir()
    assert offered(PENGURUS) == ["turn", "accept"]
    assert offered(User("u8", "Kasi", Role.KASI)) == ["turn", "new_plan", "new_request", "accept"]


def test_a_day_of_one_activity_opens_it_and_of_two_lists_them(team: Kit, tasks: SameThread, steps: Steps) -> None:
    add_activity(team, "Juga", SMALL, TODAY + timedelta(days=2))
    presenter = opened(team, tasks, steps)
    presenter.turn()
    assert presenter.state.month is not None
    presenter.open_day(TODAY)
    presenter.open_day(TODAY + timedelta(days=1))  # nothing there
    assert steps.taken == [("push", "activity", "Jimbe")]
    presenter.open_day(TODAY + timedelta(days=2))
    assert presenter.state.month is None
    assert sorted(names(presenter)) == ["Dawuhan", "Juga"]
    presenter.back()
    assert presenter.state.month is not None
    presenter.show_month(TODAY.replace(month=12, day=1))
    presenter.go_to(TODAY.replace(month=12, day=4))
    assert presenter.state.month.cursor == TODAY.replace(month=12, day=4)
    presenter.turn()
    presenter.back()
    assert steps.taken[-1] == ("back",)


def test_a_kit_without_activities_says_how_to_begin(tmp_path: Path, tasks: SameThread, steps: Steps) -> None:
    kit = Kit(tmp_path, KETUA)
    presenter = opened(kit, tasks, steps)
    assert presenter.state.stage is Stage.EMPTY
    presenter.new_request()
    presenter.new_plan()
    kit.store.close()
    assert steps.taken == [("push", "request", ""), ("push", "plan", "")]
