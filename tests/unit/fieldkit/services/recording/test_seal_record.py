from __future__ import annotations

import hashlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from support.clock import NOW
from support.kept import NAME, NIK, biodata, sealed
from support.room import KIT, LEAD, PETUGAS, STORES, Keys, Room

from fieldkit.domain.delivery import MANIFEST_TYP, DeliveryState
from fieldkit.domain.errors import RuleError, StoreError
from fieldkit.domain.events import Event
from fieldkit.domain.nik import MaritalStatus, Sex
from fieldkit.domain.planning.outreach import TargetState
from fieldkit.domain.recording.capture import CapturePolicy, StepKind
from fieldkit.domain.recording.exceptions import InkGiven, inks_wanted
from fieldkit.domain.recording.positions import EYES, ExceptionMark, ExceptionReason, Position
from fieldkit.domain.recording.record import ChainLink
from fieldkit.domain.recording.session import CaptureSession, Phase
from fieldkit.domain.reports import RecordingTally
from fieldkit.domain.trusted_time import TimeSource
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.record_check import check_record
from fieldkit.services.recording.seal_record import SealRecord, _has_lost_events, record_sealed, target_recorded
from fieldkit.services.unit_of_work import UnitOfWork
from fieldkit.storage.store import SqlStore
from fieldkit.storage.unit import SqlUnit
from fieldkit.vault.device_trust import JwsVerifier, SealedProofs


class KilledError(BaseException):
    """Stands for a process that ends here: nothing may catch it."""


class DyingStore:
    """The real store of a program that dies when it opens its n-th writing transaction."""

    def __init__(self, inner: SqlStore, dies_at: int) -> None:
        self._inner, self._left = inner, dies_at
        self.read = inner.read
        self.begin_chain, self.keep_mark, self.is_behind_mark = inner.begin_chain, inner.keep_mark, inner.is_behind_mark

    @contextmanager
    def write(self) -> Iterator[SqlUnit]:
        self._left -= 1
        if self._left == 0:
            raise KilledError
        with self._inner.write() as unit:
            yield unit

    def close(self) -> None:
        self._inner.close()


def opened(room: Room, record_id: str, keys: Keys) -> OpenedRecord:
    """Open a record as the data center does: everything in it must agree."""
    record, note = judged(room, record_id, keys)
    assert note == ""
    return record


def judged(room: Room, record_id: str, keys: Keys) -> tuple[OpenedRecord, str]:
    seal = keys.opener.open(room.files.path(record_id).read_bytes())
    record = read_container(seal.content)
    return record, check_record(record, seal, SealedProofs())


def rows(room: Room, table: str) -> int:
    with room.store.read() as unit:
        return int(unit.connection.exec_driver_sql(f"SELECT count(*) FROM {table}").scalar_one())


def test_a_finished_recording_becomes_one_file_and_one_row(room: Room, sealing_keys: Keys) -> None:
    entry = room.seal()
    record, content = entry.record, room.files.path(entry.record.record_id).read_bytes()
    assert entry.state is DeliveryState.QUEUED
    assert (record.size_bytes, record.sha256) == (len(content), hashlib.sha256(content).hexdigest())
    inside = opened(room, record.record_id, sealing_keys)
    assert (inside.record_id, inside.kit_id, inside.nik) == (record.record_id, KIT, NIK)
    assert len(inside.samples) == len(Position) + 1  # the signature twice
    seal = sealing_keys.opener.open(content)
    assert [signer.signer_id for signer in seal.signers] == [KIT, PETUGAS.user_id]


def test_the_manifest_is_signed_by_the_kit(room: Room, sealing_keys: Keys) -> None:
    record = room.seal().record
    stated = JwsVerifier.of_certificate(sealing_keys.kit.certificate_der).verify(record.manifest_jws, MANIFEST_TYP)
    assert stated["record_id"] == record.record_id
    assert (stated["sha256"], stated["size_bytes"]) == (record.sha256, record.size_bytes)
    assert (stated["chain"], stated["sequence"], stated["previous"]) == (
        record.link.chain,
        record.link.sequence,
        record.link.previous,
    )


