from __future__ import annotations

from datetime import date
from pathlib import Path

import pytest
from support.desk import PENGURUS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.visits import Outcome
from fieldkit.services.visits.run_visits import Ended
from ui.presenters.parts import Stage
from ui.presenters.visits.visits import VisitsPresenter
from ui.presenters.words import phrase


def opened(kit: Kit, tasks: SameThread, steps: Steps, activity_id: str = "a1") -> VisitsPresenter:
    presenter = VisitsPresenter(kit.desk, tasks, steps, activity_id)
    presenter.start()
    return presenter


def names(presenter: VisitsPresenter) -> list[object]:
    rows = presenter.state.rows
    return [rows.row(at).cells[1].words for at in range(rows.count)]


def tags(presenter: VisitsPresenter, at: int, column: int) -> list[object]:
    return [tag.words for tag in presenter.state.rows.row(at).cells[column].tags]


def call(kit: Kit, target_id: str, outcome: Outcome, **told: object) -> None:
    visits = kit.desk.office.visits
    visits.end(visits.begin(target_id).thing_id, Ended(outcome, **told))


def test_the_list_shows_what_happened_and_filters_say_how_many(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    call(kit, "t2", Outcome.SAKIT, wants_revisit=True, revisit_on=date(2026, 11, 27), note="demam")
    call(kit, "t3", Outcome.PINDAH)
    kit.desk.office.visits.begin("t4")
    kit.clock.advance(minutes=7)
    kit.desk.office.visits.want_escort("t4")
    presenter = opened(kit, tasks, steps)
    assert [tag.words for tag in presenter.state.tags] == [
        phrase("field.show_open", count=5),
        phrase("field.show_again", count=1),
    ]
    assert tags(presenter, 0, 3) == [phrase("target.planned")]
    assert tags(presenter, 1, 3) == [phrase("field.outcome_sakit")]
    assert tags(presenter, 1, 4) == [phrase("field.again_on", day="27-11-2026")]
    assert tags(presenter, 3, 4) == [phrase("field.since", count=7), phrase("field.escort")]
    presenter.select("t2")
    assert (presenter.state.about, presenter.state.remarks) == ("KARTONO WIBOWO", "demam")
    presenter.next_show()
    assert names(presenter) == ["MISINEM", "NADIA PUTRI", "SULASTRI", "WARSITO", "JUMINAH"]
    presenter.next_show()
    assert names(presenter) == ["KARTONO WIBOWO"]
    presenter.next_show()
    assert (names(presenter), presenter.state.nothing.title) == ([], phrase("field.none_walk_ins"))
    assert presenter.state.bar.actions[-1].refused == phrase("sasaran.choose_first")


def test_the_cursor_goes_on_once_a_door_is_closed(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    assert steps.taken == [("push", "visit", "a1", "t1")]
    presenter.start()
    assert (presenter.state.cursor, presenter.state.jumps) == (0, 0)
    call(kit, "t1", Outcome.TIDAK_DI_TEMPAT)
    presenter.start()
    assert (presenter.state.cursor, presenter.state.jumps) == (1, 1)
    presenter.accept()
    assert steps.taken[-1] == ("push", "visit", "a1", "t2")


def test_a_search_finds_a_person_at_the_place_of_the_route(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.search("sulas")
    assert [cell.words for cell in presenter.state.rows.row(0).cells[:2]] == ["5", "SULASTRI"]
    presenter.search("nobody")
    assert presenter.state.nothing.title == phrase("sasaran.not_found", text="nobody")


def test_the_other_screens_of_the_field_are_one_key_away(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps, "")  # the activity of the day
    presenter.show_trip()
    presenter.show_recap()
    presenter.add_walk_in()
    presenter.back()
    assert steps.taken == [("push", "trip", "a1"), ("push", "recap", "a1"), ("push", "walk_in", "a1"), ("back",)]


def test_no_category_and_no_whole_nik_stands_in_the_list(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    told = " ".join(str(presenter.state.rows.row(at)) for at in range(presenter.state.rows.count))
    assert TARGETS[0].biodata.nik.digits not in told
    assert "category" not in told
    assert "lansia" not in told


def test_who_does_not_visit_adds_nobody_and_an_office_without_work_says_so(tmp_path: Path) -> None:
    kit, steps = Kit(tmp_path, PENGURUS), Steps()
    presenter = opened(kit, SameThread(), steps, "")
    assert presenter.state.stage is Stage.EMPTY
    kit.plan(*TARGETS)
    presenter.refresh()
    presenter.add_walk_in()
    assert steps.taken == []
    assert presenter.state.bar.actions[-2].refused == phrase("sasaran.not_yours")
    kit.store.close()


def test_an_activity_that_is_gone_is_an_error(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps, "a9")
    assert presenter.state.stage is Stage.ERROR
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "store.not_found"


@pytest.mark.parametrize("recorded", [True, False])
def test_what_was_sealed_counts_as_done(kit: Kit, tasks: SameThread, steps: Steps, recorded: bool) -> None:
    if recorded:
        kit.seal(1, TARGETS[0])
    presenter = opened(kit, tasks, steps)
    for _ in range(4):
        presenter.next_show()
    assert names(presenter) == (["MISINEM"] if recorded else [])
