from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from datetime import UTC, datetime, timedelta, timezone
from pathlib import Path
from random import Random
from uuid import uuid4

import pytest
import sqlalchemy as sa
from support.clock import HandClock
from support.gateway import Kit, enrolled_kit, open_plainly, receive
from support.onward import opener_of, valid_record

from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.delivery import OnwardState, Outcome
from fieldkit.vault.age import generate_identity
from fieldkit.vault.cms import SealOpener
from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import Ledger, NikRule
from sync.gateway.lookup import (
    Access,
    Origin,
    RecordFound,
    RecordPage,
    RecordState,
    Wanted,
    accesses,
    find_records,
    hand_on_again,
    note_access,
    open_again,
    opened_record,
    records_page,
)
from sync.gateway.onward.queue import OnwardQueue
from sync.gateway.opener import Opener
from sync.gateway.tables import manifests, onward, records
from sync.protocol.messages import Announcement
from tests.unit.sync.gateway.conftest import enrolled


def test_looks_are_kept_newest_first_and_a_nik_is_hidden(gateway_context: GatewayContext, clock: HandClock) -> None:
    made = [
        Access("sari", Origin.OFFICE, "records.find", "3315 0141 0790 0001", "asked at the counter"),
        Access("budi" * 30, Origin.COMMAND, "records.export", "x\0" * 300),
    ]
    with gateway_context.engine.begin() as connection:
        for number, access in enumerate(made):
            note_access(connection, access, clock.now() + timedelta(minutes=number))
        second, first = accesses(connection)
        assert accesses(connection, before=second.number, size=1) == (first,)
    assert first.access == Access("sari", Origin.OFFICE, "records.find", "••••", "asked at the counter")
    assert first.at == clock.now()
    assert (len(second.access.who), second.access.about) == (64, "x" * 200)


def test_a_record_is_opened_in_memory(folder: Path, gateway_context: GatewayContext, kit: Kit) -> None:
    record_id = valid_record(folder, gateway_context, kit)
    found = opened_record(gateway_context, opener_of(folder, gateway_context), record_id.upper())
    assert (found.kit, found.record.record_id, found.record.nik) == (kit.name, record_id, "3315014107900001")
    assert "3315014107900001" not in repr(found)


def test_what_cannot_be_opened_is_named(folder: Path, gateway_context: GatewayContext, kit: Kit) -> None:
    record_id = valid_record(folder, gateway_context, kit)
    seals = opener_of(folder, gateway_context)
    with pytest.raises(InputError) as unknown:
        opened_record(gateway_context, seals, "x\0")
    assert unknown.value.code == "records.unknown"
    wrong = SealOpener([generate_identity()], [gateway_context.authority.certificate_der])
    with pytest.raises(KnownError) as closed:
        opened_record(gateway_context, wrong, record_id)
    assert closed.value.code == "vault.age_no_identity"
    with gateway_context.engine.begin() as connection:
        path = provision.sealed_path(folder, str(connection.scalar(sa.select(manifests.c.sha256))))
    path.write_bytes(b"harmed")
    for _ in range(2):
        with pytest.raises(KnownError) as gone:
            opened_record(gateway_context, seals, record_id)
        assert gone.value.code == "records.no_object"
        path.unlink(missing_ok=True)


def test_of_several_records_the_asked_one_is_opened_and_of_two_kits_the_valid_one(
    folder: Path, gateway_context: GatewayContext, kit: Kit, clock: HandClock
) -> None:
    valid_record(folder, gateway_context, kit)
    other = enrolled(folder, gateway_context, clock, "kit-02")
    record_id = valid_record(folder, gateway_context, other, "3315014107900002")
    _, manifest, sealed, _ = kit.record(size=900, record_id=record_id)
    with gateway_context.engine.begin() as connection:  # it came before the other was found valid
        connection.execute(sa.update(records).where(records.c.kit == "kit-02").values(verdict=""))
    Ledger(gateway_context).announce(kit.name, Announcement(manifests=(manifest,)))
    receive(gateway_context, kit, record_id, sealed)
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).where(records.c.kit == "kit-02").values(verdict="valid"))
    found = opened_record(gateway_context, opener_of(folder, gateway_context), record_id)
    assert (found.kit, found.record.record_id, found.record.nik) == ("kit-02", record_id, "3315014107900002")


