from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.app_context import KETUA, PENGURUS, PETUGAS, TARGETS, TODAY, Kit
from support.cards_sent import PRINTER, UNIQUE
from support.drafts import form_on, problem_of
from support.followed import keep_ledger
from support.letters import KASI
from support.listing import Listing
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.app.bootstrap.catalogue import LANGUAGES, strict_catalogue
from fieldkit.domain.delivery import TYPED_FROM_SIAK, CentralCode, OfficeTask, QueueEntry
from fieldkit.domain.people import User
from fieldkit.domain.sop.profile import PauseReason
from fieldkit.domain.typed import DraftName
from fieldkit.services.context.app_context import AppContext
from ui.presenters.figures import Number, Row, StepMark
from ui.presenters.form import Drafting, Form, FormField, FormPresenter
from ui.presenters.lists import Hint, History, Numbers
from ui.presenters.parts import Stage, Tone
from ui.presenters.presenter import message
from ui.presenters.statuses.statuses import (
    Statuses,
    StatusNote,
    again_form,
    code_tag,
    code_tone,
    code_words,
    facts_form,
    failure_form,
    history_of,
    pause_form,
    print_form,
    summary,
    task_words,
    waits_for_birthday,
)
from ui.presenters.work_form import WorkFormPresenter


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


def heard(kit: Kit, *codes: str, target: int = 0) -> QueueEntry:
    record_id = kit.seal(target + 1, TARGETS[target])
    if codes:
        kit.apply(record_id, *codes)
    return next(e for e in kit.context.delivery.queue().entries if e.record.record_id == record_id)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("code", CentralCode)
def test_every_known_code_has_words(language: str, code: CentralCode) -> None:
    assert strict_catalogue(language).text(f"central.{code.value.lower()}")


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("task", OfficeTask)
def test_everything_that_may_be_to_do_has_words(language: str, task: OfficeTask) -> None:
    words = task_words(task)
    assert strict_catalogue(language).text(words.key)


def test_short_forms_read_like_the_long_ones() -> None:
    assert code_words("PRR") == code_words("PRINT_READY_RECORD") == message("central.print_ready_record")


def test_a_stranger_is_shown_verbatim(kit: Kit) -> None:
    entry = heard(kit, "SOMETHING_NEW")
    assert (code_tag(entry.central).words, code_tag(entry.central).tone) == ("SOMETHING_NEW", Tone.CAUTION)


def test_silence_is_never_a_status(kit: Kit) -> None:
    entry = heard(kit)
    assert code_tag(entry.central).words == message("central.none")
    assert summary((entry,), TODAY) == ()


def test_the_history_says_what_when_and_from_where(kit: Kit) -> None:
    steps = history_of(heard(kit, *["SENT_FOR_ENROLLMENT", "BIO_CAPTURED"] * 4).statuses, kit.clock)
    assert len(steps) == 6
    assert [step.mark for step in steps] == [*[StepMark.DONE] * 5, StepMark.CURRENT]
    assert steps[0].words == message("central.sent_for_enrollment")
    assert str(steps[-1].detail).endswith(" · uji coba")


def test_a_ready_record_of_a_sixteen_year_old_waits_for_the_birthday(kit: Kit) -> None:
    young = heard(kit, "PRINT_READY_RECORD", target=2)
    assert waits_for_birthday(young, TODAY)
    assert not waits_for_birthday(young, date(2027, 3, 12))
    assert not waits_for_birthday(heard(kit, "PRINT_READY_RECORD"), TODAY)
    for codes in ((), ("CARD_PRINTED",)):
        other = replace(young, statuses=tuple(replace(young.statuses[0], code=code) for code in codes))
        assert not waits_for_birthday(other, TODAY)
        assert message("central.waits_17") not in [number.label for number in summary((other,), TODAY)]


@pytest.mark.parametrize(
    ("code", "tone"),
    [
        ("PRR", Tone.GOOD),
        ("CARD_ISSUED", Tone.GOOD),
        ("ENROLL_FAILURE_AT_CENTRAL", Tone.BAD),
        ("DUP", Tone.CAUTION),
        ("BIO_CAPTURED", Tone.SOFT),
        ("SOMETHING_NEW", Tone.CAUTION),
    ],
)
def test_a_code_stands_on_its_tone(code: str, tone: Tone) -> None:
    assert code_tone(code) is tone


