"""Numbers over many rows, counted as one would count them by hand."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, datetime, timedelta, timezone

from support.app_context import ACTIVITY, TARGETS
from support.clock import NOW
from support.kept import MISINEM, sealed
from support.sops import SMALL

from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.delivery import CentralStatus, SealedRecord
from fieldkit.domain.nik import MaritalStatus, Nik
from fieldkit.domain.people import Staff
from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.recording.biodata import Biodata
from fieldkit.domain.reports import CoverageLine
from fieldkit.domain.sop.profile import Sla, SlaKind
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.ports.repositories import VisitLine, Within
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
        for code in ("BIO_CAPTURED", "SFE"):  # said on its way: decides nothing
            unit.records.note_status("record-2", replace(prr, code=code))
        unit.records.note_status("record-2", prr)
        unit.records.note_status("record-1", replace(prr, code="ENROLL_FAILURE_AT_CENTRAL"))
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'purged' WHERE record_id = 'record-3'")
    with store.read() as unit:
        (line,) = unit.figures.records(TODAY)
        everything = unit.figures.records(Within())
        elsewhere = unit.figures.records(Within(activity_id="other"))
    assert (line.record_id, line.sealed_at, line.statuses, line.is_acknowledged) == ("record-2", NOW, (prr,), False)
    assert [(each.record_id, each.is_acknowledged) for each in everything] == [
        ("record-1", False),
        ("record-2", False),
        ("record-3", True),
    ]
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
                visit("begun", NOW, NOW, Outcome.PINDAH),
                replace(visit("measured", NOW, NOW + timedelta(hours=1), Outcome.DIREKAM), worked_ms=119_000),
                visit("untold", NOW, NOW + timedelta(minutes=1), None),
                visit("odd", NOW, NOW + timedelta(minutes=31, microseconds=7), Outcome.DIREKAM),
                visit("open", NOW, None, None),
                visit("after", NOW, NOW + timedelta(days=1), Outcome.DIREKAM),
            ]
        )
    with store.read() as unit:
        found = unit.figures.visits(TODAY)
        assert unit.figures.visits(Within(activity_id="other")) == []
    assert found == [
        VisitLine("a1", Outcome.LARI, 25),
        VisitLine("a1", Outcome.PINDAH, 0),
        VisitLine("a1", Outcome.DIREKAM, 2),
        VisitLine("a1", Outcome.DIREKAM, 31),
    ]


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


def test_coverage_counts_by_village_who_must_have_a_card(store: SqlStore) -> None:
    def who(number: int, village: str, born: date, married: MaritalStatus = MaritalStatus.BELUM_KAWIN) -> Biodata:
        nik = Nik.parse(f"35051252075100{number:02}")
        home = replace(MISINEM.address, village=village)
        return replace(MISINEM, nik=nik, birth_date=born, marital_status=married, address=home)

    old, young = date(1951, 7, 12), date(2010, 1, 1)
    listed = (
        (who(1, "JIMBE", old), TargetState.RECORDED, TargetVerdict.TERVERIFIKASI),
        (who(2, "JIMBE", old), TargetState.POSTPONED, TargetVerdict.BELUM_DICEK),
        (who(3, "JIMBE", old), TargetState.PLANNED, TargetVerdict.SUDAH_MEREKAM),
        (who(4, "JIMBE", young), TargetState.PLANNED, TargetVerdict.BELUM_DICEK),
        (who(5, "DAWUHAN", young, MaritalStatus.KAWIN), TargetState.RECORDED_WITH_EXCEPTION, TargetVerdict.BELUM_DICEK),
        (who(6, "DAWUHAN", date(2009, 11, 21)), TargetState.CANCELLED, TargetVerdict.BELUM_DICEK),
        *((who(n, "SUMBERJO", old), TargetState.RECORDED, TargetVerdict.TERVERIFIKASI) for n in (7, 8, 9)),
        *((who(n, "SUMBERJO", old), TargetState.PLANNED, TargetVerdict.TERVERIFIKASI) for n in (10, 11)),
    )
    with store.write() as unit:
        unit.activities.save(ACTIVITY)
        for number, (biodata, state, verdict) in enumerate(listed):
            target = replace(TARGETS[0], target_id=f"t{number}", biodata=biodata, state=state, verdict=verdict)
            unit.targets.save([target])
    with store.read() as unit:
        lines = unit.figures.coverage(date(2009, 11, 21), [ACTIVITY.activity_id])
        assert unit.figures.coverage(date(2009, 11, 21), ["other"]) == []
    assert lines == [
        CoverageLine("DAWUHAN", 2, 1, 0),
        CoverageLine("JIMBE", 3, 1, 1),
        CoverageLine("SUMBERJO", 5, 3, 2),
    ]
    assert [line.others for line in lines] == [1, 1, 0]


def test_what_each_sop_promises_is_read_by_its_activity(store: SqlStore) -> None:
    promised = replace(SMALL, sla=(Sla("1 hari", SlaKind.WORKING_DAYS, 1),))
    with store.write() as unit:
        unit.repository(SopRun).save_all([begin_run(promised, "a1", "u1", NOW), begin_run(SMALL, "a2", "u1", NOW)])
        unit.repository(Staff).save(Staff("s1", "Agus"))
        assert unit.figures.promises() == {"a1": promised.sla, "a2": SMALL.sla}
        unit.connection.exec_driver_sql(
            "UPDATE things SET body = json_remove(body, '$.profile.sla') WHERE thing_id = 'a1'"  # an older program's
        )
        assert unit.figures.promises() == {"a1": (), "a2": SMALL.sla}
