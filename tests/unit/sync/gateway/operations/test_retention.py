from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, receive
from support.races import meanwhile

from fieldkit.domain.errors import KnownError
from sync.gateway import provision
from sync.gateway.context import GatewayContext, Refusal
from sync.gateway.ledger import Ledger
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.retention import ERASURE_TYP, Erased, Policy, Reason, Retention
from sync.gateway.proofs import Proofs
from sync.gateway.scrub import Scrub
from sync.gateway.tables import erasures, onward, records
from sync.protocol.messages import Announcement, Digest, Holding, ProofQuestion, ReconcileQuestion
from tests.unit.sync.gateway.conftest import enrolled
from tests.unit.sync.gateway.operations.conftest import Arrive

YEAR = Policy(timedelta(days=365))


@pytest.fixture
def keeper(gateway_context: GatewayContext) -> Retention:
    return Retention(gateway_context)


def judge(gateway_context: GatewayContext, record_id: str, verdict: str, state: str = "") -> None:
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).where(records.c.record_id == record_id).values(verdict=verdict))
        if state:
            row = {"kit": "kit-01", "record_id": record_id, "state": state, "transaction_id": str(uuid.uuid4())}
            now = gateway_context.clock.now()
            connection.execute(sa.insert(onward).values(**row, queued_at=now, next_try_at=now))


def test_only_what_was_handed_on_and_acknowledged_goes_after_its_time(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock, folder: Path
) -> None:
    waiting, handed, rejected, alone, invalid, done = (arrive() for _ in range(6))
    for (record_id, _), state in ((waiting, "waiting"), (handed, "handed_over"), (rejected, "rejected")):
        judge(gateway_context, record_id, "valid", state)
    judge(gateway_context, alone[0], "valid")
    judge(gateway_context, invalid[0], "invalid")
    judge(gateway_context, done[0], "valid", "acknowledged")
    assert keeper.due(YEAR) == []
    clock.advance(days=366)
    young = arrive()
    judge(gateway_context, young[0], "valid", "acknowledged")
    (due,) = keeper.due(YEAR)
    assert (due.record_id, due.reason) == (done[0], Reason.ACKNOWLEDGED)
    assert provision.sealed_path(folder, done[1]).exists()  # a look changes nothing
    assert keeper.erase(YEAR) == Erased(1, 3000, 0)
    assert not provision.sealed_path(folder, done[1]).exists()
    for _, sha256 in (waiting, handed, rejected, alone, invalid, young):
        assert provision.sealed_path(folder, sha256).exists()
    assert keeper.erase(YEAR) == Erased(0, 0, 0)
    both = Policy(timedelta(days=365), timedelta(days=30))
    assert [each.record_id for each in keeper.due(both)] == [invalid[0]]
    assert keeper.erase(both) == Erased(1, 3000, 0)
    assert {each.record_id: each.reason for each in keeper.erasures()} == {
        done[0]: "acknowledged",
        invalid[0]: "invalid",
    }


@pytest.mark.parametrize("reason", ["acknowledged", "invalid"])
def test_a_record_goes_behind_its_last_day_and_not_once_it_is_lost(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock, reason: str
) -> None:
    record_id, _ = arrive()
    judge(gateway_context, record_id, "valid" if reason == "acknowledged" else "invalid", "acknowledged")
    policy = Policy(timedelta(days=30), timedelta(days=30))
    clock.advance(days=30)
    assert keeper.due(policy) == []
    clock.advance(seconds=1)
    assert [(each.record_id, each.reason) for each in keeper.due(policy)] == [(record_id, reason)]
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(lost_at=clock.now()))
    assert keeper.due(policy) == []


def test_each_record_of_each_kit_stands_for_itself(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock, folder: Path, kit: Kit
) -> None:
    """What another kit handed on under the same id is no reason, and each statement names its own bytes."""
    (shared, first), (second, digest), _waits = arrive(), arrive(), arrive()
    other = enrolled(folder, gateway_context, clock, "kit-02")
    _, manifest, sealed, foreign = other.record(size=900, record_id=shared)
    Ledger(gateway_context).announce(other.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, other, shared, sealed)
    for record_id in (shared, second):
        judge(gateway_context, record_id, "valid", "acknowledged")  # of kit-01
    clock.advance(days=400)
    assert keeper.erase(YEAR) == Erased(2, 6000, 0)
    said = [kit.receipts.verify(each.statement, ERASURE_TYP) for each in keeper.erasures()]
    found = {(each["kit"], each["record_id"]): (each["sha256"], each["size_bytes"]) for each in said}
    assert found == {("kit-01", shared): (first, 3000), ("kit-01", second): (digest, 3000)}
    assert provision.sealed_path(folder, foreign).exists()
    row = {"kit": "kit-02", "record_id": shared, "state": "acknowledged", "transaction_id": str(uuid.uuid4())}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.insert(onward).values(**row, queued_at=clock.now(), next_try_at=clock.now()))
    assert keeper.erase(YEAR) == Erased(1, 900, 0)
    said = [kit.receipts.verify(each.statement, ERASURE_TYP) for each in keeper.erasures()]
    assert sorted((each["kit"], each["sha256"]) for each in said) == sorted(
        [("kit-01", first), ("kit-01", digest), ("kit-02", foreign)]
    )


