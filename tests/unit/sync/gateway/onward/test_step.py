from __future__ import annotations

import json
import threading
from collections.abc import Sequence
from datetime import timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit
from support.onward import OtherSide, opener_of, valid_record

from fieldkit.domain.errors import KnownError
from fieldkit.ports.delivery import Answer, HandOver, OnwardState, Outcome
from fieldkit.vault.age import generate_identity
from fieldkit.vault.cms import SealOpener
from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger
from sync.gateway.onward.folder import FolderHandOver
from sync.gateway.onward.queue import LOAN, OnwardQueue, OnwardReport, OnwardStep, work
from sync.gateway.tables import manifests, onward, records

NIK = "3315014107900001"
OTHER_NIK = "3315014107900002"


@pytest.fixture
def other() -> OtherSide:
    return OtherSide()


@pytest.fixture
def step(folder: Path, gateway_context: GatewayContext, other: OtherSide, queue: OnwardQueue) -> OnwardStep:
    return OnwardStep(gateway_context, opener_of(folder, gateway_context), other, queue)


def rows(gateway_context: GatewayContext) -> dict[str, tuple[str, str]]:
    with gateway_context.engine.begin() as connection:
        found = connection.execute(sa.select(onward.c.record_id, onward.c.state, onward.c.reason)).all()
    return {record_id: (state, reason) for record_id, state, reason in found}


def test_a_valid_record_is_handed_over_opened_and_answered(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide
) -> None:
    record_id = valid_record(folder, gateway_context, kit, NIK)
    assert step.run_once() == OnwardReport({OnwardState.HANDED_OVER: 1})
    assert step.run_once() == OnwardReport({})
    ((given,),) = other.given
    enrollment = json.loads(given.enrollment)
    assert (enrollment["enrollmentId"], enrollment["biographicData"]["nik"]) == (record_id, NIK)
    assert all("image" in item for item in enrollment["biometricData"] if "missing" not in item)
    assert {"record.an2", "samples/PORTRAIT.fac"} <= given.others().keys()
    assert (given.kit, given.is_again, len(given.person)) == ("kit-01", False, 64)
    assert NIK not in repr(given)
    other.answers = [Answer(record_id, Outcome(OnwardState.ACKNOWLEDGED)), Answer("x", Outcome(OnwardState.REJECTED))]
    assert step.run_once() == OnwardReport({}, answers=1)
    assert other.faults == ["", "onward.unknown"]
    assert rows(gateway_context) == {record_id: ("acknowledged", "")}


def test_nothing_opened_lies_on_the_disk(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep
) -> None:
    valid_record(folder, gateway_context, kit, NIK)
    step.run_once()
    assert not [path for path in folder.rglob("*") if path.is_file() and NIK.encode() in path.read_bytes()]


@pytest.mark.allow_logs
@pytest.mark.parametrize("error", [KnownError("onward.away", to="SIAK"), OSError("disk")])
def test_when_the_other_side_is_away_everything_waits(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide, clock: HandClock,
    error: Exception,
) -> None:  # fmt: skip
    def away(_record: HandOver) -> Outcome:
        raise error

    ids = [valid_record(folder, gateway_context, kit, nik) for nik in (NIK, OTHER_NIK, "3315014107900003")]
    usual, other.says = other.says, away
    assert step.run_once() == OnwardReport({OnwardState.WAITING: 2}, is_away=True)
    other.says = usual
    clock.advance(hours=7)
    assert step.run_once().settled == {OnwardState.HANDED_OVER: 3}
    assert rows(gateway_context) == dict.fromkeys(ids, ("handed_over", ""))
    assert {record.is_again for batch in other.given[1:] for record in batch} == {True, False}


@pytest.mark.allow_logs
def test_a_bug_of_an_adapter_holds_up_only_the_record_that_meets_it(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide
) -> None:
    bad, good = (valid_record(folder, gateway_context, kit, nik) for nik in (NIK, OTHER_NIK))

    def broken(record: HandOver) -> Outcome:
        if record.record_id == bad:
            raise ZeroDivisionError(NIK)
        return Outcome(OnwardState.ACKNOWLEDGED)

    other.says = broken
    assert step.run_once() == OnwardReport({OnwardState.WAITING: 1, OnwardState.ACKNOWLEDGED: 1})
    assert rows(gateway_context) == {bad: ("waiting", "ZeroDivisionError"), good: ("acknowledged", "")}


