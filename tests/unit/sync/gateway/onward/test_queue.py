from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit, receive
from support.locks import noting_locks

from fieldkit.ports.delivery import Answer, OnwardState, Outcome
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.onward.queue import LOAN, OnwardQueue
from sync.gateway.tables import onward, records
from sync.protocol.messages import Announcement
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


def rows(gateway_context: GatewayContext) -> list[Any]:
    with gateway_context.reading() as connection:
        return list(connection.execute(sa.select(onward).order_by(onward.c.queued_at, onward.c.kit)))


@pytest.mark.parametrize(("later", "count"), [(timedelta(hours=1), 1), (timedelta(hours=1, seconds=1), 0)])
def test_after_the_first_look_only_what_was_opened_lately_is_looked_at(
    queue: OnwardQueue, arrive: Arrive, clock: HandClock, later: timedelta, count: int
) -> None:
    queue.take_in()
    arrive()
    clock.at += later
    assert queue.take_in() == count


def test_one_id_of_two_kits_is_two_records(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, kit: Kit, folder: Path, clock: HandClock
) -> None:
    other, record_id = enrolled_kit(folder, gateway_context, clock, "kit-02"), arrive(nik="")
    _, manifest, sealed, sha256 = other.record(size=200, record_id=record_id)
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    with gateway_context.engine.begin() as connection:  # it was announced before the first was found valid
        connection.execute(sa.update(records).values(verdict=""))
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, record_id, sealed)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).filter_by(kit="kit-01").values(verdict="valid"))
    assert queue.take_in() == 1
    with gateway_context.engine.begin() as connection:
        queued = connection.scalars(sa.select(records.c.kit).where(records.c.queued_at.is_not(None))).all()
        connection.execute(sa.update(records).values(verdict="valid", opened_at=clock.now()))
    assert queued == ["kit-01"]
    assert queue.take_in() == 1
    loans = sorted(queue.borrow(9), key=lambda loan: loan.kit)
    assert [(loan.kit, loan.record_id, loan.tries) for loan in loans] == [
        ("kit-01", record_id, 1),
        ("kit-02", record_id, 1),
    ]
    assert (loans[1].row.sha256, Path(loans[1].object_key).name, loans[0].person) == (sha256, sha256, "")
    assert loans[0].row.sha256 != sha256
    assert queue.answer(Answer(record_id, OVER)) == "onward.unknown"  # whose?
    assert queue.settle(loans[0], OVER)
    assert [row.state for row in rows(gateway_context)] == ["handed_over", "waiting"]


@pytest.mark.parametrize(
    ("later", "lent"),
    [(timedelta(0), 0), (LOAN - timedelta(seconds=1), 0), (LOAN, 0), (LOAN + timedelta(seconds=1), 1)],
)
def test_a_loan_lasts_to_its_end(
    queue: OnwardQueue, arrive: Arrive, clock: HandClock, later: timedelta, lent: int
) -> None:
    arrive()
    queue.take_in()
    queue.borrow(1)
    clock.at += later
    assert len(queue.borrow(1)) == lent


def test_a_try_is_due_at_its_moment(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, clock: HandClock
) -> None:
    arrive()
    queue.take_in()
    queue.settle(queue.borrow(1)[0], Outcome(OnwardState.WAITING, "onward.away"))
    clock.at = rows(gateway_context)[0].next_try_at
    assert len(queue.borrow(1)) == 1


@pytest.mark.parametrize(
    ("state", "handed", "answered", "waits"),
    [
        (OnwardState.WAITING, False, False, True),
        (OnwardState.FAILED, False, False, False),
        (OnwardState.HANDED_OVER, True, False, False),
        (OnwardState.ACKNOWLEDGED, True, True, False),
        (OnwardState.REJECTED, True, True, False),
    ],
)
def test_what_became_of_a_loan_is_noted_with_its_times(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, clock: HandClock, kit: Kit,
    state: OnwardState, handed: bool, answered: bool, waits: bool,
) -> None:  # fmt: skip
    arrive()
    queue.take_in()
    (loan,) = queue.borrow(1)
    now = clock.now()
    assert queue.settle(loan, Outcome(state, "why", "REG-1", batch="000001"))
    (row,) = rows(gateway_context)
    assert (row.state, row.claimed_until, row.reason) == (state.value, None, "why")
    assert (row.handed_over_at, row.answered_at) == (now if handed else None, now if answered else None)
    assert (row.batch, row.external_id) == (("000001", "REG-1") if handed else ("", ""))
    assert (row.next_try_at > now) is waits
    assert bool(said(gateway_context, kit)) is handed  # what waits or needs a person here is nothing for the kit
    clock.advance(days=1)
    assert len(queue.borrow(1)) == waits


def test_the_same_is_said_once_but_another_reason_or_side_is_heard(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive, kit: Kit
) -> None:
    record_id = arrive()
    queue.take_in()
    queue.settle(queue.borrow(1)[0], OVER)
    for reason in ("a", "a", "b", "a"):
        queue.answer(Answer(record_id, Outcome(OnwardState.REJECTED, reason)))
    assert [reason for _, reason, _ in said(gateway_context, kit)] == ["", "a", "b", "a"]
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(onward).values(target="ABIS"))
    queue.answer(Answer(record_id, Outcome(OnwardState.REJECTED, "a")))
    items = Ledger(gateway_context).statuses(kit.name, "").items
    assert [(item.source, item.reason) for item in items][-1] == ("ABIS", "a")


def test_the_number_they_gave_stays_and_names_one_record(
    gateway_context: GatewayContext, queue: OnwardQueue, arrive: Arrive
) -> None:
    first, second = arrive(), arrive()
    queue.take_in()
    for loan in queue.borrow(2):
        queue.settle(loan, OVER)
    yes = Outcome(OnwardState.ACKNOWLEDGED)
    assert queue.answer(Answer(first, replace(yes, external_id="REG-1"))) == ""
    assert [queue.answer(Answer("REG-1", yes)) for _ in range(2)] == ["", ""]
    assert queue.answer(Answer("REG-2", yes)) == "onward.unknown"
    assert {row.record_id: row.state for row in rows(gateway_context)}[second] == "handed_over"
    with noting_locks(gateway_context.engine) as locks:
        assert queue.answer(Answer(second, replace(yes, external_id="REG-1"))) == ""
    assert len(locks) == 1  # two answers to one record come one after the other
    assert queue.answer(Answer("REG-1", yes)) == "onward.unknown"  # two have it
