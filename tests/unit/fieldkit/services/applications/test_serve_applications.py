from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, PETUGAS, TODAY
from support.cards_sent import LOKET, PRINTER, follow_sop, steps, taken
from support.counter import PAPERS, SCAN, SIGNED, SITI, Counter, for_card, for_kk
from support.letters import KADIS, KASI, office

from fieldkit.domain.applications import ApplicationState, Done, PaperVerdict, Requirement
from fieldkit.domain.cards.card import Document, Place
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.events import Thing
from fieldkit.domain.letters.letter import LetterState
from fieldkit.domain.people import Role
from fieldkit.domain.sop.profile import Fulfilment, SopActors, StepRoles
from fieldkit.domain.sop.run import SopRun, StepState
from fieldkit.services.applications.serve_applications import Leg, Sheets, Signed
from fieldkit.services.cards.keep_blanks import Agreement, Blanks

S = ApplicationState


def keep(counter: Counter, thing: Thing) -> None:
    with counter.kit.store.write() as unit:
        unit.repository(type(thing)).save(thing)


@pytest.fixture
def becak(tmp_path: Path) -> Iterator[Counter]:
    counter = Counter(tmp_path, "grobogan_becak_pintar")
    yield counter
    counter.close()


def over(counter: Counter) -> list[int]:
    return [no for no, state in steps(counter.kit).items() if state is StepState.DONE]


def test_a_kk_from_the_counter_to_the_applicant(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk())
    assert over(counter) == [1]
    counter.through(application)
    assert over(counter) == [1, 2, 3, 4, 5]
    card = counter.printed(application)
    counter.by(LOKET).receive_at_counter(application.thing_id)
    assert over(counter) == [1, 2, 3, 4, 5, 6, 7]
    handover = counter.kit.context.office.handover
    with pytest.raises(RuleError, match=r"card\.show_ktp"):
        handover.receive(card, taken("Siti Aminah", relation="sendiri"))
    handover.receive(card, taken("Siti Aminah", relation="sendiri", shows_ktp=True))
    with counter.kit.store.read() as unit:
        run = unit.repository(SopRun).get("a1")
    assert run.is_finished
    assert [run.of(no).times[0].began_at for no in (2, 3, 4, 5)] == [None] * 4  # nobody noted a start


@pytest.mark.days
def test_a_becak_pintar_application_to_the_door(becak: Counter) -> None:
    application = becak.by(LOKET).register("a1", for_card(registration="BP-2026-0007"))
    becak.through(application)
    card = becak.printed(application)
    assert over(becak) == [1, 2, 3, 4, 5]
    becak.by(LOKET)
    courier = becak.kit.context.office.courier
    courier.make_ready([card])
    assert "1. BP-2026-0007" in courier.message([card])
    courier.note_told([card])
    courier.give([card], taken("Joko", relation="kurir"))
    courier.attempt(card)
    assert courier.deliver(card, taken("Ibu Siti", relation="ibu")).place is Place.PERSON
    assert over(becak) == list(range(1, 9))


@pytest.mark.days
def test_back_to_the_applicant_and_through_the_check_once_more(becak: Counter) -> None:
    handed = replace(for_card(), requirements=(*PAPERS, Requirement("Foto anak", False)))
    application = becak.by(LOKET).register("a1", handed)
    operator = becak.by(PETUGAS)
    with pytest.raises(RuleError, match=r"application\.lacks"):
        operator.check(application.thing_id)
    back = operator.send_back(application.thing_id, "foto belum ada")
    assert back.sent_back_because == "foto belum ada"
    assert over(becak) == []
    with pytest.raises(RuleError, match=r"application\.lacks"):
        operator.complete(application.thing_id)
    papers = becak.kit.context.office.application_papers
    papers.scan(application.thing_id, 2, [SCAN])
    counter = becak.by(LOKET)
    counter.complete(application.thing_id)
    assert over(becak) == [1]
    operator = becak.by(PETUGAS)
    with pytest.raises(RuleError, match=r"application\.unread"):
        operator.check(application.thing_id)
    becak.kit.context.office.application_papers.judge(application.thing_id, 2, PaperVerdict.RIGHT)
    becak.through(application)
    assert over(becak) == [1, 2, 3, 4]
    with becak.kit.store.read() as unit:
        assert len(unit.repository(SopRun).get("a1").of(2).rounds) == 2


