from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.app_context import ACTIVITY, PENGURUS, TARGETS, Kit
from support.cards_sent import UNIQUE, print_shop, sign_in, taken
from support.handed import put_at_dinas

from fieldkit.domain.cards.printing_day import QueueBoard, TicketState
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.services.cards.run_queue import Candidate, RunQueue

S = TicketState
AT = "a1"
Shop = tuple[Kit, list[str]]


@pytest.fixture
def shop(tmp_path: Path) -> Iterator[Shop]:
    kit, records = print_shop(tmp_path)
    yield kit, records
    kit.store.close()


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