def test_groups_are_counted_the_waiting_apart(kit: Kit) -> None:
    entries = (
        heard(kit, "PRINT_READY_RECORD"),
        heard(kit, "PRINT_READY_RECORD", target=1),
        heard(kit, "PRINT_READY_RECORD", target=2),
        heard(kit, "DUPLICATE_RECORD", target=3),
    )
    assert summary(entries, TODAY) == (
        Number("2", message("central.print_ready_record"), Tone.GOOD),
        Number("1", message("central.duplicate_record"), Tone.CAUTION),
        Number("1", message("central.waits_17"), Tone.SOFT),
    )


@pytest.fixture
def record(kit: Kit) -> str:
    record = kit.seal(1, TARGETS[0])
    kit.apply(record, *UNIQUE)
    kit.clock.advance(hours=5)
    return record


Filled = Callable[..., FormPresenter]


@pytest.fixture
def filled(kit: Kit, tasks: SameThread, steps: Steps) -> Filled:
    def fill(make: Callable[[AppContext], Form], user: User = PRINTER, **texts: str) -> FormPresenter:
        context = kit.context_of(user)
        presenter = form_on(context, make(context), tasks, steps)
        presenter.start()
        for name, text in texts.items():
            presenter.type(name, text)
        presenter.accept()
        return presenter

    return fill


def test_a_pause_holds_for_the_activity_from_now_on(kit: Kit, record: str, filled: Filled) -> None:
    form = filled(lambda context: pause_form(context, "a1", record), KASI)
    assert problem_of(form) == "clock.no_note"
    filled(lambda context: pause_form(context, "a1", record), KASI, note="Listrik padam")
    (pause,) = kit.context.office.clocks.pauses()
    assert (pause.activity_id, pause.record_id, pause.reason) == ("a1", "", PauseReason.GANGGUAN_TEKNIS)
    assert (pause.began_at, pause.ended_at) == (kit.clock.now(), None)


@pytest.mark.parametrize(("scope", "held"), [("record", ("a1", "0199-0001")), ("all", ("", ""))])
def test_a_pause_holds_for_one_or_for_all(
    kit: Kit, record: str, filled: Filled, scope: str, held: tuple[str, str]
) -> None:
    filled(lambda context: pause_form(context, "a1", record), KASI, note="x", scope=scope)
    (pause,) = kit.context.office.clocks.pauses()
    assert (pause.activity_id, pause.record_id) == held


def test_a_pause_that_is_over_is_noted_with_both_times(kit: Kit, record: str, filled: Filled) -> None:
    times = {"began": "21-11-2026 10.00", "ended": "21-11-2026 11.30"}
    reason = PauseReason.DI_LUAR_KEWENANGAN.value
    filled(lambda context: pause_form(context, "a1", record), KASI, note="x", reason=reason, **times)
    (pause,) = kit.context.office.clocks.pauses()
    assert pause.ended_at is not None
    assert pause.ended_at - pause.began_at == timedelta(minutes=90)
    assert (
        problem_of(filled(lambda context: pause_form(context, "a1", record), KASI, note="x", ended="tadi"))
        == "typed.moment"
    )


def test_file_and_marriage_are_noted_shown_and_taken_back(kit: Kit, record: str, filled: Filled) -> None:
    assert [field.text for field in facts_form(kit.context, record).load()] == ["", ""]
    filled(lambda context: facts_form(context, record), KASI, complete="20-11-2026", married="21-11-2026")
    facts = kit.context.office.clocks.facts("t1")
    assert (facts.file_complete_on, facts.married_on) == (date(2026, 11, 20), date(2026, 11, 21))
    again = filled(lambda context: facts_form(context, record), KASI, married="")
    assert again.state.fields[0].text == "20-11-2026"
    assert kit.context.office.clocks.facts("t1").married_on is None
    assert problem_of(filled(lambda context: facts_form(context, record), KASI, married="01-01-2030")) == "clock.future"
    assert problem_of(filled(lambda context: facts_form(context, record), PENGURUS)) == "role.not_yours"


def test_a_print_is_noted_with_its_number_and_time(kit: Kit, record: str, filled: Filled, steps: Steps) -> None:
    filled(lambda context: print_form(context, record), batch="BL-0107", at="21-11-2026 13.00")
    (card,) = kit.context.office.handover.of("a1")
    assert card.prints[0].batch == "BL-0107"
    assert kit.clock.local(card.printed_at).hour == 13
    assert steps.taken == [("back",)]
    assert problem_of(filled(lambda context: print_form(context, record))) == "card.printed_before"
    assert problem_of(filled(lambda context: print_form(context, record), KETUA)) == "role.not_yours"


