"""What a sealed record holds, read as the data center reads it."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from datetime import UTC, datetime

import pytest
from support.room import ACTIVITY, KIT, PETUGAS, Keys, Room

from fieldkit.domain.planning.outreach import Spot
from fieldkit.domain.recording.capture import StepKind
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.visits import Leg, Moment, Trip
from fieldkit.formats.container import OpenedRecord, read_container
from fieldkit.formats.record_check import check_record
from fieldkit.services.recording.seal_record import SealRecord
from fieldkit.vault.device_trust import SealedProofs


def opened(room: Room, record_id: str, keys: Keys) -> OpenedRecord:
    seal = keys.opener.open(room.files.path(record_id).read_bytes())
    record = read_container(seal.content)
    assert check_record(record, seal, SealedProofs()) == ""
    return record


def test_an_excepted_finger_keeps_the_best_that_was_tried(room: Room, sealing_keys: Keys) -> None:
    session = room.begin()
    for turn, score in enumerate((20, 31, 25), 1):
        session = room.capture(session, StepKind.THUMBS, score, turn)
    best = session.step(StepKind.THUMBS).attempts[1].samples[0].sha256
    session = room.recording.mark_exceptions(
        session.session_id, StepKind.THUMBS, [Position.RIGHT_THUMB], ExceptionReason.WORN, "Pak RT"
    )
    entry = room.sealing.seal(room.complete(session).session_id)
    record = opened(room, entry.record.record_id, sealing_keys)
    assert hashlib.sha256(record.entries["samples/RIGHT_THUMB.fir"]).hexdigest() == best
    items = record.enrollment["biometricData"]
    (thumb,) = (item for item in items if item.get("biometricSubType") == "RIGHT_THUMB")
    assert thumb["missing"] == [{"biometricSubType": "RIGHT_THUMB", "presence": "DAMAGED"}]
    assert (thumb["quality"], thumb["instance"]) == (31, "2")


@pytest.mark.days
def test_a_record_says_by_which_program_and_policy_it_was_judged(room: Room, sealing_keys: Keys) -> None:
    room.clock.at = datetime(2026, 11, 21, 20, 30, tzinfo=UTC)  # past midnight at the dinas
    with room.store.write() as unit:
        there = Moment(Leg.ARRIVED, room.clock.now(), Spot(-7.1, 112.2))
        unit.repository(Trip).save(Trip("trip-1", ACTIVITY.activity_id, "rina", (there,)))
    room.tools = replace(room.tools, program="9.9")
    room.sealing = SealRecord(room.store, room.tools, room.clock, room.ids, PETUGAS, KIT)
    context = opened(room, room.seal().record.record_id, sealing_keys).enrollment["contextualData"]
    assert (context["enrollmentDate"], context["zone"]) == ("2026-11-22", "+0700")
    assert context["finishedAt"] == "2026-11-22T03:30:00+07:00"
    assert context["program"] == {"name": "fieldkit", "version": "9.9"}
    assert (context["policy"]["name"], context["policy"]["finger"]) == ("uji", {"good": 60, "enough": 40})
    assert (context["spot"]["latitude"], context["spot"]["longitude"]) == (-7.1, 112.2)
    assert context["attempts"]["iris"][0]["operator"] == PETUGAS.user_id


@pytest.mark.days
def test_the_papers_of_a_recording_go_along(room: Room, sealing_keys: Keys) -> None:
    asked: list[tuple[str, str]] = []

    def papers(session_id: str, record_id: str) -> dict[str, bytes]:
        asked.append((session_id, record_id))
        return {"berita_acara_pengecualian": b"%PDF-1.7"}

    room.sealing = SealRecord(room.store, replace(room.tools, papers=papers), room.clock, room.ids, PETUGAS, KIT)
    session = room.complete(room.begin())
    record = opened(room, room.sealing.seal(session.session_id).record.record_id, sealing_keys)
    assert asked == [(session.session_id, record.record_id)]
    (document,) = record.enrollment["documentData"]
    assert (document["documentType"], document["documentTypeOther"]) == ("OTHER", "BERITA_ACARA_PENGECUALIAN")
    (part,) = document["parts"]
    assert record.entries[part["dataRef"].partition("#")[2]] == b"%PDF-1.7"
