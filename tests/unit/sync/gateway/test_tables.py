from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta, timezone

import pytest
import sqlalchemy as sa
from sqlalchemy.dialects import postgresql
from sqlalchemy.exc import StatementError
from sqlalchemy.schema import CreateTable

from sync.gateway.tables import UtcDateTime, assertions, metadata


def test_postgresql_would_take_every_table() -> None:
    for table in metadata.sorted_tables:
        assert "CREATE TABLE" in str(CreateTable(table).compile(dialect=postgresql.dialect()))


def test_times_come_back_aware_and_in_utc() -> None:
    engine = sa.create_engine("sqlite://")
    metadata.create_all(engine)
    jakarta = datetime(2026, 11, 21, 10, 0, tzinfo=timezone(timedelta(hours=7)))
    with engine.begin() as connection:
        connection.execute(sa.insert(assertions).values(jti="a", expires_at=jakarta))
        kept = connection.scalar(sa.select(assertions.c.expires_at))
        with pytest.raises(StatementError):
            connection.execute(sa.insert(assertions).values(jti="b", expires_at=datetime(2026, 1, 1)))  # noqa: DTZ001
    engine.dispose()
    assert kept == jakarta
    assert kept is not None
    assert kept.tzinfo is UTC


def test_a_laptop_outside_utc_reads_the_same_times(monkeypatch: pytest.MonkeyPatch) -> None:
    noon = datetime(2026, 11, 21, 12, tzinfo=UTC)
    try:
        with monkeypatch.context() as patch:
            patch.setenv("TZ", "Asia/Jakarta")
            time.tzset()
            read = UtcDateTime().process_result_value(noon.replace(tzinfo=None), postgresql.dialect())
    finally:
        time.tzset()
    assert read == noon
