from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, PENGURUS, TARGETS, TODAY, Kit
from support.cards_sent import LOKET, PRINTER, UNIQUE, follow_sop, print_shop, sign_in, taken
from support.clock import NOW
from support.counter import SITI
from support.handed import put_at_dinas
from support.letters import office

from fieldkit.domain.applications import Application, ApplicationState, Done, Service
from fieldkit.domain.cards.blanks import BlankAct, runs_text
from fieldkit.domain.cards.card import (
    CardCase,
    CourierRun,
    CourierState,
    Document,
    Handing,
    MarkKind,
    Place,
    PrintFailure,
    Receipt,
)
from fieldkit.domain.cards.printing import QueueBoard, TicketState
from fieldkit.domain.delivery import CentralCode, OfficeTask
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.services.cards import print_cards
from fieldkit.services.cards.keep_blanks import Blanks
from fieldkit.services.cards.print_cards import (
    Candidate,
    PrintCards,
    PrintPart,
    Registrations,
    RunQueue,
    cards_moved,
    cards_printed,
)

Shop = tuple[Kit, list[str]]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    kit, records = print_shop(tmp_path)
    yield kit, records
    kit.store.close()


def printing(shop: Shop) -> PrintCards:
    return shop[0].context.office.printing


def test_a_print_is_noted_with_batch_and_time(shop: Shop) -> None:
    kit, records = shop
    first, second = printing(shop).note_printed(records, " B-12 ")
    assert (first.name, first.place) == ("MISINEM", Place.DINAS)
    assert (first.prints[0].batch, first.prints[0].by) == ("B-12", "u12")
    assert first.masked_nik == TARGETS[0].biodata.nik.masked
    assert first.registration != second.registration
    assert printing(shop).print_list().now == ()
    assert [group.task for group in kit.context.office.statuses.worklist()] == [OfficeTask.HAND_OVER]


def test_nothing_is_printed_twice_or_half(shop: Shop) -> None:
    kit, records = shop
    printing(shop).note_printed(records[:1], "B1")
    with pytest.raises(RuleError, match=r"card\.printed_before"):
        printing(shop).note_printed([records[1], records[0]], "B2")
    assert len(kit.context.office.handover.of("a1")) == 1
    with pytest.raises(InputError, match=r"card\.none_chosen"):
        printing(shop).note_printed([], "B2")
    with pytest.raises(InputError, match=r"common\.in_future"):
        printing(shop).note_printed(records[1:], "B2", kit.clock.now() + timedelta(microseconds=1))
    (now,) = printing(shop).note_printed(records[1:], "B2", kit.clock.now())
    assert now.printed_at == kit.clock.now()


def test_a_print_may_be_noted_later_than_it_was(shop: Shop) -> None:
    at = shop[0].clock.now() - timedelta(hours=1)
    assert [card.printed_at for card in printing(shop).note_printed(shop[1], "B1", at)] == [at, at]


def test_only_what_is_unique_and_only_at_17(shop: Shop) -> None:
    kit, _ = shop
    young, silent = kit.seal(3, TARGETS[2]), kit.seal(4, TARGETS[4])
    kit.apply(young, *UNIQUE)
    kit.clock.advance(hours=3)
    with pytest.raises(RuleError, match=r"card\.too_young"):
        printing(shop).note_printed([young], "B1")
    with pytest.raises(RuleError, match=r"card\.not_unique"):
        printing(shop).note_printed([silent], "B1")


def test_a_spoilt_card_is_printed_again_with_its_reason(shop: Shop) -> None:
    kit, records = shop
    card = printing(shop).note_printed(records, "B1")[0]
    kit.clock.advance(hours=1)
    with pytest.raises(InputError, match=r"card\.no_reason"):
        printing(shop).print_again(card.thing_id, " ")
    again = printing(shop).print_again(card.thing_id, "foto buram", "B2")
    assert [printed.why for printed in again.prints] == ["", "foto buram"]
    assert again.printed_at == card.printed_at
    assert kit.context.office.blanks.book().lines == []  # where no blanks are counted none is to be destroyed
    kit.context.office.handover.hand_on([card.thing_id], Place.DESA, "Suyatno")
    with pytest.raises(RuleError, match=r"card\.not_from_there"):
        printing(shop).print_again(card.thing_id, "foto buram")