def test_after_the_seal_the_laptop_knows_no_more_than_it_needs(room: Room) -> None:
    decoded = ["image"]
    room.sealing._tools = replace(room.tools, forget=decoded.clear)
    entry = room.seal()
    assert decoded == []
    assert (entry.record.masked_name, entry.record.masked_nik) == (biodata().masked_name, biodata().nik.masked)
    assert rows(room, "samples") == 0
    with room.store.read() as unit:
        assert unit.finger_templates.get(entry.record.record_id) == bytes([10])
    session = room.recording.find(entry.record.session_id)
    assert (session.phase, session.biodata) == (Phase.SEALED, None)
    with room.store.read() as unit:
        assert unit.targets.get("target-1").state is TargetState.RECORDED
    room.store.close()
    on_disk = b"".join(path.read_bytes() for path in room.home.rglob("*") if path.is_file())
    for personal in (NIK, NAME, "FIR\0", "FAC\0"):
        assert personal.encode() not in on_disk


@pytest.mark.days
def test_each_record_names_the_one_before(room: Room, sealing_keys: Keys) -> None:
    room.plan(biodata(), biodata("Budi Raharjo", "3275014708790005"))
    first, second = room.seal("target-1").record, room.seal("target-2").record
    assert (first.link.sequence, first.link.previous) == (1, "")
    assert second.link == ChainLink(first.link.chain, 2, first.sha256)
    assert opened(room, second.record_id, sealing_keys).link == second.link


@pytest.mark.days
def test_what_could_not_be_acquired_is_counted_too(room: Room, sealing_keys: Keys) -> None:
    session = room.begin()
    for turn in range(1, session.policy.max_attempts + 1):
        session = room.capture(session, StepKind.THUMBS, score=20, turn=turn)
    session = room.recording.allow_failure(session.session_id, StepKind.THUMBS, room.keys.credential(LEAD))
    assert len(session.failed) == 2
    record = room.sealing.seal(room.complete(session).session_id).record
    assert record.exceptions == 2
    items = opened(room, record.record_id, sealing_keys).enrollment["biometricData"]
    assert {each["biometricSubType"] for each in items if "below" in each.get("comment", "")} == {*session.failed}


@pytest.mark.days
def test_an_exception_goes_along_and_is_counted(room: Room, sealing_keys: Keys) -> None:
    session = room.begin()
    session = room.recording.mark_exceptions(
        session.session_id, StepKind.IRIS, EYES, ExceptionReason.EYES_CLOSED, "Pak RT", room.keys.credential(LEAD)
    )
    entry = room.sealing.seal(room.complete(session).session_id)
    assert entry.record.exceptions == 2
    context = opened(room, entry.record.record_id, sealing_keys).enrollment["contextualData"]
    assert {mark["position"] for mark in context["exceptions"]} == set(EYES)
    assert context["petugas"] == [PETUGAS.user_id, LEAD.user_id]
    with room.store.read() as unit:
        assert unit.targets.get("target-1").state is TargetState.RECORDED_WITH_EXCEPTION


@pytest.mark.days
def test_the_photo_of_an_exception_goes_along_and_is_erased_here(room: Room, sealing_keys: Keys) -> None:
    session = room.begin()
    session = room.recording.mark_exceptions(
        session.session_id, StepKind.IRIS, EYES, ExceptionReason.EYES_CLOSED, "Pak RT", photo=b"\xff\xd8 eyes"
    )
    photo_id = session.exceptions[0].evidence_sample_id
    entry = room.sealing.seal(room.complete(session).session_id)
    record = opened(room, entry.record.record_id, sealing_keys)
    told = [mark["photo"] for mark in record.enrollment["contextualData"]["exceptions"]]
    assert told == ["samples/exception-1.jpg"] * 2
    assert record.entries[told[0]] == b"\xff\xd8 eyes"
    assert photo_id not in str(record.enrollment)
    with pytest.raises(StoreError, match=r"store\.not_found"):
        room.recording.sample(photo_id)


