"""What is left of an attempt: what counted, and what was refused."""

from __future__ import annotations

import hashlib
from dataclasses import replace

from support.kept import NOW
from support.room import Room
from support.samples import Signed, captured, chained, sample

from fieldkit.domain.recording.capture import DeviceEvidence, QualityScore, StepKind, first_break
from fieldkit.domain.recording.positions import RIGHT_FOUR
from fieldkit.ports.devices import CaptureResult, SampleFault

INDEX, MIDDLE, RING, _ = RIGHT_FOUR


def sample_count(room: Room) -> int:
    with room.store.read() as unit:
        return int(unit.connection.exec_driver_sql("SELECT count(*) FROM samples").scalar_one())


def test_what_was_refused_leaves_its_digest_in_the_attempt_and_no_bytes(room: Room) -> None:
    session = room.begin()
    signed = DeviceEvidence("a.b.c", "AB" * 32, "dev-1", NOW, b"0")
    refused_one = replace(sample(INDEX, 90), evidence=signed)
    result = captured({MIDDLE: 80}, faults=[SampleFault(INDEX, "sample.broken", refused_one)])
    session = room.recording.keep_attempt(session.session_id, StepKind.RIGHT_FOUR, "D", (INDEX, MIDDLE), result)
    (fault,) = session.step(StepKind.RIGHT_FOUR).attempts[0].faults
    assert (fault.code, fault.sha256, fault.chain_hash) == (
        "sample.broken",
        hashlib.sha256(refused_one.data).hexdigest(),
        "AB" * 32,
    )
    assert sample_count(room) == 1
    assert room.recording.find(session.session_id) == session


def test_every_link_of_the_devices_chain_is_kept_with_the_reason_why_it_has_no_sample(room: Room) -> None:
    session = room.begin()
    came = chained(captured({INDEX: 80, MIDDLE: 80, RING: 80}), Signed("", NOW))
    index, middle, ring = came.samples
    result = replace(came, samples=(middle, ring), faults=(SampleFault(INDEX, "sample.broken", index),))
    session = room.recording.keep_attempt(session.session_id, StepKind.RIGHT_FOUR, "D", (INDEX, MIDDLE), result)
    links = room.recording.find(session.session_id).step(StepKind.RIGHT_FOUR).attempts[0].links
    assert links is not None
    assert [link.discarded for link in links] == ["sample.broken", "", "unasked"]
    assert first_break(links) is None
    assert sample_count(room) == 1


def test_the_devices_own_score_is_kept_beside_ours(room: Room) -> None:
    session, own = room.begin(), QualityScore(97, "SBI:Acme S4", "1.2")
    result = CaptureResult((replace(sample(INDEX, 55), device_quality=own),))
    session = room.recording.keep_attempt(session.session_id, StepKind.RIGHT_FOUR, "D", (INDEX,), result)
    best = room.recording.find(session.session_id).step(StepKind.RIGHT_FOUR).best(INDEX)
    assert best is not None
    assert (best.quality.value, best.device_quality) == (55, own)
