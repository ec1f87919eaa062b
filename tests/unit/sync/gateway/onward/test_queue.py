from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit

from fieldkit.ports.onward import Answer, OnwardState, Outcome
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.onward.queue import LOAN, OnwardQueue
from sync.gateway.tables import onward, records
from tests.unit.sync.gateway.onward.conftest import Arrive

OVER = Outcome(OnwardState.HANDED_OVER, batch="000001")


def said(gateway_context: GatewayContext, kit: Kit) -> list[tuple[str, str, str]]:
    """What the kit hears of the other side."""
    items = Ledger(gateway_context).statuses(kit.name, "").items
    return [(item.code, item.reason, item.verdict) for item in items if item.source == "SIAK"]


def states(gateway_context: GatewayContext) -> list[str]:
    with gateway_context.engine.begin() as connection:
        return list(connection.scalars(sa.select(onward.c.state)))


def test_only_valid_records_are_taken_in_and_only_once(queue: OnwardQueue, arrive: Arrive) -> None:
    first = arrive()
    arrive(sealed=b"nothing that opens")
    assert (queue.take_in(), queue.take_in()) == (1, 0)
    second = arrive()
    assert queue.take_in() == 1
    assert {loan.record_id for loan in queue.borrow(9)} == {first, second}


def test_a_new_worker_finds_also_what_was_valid_long_ago(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, clock: HandClock
) -> None:
    queue.take_in()
    arrive()
    clock.advance(days=3)
    assert queue.take_in() == 0
    assert OnwardQueue(gateway_context, "SIAK", Random(1)).take_in() == 1


def test_a_loan_is_nobody_elses_until_its_time_is_over(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, clock: HandClock, kit: Kit
) -> None:
    arrive()
    queue.take_in()
    (slow,) = queue.borrow(5)
    assert queue.borrow(5) == ()
    clock.advance(seconds=LOAN.total_seconds() + 1)
    (quick,) = queue.borrow(5)
    assert (slow.tries, quick.tries, slow.transaction_id == quick.transaction_id) == (1, 2, True)
    assert queue.settle(quick, OVER)
    assert not queue.settle(slow, Outcome(OnwardState.REJECTED, "too late"))
    assert said(gateway_context, kit) == [("SENT_FOR_ENROLLMENT", "", "valid")]


def test_what_failed_for_now_waits_longer_each_time(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, clock: HandClock, kit: Kit
) -> None:
    arrive()
    queue.take_in()
    waits = []
    for _ in range(12):
        (loan,) = queue.borrow(1)
        queue.settle(loan, Outcome(OnwardState.WAITING, "onward.away"))
        with gateway_context.engine.begin() as connection:
            until = connection.scalar(sa.select(onward.c.next_try_at))
        assert until is not None
        waits.append(until - clock.now())
        clock.advance(seconds=waits[-1].total_seconds() - 1)
        assert queue.borrow(1) == ()
        clock.advance(seconds=2)
    assert timedelta(seconds=30) <= waits[0] <= timedelta(minutes=1)
    assert waits[4] > waits[0] * 4
    assert max(waits) <= timedelta(hours=6)
    assert said(gateway_context, kit) == []


@pytest.mark.parametrize(
    ("outcome", "code"),
    [
        (Outcome(OnwardState.ACKNOWLEDGED, external_id="REG-1"), "RECEIVED_AT_CENTRAL"),
        (Outcome(OnwardState.ACKNOWLEDGED, code="PRINT_READY_RECORD"), "PRINT_READY_RECORD"),
        (Outcome(OnwardState.REJECTED, "no face"), "ENROLL_FAILURE_AT_CENTRAL"),
        (Outcome(OnwardState.REJECTED, code="KODE_BARU"), "KODE_BARU"),
    ],
)
def test_an_answer_becomes_a_status_for_the_kit_once(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, kit: Kit, outcome: Outcome, code: str
) -> None:
    record_id = arrive()
    queue.take_in()
    queue.settle(queue.borrow(1)[0], OVER)
    assert [queue.answer(Answer(record_id.upper(), outcome)) for _ in range(2)] == ["", ""]
    assert said(gateway_context, kit)[1:] == [(code, outcome.reason, "valid")]
    assert states(gateway_context) == [outcome.state.value]


def test_an_answer_may_name_the_transaction_or_the_number_they_gave(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, kit: Kit
) -> None:
    arrive()
    queue.take_in()
    (loan,) = queue.borrow(1)
    queue.settle(loan, OVER)
    assert queue.answer(Answer(loan.transaction_id, Outcome(OnwardState.ACKNOWLEDGED, external_id="REG-1"))) == ""
    assert queue.answer(Answer(" REG-1 ", Outcome(OnwardState.ACKNOWLEDGED, code="CARD_PRINTED"))) == ""
    assert [code for code, *_ in said(gateway_context, kit)] == [
        "SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "CARD_PRINTED",
    ]  # fmt: skip


def test_an_answer_may_be_quicker_than_our_note(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, kit: Kit
) -> None:
    arrive()
    queue.take_in()
    (loan,) = queue.borrow(1)
    assert queue.answer(Answer(loan.transaction_id, Outcome(OnwardState.ACKNOWLEDGED))) == ""
    assert not queue.settle(loan, OVER)
    assert [code for code, *_ in said(gateway_context, kit)] == ["RECEIVED_AT_CENTRAL"]


def test_answers_of_no_use_are_named_and_change_nothing(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, kit: Kit
) -> None:
    record_id = arrive()
    queue.take_in()
    yes = Outcome(OnwardState.ACKNOWLEDGED)
    assert queue.answer(Answer(record_id, yes)) == "onward.not_handed_over"
    assert [queue.answer(Answer(number, yes)) for number in ("x", "", "\0")] == ["onward.unknown"] * 3
    assert said(gateway_context, kit) == []


def test_a_strangers_words_are_cut_and_hold_no_nik(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, kit: Kit
) -> None:
    arrive()
    queue.take_in()
    words = "NIK 3315014107900001 \0\n" + "x" * 300
    queue.settle(
        queue.borrow(1)[0], Outcome(OnwardState.REJECTED, words, external_id=words, code=words, batch="b" * 99)
    )
    ((code, reason, _),) = said(gateway_context, kit)
    assert (len(code), len(reason)) == (64, 64)
    assert "3315" not in code + reason


def test_a_record_that_is_erased_stays_here(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, clock: HandClock
) -> None:
    arrive()
    queue.take_in()
    arrive()
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(erased_at=clock.now()))
    assert (queue.take_in(), queue.borrow(2)) == (0, ())


def test_a_record_that_is_lost_is_not_lent(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, clock: HandClock
) -> None:
    arrive()
    queue.take_in()
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=clock.now()))
    assert queue.borrow(1) == ()
