from __future__ import annotations

from datetime import UTC, datetime

import pytest
import sqlalchemy as sa

from fieldkit.domain.delivery.central_status import CentralCode
from sync.gateway.penunggalan import DecidedElsewhere, NikRule, Submission, penunggalan_named
from sync.gateway.tables import metadata, records, statuses

NOW = datetime(2026, 11, 21, tzinfo=UTC)


@pytest.fixture
def connection() -> sa.Connection:
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    with engine.connect() as opened:
        yield opened
    engine.dispose()


def remember(connection: sa.Connection, record_id: str, code: str, mac: str = "m", amends: str | None = None) -> None:
    connection.execute(
        sa.insert(records).values(
            kit="k",
            record_id=record_id,
            key="k",
            received_at=NOW,
            verified_at=NOW,
            receipt="r",
            verdict="valid",
            nik_mac=mac,
            amends=amends,
        )
    )
    if code:
        number = connection.scalar(sa.select(sa.func.count()).select_from(statuses)) or 0
        connection.execute(
            sa.insert(statuses).values(
                cursor=number + 1,
                record_id=record_id,
                kit="k",
                code=code,
                source="uji coba",
                observed_at=NOW,
                reason="",
                verdict="valid",
            )
        )


def decide(connection: sa.Connection, amends: str = "", mac: str = "m") -> CentralCode:
    remember(connection, "new", "", mac, amends or None)
    decision = NikRule().decide(connection, Submission("k", "new", mac, amends))
    assert decision is not None
    assert decision.source == "uji coba"
    return decision.code


def test_a_first_record_is_print_ready(connection: sa.Connection) -> None:
    remember(connection, "other", "PRINT_READY_RECORD", mac="another person")
    assert decide(connection) is CentralCode.PRINT_READY_RECORD


@pytest.mark.parametrize("code", ["PRINT_READY_RECORD", "RECEIVED_AT_CENTRAL", "CARD_ISSUED", ""])
def test_a_living_earlier_record_makes_a_duplicate(connection: sa.Connection, code: str) -> None:
    remember(connection, "old", code)
    assert decide(connection) is CentralCode.DUPLICATE_RECORD


@pytest.mark.parametrize("code", ["ENROLL_FAILURE_AT_CENTRAL", "UNREGISTERED"])
def test_a_failed_or_deleted_one_does_not(connection: sa.Connection, code: str) -> None:
    remember(connection, "old", "RECEIVED_AT_CENTRAL")
    connection.execute(sa.update(statuses).values(code=code))
    assert decide(connection) is CentralCode.PRINT_READY_RECORD


def test_an_amendment_replaces_what_it_amends_now_and_later(connection: sa.Connection) -> None:
    remember(connection, "old", "PRINT_READY_RECORD")
    assert decide(connection, amends="old") is CentralCode.PRINT_READY_RECORD
    connection.execute(sa.delete(records).where(records.c.record_id == "new"))
    remember(connection, "amendment", "ENROLL_FAILURE_AT_CENTRAL", amends="old")
    assert decide(connection) is CentralCode.PRINT_READY_RECORD


def test_nobody_is_judged_by_a_nik_that_is_not_there(connection: sa.Connection) -> None:
    remember(connection, "old", "RECEIVED_AT_CENTRAL", mac="")
    assert NikRule().decide(connection, Submission("k", "new", "", "")) is None


def test_the_trial_is_named_and_marked_and_else_nobody_decides_here(connection: sa.Connection) -> None:
    trial, elsewhere = penunggalan_named("trial", "Dinas"), penunggalan_named("none", "D" * 80)
    assert isinstance(trial, NikRule)
    assert {trial.found_valid.source, trial.found_invalid.source} == {"uji coba"}
    assert isinstance(elsewhere, DecidedElsewhere)
    assert elsewhere.decide(connection, Submission("k", "new", "m", "")) is None
    assert {elsewhere.found_valid.source, elsewhere.found_invalid.source} == {"D" * 64}


def test_earlier_records_of_a_person_are_found_without_reading_all(connection: sa.Connection) -> None:
    asked: list[tuple[str, tuple[object, ...]]] = []
    sa.event.listen(connection, "before_cursor_execute", lambda *said: asked.append((said[2], said[3])))
    NikRule().decide(connection, Submission("k", "new", "m", ""))
    plan = connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {asked[0][0]}", asked[0][1]).all()
    assert plan
    assert not [row for row in plan if "SCAN" in str(row)]


def test_the_same_id_of_another_kit_is_another_record(connection: sa.Connection) -> None:
    remember(connection, "new", "PRINT_READY_RECORD")
    connection.execute(sa.update(records).values(kit="other"))
    connection.execute(sa.update(statuses).values(kit="other"))
    assert decide(connection) is CentralCode.DUPLICATE_RECORD


def test_one_living_record_among_failed_ones_is_enough(connection: sa.Connection) -> None:
    for record_id, code in (("a", "ENROLL_FAILURE_AT_CENTRAL"), ("b", "CARD_ISSUED"), ("c", "UNREGISTERED")):
        remember(connection, record_id, code)
    assert decide(connection) is CentralCode.DUPLICATE_RECORD