class Died(BaseException):
    """Stands for SIGKILL."""


def test_a_worker_that_dies_behind_the_hand_over_leaves_one_copy_and_one_status(
    folder: Path, gateway_context: GatewayContext, kit: Kit, queue: OnwardQueue, clock: HandClock, to: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    record_id = valid_record(folder, gateway_context, kit, NIK)
    office = FolderHandOver(to, "SIAK", clock, None)
    step = OnwardStep(gateway_context, opener_of(folder, gateway_context), office, queue)

    def dies(*_: object) -> None:
        raise Died

    with monkeypatch.context() as patched:
        patched.setattr(OnwardQueue, "settle", dies)
        with pytest.raises(Died):
            step.run_once()
    assert step.run_once().settled == {}  # its loan lasts
    clock.advance(seconds=LOAN.total_seconds() + 1)
    assert step.run_once().settled == {OnwardState.HANDED_OVER: 1}
    assert [path.parent.name for path in to.rglob(f"{record_id}/")] == ["batch-000001"]
    items = Ledger(gateway_context).statuses(kit.name, "").items
    assert [item.code for item in items if item.source == "SIAK"] == ["SENT_FOR_ENROLLMENT"]


@pytest.mark.allow_logs
def test_a_bug_in_reading_answers_stops_nothing(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    valid_record(folder, gateway_context, kit, NIK)
    monkeypatch.setattr(OtherSide, "collect", lambda *_: 1 / 0)
    assert step.run_once().settled == {OnwardState.HANDED_OVER: 1}


@pytest.mark.allow_logs
def test_a_damaged_object_is_lost_and_waits(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide
) -> None:
    record_id = valid_record(folder, gateway_context, kit, NIK)
    with gateway_context.engine.begin() as connection:
        sha256 = connection.scalar(sa.select(manifests.c.sha256))
    provision.sealed_path(folder, str(sha256)).write_bytes(b"harmed")
    assert step.run_once().settled == {OnwardState.WAITING: 1}
    assert rows(gateway_context) == {record_id: ("waiting", "objects.damaged")}
    with gateway_context.engine.begin() as connection:
        assert connection.scalar(sa.select(records.c.lost_at)) is not None
    assert other.given == []


def test_a_key_that_does_not_open_it_fails_by_name(
    folder: Path, gateway_context: GatewayContext, kit: Kit, other: OtherSide, queue: OnwardQueue
) -> None:
    record_id = valid_record(folder, gateway_context, kit, NIK)
    wrong = SealOpener([generate_identity()], [gateway_context.authority.certificate_der])
    assert OnwardStep(gateway_context, wrong, other, queue).run_once().settled == {OnwardState.FAILED: 1}
    assert rows(gateway_context) == {record_id: ("failed", "vault.age_no_identity")}


@pytest.mark.allow_logs
def test_a_store_that_is_away_makes_records_wait(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep
) -> None:
    valid_record(folder, gateway_context, kit, NIK)
    (folder / "objects").rename(folder / "unmounted")
    assert step.run_once() == OnwardReport({OnwardState.WAITING: 1}, is_away=True)


@pytest.mark.allow_logs
def test_work_goes_on_after_a_database_that_was_away(
    gateway_context: GatewayContext, queue: OnwardQueue, other: OtherSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    ends, rounds, told = threading.Event(), [], []

    def round_(_step: OnwardStep, _is_stopping: object) -> OnwardReport:
        rounds.append(1)
        if len(rounds) == 1:
            raise sa.exc.OperationalError("", {}, Exception())
        ends.set()
        return OnwardReport({OnwardState.HANDED_OVER: 1})

    monkeypatch.setattr(OnwardStep, "run_once", round_)
    seals = SealOpener([generate_identity()], [])
    work(OnwardStep(gateway_context, seals, other, queue), ends, 0.001, told.append)
    assert (len(rounds), told) == (2, [OnwardReport({OnwardState.HANDED_OVER: 1})])


def test_who_is_told_to_stop_borrows_nothing(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide
) -> None:
    valid_record(folder, gateway_context, kit, NIK)
    assert step.run_once(lambda: True) == OnwardReport({})
    assert other.given == []


@pytest.mark.parametrize("answered", [0, 1, 3])
def test_an_adapter_that_does_not_answer_for_each_is_asked_one_by_one(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide,
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture, answered: int,
) -> None:  # fmt: skip
    for nik in (NIK, OTHER_NIK):
        valid_record(folder, gateway_context, kit, nik)
    given: list[int] = []

    def too_many_or_few(_other: OtherSide, handed: Sequence[HandOver]) -> list[Outcome]:
        given.append(len(handed))
        return [Outcome(OnwardState.ACKNOWLEDGED)] * answered

    monkeypatch.setattr(OtherSide, "hand_over", too_many_or_few)
    state = OnwardState.ACKNOWLEDGED if answered == 1 else OnwardState.WAITING
    assert step.run_once() == OnwardReport({state: 2})
    assert given == [2, 1, 1]
    assert {reason for _, reason in rows(gateway_context).values()} == ({""} if answered == 1 else {"ValueError"})
    assert caplog.text.count("SIAK failed: ValueError") == (1 if answered == 1 else 3)


def test_what_nobody_foresaw_is_told_without_its_words(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide, queue: OnwardQueue,
    clock: HandClock, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture,
) -> None:  # fmt: skip
    def broken(*_: object) -> None:
        raise ZeroDivisionError(NIK)

    def away(_record: HandOver) -> Outcome:
        raise KnownError("onward.away", to="SIAK")

    first, second = (valid_record(folder, gateway_context, kit, nik) for nik in (NIK, OTHER_NIK))
    with monkeypatch.context() as patch:
        patch.setattr("sync.gateway.onward.queue.osia_file", broken)
        patch.setattr(OtherSide, "collect", broken)
        patch.setattr(OtherSide, "batch_size", 0)  # of no sense
        queue.take_in()
        with gateway_context.engine.begin() as connection:  # one is not lent yet
            later = clock.now() + timedelta(hours=1)
            connection.execute(sa.update(onward).filter_by(record_id=second).values(next_try_at=later))
        assert step.run_once() == OnwardReport({OnwardState.FAILED: 1})
    assert rows(gateway_context)[first] == ("failed", "ZeroDivisionError")
    assert "answers of SIAK could not be read: ZeroDivisionError" in caplog.text
    assert f"record {first} of kit-01: ZeroDivisionError" in caplog.text
    clock.advance(hours=1)
    other.says = away
    assert step.run_once().is_away
    assert "SIAK takes nothing now: onward.away" in caplog.text
    assert NIK not in caplog.text


@pytest.mark.allow_logs
def test_an_object_that_is_missing_is_lost_and_the_store_not_away(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep
) -> None:
    record_id = valid_record(folder, gateway_context, kit, NIK)
    with gateway_context.reading() as connection:
        sha256 = connection.scalar(sa.select(manifests.c.sha256))
    provision.sealed_path(folder, str(sha256)).unlink()
    assert step.run_once() == OnwardReport({OnwardState.WAITING: 1})
    assert rows(gateway_context) == {record_id: ("waiting", "objects.missing")}


def test_a_record_goes_with_all_its_files(
    folder: Path, gateway_context: GatewayContext, kit: Kit, step: OnwardStep, other: OtherSide
) -> None:
    valid_record(folder, gateway_context, kit, NIK)
    step.run_once()
    names = set(other.given[0][0].others())
    assert {name.rpartition(".")[2] for name in names if not name.startswith("samples/")} <= {"an2", "png"}


def test_rounds_that_settled_nothing_are_not_told_and_each_pauses(
    gateway_context: GatewayContext, queue: OnwardQueue, other: OtherSide, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Ends(threading.Event):
        def wait(self, timeout: float | None = None) -> bool:
            pauses.append(timeout)
            if not reports:
                self.set()
            return self.is_set()

    pauses, told = list[float | None](), list[OnwardReport]()
    settled = OnwardReport({OnwardState.WAITING: 1})
    answered = OnwardReport({OnwardState.WAITING: 0}, answers=1)
    reports = [OnwardReport({}), settled, OnwardReport({OnwardState.WAITING: 0}), answered]
    monkeypatch.setattr(OnwardStep, "run_once", lambda *_: reports.pop(0))
    seals = SealOpener([generate_identity()], [])
    work(OnwardStep(gateway_context, seals, other, queue), Ends(), 7.0, told.append)
    assert (told, pauses) == ([settled, answered], [7.0] * 4)