def test_a_step_of_the_sop_is_over_when_the_last_application_is_through(counter: Counter) -> None:
    first, second = (counter.by(LOKET).register("a1", for_kk()) for _ in range(2))
    assert first.registration != second.registration
    context = counter.by(LOKET)
    context.check(first.thing_id)
    assert over(counter) == [1]
    context.withdraw(second.thing_id, "batal")
    assert over(counter) == [1, 2]
    assert context.tally("a1") == {S.DIPERIKSA: 1, S.DITARIK: 1}


def test_a_second_one_is_sent_back_while_the_first_is_away(becak: Counter) -> None:
    first, second = (becak.by(LOKET).register("a1", for_card()) for _ in range(2))
    operator = becak.by(PETUGAS)
    operator.send_back(first.thing_id, "foto buram")
    with pytest.raises(RuleError, match=r"application\.not_now"):
        operator.send_back(first.thing_id, "foto buram")
    assert operator.send_back(second.thing_id, "foto buram").state is S.PERLU_DILENGKAPI


def test_who_applies_has_a_name_and_who_withdraws_a_reason(counter: Counter) -> None:
    context = counter.by(LOKET)
    with pytest.raises(InputError, match=r"biodata\.no_name"):
        context.register("a1", replace(for_kk(), applicant=replace(SITI, name=" ")))
    at = context.register("a1", for_kk()).thing_id
    with pytest.raises(InputError, match=r"application\.no_reason"):
        context.withdraw(at, " ")
    assert context.tally("a1") == {S.TERDAFTAR: 1}


@pytest.mark.days
def test_each_step_belongs_to_its_account(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk()).thing_id
    with pytest.raises(RuleError, match=r"application\.not_yours"):
        counter.by(PETUGAS).check(application)
    with pytest.raises(RuleError, match=r"application\.not_yours"):
        counter.by(KASI).send_back(application, "kurang")
    counter.by(LOKET).check(application)
    with pytest.raises(RuleError, match=r"application\.not_now"):
        counter.by(KADIS).approve(application)
    counter.entered(application)
    counter.by(KASI).verify(application)
    with pytest.raises(RuleError, match=r"application\.not_yours"):
        counter.by(KASI).approve(application)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        counter.by(LOKET).note_printed([application], Sheets("B1"))
    with pytest.raises(RuleError, match=r"application\.not_now"):
        counter.by(PRINTER).note_printed([application], Sheets("B1"))
    keep(counter, SopActors("grobogan_kk_wni", (StepRoles(6, (Role.KASI,)),)))
    with pytest.raises(RuleError, match=r"application\.not_yours"):
        counter.by(PRINTER).note_printed([application], Sheets("B1"))


@pytest.mark.days
def test_a_letter_that_is_not_signed_is_no_tte(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk()).thing_id
    letter = counter.kit.context.office.applications.write_form(application)
    counter.by(LOKET).check(application)
    counter.entered(application)
    counter.by(KASI).verify(application)
    chief = counter.by(KADIS)
    chief.approve(application)
    for state, pdf in ((LetterState.ISSUED, ""), (LetterState.VOID, "f1"), (LetterState.DRAFT, "")):
        keep(counter, replace(letter, state=state, signed_pdf=pdf))
        with pytest.raises(RuleError, match=r"application\.not_signed"):
            chief.note_tte(application, Signed(letter.thing_id))
        assert chief.signed_letters("a1") == []
    assert chief.get(application).state is S.DISETUJUI
    keep(counter, signed := replace(letter, state=LetterState.ISSUED, signed_pdf="f1"))
    assert chief.signed_letters("a1") == [signed]
    assert chief.note_tte(application, Signed(letter.thing_id)).state is S.TTE