def test_who_opened_the_recording_and_signed_nothing_is_no_attendant(room: Room, sealing_keys: Keys) -> None:
    room.recording_for(LEAD).open("target-1")
    entry = room.seal()
    context = opened(room, entry.record.record_id, sealing_keys).enrollment["contextualData"]
    assert context["petugas"] == [PETUGAS.user_id]


def test_an_unfinished_recording_is_not_sealed(room: Room) -> None:
    session = room.begin()
    with pytest.raises(RuleError) as caught:
        room.sealing.seal(session.session_id)
    assert caught.value.code == "session.not_now"
    assert list(room.files.sweep()) == []


def test_a_sealed_recording_is_not_sealed_again(room: Room) -> None:
    entry = room.seal()
    with pytest.raises(RuleError) as caught:
        room.sealing.seal(entry.record.session_id)
    assert caught.value.code == "session.already_sealed"
    assert caught.value.problem.params["record"] == entry.record.record_id


@pytest.mark.days
def test_a_kit_that_dies_before_the_file_seals_the_same_record(room: Room, sealing_keys: Keys) -> None:
    session = room.complete(room.begin())
    die_before_the_file(room, session.session_id)
    left = room.recording.find(session.session_id)
    assert left.phase is Phase.SEALING
    room.reopen()
    assert room.files.found().manifests == {left.record_id}
    found = room.recover()
    assert room.files.found().manifests == set()
    assert ([each.session_id for each in found.unfinished], found.adopted) == ([session.session_id], ())
    entry = room.sealing.seal(session.session_id)
    assert (entry.record.record_id, entry.record.link.sequence) == (left.record_id, 1)
    assert opened(room, entry.record.record_id, sealing_keys).nik == NIK


def die_before_the_file(room: Room, session_id: str) -> None:
    """Seal with a kit that dies when the manifest has its name and the file has none."""
    put = room.files.put

    def dying(record_id: str, _: bytes, manifest: str) -> Path:
        room.files.put_manifest(record_id, manifest)
        raise KilledError

    room.files.put = dying  # type: ignore[method-assign]
    with pytest.raises(KilledError):
        room.sealing.seal(session_id)
    room.files.put = put  # type: ignore[method-assign]


@pytest.mark.days
@pytest.mark.parametrize("dies_at", [1, 2])
def test_a_kit_that_dies_while_sealing_seals_nobody_twice(room: Room, sealing_keys: Keys, dies_at: int) -> None:
    session = room.complete(room.begin())
    dying = SealRecord(DyingStore(room.store, dies_at), room.tools, room.clock, room.ids, room.user, KIT)
    with pytest.raises(KilledError):
        dying.seal(session.session_id)
    room.reopen()
    left = room.recording.find(session.session_id)
    found = room.recover()
    if dies_at == 1:  # before anything: the review stands as it was, and no file is there
        assert (left.phase, found.adopted) == (Phase.REVIEWING, ())
        room.sealing.seal(session.session_id)
    else:  # the file is there and the row was not
        assert left.phase is Phase.SEALING
        assert (found.adopted, found.unfinished) == ((left.record_id,), ())
        assert rows(room, "samples") == 0
    with room.store.read() as unit:
        [entry] = unit.records.search()
    assert entry.record.link.sequence == 1
    assert room.recover().adopted == ()
    assert opened(room, entry.record.record_id, sealing_keys).nik == NIK


@pytest.mark.days
def test_another_record_may_be_sealed_before_the_interrupted_one(room: Room, sealing_keys: Keys) -> None:
    room.plan(biodata(), biodata("Budi Raharjo", "3275014708790005"))
    session = room.complete(room.begin("target-1"))
    die_before_the_file(room, session.session_id)
    room.reopen()
    second = room.seal("target-2").record
    first = room.sealing.seal(session.session_id).record
    assert (second.link.sequence, first.link.sequence, first.link.previous) == (1, 2, second.sha256)
    assert opened(room, first.record_id, sealing_keys).link == first.link


def test_the_manifest_names_the_recording_and_the_end_of_the_log(room: Room) -> None:
    record = room.seal().record
    stated = room.manifests().read(room.files.manifest(record.record_id))
    assert stated.record == record
    assert stated.head is not None
    with room.store.read() as unit:
        assert unit.events.holds(stated.head)
        assert not unit.events.holds(replace(stated.head, digest="other"))
        assert room.store.mark() == unit.events.head() != stated.head, "an older copy of the store lacks the seal"


