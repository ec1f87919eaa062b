"""Numbers over many rows, counted as one would count them by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta, timezone

from support.clock import NOW
from support.kept import sealed

from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.delivery.sealed import SealedRecord
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.ports.figures import VisitLine, Within
from fieldkit.storage.store import SqlStore

WIB = timezone(timedelta(hours=7))


def record(number: int, at: datetime) -> SealedRecord:
    return replace(sealed(number), sealed_at=at)


TODAY = Within(NOW, NOW + timedelta(days=1))


def test_records_of_a_time_with_what_was_said_about_them(store: SqlStore) -> None:
    prr = CentralStatus("PRINT_READY_RECORD", "siak", NOW + timedelta(hours=3))
    with store.write() as unit:
        for number, at in enumerate((NOW - timedelta(seconds=1), NOW, NOW + timedelta(days=1)), 1):
            unit.records.add(record(number, at))
        unit.records.note_status("record-2", prr)
    with store.read() as unit:
        (line,) = unit.figures.records(TODAY)
        everything = unit.figures.records(Within())
        elsewhere = unit.figures.records(Within(activity_id="other"))
    assert (line.record_id, line.sealed_at, line.statuses, line.is_acknowledged) == ("record-2", NOW, (prr,), False)
    assert [each.record_id for each in everything] == ["record-1", "record-2", "record-3"]
    assert elsewhere == []


def test_a_person_that_was_recorded_again_counts_once(store: SqlStore) -> None:
    with store.write() as unit:
        unit.records.add(record(1, NOW))
        unit.records.add(replace(record(2, NOW), amends="record-1"))
    with store.read() as unit:
        assert [line.record_id for line in unit.figures.records(TODAY)] == ["record-2"]


def test_visits_count_when_they_ended_whatever_the_offset_of_their_time(store: SqlStore) -> None:
    def visit(name: str, started: datetime, ended: datetime | None, outcome: Outcome | None) -> Visit:
        return Visit(name, "a1", "t1", "u1", started, ended, outcome)

    with store.write() as unit:
        unit.repository(Visit).save_all(
            [
                visit("before", NOW - timedelta(hours=2), NOW - timedelta(microseconds=1), Outcome.SAKIT),
                visit("local", (NOW - timedelta(minutes=5)).astimezone(WIB), NOW + timedelta(minutes=20), Outcome.LARI),
                visit("odd", NOW, NOW + timedelta(minutes=31, microseconds=7), Outcome.DIREKAM),
                visit("open", NOW, None, None),
                visit("after", NOW, NOW + timedelta(days=1), Outcome.DIREKAM),
            ]
        )
    with store.read() as unit:
        found = unit.figures.visits(TODAY)
        assert unit.figures.visits(Within(activity_id="other")) == []
    assert found == [VisitLine("a1", Outcome.LARI, 25), VisitLine("a1", Outcome.DIREKAM, 31)]


def test_documents_of_a_time_by_where_they_are_now(store: SqlStore) -> None:
    def card(name: str, at: datetime, place: Place) -> CardCase:
        printed = (Printed(at, "u1", "B1"), Printed(at + timedelta(days=9), "u1", "B2", "rusak"))
        return CardCase(name, "a1", Document.KTP_EL, name, "SITI", "350512******03", "Jimbe", printed, place, name)

    with store.write() as unit:
        unit.repository(CardCase).save_all(
            [
                card("r1", NOW, Place.DESA),
                card("r2", NOW + timedelta(hours=1), Place.DESA),
                card("r3", NOW + timedelta(hours=2), Place.PERSON),
                card("r4", NOW - timedelta(hours=2), Place.PERSON),
                replace(card("k1", NOW, Place.DINAS), record_id=""),
            ]
        )
    with store.read() as unit:
        assert unit.figures.documents(TODAY) == {Place.DESA: 2, Place.PERSON: 1, Place.DINAS: 1}
        assert unit.figures.documents(Within(activity_id="a1"))[Place.PERSON] == 2
        prints = unit.figures.first_prints()
    assert prints["r2"] == NOW + timedelta(hours=1)
    assert set(prints) == {"r1", "r2", "r3", "r4"}
