"""Conditions of a recording that need more than one person, finger or device to show."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from support.altered import Altered
from support.kept import biodata
from support.room import LEAD, PETUGAS, Keys, Room, make_keys
from support.samples import captured, sample

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.recording.capture import CapturePolicy, Sample, StepKind
from fieldkit.domain.recording.positions import INDEX_FINGERS, RIGHT_FOUR, THUMBS, ExceptionReason, Position
from fieldkit.domain.recording.record import IndexComparison
from fieldkit.domain.recording.session import EndReason
from fieldkit.domain.typed import Draft, draft_of_recording
from fieldkit.formats.container import read_container
from fieldkit.formats.record_check import check_record
from fieldkit.ports.devices import SampleFault
from fieldkit.ports.recording import Match, MatchVerdict
from fieldkit.vault.device_trust import SealedProofs

INDEX = RIGHT_FOUR[0]


@dataclass
class Prepares:
    """A matcher that remembers what it was to read, and says of everything the same."""

    verdict: MatchVerdict = MatchVerdict.SAME
    prepared: list[Position] = field(default_factory=list)

    def prepare(self, sample: Sample) -> None:
        self.prepared.append(sample.position)

    def compare(self, reference: Sample, probe: Sample) -> Match:
        assert reference.position is probe.position
        return Match(self.verdict, 9.5, "bytes", "7")


def test_each_target_has_its_own_recording(room: Room) -> None:
    room.plan(biodata(), biodata("Budi", "3275014708790005"))
    first = room.begin("target-1")
    second = room.recording.open("target-2")
    assert second.session_id != first.session_id
    assert room.recording.open("target-1").session_id == first.session_id


def test_a_mismatch_is_decided_by_a_person_after_two_touches(tmp_path: Path, sealing_keys: Keys) -> None:
    room = Room(tmp_path, sealing_keys, matcher=Prepares(MatchVerdict.DIFFERENT))
    room.plan()
    session = room.capture(room.begin(), StepKind.RIGHT_FOUR)
    recording, other = room.recording, [sample(INDEX)]
    recording.accept(session.session_id, StepKind.RIGHT_FOUR)
    recording.verify_indexes(session.session_id, other)
    with pytest.raises(RuleError, match=r"session\.touch_again"):
        recording.decide_mismatch(session.session_id)
    assert recording.verify_indexes(session.session_id, other).index_comparison is IndexComparison.DOUBTED_TWICE
    assert recording.decide_mismatch(session.session_id).index_comparison is IndexComparison.NOT_MATCHED
    with room.store.read() as unit:
        decided = unit.events.last_of(session.session_id)
    assert decided is not None
    assert (decided.kind, decided.actor) == ("indexes_verified", PETUGAS.user_id)
    room.store.close()


def test_only_recorded_index_fingers_are_compared(tmp_path: Path, sealing_keys: Keys) -> None:
    matcher = Prepares()
    room = Room(tmp_path, sealing_keys, matcher=matcher)
    room.plan()
    session = room.capture(room.begin(), StepKind.RIGHT_FOUR)
    room.recording.accept(session.session_id, StepKind.RIGHT_FOUR)
    room.recording.prepare_indexes(session.session_id)
    assert (room.recording.has_matcher, matcher.prepared) == (True, [INDEX])
    room.recording.read_ahead(sample(Position.LEFT_INDEX))
    assert matcher.prepared == [INDEX, Position.LEFT_INDEX]
    only_left = room.recording.verify_indexes(session.session_id, [sample(Position.LEFT_INDEX)])
    assert only_left.index_comparison is IndexComparison.NOT_COMPARED
    both = room.recording.verify_indexes(session.session_id, [sample(each) for each in INDEX_FINGERS])
    assert both.index_comparison is IndexComparison.MATCHED
    room.store.close()


def test_without_a_matcher_nothing_is_prepared(room: Room) -> None:
    session = room.capture(room.begin(), StepKind.RIGHT_FOUR)
    room.recording.prepare_indexes(session.session_id)
    room.recording.read_ahead(sample(INDEX))
    assert not room.recording.has_matcher


def test_a_refused_sample_of_a_device_that_signs_nothing_leaves_its_digest(room: Room) -> None:
    session, poor = room.begin(), sample(INDEX, 90)
    result = captured({RIGHT_FOUR[1]: 80}, faults=[SampleFault(INDEX, "sample.broken", poor)])
    session = room.recording.keep_attempt(session.session_id, StepKind.RIGHT_FOUR, "D", RIGHT_FOUR[:2], result)
    (fault,) = session.step(StepKind.RIGHT_FOUR).attempts[0].faults
    assert (fault.sha256, fault.chain_hash) == (hashlib.sha256(poor.data).hexdigest(), "")


@pytest.mark.days
def test_where_the_dinas_wants_it_the_witness_is_named_with_a_nik(tmp_path: Path) -> None:
    room = Room(tmp_path, make_keys(), policy=CapturePolicy("uji", witness_nik=True))
    room.plan()
    session = room.begin()
    marking = (session.session_id, StepKind.RIGHT_FOUR, [INDEX], ExceptionReason.BANDAGED, "Pak RT")
    for wrong in ("", "123"):
        with pytest.raises(InputError):
            room.recording.mark_exceptions(*marking, witness_nik=wrong)
    (mark,) = room.recording.mark_exceptions(*marking, witness_nik="3505085203790002").exceptions
    assert mark.witness_nik == "3505085203790002"
    assert replace(mark, witness_nik="").digest != mark.digest
    sealed = room.sealing.seal(room.complete(room.recording.find(session.session_id)).session_id).record
    seal = room.keys.opener.open(room.files.path(sealed.record_id).read_bytes())
    assert check_record(read_container(seal.content), seal, SealedProofs()) == ""
    altered = Altered.of(seal.content)
    altered.context["exceptions"][0].pop("witnessNik")
    with pytest.raises(InputError) as refused:
        check_record(read_container(altered.content()), seal, SealedProofs())
    assert refused.value.code == "record.exception_nik"
    room.store.close()


def test_of_many_exceptions_a_team_lead_signs_as_the_second_attendant(tmp_path: Path) -> None:
    room = Room(tmp_path, make_keys(), policy=CapturePolicy("uji", exceptions_alone=4))
    room.plan()
    sid, worn = room.begin().session_id, (ExceptionReason.WORN, "Pak RT")
    room.recording.mark_exceptions(sid, StepKind.RIGHT_FOUR, RIGHT_FOUR, *worn)
    for second in (None, room.keys.credential(replace(PETUGAS, user_id="ayu"))):
        with pytest.raises(RuleError) as refused:
            room.recording.mark_exceptions(sid, StepKind.THUMBS, THUMBS[:1], *worn, second)
        assert (refused.value.code, refused.value.problem.params) == ("session.no_lead", {"most": 4})
    marked = room.recording.mark_exceptions(sid, StepKind.THUMBS, THUMBS, *worn, room.keys.credential(LEAD))
    assert len(marked.exceptions) == 6
    room.store.close()


def test_whoever_has_no_account_any_more_signs_by_the_id(room: Room) -> None:
    session = room.begin()
    marking = (session.session_id, StepKind.RIGHT_FOUR, [INDEX], ExceptionReason.BANDAGED, LEAD.user_id)
    room.recording.mark_exceptions(*marking, second=room.keys.credential(replace(LEAD, user_id="gone")))
    assert sorted(name for _, name in room.recording.inks_open(session.session_id)) == [LEAD.user_id, "gone"]


def test_what_was_typed_goes_with_the_recording(room: Room) -> None:
    session = room.begin()
    owner = draft_of_recording(session.session_id)
    with room.store.write() as unit:
        unit.drafts.put(Draft(owner, room.user.user_id, {"name": "Siti"}, room.clock.now()))
    room.recording.refuse(session.session_id, EndReason.DECLINED)
    with room.store.read() as unit:
        assert unit.drafts.find(owner, room.user.user_id) is None