class FullDisk:
    """The real folder of sealed files on a disk without room."""

    def __init__(self, inner: Any) -> None:
        self.path, self.sweep, self.erase = inner.path, inner.sweep, inner.erase

    def put(self, record_id: str, content: bytes, manifest: str) -> Path:
        raise StoreError("store.disk_full")


@pytest.mark.days
def test_a_full_disk_loses_nothing(room: Room) -> None:
    session = room.complete(room.begin())
    tools = replace(room.tools, files=FullDisk(room.files))
    with pytest.raises(StoreError) as caught:
        SealRecord(room.store, tools, room.clock, room.ids, room.user, KIT).seal(session.session_id)
    assert caught.value.code == "store.disk_full"
    room.reopen()
    assert rows(room, "samples") == len(Position) + 1
    assert room.sealing.seal(session.session_id).record.size_bytes > 0


def test_who_is_seventeen_only_later_gets_the_card_then(room: Room) -> None:
    young = biodata("Dimas", "3275010708100005")
    born = young.birth_date.replace(year=2010)
    room.plan(replace(young, birth_date=born, sex=Sex.MALE, marital_status=MaritalStatus.BELUM_KAWIN))
    assert room.seal().record.card_from == born.replace(year=2027)


@pytest.mark.days
def test_the_seal_keeps_the_counts_of_what_it_erases(room: Room) -> None:
    room.plan(biodata(), biodata("Budi Raharjo", "3275014708790005"))
    first = room.seal("target-1")
    room.seal("target-2")
    with room.store.read() as unit:
        (day,) = unit.repository(RecordingTally).of(first.record.activity_id)
        events = unit.events.of(day.thing_id)
    assert (day.recorded, day.kit_id) == (2, KIT)
    assert {count.position for count in day.qualities} == set(Position)
    assert all(count.samples >= 2 and count.device for count in day.qualities)
    assert [event.kind for event in events] == ["recording_tallied"] * 2


def test_a_kit_that_dies_counts_nobody_twice(room: Room) -> None:
    session = room.complete(room.begin())
    dying = SealRecord(DyingStore(room.store, dies_at=2), room.tools, room.clock, room.ids, PETUGAS, KIT)
    with pytest.raises(KilledError):
        dying.seal(session.session_id)
    room.sealing.seal(session.session_id)
    with room.store.read() as unit:
        (day,) = unit.repository(RecordingTally).search()
    assert day.recorded == 1


def test_a_seal_that_the_center_would_refuse_is_not_begun(room: Room) -> None:
    session = room.complete(room.begin())
    for jump, code in ((-3, "seal.clock_doubtful"), (5 * 366, "seal.certificate_ended")):
        room.clock.jump(days=jump)
        if jump > 0:
            room.time.accept("kit lama di gudang")  # somebody says so, and still no certificate lasts that long
        with pytest.raises(RuleError) as caught:
            room.sealing.seal(session.session_id)
        assert caught.value.code == code
        assert room.recording.find(session.session_id) == session  # open and complete, as before
        assert list((room.home / "sealed").iterdir()) == []
        room.clock.jump(days=-jump)
    room.time.accept("jam sudah benar")
    assert room.sealing.seal(session.session_id).state is DeliveryState.QUEUED


def test_a_record_tells_what_vouches_for_its_time(room: Room, sealing_keys: Keys) -> None:
    room.time.learn(room.clock.now(), TimeSource.CENTER)
    entry = room.seal()
    told = opened(room, entry.record.record_id, sealing_keys).enrollment["contextualData"]["time"]
    assert (told["trustedSource"], told["clockAt"]) == ("center", room.clock.now().isoformat())


def test_a_sample_that_is_not_as_it_came_is_never_sealed(room: Room) -> None:
    session = room.complete(room.begin())
    with room.store.write() as unit:
        unit.connection.exec_driver_sql("UPDATE samples SET content = zeroblob(length(content)) WHERE row = 3")
    with pytest.raises(StoreError, match=r"store\.damaged"):
        room.sealing.seal(session.session_id)
    assert room.files.found().sealed == set()


