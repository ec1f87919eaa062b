from __future__ import annotations

from pathlib import Path

from support.app_context import PENGURUS
from support.cards_sent import LOKET, PRINTER
from support.counter import SITI, Counter, for_kk
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.people.accounts import User
from ui.presenters.applications.applications import ApplicationList, Applications, Shown
from ui.presenters.lists import Listed
from ui.presenters.messages import message


def opened(counter: Counter, user: User = LOKET, activity_id: str = "a1") -> Listing:
    steps = Steps()
    return Listing(Applications(counter.context(user), steps, activity_id).screen(), SameThread(), steps)


def test_an_empty_counter_offers_the_first_application(counter: Counter) -> None:
    assert opened(counter).presenter.state.nothing.action is not None
    idle = opened(counter, PENGURUS)
    assert idle.presenter.state.nothing.action is None
    assert idle.offered("begin_new").refused == message("counter.not_serving")


def test_a_row_says_whose_turn_it_is_and_hides_the_nik(counter: Counter) -> None:
    counter.by(LOKET).register("a1", for_kk())
    (row,) = opened(counter).rows
    told = repr(row)
    assert SITI.nik.digits not in told
    assert SITI.nik.masked in told
    assert row.cells[3].words == "Petugas Loker"
    assert row.cells[4].detail == message("counter.standard", count=13)


def test_chips_show_what_is_open_mine_away_slow_and_all(counter: Counter) -> None:
    context = counter.by(LOKET)
    mine, away, over = (context.register("a1", for_kk()).thing_id for _ in range(3))
    context.send_back(away, "KK lama belum ada")
    context.withdraw(over, "batal")
    listing, seen = opened(counter), []
    for shown in Shown:
        listing.presenter.choose(0, shown)
        seen.append(listing.names)
    assert seen == [[away, mine], [mine], [away], [], [over, away, mine]]


def test_ins_takes_applications_from_the_app(counter: Counter) -> None:
    listing = opened(counter)
    listing.press("import")
    assert listing.steps.taken == [("push", "import_applications", "a1")]
    assert opened(counter, PENGURUS).offered("import").refused == message("counter.not_serving")
    assert opened(counter, activity_id="").offered("import").refused == message("counter.no_activity")


def test_enter_opens_and_ctrl_b_begins(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    listing = opened(counter)
    listing.press("accept")
    listing.press("begin_new")
    assert listing.steps.taken == [("push", "application", at), ("push", "application", "", "a1")]


def test_the_list_of_all_activities_counts_nothing_together(counter: Counter) -> None:
    counter.by(LOKET).register("a1", for_kk())
    listing = opened(counter, activity_id="")
    assert len(listing.rows) == 1
    assert listing.offered("write_recap").refused == message("counter.no_activity")
    assert not listing.offered("begin_new").refused


def test_search_finds_a_registration_number(counter: Counter) -> None:
    for _ in range(2):
        counter.by(LOKET).register("a1", for_kk())
    listing = opened(counter)
    listing.presenter.search("R00002")
    assert len(listing.rows) == 1


def test_the_rekapitulasi_waits_for_the_first_print(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk())
    assert opened(counter, PRINTER).offered("write_recap").refused == message("counter.nothing_printed")
    counter.through(application)
    counter.printed(application)
    listing = opened(counter, PRINTER)
    listing.press("write_recap")
    (recap,) = counter.kit.context.office.letters.of("a1")
    assert listing.steps.taken == [("push", "letter", recap.thing_id)]
    assert recap.fields["period"] == "November 2026"
    assert opened(counter, PENGURUS).offered("write_recap").refused == message("counter.not_recap")


NOTHING: Listed[str] = Listed("", "", None, "", ())


def test_a_list_of_one_application_says_whose_it_is_and_whose_turn(tmp_path: Path) -> None:
    counter = Counter(tmp_path, "grobogan_kk_wni")
    try:
        at = counter.by(LOKET).register("a1", for_kk()).thing_id

        def listed(user: User) -> ApplicationList:
            return ApplicationList(counter.context(user), Steps(), at)

        mine, other = listed(LOKET), listed(PRINTER)
        assert mine._where(NOTHING) == ""
        view = mine._read()
        assert mine._where(NOTHING) == view.application.applicant.name
        assert mine._others(view) == ""
        assert other._others(view) == message("counter.others", who=view.who)
    finally:
        counter.close()