Arrive = Callable[..., str]
WIB = timezone(timedelta(hours=7))


@pytest.fixture
def arrive(gateway_context: GatewayContext, kit: Kit) -> Arrive:
    def one(at: datetime | None = None, by: Kit = kit, **record: object) -> str:
        record_id, manifest, sealed, _ = by.record(size=300, **record)  # type: ignore[arg-type]  # record()'s own
        Ledger(gateway_context).announce(by.name, Announcement(manifests=(manifest,)))
        receive(gateway_context, by, record_id, sealed)
        if at is not None:
            with gateway_context.engine.begin() as connection:
                connection.execute(sa.update(records).filter_by(record_id=record_id).values(received_at=at))
        return record_id

    return one


def hand_on(gateway_context: GatewayContext, kit: Kit, record_id: str, **values: object) -> None:
    at = gateway_context.clock.now()
    names = {"kit": kit.name, "record_id": record_id, "transaction_id": record_id}
    row = {**names, "state": "handed_over", "queued_at": at, "next_try_at": at, **values}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.insert(onward).values(**row))


def page(gateway_context: GatewayContext, wanted: Wanted = Wanted(), **how: object) -> RecordPage:  # noqa: B008
    with gateway_context.engine.begin() as connection:
        return records_page(connection, wanted, **how)  # type: ignore[arg-type]  # records_page's own


def found(gateway_context: GatewayContext, number: str) -> tuple[RecordFound, ...]:
    with gateway_context.engine.begin() as connection:
        return find_records(connection, number)


def ids(page: RecordPage) -> list[str]:
    return [line.record_id for line in page.lines]


def test_pages_go_on_where_the_last_one_ended_also_within_one_moment(
    gateway_context: GatewayContext, arrive: Arrive
) -> None:
    at = datetime(2026, 11, 21, 3, tzinfo=UTC)
    older = [arrive(at) for _ in range(3)]
    newer = [arrive(at + timedelta(hours=1)) for _ in range(2)]
    seen, after = [], ""
    for _ in range(3):
        part = page(gateway_context, after=after, size=2)
        seen.append(ids(part))
        after = part.after
    assert [len(part) for part in seen] == [2, 2, 1]
    assert sorted(seen[0]) == sorted(newer)
    assert sorted(seen[1] + seen[2]) == sorted(older)
    assert after == ""


@pytest.mark.parametrize("after", ["x", "2026-11-21|kit|id", "2026-11-21T00:00:00+00:00|k\0|id"])
def test_a_place_that_we_did_not_give_is_refused(gateway_context: GatewayContext, after: str) -> None:
    with pytest.raises(InputError, match=r"records\.page"):
        page(gateway_context, after=after)


def test_a_day_is_one_of_the_dinas(gateway_context: GatewayContext, arrive: Arrive) -> None:
    evening = arrive(datetime(2026, 11, 20, 17, 30, tzinfo=UTC))  # half past midnight in WIB
    arrive(datetime(2026, 11, 21, 17, 0, tzinfo=UTC))
    day = datetime(2026, 11, 21, tzinfo=UTC).date()
    assert ids(page(gateway_context, Wanted(day=day), zone=WIB)) == [evening]


def test_each_state_has_its_records(gateway_context: GatewayContext, kit: Kit, arrive: Arrive) -> None:
    valid, invalid = arrive(), arrive(sealed=b"nothing that opens")
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    lost, aside, waiting = arrive(), arrive(), arrive()
    at = gateway_context.clock.now()
    with gateway_context.engine.begin() as connection:
        for record_id, values in (
            (lost, {"lost_at": at}),
            (aside, {"set_aside_at": at, "set_aside_error": "KeyError"}),
        ):
            connection.execute(sa.update(records).filter_by(record_id=record_id).values(**values))
    expected = {
        RecordState.VALID: valid,
        RecordState.INVALID: invalid,
        RecordState.LOST: lost,
        RecordState.SET_ASIDE: aside,
        RecordState.WAITING: waiting,
    }
    assert {state: ids(page(gateway_context, Wanted(state=state))) for state in RecordState} == {
        state: [record_id] for state, record_id in expected.items()
    }
    lines = {line.record_id: line for line in page(gateway_context, Wanted(kit.name)).lines}
    assert {lines[record_id].state for record_id in expected.values()} == set(RecordState)
    assert lines[aside].fault == "KeyError"
    assert page(gateway_context, Wanted("kit-99")).lines == ()


