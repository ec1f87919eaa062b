"""The queue of sealed records."""

from __future__ import annotations

from dataclasses import replace

import pytest
from support.kept import NOW, biodata, fill_queue, sealed

from fieldkit.domain.delivery.central_status import CentralStatus
from fieldkit.domain.delivery.sealed import QueueEntry
from fieldkit.domain.delivery.way import DeliveryState
from fieldkit.domain.errors import StoreError
from fieldkit.domain.recording.record import ChainLink
from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import central_statuses


def ids(entries: object) -> list[str]:
    assert isinstance(entries, list)
    return [entry.record.record_id for entry in entries]


def test_new_record_waits_at_the_end_of_the_chain(store: SqlStore) -> None:
    with store.read() as unit:
        first = unit.records.next_link()
    assert (first.sequence, first.previous) == (1, "")
    [record] = fill_queue(store, [1])
    with store.read() as unit:
        assert unit.records.get("record-1") == QueueEntry(record, DeliveryState.QUEUED, 0, 0, "", None, None, "")
        assert unit.records.next_link() == ChainLink(first.chain, 2, record.sha256)


def test_second_record_of_the_same_id_is_refused(store: SqlStore) -> None:
    fill_queue(store, [1])
    with pytest.raises(StoreError) as caught, store.write() as unit:
        unit.records.add(replace(sealed(1), link=unit.records.next_link()))
    assert (caught.value.code, caught.value.problem.params) == ("store.record_exists", {"record": "record-1"})
    with pytest.raises(StoreError), store.read() as unit:
        unit.records.get("record-2")


def test_oldest_unacknowledged_come_first_then_the_newest_acknowledged(store: SqlStore) -> None:
    fill_queue(store, [4, 3, 2, 1, 6, 5, 7])
    states = {"acknowledged": (1, 5), "purged": (3,), "quarantined": (6,), "sending": (4,)}
    with store.write() as unit:
        for state, numbers in states.items():
            for number in numbers:
                unit.connection.exec_driver_sql(
                    "UPDATE sealed_records SET state = ? WHERE record_id = ?", (state, f"record-{number}")
                )
    with store.read() as unit:
        assert ids(unit.records.search()) == [f"record-{n}" for n in (2, 4, 6, 7, 5, 3, 1)]
        assert ids(unit.records.search(limit=3)) == ["record-2", "record-4", "record-6"]


def test_search_finds_by_name_nik_and_place(store: SqlStore) -> None:
    people = [biodata("Sulastri", "3275014708790003"), biodata("Budi", "5103010101500001")]
    with store.write() as unit:
        for number, who in enumerate(people, 1):
            unit.records.add(replace(sealed(number, who=who), link=unit.records.next_link()))
    with store.read() as unit:
        assert ids(unit.records.search("sulastri")) == ["record-1"]
        assert ids(unit.records.search("5103010101500001")) == ["record-2"]
        assert ids(unit.records.search("balai")) == ["record-1", "record-2"]
        assert ids(unit.records.search("sulastri", limit=0)) == []
        for text in ("sulastri", "5103010101500001", "balai", "nobody"):
            assert unit.records.found(text) == set(ids(unit.records.search(text))), text
        assert unit.records.found(" ") == {"record-1", "record-2"}


def test_entries_are_read_by_their_ids_and_the_oldest_that_waits_is_known(store: SqlStore) -> None:
    with store.read() as unit:
        assert unit.records.oldest_waiting() is None
    fill_queue(store, [1, 2])
    with store.write() as unit:
        unit.records.note_status("record-2", CentralStatus("PRR", "pusat", NOW))
        found = unit.records.with_ids(["record-2", "nobody"])
        assert [entry.central and entry.central.code for entry in found.values()] == ["PRR"]
        assert unit.records.oldest_waiting() == unit.records.get("record-1").record.sealed_at
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'acknowledged' WHERE record_id = 'record-1'")
        assert unit.records.oldest_waiting() == unit.records.get("record-2").record.sealed_at


