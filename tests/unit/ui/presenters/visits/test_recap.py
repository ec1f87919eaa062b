from __future__ import annotations

from datetime import timedelta

from support.desk import Kit
from support.field_office import half_a_day
from support.tasks import SameThread, Steps

from fieldkit.domain.visits import Outcome
from fieldkit.services.visits.run_visits import Ended
from ui.presenters.parts import Stage, Tone
from ui.presenters.visits.recap import RecapPresenter
from ui.presenters.words import phrase


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> RecapPresenter:
    presenter = RecapPresenter(kit.desk, tasks, steps, "a1")
    presenter.start()
    return presenter


def test_a_day_in_numbers_and_person_by_person(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    half_a_day(kit)
    presenter = opened(kit, tasks, steps)
    assert [number.value for number in presenter.state.numbers] == ["7", "1", "0", "1", "2", "4"]
    assert [number.value for number in presenter.state.times] == ["3", "0", "53", "18", "41", "1"]
    assert presenter.state.times[-1].tone is Tone.CAUTION
    rows = presenter.state.rows
    assert [rows.row(at).cells[0].words for at in range(rows.count)] == ["07.00", "07.12", "07.53"]
    assert rows.row(1).cells[3].tags[0].words == phrase("field.minutes_over", count=41, standard=30)
    presenter.search("sulas")
    assert (presenter.state.rows.count, presenter.state.rows.total) == (1, 3)
    presenter.search("nobody")
    assert presenter.state.nothing.title == phrase("sasaran.not_found", text="nobody")


def test_the_days_are_turned_and_one_without_work_shows_the_last(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    half_a_day(kit)
    kit.clock.at += timedelta(days=2)
    visits = kit.desk.office.visits
    visits.end(visits.begin("t3").thing_id, Ended(Outcome.PINDAH))
    presenter = opened(kit, tasks, steps)
    assert presenter.state.tags[-1].words == phrase("field.day_of", no=2, total=2)
    presenter.previous_step()
    presenter.previous_step()
    assert presenter.state.rows.total == 3
    presenter.next_step()
    assert presenter.state.rows.total == 1
    kit.clock.at += timedelta(days=5)
    assert opened(kit, tasks, steps).state.rows.total == 1


def test_the_report_is_written_where_the_activity_is_evaluated(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    half_a_day(kit)
    opened(kit, tasks, steps).accept()
    assert steps.taken == [("push", "evaluation", "a1")]


def test_before_the_first_visit_there_is_nothing_to_tell(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    assert presenter.state.stage is Stage.EMPTY
    presenter.accept()
    presenter.back()
    assert steps.taken == [("back",)]
