"""Outreach days and the numbers of their card."""

from __future__ import annotations

from dataclasses import replace
from datetime import date

import pytest
from support.kept import NOW, activity, fill_queue, sealed, target

from fieldkit.domain.errors import StoreError
from fieldkit.domain.planning.outreach import OutreachCount, TargetState
from fieldkit.storage.store import SqlStore


def test_newest_day_comes_first_and_saving_again_replaces(store: SqlStore) -> None:
    later, renamed = activity("act-2", date(2026, 12, 1)), replace(activity(), name="Jemput bola RW 07")
    with store.write() as unit:
        unit.activities.save(later)
        unit.activities.save(renamed)
        unit.activities.save(activity("act-0", date(2026, 1, 1)))
    with store.read() as unit:
        assert [a.activity_id for a in unit.activities.all()] == ["act-2", "act-1", "act-0"]
        assert unit.activities.get("act-1") == renamed
        with pytest.raises(StoreError) as caught:
            unit.activities.get("nowhere")
    assert (caught.value.code, caught.value.problem.params) == ("store.not_found", {"key": "nowhere"})


def test_empty_day_counts_nothing(store: SqlStore) -> None:
    with store.read() as unit:
        assert unit.activities.count("act-1") == OutreachCount(0, 0, 0, 0, 0, 0, None)


def test_card_counts_targets_and_what_is_not_acknowledged(store: SqlStore) -> None:
    states = [
        TargetState.PLANNED,
        TargetState.RECORDING,
        TargetState.RECORDED,
        TargetState.RECORDED,
        TargetState.RECORDED_WITH_EXCEPTION,
        TargetState.POSTPONED,
        TargetState.CANCELLED,
    ]
    with store.write() as unit:
        unit.activities.save(activity("act-2"))
        unit.targets.save([target(9, activity_id="act-2")])
        unit.targets.save(replace(target(number), state=state) for number, state in enumerate(states, 1))
    first, second, third = fill_queue(store, [1, 2, 3])
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'acknowledged' WHERE record_id = 'record-1'")
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'quarantined' WHERE record_id = 'record-3'")
        elsewhere = replace(sealed(4, unit.records.next_link()), activity_id="act-3")  # no target is left there
        unit.records.add(elsewhere)
    with store.read() as unit:
        count = unit.activities.count("act-1")
        assert unit.activities.count("act-3") == OutreachCount(0, 0, 0, 0, 0, 1, elsewhere.sealed_at)
        assert unit.activities.counts() == {name: unit.activities.count(name) for name in ("act-1", "act-2", "act-3")}
    assert count == OutreachCount(
        targets=7, recorded=3, with_exception=1, revisit=1, waiting=2, unsent=2, oldest_unsent_at=second.sealed_at
    )
    assert first.sealed_at < second.sealed_at < third.sealed_at
    assert second.sealed_at > NOW
