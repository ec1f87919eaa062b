"""How records stand, whatever is known about each."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, timedelta

import pytest
from support.kept import NOW, sealed

from fieldkit.domain.cards.card import CardCase, Document, Place, Printed
from fieldkit.domain.cards.facts import CardFacts
from fieldkit.domain.delivery.central_status import CentralStatus
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
                unit.records.note_status(record.record_id, CentralStatus("BIO_CAPTURED", "pusat", NOW))
        unit.records.note_status("record-3", CentralStatus("SFE", "pusat", NOW - timedelta(days=3)))
        for number, code in ((4, "PRR"), (5, "PRINT_READY_RECORD"), (6, "PRINT_READY_RECORD")):
            unit.records.note_status(f"record-{number}", CentralStatus(code, "pusat", NOW - timedelta(days=1)))
        target_id = unit.records.get("record-5").record.target_id
        unit.shelf(CardFacts).save(CardFacts(target_id, "act-1", married_on=TODAY))
        unit.shelf(CardCase).save(
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
        card = unit.shelf(CardCase).get("record-6")
        unit.shelf(CardCase).save(replace(card, place=Place.PERSON))
        assert sum(unit.standings.counts(replace(ASKED, activity_id="act-2")).values()) == 0
        assert len(unit.standings.lines(replace(ASKED, activity_id="act-2"))) == 1


def test_nothing_is_stuck_before_its_time_and_nobody_young_after_the_birthday(known: SqlStore) -> None:
    with known.read() as unit:
        later = unit.standings.counts(Asked(BIRTHDAY, NOW - timedelta(days=3, seconds=1)))
    assert not any(standing.is_stuck or standing.is_young for standing in later)


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
