"""Open recordings, their samples, and what is left when they end."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from support.kept import NAME, NIK, NOW, biodata, sample, session
from support.steps import good

from fieldkit.domain.errors import StoreError
from fieldkit.domain.recording.capture_policy import StepKind
from fieldkit.domain.recording.record import IndexComparison, Notice
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.storage.store import SqlStore


def test_unfinished_are_listed_oldest_first(store: SqlStore) -> None:
    with store.write() as unit:
        for minutes, phase in enumerate(reversed(Phase)):
            kept = session(phase.value, NOW + timedelta(minutes=-minutes))
            unit.sessions.save(replace(kept, phase=phase))
    with store.read() as unit:
        found = [kept.phase for kept in unit.sessions.unfinished()]
    assert found == [phase for phase in Phase if phase not in (Phase.SEALED, Phase.REFUSED, Phase.ABANDONED)]


def test_saving_again_replaces(store: SqlStore) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        unit.sessions.save(replace(session(), phase=Phase.CAPTURING, biodata=biodata()))
    with store.read() as unit:
        assert unit.sessions.get("session-1") == replace(session(), phase=Phase.CAPTURING, biodata=biodata())


def test_samples_are_kept_until_they_are_dropped(store: SqlStore) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        unit.sessions.put_samples("session-1", {"a": sample(b"one"), "b": sample(b"two")})
        unit.sessions.put_samples("session-1", {})
        unit.sessions.drop_samples(["a", "never was"])
    with store.read() as unit:
        assert unit.sessions.sample("b") == sample(b"two")
        with pytest.raises(StoreError) as caught:
            unit.sessions.sample("a")
    assert caught.value.code == "store.not_found"


def test_a_sample_that_was_dropped_first_is_not_written(store: SqlStore) -> None:
    with store.write() as unit:
        unit.sessions.save(session())
        unit.sessions.drop_samples(["a"])
        unit.sessions.put_samples("session-1", {"a": sample(b"one"), "b": sample(b"two")})
        assert list(unit.changes.samples) == ["b"]
        assert unit.connection.exec_driver_sql("SELECT sample_id FROM samples").scalars().all() == ["b"]


def test_sample_without_its_session_is_our_mistake(store: SqlStore) -> None:
    with pytest.raises(IntegrityError), store.write() as unit:
        unit.sessions.put_samples("nobody", {"a": sample()})


def full_session() -> CaptureSession:
    plain = session()
    steps = tuple(s.with_attempt(good(s.kind)) if s.kind is StepKind.IRIS else s for s in plain.steps)
    return replace(
        plain,
        phase=Phase.REFUSED,
        reason="declined",
        notice=Notice(NOW, "id", "Ibu Siti Pendamping"),
        biodata=biodata(),
        steps=steps,
        index_comparison=IndexComparison.MATCHED,
        device_hash="F" * 64,
        record_id="record-1",
    )


def test_erasing_leaves_phase_reason_and_ids(store: SqlStore) -> None:
    with store.write() as unit:
        unit.sessions.save(full_session())
        unit.sessions.put_samples("session-1", {"a": sample()})
        unit.sessions.save(session("session-2"))
        unit.sessions.put_samples("session-2", {"other": sample()})
        assert not unit.has_erased
        unit.sessions.erase("session-1")
        assert unit.has_erased
    with store.read() as unit:
        left = unit.sessions.get("session-1")
        assert left == replace(
            session(), phase=Phase.REFUSED, reason="declined", device_hash="F" * 64, record_id="record-1"
        )
        with pytest.raises(StoreError):
            unit.sessions.sample("a")
        assert unit.sessions.sample("other") == sample()
        row = unit.connection.exec_driver_sql(
            "SELECT snapshot FROM sessions WHERE session_id = 'session-1'"
        ).scalar_one()
    assert not any(word in row for word in (NAME, NIK, "Pendamping"))


def test_unknown_session_is_named(store: SqlStore) -> None:
    with pytest.raises(StoreError) as caught, store.write() as unit:
        unit.sessions.erase("nobody")
    assert caught.value.problem.params == {"key": "nobody"}
