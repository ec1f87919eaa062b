"""Files that belong to things."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from support.kept import NAME, NIK, NOW, biodata, fill_queue, sample, sealed, session
from support.steps import good

from fieldkit.domain.delivery import CentralStatus, DeliveryState, QueueEntry
from fieldkit.domain.errors import StoreError
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.record import ChainLink, IndexComparison, Notice
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.ports.repositories import Attachment
from fieldkit.storage.store import SqlStore
from fieldkit.storage.tables import central_statuses

SCAN = Attachment("f1", "r1", "surat.pdf", "application/pdf", b"%PDF-1.7\0", "ab" * 32, NOW)


def test_files_come_back_with_their_thing(store: SqlStore) -> None:
    with store.write() as unit:
        unit.attachments.put(SCAN)
        unit.attachments.put(replace(SCAN, attachment_id="f2", owner="r2"))
    with store.read() as unit:
        assert unit.attachments.get("f1") == SCAN
        assert unit.attachments.of("r1") == [SCAN]
    with store.write() as unit:
        assert not unit.has_erased
        unit.attachments.remove("f1")
        unit.attachments.remove("f1")
        assert unit.has_erased
        assert (unit.attachments.of("r1"), len(unit.attachments.of("r2"))) == ([], 1)


def test_a_file_is_kept_once(store: SqlStore) -> None:
    with store.write() as unit:
        unit.attachments.put(SCAN)
    with pytest.raises(StoreError, match="attachment_exists"), store.write() as unit:
        unit.attachments.put(replace(SCAN, content=b"other"))
    with store.read() as unit:
        assert unit.attachments.get("f1").content == SCAN.content


def test_what_is_kept_comes_back_until_it_is_erased(store: SqlStore) -> None:
    with store.write() as unit:
        unit.finger_templates.keep("r1", b"\0one")
        unit.finger_templates.keep("r2", b"two")
    with store.write() as unit:
        assert unit.finger_templates.held() == {"r1", "r2"}
        assert unit.finger_templates.get("r1") == b"\0one"
        assert not unit.has_erased
        unit.finger_templates.erase("r1")
        unit.finger_templates.erase("nobody")
        assert unit.has_erased
    with store.read() as unit:
        assert unit.finger_templates.held() == {"r2"}
        with pytest.raises(StoreError, match=r"store\.not_found"):
            unit.finger_templates.get("r1")


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
        assert ids(unit.records.by_nik(digest, "3505125207510003")) == ["record-1", "record-2"]
        assert unit.records.by_nik("other", "3505125207510004") == []
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
        many = {f"none-{n}": f"{n:016}" for n in range(2_000)}
        assert unit.records.known({**many, record.nik_digest: "3505125207510003"}) == {record.nik_digest}
        assert unit.records.known({}) == set()
        assert unit.records.known({"none": "3505125207510004"}) == set()


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
