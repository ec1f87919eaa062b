from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.clock import NOW

from fieldkit.domain.cards.printing_day import (
    MOST_SHOWN,
    NO_BOARD,
    QueueBoard,
    QueueTicket,
    TicketState,
    board_of,
    in_order,
    minutes_each,
)
from fieldkit.domain.errors import RuleError

S = TicketState


def ticket(number: int, place: int = 0) -> QueueTicket:
    return QueueTicket(f"t{number}", "a1", date(2026, 11, 21), number, place or number, f"ORANG {number}", NOW, "u1")


def test_a_number_is_called_and_ended_and_may_be_called_again() -> None:
    called = ticket(1).called(NOW).called(NOW + timedelta(minutes=1))
    assert (called.state, called.calls) == (S.CALLED, 2)
    absent = called.ended(S.ABSENT, NOW + timedelta(minutes=2))
    assert absent.called(NOW).state is S.CALLED
    served = called.ended(S.SERVED, NOW + timedelta(minutes=5))
    for act in (lambda: served.ended(S.ABSENT, NOW), lambda: served.at_the_end(9)):
        with pytest.raises(RuleError, match=r"queue\.over"):
            act()
    assert served.called(NOW).ended_at is None


@pytest.mark.parametrize(
    ("state", "is_open"), [(S.WAITING, True), (S.CALLED, True), (S.SERVED, False), (S.ABSENT, False)]
)
def test_number_is_open_while_its_person_waits_or_stands_at_the_desk(state: TicketState, is_open: bool) -> None:
    assert replace(ticket(1), state=state).is_open is is_open


def test_a_person_takes_from_the_call_to_the_end_whoever_was_served() -> None:
    called, later = ticket(1).called(NOW), NOW + timedelta(minutes=4)
    served = called.ended(S.SERVED, later)
    others = [
        called,
        ticket(2),
        called.ended(S.ABSENT, NOW),
        ticket(3).ended(S.SERVED, later),  # without a call
        replace(served, ended_at=None),
    ]
    assert minutes_each([served, *others]) == 4
    assert minutes_each(others) == minutes_each([]) == 0


def test_who_is_at_the_desk_stands_first_then_who_waits_by_place() -> None:
    first, second, third = ticket(1), ticket(2).called(NOW), ticket(3)
    served = ticket(4).ended(S.SERVED, NOW)
    late = first.at_the_end(5)
    assert [each.number for each in in_order([served, late, second, third])] == [2, 3, 1, 4]
    assert (late.state, late.called_at) == (S.WAITING, None)


def test_the_board_shows_numbers_only_the_last_called_and_the_next_five() -> None:
    waiting = [ticket(number) for number in range(3, 10)]
    desk = [ticket(1).called(NOW), ticket(2).called(NOW + timedelta(minutes=1)), replace(ticket(10), state=S.CALLED)]
    gone = ticket(11).called(NOW + timedelta(minutes=2)).ended(S.SERVED, NOW + timedelta(minutes=3))
    board = board_of([*waiting, *desk, gone])
    assert board == QueueBoard(2, 1, (3, 4, 5, 6, 7), 7)
    assert len(board.following) == MOST_SHOWN
    assert not {"name", "masked_nik"} & set(QueueBoard.__slots__)
    assert board_of([]) == NO_BOARD


def test_a_number_is_found_by_itself_and_by_the_name() -> None:
    assert ticket(12).words == "12 ORANG 12"


def test_a_number_is_about_a_document_or_the_record_of_one() -> None:
    about = [("c1", "r1"), ("c1", ""), ("", "r1"), ("", "")]
    keys = [replace(ticket(1), card_id=card, record_id=record).key for card, record in about]
    assert keys == ["c1", "c1", "r1", ""]
