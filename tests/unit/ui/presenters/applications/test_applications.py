from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from support.app_context import PENGURUS, Kit
from support.applied import APPLICATION, CARD, LEG, RECEIPT, VIEW
from support.cards_sent import LOKET, PRINTER
from support.clock import NOW
from support.counter import SITI, Counter, for_card, for_kk
from support.listing import Listing
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.applications import ENDS, LEGS, ApplicationState
from fieldkit.domain.cards.card import CourierRun, CourierState, Document
from fieldkit.domain.people import User
from fieldkit.services.applications.serve_applications import ApplicationView, Leg
from ui.presenters.applications.applications import (
    ApplicationList,
    Applications,
    Shown,
    actor_words,
    history_facts,
    lines_of,
    state_tag,
)
from ui.presenters.figures import FigureCell, StepMark, tagged
from ui.presenters.lists import Listed
from ui.presenters.parts import Tag, Tone
from ui.presenters.presenter import Message, message


def opened(counter: Counter, user: User = LOKET, activity_id: str = "a1") -> Listing:
    steps = Steps()
    return Listing(Applications(counter.context(user), steps, activity_id).screen(), SameThread(), steps)


def test_an_empty_counter_offers_the_first_application(counter: Counter) -> None:
    assert opened(counter).presenter.state.nothing.action is not None
    idle = opened(counter, PENGURUS)
    assert idle.presenter.state.nothing.action is None
    assert idle.offered("accept").refused == message("counter.choose_first")
    counter.by(LOKET).register("a1", for_kk())
    listing = opened(counter)
    listing.presenter.choose(0, Shown.SLOW)
    assert listing.presenter.state.nothing.title == message("counter.none_shown")
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


S = ApplicationState
BACK = replace(APPLICATION, state=S.PERLU_DILENGKAPI)
GONE = replace(APPLICATION, state=S.DITARIK)
BY_COURIER = replace(CARD, courier=CourierRun(CourierState.DIANTAR))


@pytest.mark.parametrize(
    ("view", "key", "tone"),
    [
        (VIEW, "state_terdaftar", Tone.SOFT),
        (replace(VIEW, application=BACK), "state_perlu_dilengkapi", Tone.CAUTION),
        (replace(VIEW, application=GONE), "state_ditarik", Tone.NEUTRAL),
        (replace(VIEW, application=replace(APPLICATION, state=S.TERCETAK), card=CARD), "state_tercetak", Tone.SOFT),
        (replace(VIEW, card=BY_COURIER), "courier_diantar", Tone.SOFT),
        (replace(VIEW, card=replace(BY_COURIER, receipt=RECEIPT)), "state_over", Tone.GOOD),
        (replace(VIEW, card=replace(CARD, receipt=RECEIPT)), "state_over", Tone.GOOD),
        (replace(VIEW, application=GONE, card=replace(CARD, receipt=RECEIPT)), "state_ditarik", Tone.NEUTRAL),
    ],
)
def test_the_last_word_is_what_came_last(view: ApplicationView, key: str, tone: Tone) -> None:
    assert state_tag(view) == Tag(message(f"counter.{key}"), tone)


DONE = replace(LEG, ended_at=NOW)
AT = "21-11-2026 02.00"


@pytest.mark.parametrize(
    ("leg", "details", "tag"),
    [
        (LEG, ["Petugas Loker", message("counter.standard", count=13)], "common.next"),
        (replace(LEG, by="Wahyu", standard_minutes=None), ["Petugas Loker"], "common.next"),
        (
            replace(LEG, minutes=4),
            ["Petugas Loker", message("counter.minutes_of", count=4, standard=13)],
            "common.next",
        ),
        (DONE, [AT], None),
        (replace(DONE, by="Wahyu"), ["Wahyu", AT], None),
        (replace(DONE, minutes=4, standard_minutes=None), [AT], None),
        (replace(DONE, minutes=13), [AT, message("counter.minutes_of", count=13, standard=13)], None),
        (replace(DONE, minutes=14), [AT, message("counter.minutes_of", count=14, standard=13)], "counter.slow"),
        (
            replace(LEG, minutes=14),
            ["Petugas Loker", message("counter.minutes_of", count=14, standard=13)],
            "counter.slow",
        ),
    ],
)
def test_a_step_of_the_way_says_who_when_and_how_long(leg: Leg, details: list[Message], tag: str | None) -> None:
    (line,) = lines_of(replace(VIEW, legs=(leg,)), lambda at: at)
    assert list(line.details) == details
    assert (line.tag and line.tag.words) == (tag and message(tag))


def test_a_step_after_the_next_is_not_asked_for_yet() -> None:
    lines = lines_of(replace(VIEW, legs=(DONE, LEG, replace(LEG, who="Operator"))), lambda at: at)
    assert [(line.mark, line.tag is not None) for line in lines] == [
        (StepMark.DONE, False),
        (StepMark.CURRENT, True),
        (StepMark.PENDING, False),
    ]


@pytest.mark.parametrize(
    ("view", "who", "next_step", "time"),
    [
        (
            VIEW,
            FigureCell("SITI AMINAH", "331508••••••••02 · WIROSARI", is_strong=True),
            FigureCell("Petugas Loker", message("counter.leg_application_checked")),
            FigureCell(message("common.minutes_short", count=0), message("counter.standard", count=13)),
        ),
        (
            replace(
                VIEW,
                application=replace(BACK, applicant=replace(SITI, village="")),
                legs=(replace(DONE, minutes=13), LEG),
            ),
            FigureCell("SITI AMINAH", "331508••••••••02", is_strong=True),
            FigureCell(message("counter.who")),
            FigureCell(message("common.minutes_short", count=13), message("counter.standard", count=26)),
        ),
        (
            replace(VIEW, application=GONE, legs=(replace(DONE, minutes=14),)),
            FigureCell("SITI AMINAH", "331508••••••••02 · WIROSARI", is_strong=True),
            FigureCell(""),
            tagged(Tag(message("common.minutes_short", count=14), Tone.BAD)),
        ),
        (
            replace(VIEW, legs=(replace(LEG, standard_minutes=None),)),
            FigureCell("SITI AMINAH", "331508••••••••02 · WIROSARI", is_strong=True),
            FigureCell("Petugas Loker", message("counter.leg_application_checked")),
            FigureCell(message("common.minutes_short", count=0), ""),
        ),
    ],
    ids=["begun", "with the applicant", "over and slow", "without a standard"],
)
def test_a_row_says_who_whose_turn_and_how_long(
    idle: Kit, view: ApplicationView, who: FigureCell, next_step: FigureCell, time: FigureCell
) -> None:
    heads = Applications(idle.context, Steps(), "a1").screen().heads
    assert [heads[at].cell(view) for at in (0, 3, 4)] == [who, next_step, time]


def test_ins_takes_applications_from_the_app(counter: Counter) -> None:
    listing = opened(counter)
    listing.press("import")
    assert listing.steps.taken == [("push", "import_applications", "a1")]
    assert opened(counter, PENGURUS).offered("import").refused == message("counter.not_serving")
    assert opened(counter, activity_id="").offered("import").refused == message("counter.no_activity")


def test_the_list_of_an_activity_says_where_it_is_and_is_read_anew_with_documents_and_steps(counter: Counter) -> None:
    of_one, of_all = opened(counter).presenter, opened(counter, activity_id="").presenter
    assert (of_one.state.where, of_all.state.where) == ("Desa Jimbe", "")
    assert of_one.reads == of_all.reads == {"application", "card", "sop_run"}


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
    assert actor_words(view) == message("counter.who")


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
