from __future__ import annotations

from random import Random

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, open_plainly, receive

from fieldkit.ports.onward import OnwardState, Outcome
from sync.gateway.context import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.lookup.retries import hand_on_again, open_again
from sync.gateway.onward.queue import OnwardQueue
from sync.gateway.opener import Opener
from sync.gateway.penunggalan import NikRule
from sync.gateway.tables import records
from sync.protocol.messages import Announcement

STOPPED = (OnwardState.FAILED, OnwardState.REJECTED, OnwardState.WAITING)


@pytest.fixture
def received(gateway_context: GatewayContext, kit: Kit) -> list[str]:
    made = []
    for number in range(3):
        record_id, manifest, sealed, _ = kit.record(size=300, nik=f"33150141079{number:05d}")
        Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, kit, record_id, sealed)
        made.append(record_id)
    return made


def test_what_was_set_aside_is_opened_again(
    gateway_context: GatewayContext, received: list[str], clock: HandClock
) -> None:
    aside = {"set_aside_at": clock.now(), "set_aside_error": "KeyError", "tries": 9}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).where(records.c.record_id.in_(received[:2])).values(aside))
        assert open_again(connection, ["unknown"]) == []
        assert open_again(connection, received[1:]) == [received[1]]
        assert open_again(connection) == [received[0]]
    assert Opener(gateway_context, open_plainly, NikRule()).run_pending() == 3


@pytest.mark.parametrize(
    "other", [{"verdict": "valid"}, {"lost_at": "now"}, {"set_aside_at": None}, {"set_aside_error": ""}]
)
def test_what_is_judged_lost_or_held_by_an_opener_is_not_set_aside(
    gateway_context: GatewayContext, received: list[str], clock: HandClock, other: dict[str, object]
) -> None:
    changed = {name: clock.now() if value == "now" else value for name, value in other.items()}
    aside = {"set_aside_at": clock.now(), "set_aside_error": "KeyError", "tries": 9, **changed}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(aside))
        assert open_again(connection) == []
        assert open_again(connection, received) == []
        assert connection.scalars(sa.select(records.c.tries)).all() == [9, 9, 9]


def test_what_stopped_is_handed_on_again_as_another_transaction(
    gateway_context: GatewayContext, received: list[str], clock: HandClock
) -> None:
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    queue = OnwardQueue(gateway_context, "SIAK", Random(1))
    queue.take_in()
    outcomes = (OnwardState.FAILED, OnwardState.WAITING, OnwardState.HANDED_OVER)
    before = dict(zip(outcomes, queue.borrow(3), strict=True))
    for state, loan in before.items():
        queue.settle(loan, Outcome(state, "reason"))
    assert queue.borrow(3) == ()
    with gateway_context.engine.begin() as connection:
        again = set(hand_on_again(connection, STOPPED, clock.now()))
    assert again == {before[state].record_id for state in (OnwardState.FAILED, OnwardState.WAITING)}
    loans = {loan.record_id: loan for loan in queue.borrow(3)}
    failed, waiting = (before[state] for state in (OnwardState.FAILED, OnwardState.WAITING))
    assert (loans[failed.record_id].tries, loans[waiting.record_id].tries) == (1, 2)
    assert loans[failed.record_id].transaction_id != failed.transaction_id
    assert loans[waiting.record_id].transaction_id == waiting.transaction_id
    gone = before[OnwardState.HANDED_OVER].record_id
    with gateway_context.engine.begin() as connection:
        assert hand_on_again(connection, [OnwardState.HANDED_OVER], clock.now(), [failed.record_id]) == []
        assert hand_on_again(connection, [OnwardState.HANDED_OVER], clock.now(), [gone]) == [gone]
        assert hand_on_again(connection, [OnwardState.WAITING], clock.now(), [gone]) == [gone]