def test_a_failed_and_a_second_print_need_their_reason(kit: Kit, record: str, filled: Filled) -> None:
    assert problem_of(filled(lambda context: failure_form(context, record))) == "card.no_reason"
    filled(lambda context: failure_form(context, record), why="ribbon putus", batch="BL-0106")
    assert [failure.why for failure in kit.context.office.printing.failures()] == ["ribbon putus"]
    filled(lambda context: print_form(context, record), batch="BL-0107")
    assert problem_of(filled(lambda context: again_form(context, record))) == "card.no_reason"
    filled(lambda context: again_form(context, record), why="foto buram", batch="BL-0108", condition="rusak")
    (card,) = kit.context.office.handover.of("a1")
    assert [printed.batch for printed in card.prints] == ["BL-0107", "BL-0108"]
    assert card.condition == "rusak"


def test_each_card_is_asked_for_its_blank_with_the_next_ones_proposed(kit: Kit, record: str) -> None:
    context = kit.context_of(PRINTER)
    plain = print_form(context, record).load()
    assert ([field.name for field in plain], plain[0].label) == (["batch", "at"], message("cetak.batch"))
    assert [field.name for field in failure_form(context, record).load()] == ["why", "batch"]
    keep_ledger(kit)
    assert print_form(context, record).load()[1].label == message("cetak.ribbon")
    form = print_form(context, record)
    fields = form.load()
    assert [(field.name, field.text) for field in fields[:2]] == [(record, "BL-0101"), ("batch", "")]
    assert print_form(context, record, "04A1B2").load()[0].text == "04A1B2"
    assert failure_form(context, record).load()[1].text == "BL-0101"
    form.keep({field.name: field.text for field in fields})
    assert context.office.handover.get(record).prints[0].number == "BL-0101"
    again = again_form(context, record)
    again.keep({field.name: field.text for field in again.load()} | {"why": "foto buram"})
    assert context.office.handover.get(record).prints[1].number == "BL-0102"


RECORD = "0199-0001"
HINTED = message("status.note_hint")


def noting(kit: Kit, tasks: SameThread, steps: Steps, user: User = KASI) -> WorkFormPresenter:
    context = kit.context_of(user)
    drafting = Drafting(context, tasks, DraftName("status_note", {"record_id": RECORD}))
    presenter = WorkFormPresenter(StatusNote(context, steps, RECORD).form(), tasks, steps, drafting)
    presenter.start()
    return presenter


@pytest.fixture
def presenter(kit: Kit, tasks: SameThread, steps: Steps) -> WorkFormPresenter:
    kit.seal(1, TARGETS[0])
    kit.apply(RECORD, "SENT_FOR_ENROLLMENT")
    kit.clock.advance(hours=2)
    return noting(kit, tasks, steps)


def codes(kit: Kit) -> list[str]:
    return [status.code for status in kit.context.office.statuses.get(RECORD).statuses]


def field(presenter: WorkFormPresenter, name: str) -> FormField:
    return next(field for field in presenter.state.fields if field.name == name)


def hints(presenter: WorkFormPresenter) -> list[object]:
    return [each.title for each in presenter.state.side if isinstance(each, Hint)]


def todo(presenter: WorkFormPresenter) -> object:
    return [each.words for each in presenter.state.side if isinstance(each, Hint)][-1]


def problem_at(presenter: WorkFormPresenter, name: str) -> str:
    return getattr(field(presenter, name).problem, "code", "")


def test_a_known_code_is_explained_while_it_is_typed(presenter: WorkFormPresenter, kit: Kit, steps: Steps) -> None:
    assert (hints(presenter), todo(presenter)) == ([HINTED], "")
    presenter.type("code", "received_at_central")
    assert hints(presenter) == [message("central.received_at_central")]
    assert todo(presenter) == message("task.wait")
    presenter.type("reason", "dilihat loket")
    presenter.accept()
    said = kit.context.office.statuses.get(RECORD).central
    assert said is not None
    assert (said.code, said.source, said.reason) == ("RECEIVED_AT_CENTRAL", TYPED_FROM_SIAK, "dilihat loket")
    assert steps.taken == [("back",)]


def test_a_stranger_is_kept_and_shown_verbatim(presenter: WorkFormPresenter, kit: Kit) -> None:
    presenter.type("code", " Menunggu_X7 ")
    assert hints(presenter) == [message("status.unknown_code", code="Menunggu_X7")]
    assert todo(presenter) == message("task.ask_meaning")
    presenter.accept()
    assert codes(kit) == ["SENT_FOR_ENROLLMENT", "Menunggu_X7"]
    presenter.start()
    (history,) = (each for each in presenter.state.side if isinstance(each, History))
    assert history.steps[-1].words == "Menunggu_X7"


