from __future__ import annotations

from datetime import timedelta
from pathlib import Path

from support.app_context import TARGETS, Kit
from support.field_office import half_a_day
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.domain.visits import Outcome
from fieldkit.services.visits.run_visits import Ended
from ui.presenters.lists import Numbers
from ui.presenters.parts import Empty, Tone
from ui.presenters.presenter import message
from ui.presenters.visits.visits import Recap


def opened(kit: Kit, tasks: SameThread, steps: Steps) -> Listing:
    return Listing(Recap(kit.context, steps, "a1").screen(), tasks, steps)


def numbers(listing: Listing) -> list[list[str]]:
    return [[number.value for number in panel.numbers] for panel in listing.panels(Numbers)]


def test_a_day_in_numbers_and_person_by_person(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    half_a_day(kit)
    listing = opened(kit, tasks, steps)
    day, times = numbers(listing)
    assert day == ["7", "1", "1", "1", "2", "4"]
    assert times == ["3", "0", "53", "18", "41", "1"]
    assert listing.panels(Numbers)[1].numbers[-1].tone is Tone.CAUTION
    assert listing.panels(Numbers)[0].numbers[4].tone is Tone.CAUTION, "somebody is to be visited again"
    assert [row.cells[0].words for row in listing.rows] == ["07.00", "07.12", "07.53"]
    assert listing.rows[1].cells[3].tags[0].words == message("field.minutes_over", count=41, standard=30)
    listing.presenter.search("sulas")
    assert len(listing.names) == 1


def test_the_last_day_stands_first_and_the_numbers_are_of_the_day_under_the_cursor(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    half_a_day(kit)
    kit.clock.at += timedelta(days=2)
    visits = kit.context.office.visits
    visits.end(visits.begin("t3").thing_id, Ended(Outcome.PINDAH))
    kit.clock.at += timedelta(days=5)
    listing = opened(kit, tasks, steps)
    assert listing.chips == {"last": 1, "all": 4}
    assert numbers(listing)[1][0] == "1"
    listing.presenter.next_filter(0)
    assert [row.cells[0].detail for row in listing.rows] == ["23-11-2026", *["21-11-2026"] * 3]
    listing.presenter.select(listing.names[-1])
    assert numbers(listing)[1][0] == "3"
    assert listing.panels(Numbers)[0].title == message("field.on_day", day="21-11-2026")


def test_the_report_is_written_where_the_activity_is_evaluated(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    listing = opened(kit, tasks, steps)
    assert listing.presenter.state.nothing.title == message("field.recap_empty")
    assert listing.offered("accept").refused == message("field.recap_empty")
    half_a_day(kit)
    listing.presenter.refresh()
    listing.press("accept")
    assert steps.taken == [("push", "evaluation", "a1")]
    assert listing.presenter.state.where == "Desa Jimbe"


def test_a_day_on_which_nothing_is_left_over_is_told_plainly(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    visits = kit.context.office.visits
    visits.end(visits.begin("t3").thing_id, Ended(Outcome.PINDAH))
    listing = opened(kit, tasks, steps)
    assert {number.tone for panel in listing.panels(Numbers) for number in panel.numbers} == {Tone.NEUTRAL}
    assert listing.rows[0].cells[1].detail == TARGETS[2].biodata.nik.masked, "where nothing was remarked"


def test_without_an_activity_there_is_nothing_to_tell(tmp_path: Path, tasks: SameThread, steps: Steps) -> None:
    with Kit(tmp_path) as kit:
        assert Recap(kit.context, steps, "").screen().reads == {"visit", "targets", "record"}
        listing = Listing(Recap(kit.context, steps, "").screen(), tasks, steps)
        assert listing.presenter.state.nothing == Empty.of("beranda.no_activity")
        assert (listing.presenter.state.where, listing.presenter.state.panels) == ("", ())
        for name in ("show_target", "show_survey"):
            assert listing.offered(name).refused == message("beranda.no_activity")
