from __future__ import annotations

import pytest
from support.app_context import KETUA, TARGETS, Kit
from support.cards_sent import PRINTER, UNIQUE
from support.letters import KASI
from support.listing import Listing
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.delivery.status_work import OfficeTask
from fieldkit.domain.people.accounts import User
from ui.presenters.figures import Row, StepMark
from ui.presenters.lists import Hint, History, Numbers
from ui.presenters.messages import message
from ui.presenters.parts import Tone
from ui.presenters.statuses.statuses import Statuses


def shown(kit: Kit, tasks: SameThread, steps: Steps, user: User = KASI, activity_id: str = "") -> Listing:
    return Listing(Statuses(kit.context_of(user), steps, Paperless(), activity_id).screen(), tasks, steps)


@pytest.fixture
def listing(kit: Kit, tasks: SameThread, steps: Steps) -> Listing:
    for number in range(5):
        kit.seal(number + 1, TARGETS[number])
    kit.apply("0199-0001", "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
    kit.apply("0199-0002", "SENT_FOR_ENROLLMENT", "CARD_PRINTED", source="pusat")
    kit.apply("0199-0003", "PRINT_READY_RECORD")
    kit.apply("0199-0004", "SOMETHING_NEW", source="pusat")
    kit.clock.advance(hours=4)
    return shown(kit, tasks, steps)


def row(listing: Listing, record_id: str) -> Row:
    return next(row for row in listing.rows if row.name == record_id)


def test_a_status_comes_with_what_to_do_its_time_and_its_source(listing: Listing) -> None:
    person, says, todo, source = row(listing, "0199-0001").cells
    assert (person.words, person.detail) == ("MIS•••", TARGETS[0].biodata.nik.masked)
    assert says.tags[0].words == message("central.print_ready_record")
    assert todo.words == message("task.print")
    assert todo.detail == "21-11-2026 11.00"
    assert (source.tags[0].words, source.tags[0].tone) == ("uji coba", Tone.CAUTION)


def test_what_is_urgent_stands_first_and_counts_stand_beside(listing: Listing) -> None:
    assert listing.names == ["0199-0001", "0199-0004", "0199-0005", "0199-0002", "0199-0003"]
    assert [(number.value, number.label) for number in listing.panels(Numbers)[0].numbers] == [
        ("1", message("central.print_ready_record")),
        ("1", "SOMETHING_NEW"),
        ("1", message("central.none")),
        ("1", message("central.card_printed")),
        ("1", message("central.waits_17")),
    ]


def test_every_task_of_the_office_is_behind_one_chip(listing: Listing) -> None:
    assert listing.chips == {"all": 5, "print": 1, "trouble": 2, "hand_over": 1, "waits": 1, "over": 0}
    listing.presenter.choose(0, "print")
    assert listing.names == ["0199-0001"]


def test_sixteen_waits_for_the_birthday_until_that_day(
    listing: Listing, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    birthday = message("status.birthday", day="12-03-2027")
    assert row(listing, "0199-0003").cells[2].words == birthday
    listing.presenter.select("0199-0003")
    assert listing.panels(Hint)[0].title == birthday
    for days, todo in ((110, birthday), (1, message("task.print"))):  # the day before, the day
        kit.clock.advance(days=days)
        assert row(shown(kit, tasks, steps), "0199-0003").cells[2].words == todo


def test_a_leap_warns_and_is_not_dropped(listing: Listing) -> None:
    assert row(listing, "0199-0002").cells[1].tags[0].tone is Tone.CAUTION
    listing.presenter.select("0199-0002")
    assert listing.panels(Hint)[0].words[0] == message("status.doubtful")  # type: ignore[index]
    assert [step.mark for step in listing.panels(History)[0].steps] == [StepMark.DONE, StepMark.CURRENT]
    listing.presenter.select("0199-0001")
    assert message("status.doubtful") not in listing.panels(Hint)[0].words


def test_strange_codes_stay_verbatim_and_silence_is_said(listing: Listing) -> None:
    says = row(listing, "0199-0004").cells[1]
    assert (says.words, says.detail) == ("SOMETHING_NEW", message("status.unknown"))
    assert row(listing, "0199-0004").cells[2].words == message("task.ask_meaning")
    silent = row(listing, "0199-0005").cells
    assert silent[1].tags[0].words == message("central.none")
    assert silent[2].detail == message("status.silent", days=0)
    assert silent[3].tags == ()


def test_what_does_not_move_is_stuck(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.apply(kit.seal(1, TARGETS[0]), "SFE")
    kit.clock.advance(days=4)
    listing = shown(kit, tasks, steps)
    assert listing.panels(Numbers)[0].numbers[0].label == message("status.stuck")
    assert row(listing, "0199-0001").cells[2].detail == message("status.since", at="21-11-2026 09.00", days=4)
    assert row(listing, "0199-0001").cells[2].words == message("task.resend")


def test_more_groups_than_fit_are_counted_together(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    for number in range(12):
        kit.apply(kit.seal(number + 1, TARGETS[0]), f"STRANGER_{number}")
    groups = shown(kit, tasks, steps).panels(Numbers)[0].numbers
    assert len(groups) == 6
    assert (groups[-1].value, groups[-1].label) == ("7", message("status.others"))


def test_search_asks_the_store_and_the_side_follows(listing: Listing) -> None:
    listing.presenter.search("KAR")
    assert len(listing.rows) == 1
    assert listing.panels(History)[0].title == "KAR••• · 350512••••••••01"
    listing.presenter.search("zzz")
    assert listing.panels(History) == []
    assert listing.offered("accept").refused == message("status.none")


def test_the_ways_on(listing: Listing, steps: Steps) -> None:
    listing.presenter.select("0199-0004")
    for name in ("accept", "show_clocks", "show_prints"):
        listing.press(name)
    assert steps.taken == [
        ("push", "status_note", "0199-0004"),
        ("push", "clocks", "", "0199-0004"),
        ("push", "prints", ""),
    ]


def test_who_does_not_type_statuses_reads_why(listing: Listing, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    other = shown(kit, tasks, steps, KETUA)
    assert other.offered("accept").refused == message("status.not_yours")


def test_one_activity_shows_its_own(listing: Listing, kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert len(shown(kit, tasks, steps, activity_id="a1").rows) == 5
    assert shown(kit, tasks, steps, activity_id="a9").rows == []


def test_a_kit_that_sealed_nothing_has_no_statuses(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert shown(kit, tasks, steps).presenter.state.nothing.title == message("kirim.empty")


def test_our_own_card_knows_more_than_the_center(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    record = kit.seal(1, TARGETS[0])
    kit.apply(record, *UNIQUE)
    kit.clock.advance(hours=3)
    kit.context_of(PRINTER).office.printing.note_printed([record], "B1")
    listing = shown(kit, tasks, steps)
    assert row(listing, record).cells[2].words == message(f"task.{OfficeTask.HAND_OVER.value}")
    assert listing.panels(Numbers)[0].numbers[0].label == message("status.printed_hand_over")


def test_the_resident_is_told_by_message_and_on_paper(listing: Listing) -> None:
    listing.presenter.select("0199-0003")
    told = listing.panels(Hint)[0].words[0].params  # type: ignore[union-attr]
    assert "17 tahun" in str(told["said"])
    listing.press("copy_news")
    clip = listing.presenter.state.clip
    assert clip is not None
    assert clip.text.endswith(f"{told['said']} {told['then']} Gratis.")
    listing.press("print_news")
    toast = listing.presenter.state.toast
    assert toast is not None
    assert "kabar" in str(toast.words).lower()
