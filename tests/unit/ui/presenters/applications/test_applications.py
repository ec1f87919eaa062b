from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.cards_sent import LOKET, PRINTER
from support.counter import SITI, Counter, for_kk
from support.desk import PENGURUS
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import User
from ui.presenters.applications.applications import ApplicationsPresenter
from ui.presenters.parts import Stage
from ui.presenters.words import phrase


@pytest.fixture
def counter(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    yield counter
    counter.close()


def opened(counter: Counter, user: User = LOKET, activity_id: str = "a1") -> ApplicationsPresenter:
    presenter = ApplicationsPresenter(counter.desk(user), SameThread(), Steps(), activity_id)
    presenter.start()
    return presenter


def names(presenter: ApplicationsPresenter) -> list[str]:
    rows = presenter.state.rows
    return [rows.row(at).name for at in range(rows.count)]


def refused(presenter: ApplicationsPresenter) -> dict[str, object]:
    return {action.name: action.refused for action in presenter.state.bar.actions}


def test_an_empty_counter_offers_the_first_application(counter: Counter) -> None:
    state = opened(counter).state
    assert state.stage is Stage.EMPTY
    assert state.empty is not None
    assert state.empty.action is not None
    idle = opened(counter, PENGURUS).state
    assert idle.empty is not None
    assert idle.empty.action is None
    assert idle.bar.actions[0].refused == phrase("counter.not_serving")


def test_a_row_says_whose_turn_it_is_and_hides_the_nik(counter: Counter) -> None:
    counter.by(LOKET).register("a1", for_kk())
    row = opened(counter).state.rows.row(0)
    told = repr(row)
    assert SITI.nik.digits not in told
    assert SITI.nik.masked in told
    assert row.cells[3].words == "Petugas Loker"
    assert row.cells[4].detail == phrase("counter.standard", count=13)


def test_filters_walk_through_what_is_open_mine_away_and_all(counter: Counter) -> None:
    desk = counter.by(LOKET)
    mine, away, over = (desk.register("a1", for_kk()).thing_id for _ in range(3))
    desk.send_back(away, "KK lama belum ada")
    desk.withdraw(over, "batal")
    presenter = opened(counter)
    seen = []
    for _ in range(4):
        seen.append(names(presenter))
        presenter.next_filter()
    assert seen == [[away, mine], [mine], [away], [over, away, mine]]
    assert presenter.state.tags[0].words == phrase("counter.mine_count", count=1)


def test_enter_opens_and_ctrl_b_begins(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    steps = Steps()
    presenter = ApplicationsPresenter(counter.desk(LOKET), SameThread(), steps, "a1")
    presenter.start()
    presenter.accept()
    presenter.begin_new()
    assert steps.taken == [("push", "application", at), ("push", "application", "", "a1")]


def test_the_list_of_all_activities_counts_nothing_together(counter: Counter) -> None:
    counter.by(LOKET).register("a1", for_kk())
    presenter = opened(counter, activity_id="")
    assert presenter.state.rows.count == 1
    assert refused(presenter)["write_recap"] == phrase("counter.no_activity")
    assert not refused(presenter)["begin_new"]


def test_search_finds_a_registration_number(counter: Counter) -> None:
    for _ in range(2):
        counter.by(LOKET).register("a1", for_kk())
    presenter = opened(counter)
    presenter.search("R00002")
    assert presenter.state.rows.count == 1
    presenter.search("tidak ada")
    assert presenter.state.rows.count == 0
    assert presenter.state.nothing.title == phrase("counter.not_found", text="tidak ada")


def test_the_rekapitulasi_waits_for_the_first_print(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk())
    assert refused(opened(counter, PRINTER))["write_recap"] == phrase("counter.nothing_printed")
    counter.through(application)
    counter.printed(application)
    steps = Steps()
    presenter = ApplicationsPresenter(counter.desk(PRINTER), SameThread(), steps, "a1")
    presenter.start()
    presenter.write_recap()
    (recap,) = counter.kit.desk.office.letters.of("a1")
    assert steps.taken == [("push", "letter", recap.thing_id)]
    assert recap.fields["period"] == "November 2026"
    assert opened(counter, PENGURUS).state.bar.actions[0].refused == phrase("counter.not_recap")