def test_same_nik_is_recognised(store: SqlStore) -> None:
    fill_queue(store, [2, 1])
    with store.read() as unit:
        digest = unit.records.get("record-1").record.nik_digest
        assert ids(unit.records.by_nik(digest)) == ["record-1", "record-2"]
        assert unit.records.by_nik("other") == []
        plan = unit.connection.exec_driver_sql(
            "EXPLAIN QUERY PLAN SELECT * FROM sealed_records WHERE nik_digest = ?", ("d",)
        )
        assert "sealed_records_by_nik" in str(plan.all())


def test_entries_carry_what_the_data_center_said_in_its_order(store: SqlStore) -> None:
    fill_queue(store, [1, 2])
    said = [CentralStatus(code, "uji coba", NOW) for code in ("SFE", "KODE_BARU", "RECEIVED_AT_CENTRAL")]
    with store.write() as unit:
        for status in said:
            row = {"code": status.code, "source": status.source, "observed_at": NOW, "reason": "", "verdict": ""}
            unit.connection.execute(central_statuses.insert().values(record_id="record-2", **row))
    with store.read() as unit:
        silent, spoken = unit.records.search()
    assert silent.statuses == ()
    assert spoken.statuses == tuple(said)
    assert spoken.central == said[-1]


def test_places_and_states_of_records_are_known(store: SqlStore) -> None:
    first, second = fill_queue(store, [1, 2])
    with store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE sealed_records SET state = 'sending' WHERE record_id = 'record-2'")
    chain = store.begin_chain()
    with store.read() as unit:
        assert unit.records.next_link() == ChainLink(chain, 1, "")
        taken = {link: unit.records.is_taken(link) for link in (first.link, replace(first.link, sequence=3))}
        assert taken == {first.link: True, replace(first.link, sequence=3): False}
        assert not unit.records.is_taken(replace(second.link, chain=chain))
        assert unit.records.states(["record-1", "record-2", "unknown"]) == {
            "record-1": DeliveryState.QUEUED,
            "record-2": DeliveryState.SENDING,
        }


def test_many_niks_are_looked_up_at_once(store: SqlStore) -> None:
    [record] = fill_queue(store, [1])
    with store.read() as unit:
        assert unit.records.known([*(f"none-{n}" for n in range(2_000)), record.nik_digest]) == {record.nik_digest}
        assert unit.records.known([]) == set()
        assert unit.records.known(["none"]) == set()


def test_what_was_said_before_is_no_news(store: SqlStore) -> None:
    fill_queue(store, [1])
    status = CentralStatus("KODE_BARU", "SIAK, diketik", NOW, "dilihat loket")
    with store.write() as unit:
        assert unit.records.note_status("record-1", status)
        assert not unit.records.note_status("record-1", status)
        assert unit.records.note_status("record-1", status, "valid")
    with store.read() as unit:
        assert unit.records.get("record-1").statuses == (status, status)


def test_the_records_of_an_activity_oldest_first(store: SqlStore) -> None:
    fill_queue(store, [2, 1])
    with store.read() as unit:
        activity_id = unit.records.get("record-1").record.activity_id
        assert ids(unit.records.of_activity(activity_id)) == ["record-1", "record-2"]
        assert unit.records.of_activity("elsewhere") == []


def test_what_a_record_of_another_activity_amends_counts_no_more(store: SqlStore) -> None:
    fill_queue(store, [1, 2])
    with store.write() as unit:
        old = unit.records.get("record-1").record
        link = replace(old.link, sequence=99)
        unit.records.add(
            replace(old, record_id="record-99", session_id="s-99", activity_id="later", link=link, amends="record-1")
        )
        assert ids(unit.records.of_activity(old.activity_id)) == ["record-2"]
        assert ids(unit.records.of_activity("later")) == ["record-99"]