def test_of_two_runs_the_first_statement_stays(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock
) -> None:
    record_id, _ = arrive()
    judge(gateway_context, record_id, "valid", "acknowledged")
    clock.advance(days=400)
    another = sa.update(erasures).values(statement="first")
    with meanwhile(gateway_context.engine, "UPDATE erasures", another):
        keeper.erase(YEAR)
    assert [each.statement for each in keeper.erasures()] == ["first"]


def test_the_statement_is_signed_and_the_row_stays(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock, kit: Kit
) -> None:
    record_id, sha256 = arrive()
    judge(gateway_context, record_id, "valid", "acknowledged")
    clock.advance(days=400)
    keeper.erase(YEAR)
    (erasure,) = keeper.erasures()
    said = kit.receipts.verify(erasure.statement, ERASURE_TYP)
    assert (said["record_id"], said["sha256"], said["reason"]) == (record_id, sha256, "acknowledged")
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(records.c.receipt)) is not None


def test_an_erased_record_is_neither_lost_nor_asked_for_again(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock, folder: Path, tmp_path: Path
) -> None:
    record_id, sha256 = arrive()
    judge(gateway_context, record_id, "valid", "acknowledged")
    clock.advance(days=400)
    keeper.erase(YEAR)
    question = ReconcileQuestion(records=(Digest(record_id=uuid.UUID(record_id), sha256=sha256),))
    assert Ledger(gateway_context).reconcile("kit-01", question).records[0].holding is Holding.RECEIVED
    Scrub(gateway_context).look()
    assert (Scrub(gateway_context).run().lost, Ledger(gateway_context).counts("kit-01").lost) == ((), 0)
    with pytest.raises(Refusal) as refused:
        Proofs(gateway_context).prove("kit-01", ProofQuestion(record_id=uuid.UUID(record_id), nonce="0" * 64))
    assert (refused.value.status, refused.value.code) == (410, "record.erased")
    assert make_backup(gateway_context, folder, tmp_path / "b").made.statement.missing == ()


def test_one_that_died_half_way_is_finished_and_stated_only_when_gone(
    gateway_context: GatewayContext,
    keeper: Retention,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    record_id, _ = arrive()
    judge(gateway_context, record_id, "valid", "acknowledged")
    clock.advance(days=400)
    with monkeypatch.context() as patched:
        patched.setattr(type(gateway_context.blobs), "delete", lambda *_: None)  # says yes and does nothing
        assert keeper.erase(YEAR) == Erased(0, 0, 1)
    assert keeper.erasures()[0].statement == ""
    assert keeper.erase(YEAR) == Erased(1, 3000, 0)
    assert keeper.erasures()[0].statement != ""


def test_bytes_that_another_record_needs_stay(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock, folder: Path
) -> None:
    (record_id, sha256), (other, _) = arrive(), arrive()
    judge(gateway_context, record_id, "valid", "acknowledged")
    with gateway_context.engine.begin() as connection:
        key = connection.scalar(sa.select(records.c.key).where(records.c.record_id == record_id))
        connection.execute(sa.update(records).where(records.c.record_id == other).values(key=key))
    clock.advance(days=400)
    assert keeper.erase(YEAR).count == 1
    assert provision.sealed_path(folder, sha256).exists()


def test_a_store_out_of_reach_erases_nothing(
    gateway_context: GatewayContext, keeper: Retention, arrive: Arrive, clock: HandClock, folder: Path
) -> None:
    record_id, _ = arrive()
    judge(gateway_context, record_id, "valid", "acknowledged")
    clock.advance(days=400)
    (folder / "objects").rename(folder / "unmounted")
    with pytest.raises(KnownError):
        keeper.erase(YEAR)
    assert keeper.erasures() == []
