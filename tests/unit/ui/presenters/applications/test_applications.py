from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import PENGURUS
from support.cards_sent import LOKET, PRINTER
from support.counter import SITI, Counter, for_card, for_kk
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.applications import ENDS, LEGS, ApplicationState
from fieldkit.domain.cards.card import Document
from fieldkit.domain.cards.courier import CourierState
from fieldkit.domain.people.accounts import User
from ui.presenters.applications.applications import (
    ApplicationList,
    Applications,
    Shown,
    actor_words,
    history_facts,
    lines_of,
    state_tag,
)
from ui.presenters.figures import StepMark
from ui.presenters.lists import Listed
from ui.presenters.messages import message
from ui.presenters.parts import Tone


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


def test_the_way_shows_what_is_done_what_is_next_and_what_was_slow(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.kit.clock.advance(minutes=5)
    counter.by(LOKET).check(at)
    view = counter.by(LOKET).view(at)
    lines = lines_of(view, counter.kit.clock.local)
    assert [line.mark for line in lines[:4]] == [StepMark.DONE, StepMark.DONE, StepMark.CURRENT, StepMark.PENDING]
    assert lines[1].tag is not None
    assert lines[1].tag.tone is Tone.BAD
    assert message("counter.minutes_of", count=6, standard=1) in lines[1].details
    assert lines[2].details[0] == actor_words(view) == "Operator"


def test_history_tells_reasons_newest_first(counter: Counter) -> None:
    at = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).send_back(at, "foto buram")
    view = counter.by(LOKET).view(at)
    newest, oldest = history_facts(view, counter.kit.clock.local)
    assert newest.tone is Tone.CAUTION
    assert "foto buram" in repr(newest.words)
    assert newest.head
    assert not oldest.head
    assert actor_words(view) == message("counter.applicant")


def test_the_document_has_the_last_word(tmp_path: Path) -> None:
    (tmp_path / "becak").mkdir()
    becak = Counter(tmp_path / "becak", "grobogan_becak_pintar")
    application = becak.by(LOKET).register("a1", for_card())
    becak.through(application)
    card = becak.printed(application)
    becak.context(PRINTER).office.courier.make_ready([card])
    assert state_tag(becak.by(LOKET).view(application.thing_id)).words == message("counter.courier_siap_diambil_kurir")
    becak.close()


@pytest.mark.parametrize("language", LANGUAGES)
def test_everything_that_can_happen_has_words(language: str) -> None:
    catalogue = strict_catalogue(language)
    for state in ApplicationState:
        assert catalogue.text(f"counter.state_{state.value}")
        assert catalogue.text(f"counter.did_{state.value}", at="1", who="2", reason="3")
    for fact in {*ENDS, *(fact for legs in LEGS.values() for fact in legs)}:
        assert catalogue.text(f"counter.leg_{fact.value}")
    for document in Document:
        assert catalogue.text(f"counter.document_{document.value}")
    for state in (
        CourierState.SIAP_DIAMBIL_KURIR,
        CourierState.DISERAHKAN_KE_KURIR,
        CourierState.DIANTAR,
        CourierState.DITERIMA,
        CourierState.DIKEMBALIKAN,
    ):
        assert catalogue.text(f"counter.courier_{state.value}")
