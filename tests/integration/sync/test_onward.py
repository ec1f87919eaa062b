"""The way onward on PostgreSQL: many workers, each record with one of them."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from random import Random

import pytest
import sqlalchemy as sa
from support.clock import true_clock
from support.gateway import enrolled_kit
from support.onward import OtherSide, opener_of, valid_record
from support.services import stand_on

from fieldkit.ports.delivery import Answer, HandOver, OnwardState, Outcome
from sync.gateway import provision
from sync.gateway.lookup import Wanted, find_records, records_page
from sync.gateway.onward.queue import OnwardQueue, OnwardStep
from sync.gateway.tables import onward, statuses

RECORDS, WORKERS = 12, 4


@pytest.mark.days
def test_many_workers_hand_each_record_over_once(postgres_url: str, tmp_path: Path) -> None:
    folder, clock = tmp_path / "gateway", true_clock()
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    stand_on(folder, postgres_url)
    context = provision.open_gateway(folder, clock)
    kit = enrolled_kit(folder, context, clock, "kit-01")
    ids = {valid_record(folder, context, kit, f"33150141079{number:05d}") for number in range(1, RECORDS + 1)}
    given: Counter[str] = Counter()

    def says(record: HandOver) -> Outcome:
        given[record.record_id] += 1
        return Outcome(OnwardState.HANDED_OVER)

    seals = opener_of(folder, context)
    steps = [
        OnwardStep(context, seals, OtherSide(says), OnwardQueue(context, "SIAK", Random(number)))
        for number in range(WORKERS)
    ]
    with ThreadPoolExecutor(WORKERS) as pool:
        reports = list(pool.map(lambda step: step.run_once(), steps))
    assert given == dict.fromkeys(ids, 1)
    assert sum(report.settled.get(OnwardState.HANDED_OVER, 0) for report in reports) == RECORDS

    queue = OnwardQueue(context, "SIAK", Random(0))
    answers = [Answer(record_id, Outcome(OnwardState.ACKNOWLEDGED, external_id=f"R-{record_id}")) for record_id in ids]
    with ThreadPoolExecutor(WORKERS) as pool:
        assert set(pool.map(queue.answer, answers * 3)) == {""}
    with context.engine.begin() as connection:
        said = connection.execute(sa.select(statuses.c.record_id, statuses.c.code).filter_by(source="SIAK")).all()
        assert Counter(code for _, code in said) == {"SENT_FOR_ENROLLMENT": RECORDS, "RECEIVED_AT_CENTRAL": RECORDS}
        first = records_page(connection, Wanted("kit-01", onward=OnwardState.ACKNOWLEDGED), size=7)
        rest = records_page(connection, Wanted("kit-01", clock.now().date()), after=first.after)
        assert {line.record_id for line in (*first.lines, *rest.lines)} == ids
        (found,) = find_records(connection, f"R-{first.lines[0].record_id}")
        assert found.line == first.lines[0]
        assert connection.scalar(sa.select(sa.func.count()).select_from(onward)) == RECORDS
    context.engine.dispose()