def test_where_blanks_are_counted_a_spoilt_card_waits_to_be_destroyed(shop: Shop) -> None:
    kit, (record, *_) = shop
    blanks = kit.context.office.blanks
    blanks.receive(Blanks(Document.KTP_EL, "B01 – B09"), "", "kotak")
    card = printing(shop).note_printed([record], "B1", numbers={record: "B01"})[0]
    printing(shop).print_again(card.thing_id, "foto buram", number="B02")
    withdrawn = [line.entry for line in blanks.book().lines if line.entry.act is BlankAct.WITHDRAWN]
    assert [(runs_text(entry.runs), entry.card_id) for entry in withdrawn] == [("B01", card.thing_id)]
    with kit.store.read() as unit:
        assert unit.events.of(card.thing_id)[-1].kind == "card_printed_again"


def test_the_clocks_stop_with_the_print(shop: Shop) -> None:
    kit, records = shop
    follow_sop(kit, "grobogan_jemput_bola")
    (hours,) = kit.context.office.clocks.of_record(records[0]).readings
    assert hours.ended_at is None
    card = printing(shop).note_printed(records, "B1")[0]
    (hours,) = kit.context.office.clocks.of_record(records[0]).readings
    assert hours.ended_at == card.printed_at


def test_the_counter_does_not_print(shop: Shop, tmp_path: Path) -> None:
    kit, records = shop
    other = sign_in(kit, tmp_path, LOKET)
    with pytest.raises(RuleError, match=r"role\.not_yours"):
        other.context.office.printing.note_printed(records, "B1")
    other.store.close()


def test_a_failed_print_is_noted_and_the_record_still_waits(shop: Shop) -> None:
    _, records = shop
    with pytest.raises(InputError, match=r"card\.no_reason"):
        printing(shop).note_failed(records[0], " ")
    failure = printing(shop).note_failed(records[0], " ribbon putus ", "BL-0107 ")
    assert (failure.batch, failure.why, failure.by) == ("BL-0107", "ribbon putus", "u12")
    assert printing(shop).failures() == printing(shop).failures("a1") == [failure]
    with shop[0].store.write() as unit:
        unit.repository(PrintFailure).save(replace(failure, thing_id="f2", activity_id="a2"))
    assert printing(shop).failures("a1") == [failure]
    assert len(printing(shop).failures()) == 2
    assert [line.record.record_id for line in printing(shop).print_list().now] == records


def test_the_list_of_prints_tells_who_waits_who_is_too_young_and_what_was_made(shop: Shop) -> None:
    kit, (first, second) = shop
    young = kit.seal(3, TARGETS[2])
    kit.apply(young, *UNIQUE)
    kit.clock.advance(hours=3)
    printing(shop).note_failed(second, "ribbon putus")
    printing(shop).note_printed([first], "B1")
    put_at_dinas(kit, 30, Document.KIA, record_id="r30")  # no KTP-el
    put_at_dinas(kit, 31)  # of no record
    told = [(each.part, each.name, len(each.failures)) for each in printing(shop).prints("a1")]
    assert told == [(PrintPart.NOW, second, 1), (PrintPart.LATER, young, 0), (PrintPart.PRINTED, first, 0)]
    assert [each.name for each in printing(shop).prints()] == [second, young, first]
    assert printing(shop).prints("elsewhere") == []