def test_a_signature_in_siak_has_its_number_and_its_scan(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.by(LOKET).check(application)
    counter.entered(application)
    counter.by(KASI).verify(application)
    chief = counter.by(KADIS)
    chief.approve(application)
    for signed, code in ((Signed(), "no_siak_number"), (Signed(number="SIAK-1"), "no_siak_scan")):
        with pytest.raises(InputError, match=code):
            chief.note_tte(application, signed)
    done = chief.note_tte(application, SIGNED).history[-1]
    assert (done.state, done.number) == (S.TTE, SIGNED.number)
    with counter.kit.store.read() as unit:
        assert unit.attachments.get(done.files[0]).content == SCAN.content


@pytest.mark.days
def test_a_print_counts_good_and_spoilt_sheets(counter: Counter) -> None:
    application = counter.through(counter.by(LOKET).register("a1", for_kk()))
    printer = counter.by(PRINTER)
    with pytest.raises(InputError, match=r"card\.none_chosen"):
        printer.note_printed([], Sheets("B1"))
    for sheets, code in (
        (Sheets("B1", good=0), "no_sheets"),
        (Sheets("B1", spoilt=-1, why="kertas macet"), "no_sheets"),
        (Sheets("B1", spoilt=2), "spoilt_why"),
    ):
        with pytest.raises(InputError, match=code):
            printer.note_printed([application.thing_id], sheets)
    (card,) = printer.note_printed([application.thing_id], Sheets("B1", 2, 2, "kertas macet"))
    assert card.prints[0].sheets == 2
    failures = counter.kit.context.office.printing.failures("a1")
    assert [(each.batch, each.why) for each in failures] == [("B1", "kertas macet")] * 2


@pytest.mark.days
def test_a_print_takes_its_sheets_from_the_ledger(counter: Counter) -> None:
    application = counter.through(counter.by(LOKET).register("a1", for_kk()))
    blanks = counter.context(PRINTER).office.blanks
    blanks.receive(Blanks(Document.KK, amount=10), "", "1 rim")
    counter.by(PRINTER).note_printed([application.thing_id], Sheets("B1", 2, 2, "kertas macet"))
    assert blanks.ledger().left(Document.KK) == 6
    assert blanks.book().agreements == [Agreement(Document.KK, 2, 2)]
    assert [line.entry.count for line in blanks.book().lines if line.is_to_destroy] == [2]


def test_a_ktp_el_of_the_app_has_the_number_of_its_blank(becak: Counter) -> None:
    application = becak.through(becak.by(LOKET).register("a1", for_card(registration="BP-9")))
    blanks = becak.context(PRINTER).office.blanks
    blanks.receive(Blanks(Document.KTP_EL, "B01 – B05"), "", "kotak")
    at, printer = application.thing_id, becak.by(PRINTER)
    for sheets, field in (
        (Sheets("R1"), "numbers"),
        (Sheets("R1", 1, 1, "ribbon putus", ("B02",)), "spoilt_numbers"),
    ):
        with pytest.raises(InputError, match=r"blank\.number_needed") as refused:
            printer.note_printed([at], sheets)
        assert refused.value.problem.field_name == field
    (card,) = printer.note_printed([at], Sheets("R1", 1, 1, "ribbon putus", ("b02",), ("B01",)))
    assert card.prints[0].number == "B02"
    assert blanks.ledger().next_numbers(5) == ("B03", "B04", "B05")


def test_registration_numbers_are_unique_and_no_nik(becak: Counter) -> None:
    context = becak.by(LOKET)
    context.register("a1", for_card(registration="BP-1"))
    with pytest.raises(RuleError, match=r"registration\.taken"):
        context.register("a1", for_card(registration=" BP-1 "))
    with pytest.raises(InputError, match=r"registration\.like_a_nik"):
        context.register("a1", for_card(registration=SITI.nik.digits))
    assert [found.registration for found in context.search("siti")] == ["BP-1"]


@pytest.mark.days
def test_papers_have_masked_niks_and_the_recap_only_counts(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk())
    context = counter.kit.context.office.applications
    assert context.write_form(application.thing_id).fields["nik"] == SITI.nik.digits, "nobody is masked to himself"
    slip = context.write_slip(application.thing_id)
    assert slip.fields["ready"] == "2026-11-23"  # handed in on Saturday, to be fetched on the next working day
    printed = json.dumps(slip.fields, ensure_ascii=False)
    assert SITI.nik.masked in printed
    assert SITI.nik.digits not in printed
    counter.through(application)
    counter.printed(application)
    recap = counter.kit.context.office.applications.write_recap("a1", "November 2026")
    (row,) = recap.fields["printed"]
    assert (row["type"], row["village"], row["count"]) == ("Kartu Keluarga (KK)", "WIROSARI", 1)
    assert SITI.name not in json.dumps(recap.fields)


@pytest.mark.parametrize(("standard", "days"), [(None, 1), (0, 1), (450, 1), (451, 2), (900, 2), (901, 3)], ids=str)
def test_a_document_is_ready_after_the_working_days_of_its_standard(
    counter: Counter, standard: int | None, days: int
) -> None:
    applications = counter.by(LOKET)
    view = applications.view(applications.register("a1", for_kk()).thing_id)
    monday = counter.kit.clock.at + timedelta(days=2)
    checked = replace(view.application, history=(*view.application.history, Done(S.DIPERIKSA, monday, "u13")))
    legs = (Leg(Fulfilment.APPLICATION_CHECKED, "", (), standard),)
    on = applications.ready_on(replace(view, application=checked, legs=legs))
    assert on == TODAY + timedelta(days=1 + days)  # handed in on a Saturday, whenever it was checked


def test_the_log_names_nobody(counter: Counter) -> None:
    application = counter.by(LOKET).register("a1", for_kk()).thing_id
    counter.kit.context.office.applications.send_back(application, "surat nikah belum ada")
    with counter.kit.store.read() as unit:
        lines = "".join(event.line() for event in unit.events.of(application))
    assert "application_sent_back" in lines
    assert not [word for word in ("SITI", SITI.nik.digits, "nikah") if word in lines]


def test_an_activity_gives_the_documents_of_its_sop(counter: Counter) -> None:
    assert list(counter.by(LOKET).documents("a1")) == [Document.KK]
    assert set(counter.by(LOKET).documents("a2")) == set(Document)  # without an SOP
    follow_sop(counter.kit, "kia_di_sekolah")
    assert counter.by(LOKET).documents("a1") == (Document.KIA,)


def test_the_counters_are_the_newest_activity_of_each_sop_that_gives_documents(tmp_path: Path) -> None:
    with office(tmp_path, LOKET) as kit:
        for at, sop in (("a2", "grobogan_kk_wni"), ("a3", "grobogan_kk_wni"), ("a4", "blitar_si_jaran_ijo")):
            with kit.store.write() as unit:
                unit.activities.save(replace(ACTIVITY, activity_id=at))
            kit.clock.advance(minutes=1)
            kit.context.office.sop.begin(at, sop)
        counters = kit.context.office.applications.counters()
    assert [(activity.activity_id, documents) for activity, documents in counters] == [("a3", (Document.KK,))]


def test_becak_pintar_gives_no_kk(becak: Counter) -> None:
    assert list(becak.by(LOKET).documents("a1")) == [Document.KTP_EL, Document.KIA]


@pytest.mark.days
def test_the_board_is_that_of_an_activity_newest_first(counter: Counter) -> None:
    context = counter.by(LOKET)
    made = [context.register("a1", for_kk()).thing_id for _ in range(3)]
    assert [view.application.thing_id for view in context.board("a1")] == made[::-1]
    assert len(context.board()) == 3
    assert context.board("a2") == []
    assert [view.application.registration for view in context.board("a1", "R00002")] == ["KIT-07-R00002"]


@pytest.mark.days
def test_papers_are_those_about_the_application(counter: Counter) -> None:
    context = counter.by(LOKET)
    one, other = (context.register("a1", for_kk()) for _ in range(2))
    mine = context.write_form(one.thing_id)
    context.write_form(other.thing_id)
    void = context.write_slip(one.thing_id)
    counter.kit.context.office.letters.void(void.thing_id, "salah")
    assert [letter.thing_id for letter in context.papers(one)] == [mine.thing_id]
    assert context.signed_letters("a1") == []
