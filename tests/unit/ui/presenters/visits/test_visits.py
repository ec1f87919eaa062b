from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.app_context import PENGURUS, TARGETS, Kit
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.visits import Outcome
from fieldkit.services.visits.run_visits import Ended
from ui.presenters.lists import History
from ui.presenters.messages import message
from ui.presenters.parts import Stage
from ui.presenters.visits.visits import Visits


def opened(kit: Kit, tasks: SameThread, steps: Steps, activity_id: str = "a1") -> Listing:
    return Listing(Visits(kit.context, steps, activity_id).screen(), tasks, steps)


def everybody(kit: Kit, tasks: SameThread, steps: Steps) -> Listing:
    listing = opened(kit, tasks, steps)
    listing.presenter.choose(0, "all")
    return listing


def names(listing: Listing) -> list[object]:
    return [row.cells[1].words for row in listing.rows]


def tags(listing: Listing, at: int, column: int) -> list[object]:
    return [tag.words for tag in listing.rows[at].cells[column].tags]


def call(kit: Kit, target_id: str, outcome: Outcome, **told: object) -> None:
    visits = kit.context.office.visits
    visits.end(visits.begin(target_id).thing_id, Ended(outcome, **told))


def test_the_list_shows_what_happened_and_filters_say_how_many(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    call(kit, "t2", Outcome.SAKIT, wants_revisit=True, revisit_on=date(2026, 11, 27), note="demam")
    call(kit, "t3", Outcome.PINDAH)
    kit.context.office.visits.begin("t4")
    kit.clock.advance(minutes=7)
    kit.context.office.visits.want_escort("t4")
    listing = opened(kit, tasks, steps)
    assert listing.chips == {"open": 5, "again": 1, "walk_ins": 0, "done": 0, "all": 7}
    assert names(listing) == ["MISINEM", "NADIA PUTRI", "SULASTRI", "WARSITO", "JUMINAH"]
    listing.presenter.next_filter(0)
    assert names(listing) == ["KARTONO WIBOWO"]
    assert listing.panels(History)[0].title == "KARTONO WIBOWO"
    assert listing.panels(History)[0].steps[-1].detail == "demam"
    listing.presenter.next_filter(0)
    assert (names(listing), listing.presenter.state.nothing.title) == ([], message("field.none_walk_ins"))
    assert listing.offered("accept").refused == message("sasaran.choose_first")
    listing.presenter.choose(0, "all")
    assert tags(listing, 0, 3) == [message("target.planned")]
    assert tags(listing, 1, 3) == [message("field.outcome_sakit")]
    assert tags(listing, 1, 4) == [message("field.again_on", day="27-11-2026")]
    assert tags(listing, 3, 4) == [message("field.since", count=7), message("field.escort")]


def test_the_cursor_goes_on_once_a_door_is_closed(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    listing.press("accept")
    assert steps.taken == [("push", "visit", "a1", "t1")]
    call(kit, "t1", Outcome.TIDAK_DI_TEMPAT)
    listing.presenter.start()
    listing.press("accept")
    assert steps.taken[-1] == ("push", "visit", "a1", "t2")


def test_a_search_finds_a_person_at_the_place_of_the_route(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    listing.presenter.search("sulas")
    assert [cell.words for cell in listing.rows[0].cells[:2]] == ["5", "SULASTRI"]


def test_the_other_screens_of_the_field_are_one_key_away(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps, "")  # the activity of the day
    for name in ("show_trip", "show_recap", "add_walk_in"):
        listing.press(name)
    assert steps.taken == [("push", "trip", "a1"), ("push", "recap", "a1"), ("push", "walk_in", "a1")]
    assert listing.presenter.state.where == message("beranda.where", place="Desa Jimbe", targets=7)


def test_no_category_and_no_whole_nik_stands_in_the_list(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    told = " ".join(map(str, everybody(kit, tasks, steps).rows))
    assert TARGETS[0].biodata.nik.digits not in told
    assert "category" not in told
    assert "lansia" not in told


def test_who_does_not_visit_adds_nobody_and_an_office_without_work_says_so(tmp_path: Path) -> None:
    kit, steps = Kit(tmp_path, PENGURUS), Steps()
    listing = opened(kit, SameThread(), steps, "")
    assert listing.presenter.state.nothing.title == message("beranda.no_activity")
    assert listing.offered("show_trip").refused == message("beranda.no_activity")
    kit.plan(*TARGETS)
    listing.presenter.refresh()
    listing.press("add_walk_in")
    assert steps.taken == []
    assert listing.offered("add_walk_in").refused == message("sasaran.not_yours")
    kit.store.close()


def test_an_activity_that_is_gone_is_an_error(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    state = opened(kit, tasks, steps, "a9").presenter.state
    assert state.stage is Stage.ERROR
    assert state.problem is not None
    assert state.problem.code == "store.not_found"


@pytest.mark.parametrize("recorded", [True, False])
def test_what_was_sealed_counts_as_done(kit: Kit, tasks: SameThread, steps: Steps, recorded: bool) -> None:
    if recorded:
        kit.seal(1, TARGETS[0])
    listing = opened(kit, tasks, steps)
    listing.presenter.choose(0, "done")
    assert names(listing) == (["MISINEM"] if recorded else [])
