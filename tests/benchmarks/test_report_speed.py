"""How long the report of a month takes in an office with ten thousand records and three hundred activities."""

from __future__ import annotations

import statistics
import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta

import pytest
from support.activities import add_activity
from support.app_context import TARGETS, TODAY, Kit
from support.clock import NOW
from support.letters import office
from support.reported import tally_of

from fieldkit.app.bootstrap.catalogue import field_catalogue
from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.delivery import CentralStatus
from fieldkit.domain.nik import Nik
from fieldkit.domain.reports import Period, RecordingTally, Report, Span
from fieldkit.domain.visits import Outcome, Visit

ACTIVITIES, RECORDS, SPREAD_DAYS = 300, 10_000, 300
MOST_S = 1.0
CALM_LOOP_S = 0.025  # a million empty turns of Python on this laptop when it is calm
CODES = ("SENT_FOR_ENROLLMENT", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD", "CARD_PRINTED")


@pytest.fixture(scope="module", params=[SPREAD_DAYS, 28], ids=["over ten months", "all in one month"])
def kit(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    made, profiles, days = office(tmp_path_factory.mktemp("years")), own_profiles(), int(request.param)
    for number in range(ACTIVITIES):
        on = TODAY - timedelta(days=number % days)
        add_activity(made, f"Desa {number}", profiles[number % len(profiles)], on, done=12)
    with made.store.write() as unit:
        unit.repository(RecordingTally).save_all(
            tally_of(f"Desa {n}", TODAY - timedelta(days=n % days), RECORDS // ACTIVITIES) for n in range(ACTIVITIES)
        )
    lay_in_records(made, days)
    yield made
    made.store.close()


def lay_in_records(kit: Kit, days: int) -> None:
    """Seal, visit and print: each record with up to four statuses, every other one with a card."""
    first = kit.seal(1, TARGETS[0])
    visits, cards = [], []
    with kit.store.write() as unit:
        model = unit.records.get(first).record
        for number in range(2, RECORDS + 1):
            place = f"Desa {number % ACTIVITIES}"
            at = NOW - timedelta(days=number % ACTIVITIES % days, minutes=number % 90)
            record_id, target_id = f"r{number}", f"t{number}"
            unit.records.add(
                replace(
                    model,
                    record_id=record_id,
                    activity_id=place,
                    target_id=target_id,
                    sealed_at=at,
                    link=replace(model.link, sequence=number),
                    manifest_jws="m" * 900,
                )
            )
            for step, code in enumerate(CODES[: 1 + number % 4]):
                unit.records.note_status(record_id, CentralStatus(code, "siak", at + timedelta(hours=6 * step)))
            started = at - timedelta(minutes=10 + number % 50)
            visits.append(Visit(f"v{number}", place, target_id, "u1", started, at, Outcome.DIREKAM))
            if number % 2:
                printed = (Printed(at + timedelta(hours=20), "u12", "B1"),)
                cards.append(
                    CardCase(
                        *(record_id, place, Document.KTP_EL, record_id, "SITI", "350512******03", "Jimbe", printed),
                        Place.DESA,
                        record_id,
                    )
                )
        unit.repository(Visit).save_all(visits)
        unit.repository(CardCase).save_all(cards)
        unit.targets.save(
            replace(
                TARGETS[number % 7],
                target_id=f"t{number}",
                activity_id=f"Desa {number % ACTIVITIES}",
                house=number,
                biodata=replace(TARGETS[number % 7].biodata, nik=Nik(f"35051212{number % 9 + 1:02}70{number:04}")),
            )
            for number in range(2, RECORDS)
        )


def slowness() -> float:
    """Return how many times slower than calm a thread of this machine is right now."""
    begun = time.thread_time()
    for _ in range(1_000_000):
        pass
    return max(1.0, (time.thread_time() - begun) / CALM_LOOP_S)


def taken_s(work: Callable[[], object]) -> float:
    """Return the middle of three times, after one that loads the libraries."""
    times = []
    for _ in range(4):
        begun = time.thread_time()
        work()
        times.append(time.thread_time() - begun)
    return statistics.median(times[1:])


def test_the_report_of_a_month_is_there_within_a_second(kit: Kit, capsys: pytest.CaptureFixture[str]) -> None:
    reports, messages = kit.context.office.reports, field_catalogue("id")
    slow = slowness()
    report: Report = reports.read(reports.month())
    took = {
        "read": taken_s(lambda: reports.read(reports.month())),
        "activity": taken_s(lambda: reports.read(Period(Span.ACTIVITY, TODAY, "Desa 7"))),
        "pdf": taken_s(lambda: reports.pdf(report, messages)),
        "xlsx": taken_s(lambda: reports.xlsx(report, messages)),
    }
    slow = (slow + slowness()) / 2
    shown = ", ".join(f"{name} {seconds:.2f}" for name, seconds in took.items())
    with capsys.disabled():
        print(f"\n  report of a month with {report.recorded} of {RECORDS} records, s ({slow:.2f} x calm): {shown}")
    assert report.recorded > 600
    assert report.promises
    assert took["read"] / slow <= MOST_S
    assert took["activity"] / slow <= MOST_S