def test_the_way_onward_is_shown_and_found_by_the_official_number(
    gateway_context: GatewayContext, kit: Kit, arrive: Arrive
) -> None:
    gone, here = arrive(), arrive()
    hand_on(gateway_context, kit, gone, target="SIAK", batch="000001", external_id="REG-7", tries=2)
    assert ids(page(gateway_context, Wanted(onward=OnwardState.HANDED_OVER))) == [gone]
    assert ids(page(gateway_context, Wanted(onward=OnwardState.NONE))) == [here]
    assert page(gateway_context, Wanted(onward=OnwardState.FAILED)).lines == ()
    (one,) = found(gateway_context, " REG-7 ")
    assert (one.line.record_id, one.line.onward.target, one.line.onward.tries) == (gone, "SIAK", 2)
    assert found(gateway_context, gone.upper()) == (one,)
    assert [found(gateway_context, number) for number in ("", "REG-8", "R\0")] == [(), (), ()]


def test_a_record_is_found_with_what_was_said_of_it(gateway_context: GatewayContext, arrive: Arrive) -> None:
    record_id = arrive()
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    (one,) = found(gateway_context, record_id)
    assert [said.code for said in one.statuses] == ["RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD"]
    assert one.line.onward.state is OnwardState.NONE


def test_what_is_not_queued_is_found_without_looking_at_what_is(
    gateway_context: GatewayContext, arrive: Arrive
) -> None:
    arrive()
    Opener(gateway_context, open_plainly, NikRule()).run_pending()
    queue = OnwardQueue(gateway_context, "SIAK", Random(1))
    assert queue.take_in() == 1
    waiting = arrive()
    none, asked = Wanted(onward=OnwardState.NONE), list[tuple[str, object]]()
    sa.event.listen(gateway_context.engine, "before_cursor_execute", lambda *said: asked.append(said[2:4]))
    assert ids(page(gateway_context, none)) == [waiting]
    (query, values), *_ = [each for each in asked if each[0].startswith("SELECT")]
    with gateway_context.engine.begin() as connection:
        plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {query}", values).all()  # type: ignore[arg-type]
    assert any("records_not_queued" in row[3] for row in plan), plan
    assert not any("TEMP B-TREE" in row[3] for row in plan), plan
    # A worker from before this column queued it: it is in the list no more, and marked the next time.
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.update(records).values(queued_at=None))
    assert ids(page(gateway_context, none)) == [waiting]
    OnwardQueue(gateway_context, "SIAK", Random(1)).take_in()
    with gateway_context.reading() as connection:
        marked = connection.scalars(sa.select(records.c.record_id).where(records.c.queued_at.is_(None))).all()
    assert marked == [waiting]


def put(gateway_context: GatewayContext, kit: str, record_id: str, sequence: int = 1, **values: object) -> str:
    """Write rows of a record that nobody sent."""
    at = gateway_context.clock.now()
    names = {"kit": kit, "record_id": record_id}
    manifest = {"sha256": "", "size_bytes": 1, "chain": "c", "sequence": sequence, "jws": "", "sealed_at": at}
    row = {"key": "", "received_at": at, "receipt": "", "verified_at": at, **values}
    with gateway_context.engine.begin() as connection:
        connection.execute(sa.insert(manifests).values(**names, **manifest, announced_at=at))
        connection.execute(sa.insert(records).values(**names, **row))
    return record_id