def test_the_paper_has_the_print_list_with_masked_numbers(shop: Shop) -> None:
    kit, _ = shop
    young = kit.seal(3, TARGETS[2])
    kit.apply(young, *UNIQUE)
    kit.clock.advance(hours=3)
    letter = printing(shop).write_list("a1")
    assert [row["name"] for row in letter.fields["ready"]] == ["MISINEM", "KARTONO WIBOWO"]
    assert [(row["name"], row["on"]) for row in letter.fields["later"]] == [("DIMAS", "2027-03-12")]
    assert letter.fields["note"] == ""
    said = str(dict(letter.fields))
    assert TARGETS[0].biodata.nik.masked in said
    assert not re.search(r"\d{16}", said)
    assert not re.search("lansia|disabilitas|odgj|pemula|rentan", said, re.IGNORECASE)
    again = kit.context.office.letters.compose_again(letter.thing_id)
    assert again.fields["ready"] == letter.fields["ready"]


def test_a_paper_of_all_activities_says_so_and_how_many_it_leaves_out(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fieldkit.services.cards.print_cards.MOST_ON_PAPER", 1)
    letter = printing(shop).write_list()
    assert letter.title == "Daftar cetak KTP-el Semua kegiatan"
    assert letter.fields["place"] == "Semua kegiatan"
    assert len(letter.fields["ready"]) == 1
    assert "1 orang lain" in letter.fields["note"]


C, F, P = CourierState, Fulfilment, Place
HOPELESS = {
    "UNREGISTERED",
    "ENROLL_FAILURE_AT_CENTRAL",
    "ENROLL_FAILURE_AT_REGIONAL",
    "SEARCH_FAILURE_AT_CENTRAL",
    "ADJUDICATE_RECORD",
    "REQUEST_VALIDATION",
    "DUPLICATE_RECORD",
}


@pytest.fixture(scope="module")
def kit(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    """Return one office for all: each test has an activity of its own."""
    with office(tmp_path_factory.mktemp("office"), PRINTER) as kit:
        with kit.store.write() as unit:
            for target in TARGETS:
                unit.targets.mark(target.target_id, TargetState.CANCELLED)
        yield kit


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[Fulfilment, bool]]:
    """Return what the SOP hears: each fact, and whether it is there or only under way."""
    heard: list[tuple[Fulfilment, bool]] = []
    monkeypatch.setattr(print_cards, "fulfil", lambda _work, _at, fact: heard.append((fact, True)))
    monkeypatch.setattr(print_cards, "underway", lambda _work, _at, fact: heard.append((fact, False)))
    return heard


def is_over(kit: Kit, told: list[tuple[Fulfilment, bool]]) -> bool:
    with kit.context.office.units.write(Permission.PRINT_CARDS) as work:
        cards_printed(work, "a1", TODAY)
    fact, is_there = told.pop()
    assert (fact, told) == (F.PRINTED, [])
    return is_there


def test_printing_is_over_once_every_record_has_its_card_or_will_get_none(
    kit: Kit, told: list[tuple[Fulfilment, bool]]
) -> None:
    assert is_over(kit, told)  # everybody was cancelled
    record = kit.seal(1, TARGETS[0])
    over = {"": is_over(kit, told)}
    for code in (*CentralCode, "A_STRANGER"):
        kit.clock.advance(minutes=1)
        kit.apply(record, code)
        over[str(code)] = is_over(kit, told)
    assert {code for code in over if over[code]} == HOPELESS
    put_at_dinas(kit, 1, record_id=record)
    assert is_over(kit, told)
    with kit.store.write() as unit:
        unit.targets.mark("t2", TargetState.PLANNED)
    assert not is_over(kit, told)


@pytest.mark.parametrize(("days", "is_waited_for"), [(-1, True), (0, True), (1, False)])
def test_printing_waits_for_no_birthday(
    kit: Kit, told: list[tuple[Fulfilment, bool]], days: int, is_waited_for: bool
) -> None:
    at, sealed = f"young{days}", kit.seal(10 + days, TARGETS[0])
    with kit.store.write() as unit:
        unit.activities.save(replace(ACTIVITY, activity_id=at))
        record = unit.records.get(sealed).record
        link = replace(record.link, chain=at)
        card_from = TODAY + timedelta(days=days)
        young = replace(record, record_id=at, activity_id=at, link=link, card_from=card_from)
        unit.records.add(young)
    with kit.context.office.units.write(Permission.PRINT_CARDS) as work:
        cards_printed(work, at, TODAY)
    assert told == [(F.PRINTED, not is_waited_for)]


def card(*ways: Place, courier: CourierState | None = None, **changes: object) -> CardCase:
    """Return a document that came these ways, the last of which is where it is."""
    handings = tuple(Handing(place, NOW, "u1", "Suyatno") for place in ways)
    made = CardCase("", "", Document.KTP_EL, "R-1", "MISINEM", "", "Jimbe", (), handings=handings)
    receipt = Receipt("Sutrisno", "anak", "", NOW, "u1", MarkKind.SIGNATURE, "f1") if P.PERSON in ways else None
    run = CourierRun(courier) if courier else None
    return replace(made, place=ways[-1] if ways else P.DINAS, receipt=receipt, courier=run, **changes)


KK = {"document": Document.KK, "application_id": "m1"}


@pytest.mark.parametrize(
    ("cards", "facts"),
    [
        ((), set()),
        ((card(),), set()),
        ((card(P.KECAMATAN),), {F.CARDS_TO_KECAMATAN}),
        ((card(P.KECAMATAN, P.DINAS),), set()),
        ((card(P.KECAMATAN, P.DESA),), {F.CARDS_TO_KECAMATAN, F.CARDS_TO_DESA}),
        ((card(P.DESA),), {F.CARDS_TO_DESA}),
        ((card(P.DESA), card()), set()),
        ((card(P.DESA), card(P.KECAMATAN)), {F.CARDS_TO_KECAMATAN}),
        ((card(P.PERSON),), {F.CARDS_TO_PERSONS}),
        ((card(P.PERSON), card(P.DESA)), {F.CARDS_TO_DESA}),
        ((card(P.PERSON), card(P.KECAMATAN)), {F.CARDS_TO_KECAMATAN}),
        ((card(P.COURIER, courier=C.DIANTAR),), set()),
        ((card(P.COURIER, P.PERSON, courier=C.DITERIMA),), {F.CARDS_TO_PERSONS, F.COURIER_DELIVERED}),
        ((card(P.COURIER, P.PERSON, courier=C.DITERIMA), card(P.COURIER, courier=C.DIANTAR)), set()),
        ((card(P.PERSON, courier=C.DIKEMBALIKAN),), {F.CARDS_TO_PERSONS}),
        ((card(P.COURIER, P.PERSON, courier=C.DITERIMA), card()), {F.COURIER_DELIVERED}),
        ((card(P.PERSON, **KK),), {F.CARDS_TO_PERSONS, F.DOCUMENT_HANDED_OVER}),
        ((card(P.PERSON, **KK), card(**KK)), set()),
        ((card(P.PERSON, **KK), card()), {F.DOCUMENT_HANDED_OVER}),
        ((card(P.PERSON, document=Document.KK),), {F.CARDS_TO_PERSONS}),
        ((card(P.PERSON, application_id="m1"),), {F.CARDS_TO_PERSONS}),
    ],
)
@pytest.mark.parametrize(
    ("state", "document", "is_printed"),
    [
        (None, "", True),
        (ApplicationState.TERCETAK, "c1", True),
        (ApplicationState.DITARIK, "", True),
        (ApplicationState.TTE, "", False),
    ],
)
def test_a_place_is_reached_when_all_documents_are_printed_and_there_or_beyond(
    kit: Kit,
    told: list[tuple[Fulfilment, bool]],
    cards: tuple[CardCase, ...],
    facts: set[Fulfilment],
    state: ApplicationState | None,
    document: str,
    is_printed: bool,
) -> None:
    with kit.context.office.units.write(Permission.HAND_OVER) as work:
        at = work.ids.new()
        work.unit.activities.save(replace(ACTIVITY, activity_id=at))
        for each in cards:
            work.unit.repository(CardCase).save(replace(each, thing_id=work.ids.new(), activity_id=at))
        if state:
            history = (Done(ApplicationState.TERDAFTAR, NOW, "u1"),)
            of = Application(at, at, Service.KK, Document.KK, "R-1", SITI, (), state, history, document_id=document)
            work.unit.repository(Application).save(of)
        cards_moved(work, at)
    assert set(told) == ({(fact, True) for fact in facts} if is_printed else set())


def test_each_kit_counts_for_itself(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    with kit.store.write() as unit:
        assert [Registrations("KIT-07").next(unit) for _ in range(2)] == ["KIT-07-R00001", "KIT-07-R00002"]
    kit.store.close()


S = TicketState
AT = "a1"


@pytest.fixture
def queue(shop: Shop) -> RunQueue:
    return shop[0].context.office.queue


def states(queue: RunQueue) -> list[tuple[int, S]]:
    return [(line.ticket.number, line.ticket.state) for line in queue.lines(AT)]


def test_whoever_waits_for_a_card_takes_one_number_and_finds_print_then_card(shop: Shop, queue: RunQueue) -> None:
    kit, (first, second) = shop
    kartono, misinem = queue.candidates(AT)
    assert (misinem.name, misinem.record_id, misinem.card_id, misinem.number) == ("MISINEM", first, "", 0)
    assert (kartono.record_id, kartono.key) == (second, second)
    assert len(misinem.finds) == 16
    ticket = queue.take(AT, misinem)
    assert (ticket.number, ticket.masked_nik) == (1, misinem.masked_nik)
    with pytest.raises(RuleError, match=r"queue\.has_number"):
        queue.take(AT, misinem)
    assert [each.number for each in queue.candidates(AT)] == [0, 1]
    assert [(line.record_id, line.card_id) for line in queue.lines(AT)] == [(first, "")]
    kit.context.office.printing.note_printed([first], "B1")
    assert [(line.record_id, line.card_id) for line in queue.lines(AT)] == [("", first)]
    card = next(each for each in queue.candidates("") if each.card_id)
    assert (card.key, card.number) == (first, 0)
    kit.context.office.handover.receive(first, taken())
    assert [(line.record_id, line.card_id) for line in queue.lines(AT)] == [("", "")]
    assert not [each for each in queue.candidates("") if each.card_id]


def test_a_number_ends_with_its_turn_and_who_stands_on_no_list_takes_as_many_as_he_likes(
    shop: Shop, queue: RunQueue
) -> None:
    kartono, misinem = queue.candidates(AT)
    queue.take(AT, misinem)
    assert queue.call_next(AT).name == "MISINEM"
    assert queue.candidates(AT)[1].number == 1
    queue.call_next(AT)
    assert queue.candidates(AT)[1].number == 0
    assert queue.take(AT, misinem).number == 2
    assert queue.take(AT, kartono).number == 3
    assert [queue.take(AT, Candidate("ORANG", "", "")).number for _ in range(2)] == [4, 5]


def test_whoever_may_come_is_offered_by_what_is_known_of_them(shop: Shop, queue: RunQueue) -> None:
    kit, (first, _) = shop
    kit.apply(kit.seal(3, TARGETS[2]), *UNIQUE)  # too young
    kit.clock.advance(hours=3)
    put_at_dinas(kit, 30, activity_id="a2", name="ORANG LAIN")
    (brought,) = kit.context.office.courier.make_ready([put_at_dinas(kit, 31, name="DIBAWA KURIR")])
    kit.context.office.courier.give([brought.thing_id], taken("Joko Kurir"))
    with kit.store.write() as unit:
        unit.connection.exec_driver_sql("DELETE FROM targets WHERE target_id = 't1'")
        record = unit.records.get(first).record
    known = {each.name: (each.village, each.finds) for each in queue.candidates(AT)}
    assert known == {record.masked_name: (record.place, ""), "KARTONO WIBOWO": ("JIMBE", TARGETS[1].biodata.nik.digits)}
    assert ("ORANG LAIN", "card-030") in {(each.name, each.key) for each in queue.candidates("")}


def test_one_press_ends_with_one_and_calls_the_next(shop: Shop, queue: RunQueue) -> None:
    kit, _ = shop
    with pytest.raises(RuleError, match=r"queue\.nobody"):
        queue.call_next(AT)
    for number in range(1, 5):
        assert queue.take_walk_in(AT, f"  Orang   {number} ").number == number
    assert queue.call_next(AT).name == "Orang 1"
    kit.clock.advance(minutes=3)
    assert queue.call_next(AT).number == 2
    assert states(queue) == [(2, S.CALLED), (3, S.WAITING), (4, S.WAITING), (1, S.SERVED)]
    assert queue.board(AT) == QueueBoard(2, 1, (3, 4), 2)
    two = queue.lines(AT)[0].ticket.thing_id
    queue.call_again(two)
    assert queue.board(AT).calls == 2
    queue.skip(two)
    assert queue.board(AT).current is None
    three = queue.call_next(AT)
    queue.to_the_end(three.thing_id)
    assert states(queue) == [(4, S.WAITING), (3, S.WAITING), (2, S.ABSENT), (1, S.SERVED)]
    queue.call_again(two)
    assert [queue.call_next(AT).number for _ in range(3)] == [4, 3, 3]
    assert {state for _, state in states(queue)} == {S.SERVED}


def test_numbers_begin_anew_each_day_and_at_each_place(shop: Shop, queue: RunQueue) -> None:
    kit, _ = shop
    assert queue.take_walk_in(AT, "Orang").number == 1
    assert queue.take_walk_in("", "Orang").number == 1
    kit.clock.advance(hours=24)
    assert queue.lines(AT) == []
    assert queue.take_walk_in(AT, "Orang").number == 1


def test_a_name_is_needed_and_a_nik_in_it_is_hidden(queue: RunQueue) -> None:
    with pytest.raises(InputError, match=r"queue\.no_name"):
        queue.take_walk_in(AT, "  ")
    assert "3505125207510003" not in queue.take_walk_in(AT, "SITI 3505125207510003").name


def test_the_slip_tells_number_name_day_and_that_it_costs_nothing(queue: RunQueue) -> None:
    ticket = queue.take_walk_in(AT, "Orang")
    lines = [line.text for line in queue.slip(ticket.thing_id).lines]
    assert lines[0] == "Dinas Kependudukan dan Pencatatan Sipil"
    assert {"001", "Orang", "21-11-2026 pukul 12.00"} <= set(lines)
    assert "gratis" in lines[-1]
    assert lines[1] == ACTIVITY.name
    at_dinas = [line.text for line in queue.slip(queue.take_walk_in("", "Orang").thing_id).lines]
    assert at_dinas == [lines[0], *lines[2:]]  # the dinas itself is no activity
    assert queue.note_slip(ticket.thing_id).has_slip


@pytest.mark.parametrize("count", [26, pytest.param(150, marks=pytest.mark.days)])
def test_the_queue_is_there_after_the_program_was_killed(
    shop: Shop, queue: RunQueue, tmp_path: Path, count: int
) -> None:
    kit, _ = shop
    for number in range(count):
        queue.take_walk_in(AT, f"Orang {number}")
    for _ in range(20):
        queue.call_next(AT)
    again = sign_in(kit, tmp_path, kit.context.user)
    there = again.context.office.queue
    assert there.board(AT) == QueueBoard(20, 1, (21, 22, 23, 24, 25), count - 20)
    assert there.call_next(AT).number == 21
    assert len(there.lines(AT)) == count
    again.store.close()


def test_only_who_hands_over_keeps_the_queue(shop: Shop, queue: RunQueue) -> None:
    ticket = queue.take_walk_in(AT, "Orang")
    other = shop[0].context_of(PENGURUS).office.queue
    assert len(other.lines(AT)) == 1
    for act in (
        lambda: other.call_next(AT),
        lambda: other.take_walk_in(AT, "Lain"),
        lambda: other.take(AT, other.candidates(AT)[0]),
        *(
            lambda act=act: act(ticket.thing_id)
            for act in (other.skip, other.call_again, other.to_the_end, other.note_slip)
        ),
    ):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act()
