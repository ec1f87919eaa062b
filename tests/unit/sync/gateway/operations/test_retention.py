from __future__ import annotations

import uuid
from datetime import timedelta
from pathlib import Path
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, receive
from support.races import meanwhile

from fieldkit.domain.errors import KnownError
from fieldkit.storage.home_lock import HomeLock
from sync.gateway import provision
from sync.gateway.custody import Scrub
from sync.gateway.database import GatewayContext, Refusal
from sync.gateway.fence import moved_to, put_up
from sync.gateway.ingest import Proofs
from sync.gateway.ledger import Ledger
from sync.gateway.operations import restore as restoring
from sync.gateway.operations import retention as module
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.restore import Target
from sync.gateway.operations.retention import ERASURE_TYP, Erased, Policy, Reason, Retention, move, take_back
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


def test_the_new_one_has_everything_and_the_old_one_is_not_served(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive, clock: HandClock, kit: Kit
) -> None:
    arrive(), arrive()
    done = move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"), pytest.fail)  # alone, it waits not
    assert (done.receipts, done.objects) == (2, 2)
    new = provision.open_gateway(tmp_path / "new", clock)
    assert (Scrub(new).run().checked, moved_to(new.engine)) == (2, "")
    assert kit.token(new)
    new.engine.dispose()
    with pytest.raises(KnownError) as refused:
        provision.open_gateway(folder, clock)
    assert refused.value.code == "gateway.moved"
    with pytest.raises(KnownError) as there:
        take_back(gateway_context, folder)
    assert there.value.code == "gateway.moved"


@pytest.mark.parametrize(
    ("database", "acts"), [("postgresql", ["copied", "fenced", "waited", "copied"]), ("sqlite", ["fenced", "copied"])]
)
def test_a_server_is_copied_before_the_fence_and_again_once_its_workers_have_seen_it(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, clock: HandClock, database: str, acts: list[str]
) -> None:
    done: list[str] = []
    whole = SimpleNamespace(made=SimpleNamespace(statement=SimpleNamespace(missing=())), opened="opened")
    monkeypatch.setattr(module, "make_backup", lambda *_: done.append("copied") or whole)
    monkeypatch.setattr(module, "put_up", lambda *_: done.append("fenced"))
    monkeypatch.setattr(module, "_written", lambda _: ())
    center = SimpleNamespace(engine=SimpleNamespace(dialect=SimpleNamespace(name=database)), clock=clock)
    opened = module._backed_up(center, tmp_path, tmp_path, Target(tmp_path), lambda _: done.append("waited"))
    assert opened == "opened"
    assert done == acts


@pytest.mark.days
def test_one_that_died_can_be_taken_back_or_begun_again(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    arrive()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "put_back", die)
        with pytest.raises(KeyboardInterrupt):
            move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    assert moved_to(gateway_context.engine) == str(tmp_path / "new")
    take_back(gateway_context, folder)
    assert not (folder / "moving.json").exists()
    provision.open_gateway(folder, clock).engine.dispose()
    with pytest.raises(KnownError) as never:
        take_back(gateway_context, folder)
    assert never.value.code == "gateway.not_moved"
    clock.advance(seconds=1)
    assert move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new")).receipts == 1


@pytest.mark.days
@pytest.mark.parametrize("last", ["_fill_objects", "_put_files", "ended"])
def test_one_that_was_killed_goes_on_with_its_backup(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    last: str,
) -> None:
    arrive()
    target = Target(tmp_path / "new")

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(restoring, last, die)
        with pytest.raises(KeyboardInterrupt):
            move(gateway_context, folder, tmp_path / "b", target)
    assert (folder / "moving.json").stat().st_mode & 0o777 == 0o600
    clock.advance(seconds=1)
    assert move(gateway_context, folder, tmp_path / "b", target).receipts == 1
    assert len(list((tmp_path / "b" / "backups").iterdir())) == 1
    assert not [*folder.glob("moving*"), *target.folder.glob("restoring*")]
    provision.open_gateway(target.folder, clock).engine.dispose()


def test_one_that_is_served_or_written_to_is_not_moved(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    serving = HomeLock(folder / "serving.lock")
    another = tmp_path / "another"
    another.mkdir()
    (another / "gateway.json").write_text("{}")
    for target, code in ((tmp_path / "new", "gateway.served_already"), (folder, "gateway.exists")):
        with pytest.raises(KnownError) as refused:
            move(gateway_context, folder, tmp_path / "b", Target(target))
        assert refused.value.code == code
    serving.release()
    with pytest.raises(KnownError) as there:
        move(gateway_context, folder, tmp_path / "b", Target(another))
    assert there.value.code == "gateway.exists"
    clock.advance(seconds=1)
    make = module.make_backup

    def busy(*given: object) -> object:
        made = make(*given)  # type: ignore[arg-type]
        arrive()
        return made

    monkeypatch.setattr(module, "make_backup", busy)
    with pytest.raises(KnownError) as written:
        move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    assert written.value.code == "gateway.written_meanwhile"
    assert not (tmp_path / "new").exists()


@pytest.mark.days
@pytest.mark.parametrize("changed", ["written", "fence", "target"])
def test_a_backup_that_fits_no_more_is_made_anew(
    gateway_context: GatewayContext,
    folder: Path,
    tmp_path: Path,
    arrive: Arrive,
    clock: HandClock,
    monkeypatch: pytest.MonkeyPatch,
    changed: str,
) -> None:
    """Somebody wrote since, the fence names another place, or it goes elsewhere now."""
    arrive()

    def die(*_: object) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr(module, "put_back", die)
        with pytest.raises(KeyboardInterrupt):
            move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    if changed == "written":
        arrive()
    if changed == "fence":
        put_up(gateway_context.engine, str(tmp_path / "elsewhere"), clock.now())
    place = tmp_path / ("other" if changed == "target" else "new")
    clock.advance(seconds=1)
    done = move(gateway_context, folder, tmp_path / "b", Target(place))
    assert (done.receipts, moved_to(gateway_context.engine)) == (2 if changed == "written" else 1, str(place))
    assert len(list((tmp_path / "b" / "backups").iterdir())) == 2


def test_a_gateway_that_lacks_objects_is_not_moved(
    gateway_context: GatewayContext, folder: Path, tmp_path: Path, arrive: Arrive
) -> None:
    (_, gone), _ = arrive(), arrive()
    provision.sealed_path(folder, gone).unlink()
    with pytest.raises(KnownError) as refused:
        move(gateway_context, folder, tmp_path / "b", Target(tmp_path / "new"))
    assert refused.value.code == "gateway.backup_incomplete"
    assert not (tmp_path / "new").exists()