def test_a_record_whose_events_an_older_store_lost_says_so(room: Room, sealing_keys: Keys) -> None:
    session = room.complete(room.begin())
    with room.store.write() as unit:
        names = unit.connection.exec_driver_sql("SELECT name FROM sqlite_master WHERE type = 'trigger'").scalars()
        for name in [name for name in names if "events" in name]:
            unit.connection.exec_driver_sql(f"DROP TRIGGER {name}")
        unit.connection.exec_driver_sql("DELETE FROM events WHERE aggregate = ? AND version < 6", (session.session_id,))
    record_id = room.sealing.seal(session.session_id).record.record_id
    record, note = judged(room, record_id, sealing_keys)
    assert (record.enrollment["contextualData"]["eventsLost"], note) == (True, "record.events_lost")


BEGUN = ("session_opened", "notice_given", "biodata_confirmed")
SEEN = ("exception_marked", "ink_taken")


@pytest.mark.parametrize(
    ("kinds", "is_short"),
    [
        ((*BEGUN, *SEEN), False),
        ((*BEGUN, "exception_marked", "exception_taken_back", *SEEN, "ink_dropped", "ink_taken"), False),
        ((*BEGUN, "exception_marked", "exception_taken_back", "ink_taken"), True),
        ((*BEGUN, "exception_marked", "ink_taken", "ink_dropped"), True),
        ((*BEGUN, "ink_taken"), True),
        ((*BEGUN, *SEEN, "attempt_made"), True),
        ((*BEGUN[:2], *SEEN), True),
        ((BEGUN[0], BEGUN[2], *SEEN), True),
        ((*BEGUN[1:], *SEEN), True),
    ],
)
def test_what_the_log_lacks_of_a_recording_is_seen(kinds: tuple[str, ...], is_short: bool) -> None:
    left = ExceptionMark(Position.EYE_LEFT, ExceptionReason.CATARACT, 0, ("rina",), "Pak RT", NOW)
    ink = InkGiven(inks_wanted([left])[0], "Pak RT", "s1", "ab" * 32, NOW, "Pad 1", "rina")
    session = CaptureSession("s", "a", "t", "rina", NOW, CapturePolicy("uji"), inks=(ink,))
    step = session.step(StepKind.IRIS).with_exception(left)
    events = [Event(f"e{n}", KIT, "c", n, "rina", NOW, "s", n, kind, "{}", "", "") for n, kind in enumerate(kinds)]
    assert _has_lost_events(replace(session, steps=(step,)), events) is is_short


def test_who_may_not_record_seals_nothing(room: Room) -> None:
    session = room.complete(room.begin())
    sealing = SealRecord(room.store, room.tools, room.clock, room.ids, STORES, KIT)
    with pytest.raises(RuleError) as caught:
        sealing.seal(session.session_id)
    assert caught.value.code == "session.not_your_role"


def test_a_seal_settles_target_visit_and_tally(room: Room) -> None:
    session = room.complete(room.begin())
    record = sealed(1)
    with room.store.write() as unit:
        work = UnitOfWork(unit, room.user, room.clock.now(), room.ids)
        record_sealed(work, session, record, KIT, room.clock.today())
    with room.store.read() as unit:
        assert unit.targets.get("target-1").state is TargetState.RECORDED
        assert [visit.outcome for visit in unit.repository(Visit).of(session.activity_id)] == [Outcome.DIREKAM]
        [day] = unit.repository(RecordingTally).search()
    assert day.recorded == 1


def test_a_target_that_is_not_on_this_laptop_is_no_error(room: Room) -> None:
    record = replace(sealed(1), exceptions=1)
    with room.store.write() as unit:
        work = UnitOfWork(unit, room.user, room.clock.now(), room.ids)
        assert target_recorded(work, record, "unknown") is TargetState.RECORDED_WITH_EXCEPTION
        target_recorded(work, record, "target-1")
        assert unit.targets.get("target-1").state is TargetState.RECORDED_WITH_EXCEPTION