def test_an_illegal_looking_one_warns_before_and_after_and_is_kept(
    presenter: WorkFormPresenter, kit: Kit, steps: Steps
) -> None:
    presenter.type("code", "CARD_ISSUED")
    assert hints(presenter)[0] == message("status.doubt_tag")
    presenter.accept()
    assert codes(kit) == ["SENT_FOR_ENROLLMENT", "CARD_ISSUED"]
    assert hints(presenter)[0] == message("status.kept_odd")
    assert [each.title for each in presenter.state.below] == [message("status.is_kept")]
    assert steps.taken == []
    assert not field(presenter, "usual").is_asked
    presenter.type("code", "PRR")
    assert field(presenter, "code").text == "CARD_ISSUED"
    presenter.perform(presenter.state.bar.actions[-1])
    assert steps.taken == [("back",)]
    assert len(codes(kit)) == 2


def test_what_usually_follows_is_one_press(presenter: WorkFormPresenter) -> None:
    assert [choice.name for choice in field(presenter, "usual").choices] == ["BIO_CAPTURED", "RECEIVED_AT_CENTRAL"]
    presenter.choose("usual", "RECEIVED_AT_CENTRAL")
    assert (field(presenter, "code").text, field(presenter, "usual").text) == ("RECEIVED_AT_CENTRAL",) * 2
    presenter.type("code", "bio_captured")
    assert (field(presenter, "code").text, field(presenter, "usual").text) == ("bio_captured", "BIO_CAPTURED")
    presenter.type("code", "PRR")
    assert (field(presenter, "code").text, field(presenter, "usual").text) == ("PRR", "")
    presenter.choose("usual", "BIO_CAPTURED")
    assert field(presenter, "code").text == "BIO_CAPTURED"


@pytest.mark.parametrize(("codes", "usual"), [((), ["PROCESSING", "SENT_FOR_ENROLLMENT"]), (("CARD_ISSUED",), [])])
def test_what_usually_follows_is_asked_where_something_does(
    kit: Kit, tasks: SameThread, steps: Steps, codes: tuple[str, ...], usual: list[str]
) -> None:
    kit.seal(1, TARGETS[0])
    if codes:
        kit.apply(RECORD, *codes)
    asked = field(noting(kit, tasks, steps), "usual")
    assert ([choice.name for choice in asked.choices], asked.is_asked) == (usual, bool(usual))


def test_what_is_wrong_stands_at_its_field_and_nothing_is_kept(presenter: WorkFormPresenter, kit: Kit) -> None:
    presenter.accept()
    assert problem_at(presenter, "code") == "status.no_code"
    presenter.type("code", "PRR")
    assert problem_at(presenter, "code") == ""
    for text, code in (("besok", "typed.moment"), ("22-11-2026 09.00", "status.future")):
        presenter.type("at", text)
        presenter.accept()
        assert problem_at(presenter, "at") == code
    assert codes(kit) == ["SENT_FOR_ENROLLMENT"]


def test_when_it_was_seen_may_be_earlier(presenter: WorkFormPresenter, kit: Kit) -> None:
    presenter.type("code", "RECEIVED_AT_CENTRAL")
    presenter.type("at", "21-11-2026 10.45")
    presenter.accept()
    said = kit.context.office.statuses.get(RECORD).central
    assert said is not None
    assert kit.clock.local(said.observed_at).strftime("%H.%M") == "10.45"


def test_who_does_not_type_statuses_sees_why(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.seal(1, TARGETS[0])
    presenter = noting(kit, tasks, steps, PETUGAS)
    assert presenter.state.bar.actions[0].refused == message("status.not_yours")
    assert [each.title for each in presenter.state.below] == [message("status.not_yours")]
    assert [type(each) for each in presenter.state.side] == [Hint], "nothing was said yet"
    presenter.type("code", "PRR")
    presenter.accept()
    assert (field(presenter, "code").text, codes(kit)) == ("", [])


def test_a_record_that_is_not_here_says_so(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert noting(kit, tasks, steps).state.stage is Stage.ERROR


def test_a_status_that_was_not_kept_stands_there_again(
    presenter: WorkFormPresenter, kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter.type("code", "received_at_central")
    presenter.stop()
    again = noting(kit, tasks, steps)
    assert field(again, "code").text == "received_at_central"
    assert again.state.restored
    again.accept()
    assert kit.context_of(KASI).drafts.mine() == []
