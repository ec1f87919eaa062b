"""How records stand, whatever is known about each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from sqlalchemy import event
from support.kept import NOW, sealed

from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.cards.facts import CardFacts
from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.ports.standings import Asked, Standing
from fieldkit.storage.store import SqlStore

TODAY, BIRTHDAY = date(2026, 11, 23), date(2027, 3, 12)
ASKED = Asked(TODAY, NOW - timedelta(days=3))
SILENT = Standing("", is_stuck=False, is_young=False, place="")


@pytest.fixture
def known(store: SqlStore) -> SqlStore:
    """Records 1 to 6: silent, amends 1, stuck, young and unique, unique and married, printed."""
    with store.write() as unit:
        for number, amends, gate in (
            *((1, "", None), (2, "record-1", None), (3, "", None)),
            *((4, "", BIRTHDAY), (5, "", BIRTHDAY), (6, "", None)),
        ):
            record = sealed(number, unit.records.next_link())
            unit.records.add(
                replace(record, amends=amends, card_from=gate, activity_id="act-2" if number == 6 else "act-1")
            )
            if number > 2:
                long_ago = CentralStatus("BIO_CAPTURED", "pusat", NOW - timedelta(days=9))
                unit.records.note_status(record.record_id, long_ago)
            # What else is known of a target is no fact about its card.
            unit.repository(TargetNotes).save(TargetNotes(record.target_id, "act-1"))
        unit.records.note_status("record-3", CentralStatus("SFE", "pusat", NOW - timedelta(days=3)))
        for number, code in ((4, "PRR"), (5, "PRINT_READY_RECORD"), (6, "PRINT_READY_RECORD")):
            unit.records.note_status(f"record-{number}", CentralStatus(code, "pusat", NOW - timedelta(days=1)))
        target_id = unit.records.get("record-5").record.target_id
        unit.repository(CardFacts).save(CardFacts(target_id, "act-1", married_on=TODAY))
        unit.repository(CardCase).save(
            CardCase(
                *("record-6", "act-2", Document.KTP_EL, "R-1", "SULASTRI", "3275", "Desa"),
                (Printed(NOW, "u1", "B-1"),),
                Place.DESA,
                "record-6",
            )
        )
    return store


def test_records_that_stand_alike_are_counted(known: SqlStore) -> None:
    with known.read() as unit:
        assert unit.standings.counts(ASKED) == {
            SILENT: 1,
            Standing("SFE", is_stuck=True, is_young=False, place=""): 1,
            Standing("PRR", is_stuck=False, is_young=True, place=""): 1,
            Standing("PRINT_READY_RECORD", is_stuck=False, is_young=False, place=""): 1,
            Standing("PRINT_READY_RECORD", is_stuck=False, is_young=False, place="desa"): 1,
        }
        assert sum(unit.standings.counts(replace(ASKED, activity_id="act-2")).values()) == 1


def test_a_card_with_its_owner_is_not_counted_any_more(known: SqlStore) -> None:
    with known.write() as unit:
        card = unit.repository(CardCase).get("record-6")
        unit.repository(CardCase).save(replace(card, place=Place.PERSON))
        assert sum(unit.standings.counts(replace(ASKED, activity_id="act-2")).values()) == 0
        assert len(unit.standings.lines(replace(ASKED, activity_id="act-2"))) == 1


def test_nothing_is_stuck_before_its_time_and_nobody_young_after_the_birthday(known: SqlStore) -> None:
    with known.read() as unit:
        later = unit.standings.counts(Asked(BIRTHDAY, NOW - timedelta(days=3, seconds=1)))
    assert not any(standing.is_stuck or standing.is_young for standing in later)


def test_only_who_was_sent_and_heard_nothing_is_stuck(store: SqlStore) -> None:
    said = (("BIO_CAPTURED", 9), ("SFE", 3), ("SENT_FOR_ENROLLMENT", 4), ("SFE", 2))
    with store.write() as unit:
        for number, (code, days) in enumerate(said):
            unit.records.add(sealed(number, unit.records.next_link()))
            unit.records.note_status(f"record-{number}", CentralStatus(code, "pusat", NOW - timedelta(days=days)))
        lines = unit.standings.lines(ASKED)
        assert [line.record_id for line in lines if line.standing.is_stuck] == ["record-2", "record-1"]
        assert [line.code_before for line in lines] == [""] * 4


@pytest.mark.parametrize(
    ("married_on", "gate"), [(None, BIRTHDAY), (TODAY, TODAY), (BIRTHDAY + timedelta(days=1), BIRTHDAY)]
)
def test_the_card_waits_for_the_birthday_or_an_earlier_marriage(
    known: SqlStore, married_on: date | None, gate: date
) -> None:
    with known.write() as unit:
        target_id = unit.records.get("record-5").record.target_id
        unit.repository(CardFacts).save(CardFacts(target_id, "act-1", married_on=married_on))
        lines = {line.record_id: line for line in unit.standings.lines(ASKED)}
    assert (lines["record-5"].card_from, lines["record-5"].standing.is_young) == (gate.isoformat(), gate > TODAY)


def test_the_longest_waiting_stands_first(known: SqlStore) -> None:
    with known.read() as unit:
        lines = unit.standings.lines(ASKED)
        assert [line.standing for line in lines if line.record_id == "record-2"] == [SILENT]
        assert "record-1" not in {line.record_id for line in lines}
        assert [line.since for line in lines] == sorted(line.since for line in lines)
        assert [line.record_id for line in unit.standings.lines(replace(ASKED, activity_id="act-2"))] == ["record-6"]


def test_who_has_no_card_is_found_by_the_last_word(known: SqlStore) -> None:
    with known.read() as unit:
        assert unit.standings.without_card(["PRR", "PRINT_READY_RECORD"]) == ["record-4", "record-5"]
        assert unit.standings.without_card(["BIO_CAPTURED"]) == []
        assert unit.standings.without_card(["PRINT_READY_RECORD"], "act-2") == []


def test_a_line_says_who_and_what_was_said(known: SqlStore) -> None:
    with known.read() as unit:
        lines = {line.record_id: line for line in unit.standings.lines(ASKED)}
        entry = unit.records.get("record-5")
    silent, married, young = lines["record-2"], lines["record-5"], lines["record-4"]
    assert (silent.source, silent.code_before, silent.card_from) == ("", "", "")
    assert (married.masked_name, married.masked_nik) == (entry.record.masked_name, entry.record.masked_nik)
    assert (married.source, married.code_before, married.standing.code) == (
        "pusat",
        "BIO_CAPTURED",
        entry.statuses[-1].code,
    )
    assert (married.card_from, young.card_from) == (TODAY.isoformat(), BIRTHDAY.isoformat())


def test_what_a_card_ended_long_ago_is_not_unfinished(known: SqlStore) -> None:
    with known.write() as unit:
        unit.records.note_status("record-3", CentralStatus("CARD_ISSUED", "pusat", NOW - timedelta(days=2)))
    with known.read() as unit:
        assert set(unit.standings.unfinished(["CARD_ISSUED"], NOW - timedelta(days=9))) == {
            *("record-2", "record-3", "record-4", "record-5", "record-6")
        }
        assert "record-3" in unit.standings.unfinished(["CARD_ISSUED"], NOW - timedelta(days=2))
        assert set(unit.standings.unfinished(["CARD_ISSUED"], NOW)) == {f"record-{n}" for n in (2, 4, 5, 6)}
        assert set(unit.standings.unfinished([], NOW + timedelta(seconds=1))) == {f"record-{n}" for n in (2, 3, 4, 5)}


@pytest.mark.parametrize("read", ["counts", "lines"])
def test_many_years_are_read_without_the_width_of_the_queue(known: SqlStore, read: str) -> None:
    """The plan names narrow indexes only: a scan of whole rows or bodies takes ten times as long."""
    plans = []

    def keep(_: object, __: object, statement: str, given: object, *___: object) -> None:
        plans.append((statement, given))

    with known.read() as unit:
        event.listen(unit.connection, "before_cursor_execute", keep)
        getattr(unit.standings, read)(ASKED)
        event.remove(unit.connection, "before_cursor_execute", keep)
        steps = [row[3] for row in unit.connection.exec_driver_sql(f"EXPLAIN QUERY PLAN {plans[0][0]}", plans[0][1])]
    scans = [step for step in steps if step.startswith("SCAN")]
    assert scans
    assert all("COVERING INDEX sealed_records_at_a_glance" in step or "things_of_cards" in step for step in scans)
    assert any("SEARCH things USING INDEX things_of_cards" in step for step in steps)