def test_a_state_is_told_as_it_is_asked_for(gateway_context: GatewayContext, kit: Kit) -> None:
    at = gateway_context.clock.now()
    table = [
        # verdict, lost, aside, error
        ("", False, False, "", RecordState.WAITING),
        ("", False, True, "", RecordState.WAITING),  # an opener has it
        ("", False, False, "KeyError", RecordState.WAITING),
        ("", False, True, "KeyError", RecordState.SET_ASIDE),
        ("", True, False, "", RecordState.LOST),
        ("", True, True, "KeyError", RecordState.LOST),
        ("valid", False, False, "", RecordState.VALID),
        ("valid", True, False, "", RecordState.LOST),
        ("invalid", False, False, "", RecordState.INVALID),
        ("invalid", True, False, "", RecordState.LOST),
    ]
    expected = dict[str, RecordState]()
    for verdict, is_lost, is_aside, error, state in table:
        values = {"verdict": verdict, "set_aside_error": error, "lost_at": at if is_lost else None}
        record_id = put(gateway_context, kit.name, str(uuid4()), set_aside_at=at if is_aside else None, **values)
        expected[record_id] = state
    assert {line.record_id: line.state for line in page(gateway_context).lines} == expected
    for state in RecordState:
        assert set(ids(page(gateway_context, Wanted(state=state)))) == {
            record_id for record_id, its in expected.items() if its is state
        }
    assert {line.fault for line in page(gateway_context).lines if line.state is not RecordState.SET_ASIDE} == {""}


def test_one_id_of_two_kits_is_two_records(
    gateway_context: GatewayContext, kit: Kit, folder: Path, clock: HandClock
) -> None:
    enrolled_kit(folder, gateway_context, clock, "kit-02")
    record_id = put(gateway_context, "kit-01", str(uuid4()), 1)
    put(gateway_context, "kit-02", record_id, 2)
    another = put(gateway_context, "kit-02", str(uuid4()), 3)
    hand_on(gateway_context, kit, record_id, external_id="REG-7")
    lines = [(line.kit, line.record_id, line.sequence, line.onward.state.value) for line in page(gateway_context).lines]
    assert sorted(lines) == sorted(
        [("kit-01", record_id, 1, "handed_over"), ("kit-02", record_id, 2, "none"), ("kit-02", another, 3, "none")]
    )
    assert [one.line.kit for one in found(gateway_context, record_id)] == ["kit-01", "kit-02"]
    assert [one.line.kit for one in found(gateway_context, "REG-7")] == ["kit-01"]
    hand_on(gateway_context, replace(kit, name="kit-02"), another)  # they gave no number
    assert found(gateway_context, "") == ()
    assert sorted(ids(page(gateway_context, Wanted("kit-02")))) == sorted([record_id, another])
    assert ids(page(gateway_context, Wanted("kit-02", onward=OnwardState.HANDED_OVER))) == [another]


def test_a_day_begins_and_ends_at_midnight_of_the_dinas(gateway_context: GatewayContext, kit: Kit) -> None:
    midnight, second = datetime(2026, 11, 21, tzinfo=WIB), timedelta(seconds=1)
    times = [midnight - second, midnight, midnight + timedelta(days=1) - second, midnight + timedelta(days=1)]
    made = [put(gateway_context, kit.name, str(uuid4()), received_at=at) for at in times]
    assert ids(page(gateway_context, Wanted(day=midnight.date()), zone=WIB)) == made[2:0:-1]


def test_the_last_page_says_so_also_when_it_is_full(gateway_context: GatewayContext, kit: Kit) -> None:
    made = sorted(put(gateway_context, kit.name, str(uuid4())) for _ in range(4))[::-1]
    first = page(gateway_context, size=2)
    last = page(gateway_context, after=first.after, size=2)
    assert (ids(first), ids(last), last.after) == (made[:2], made[2:], "")
    for record_id in made:
        hand_on(
            gateway_context,
            kit,
            record_id,
            queued_at=gateway_context.clock.now() + timedelta(seconds=made.index(record_id)),
        )
    wanted = Wanted(onward=OnwardState.HANDED_OVER)
    first = page(gateway_context, wanted, size=3)
    assert (ids(first), ids(page(gateway_context, wanted, after=first.after))) == (made[:0:-1], made[:1])


@pytest.mark.parametrize("after", ["2026-11-21T00:00:00|id|kit", "0001-01-01T00:00:00+14:00|id|kit", "||"])
def test_a_place_has_a_moment_with_its_zone(gateway_context: GatewayContext, after: str) -> None:
    with pytest.raises(InputError, match=r"records\.page"):
        page(gateway_context, after=after)


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
