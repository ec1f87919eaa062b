"""Recording and delivery complete their own steps of the SOP."""

from __future__ import annotations

from dataclasses import replace
from datetime import date, time

import pytest
from support.clock import NOW
from support.kept import biodata
from support.room import ACTIVITY, PETUGAS, Room
from support.sops import took

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.delivery import DeliveryState
from fieldkit.domain.people import Permission, Role
from fieldkit.domain.planning.outreach import Plan, Terrain
from fieldkit.domain.recording.session import EndReason
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun, StepState, begin_run
from fieldkit.domain.targets.requests import Applicant, Disposisi, Harapan, Sifat, SuratPermohonan
from fieldkit.services.sop.run_sop import facts_before, records_delivered
from fieldkit.services.unit_of_work import UnitsOfWork
from fieldkit.services.visits.plan_visits import PlanVisits
from fieldkit.storage.outbox import SqlOutbox

GROBOGAN = next(profile for profile in own_profiles() if profile.sop_id == "grobogan_jemput_bola")
RECORDING, SENDING = 6, 7
SECOND = biodata("Budi Raharjo", "3275014708790005")


@pytest.fixture
def units(room: Room) -> UnitsOfWork:
    room.plan(biodata(), SECOND)
    with room.store.write() as unit:
        unit.repository(SopRun).save(begin_run(GROBOGAN, ACTIVITY.activity_id, PETUGAS.user_id, NOW))
    return UnitsOfWork(room.store, room.clock, room.ids, PETUGAS)


def state(room: Room, no: int) -> StepState:
    with room.store.read() as unit:
        return unit.repository(SopRun).get(ACTIVITY.activity_id).state(no)


def acknowledge(room: Room, units: UnitsOfWork, record_id: str) -> None:
    outbox = SqlOutbox(room.store, room.files, room.clock)
    outbox.mark_sending(record_id)
    outbox.mark_received(record_id)
    outbox.acknowledge(record_id, "receipt", room.clock.now())
    with units.write(Permission.SEND) as work:
        records_delivered(work, [record_id])


def test_recording_runs_from_the_first_person_to_the_last(room: Room, units: UnitsOfWork) -> None:
    room.seal("target-1")
    assert state(room, RECORDING) is StepState.RUNNING
    room.clock.advance(minutes=40)
    second = room.recording.open("target-2")
    room.recording.give_notice(second.session_id, "id")
    room.recording.refuse(second.session_id, EndReason.DECLINED)
    assert state(room, RECORDING) is StepState.DONE
    with room.store.read() as unit:
        assert took(unit.repository(SopRun).get(ACTIVITY.activity_id), RECORDING) == 40
    assert state(room, SENDING) is StepState.WAITING


def test_nobody_recorded_is_no_recording(room: Room, units: UnitsOfWork) -> None:
    for target in ("target-1", "target-2"):
        session = room.recording.open(target)
        room.recording.give_notice(session.session_id, "id")
        room.recording.refuse(session.session_id, EndReason.DECLINED)
    assert state(room, RECORDING) is StepState.RUNNING


def test_sending_is_over_when_each_record_has_its_receipt(room: Room, units: UnitsOfWork) -> None:
    first, second = (room.seal(target).record.record_id for target in ("target-1", "target-2"))
    assert state(room, RECORDING) is StepState.DONE
    acknowledge(room, units, first)
    assert state(room, SENDING) is StepState.RUNNING
    acknowledge(room, units, second)
    assert state(room, SENDING) is StepState.DONE


def test_what_was_sent_before_the_last_visit_counts_when_that_brings_nothing(room: Room, units: UnitsOfWork) -> None:
    acknowledge(room, units, room.seal("target-1").record.record_id)
    assert state(room, SENDING) is StepState.WAITING
    session = room.recording.open("target-2")
    room.recording.give_notice(session.session_id, "id")
    room.recording.refuse(session.session_id, EndReason.DECLINED)
    assert state(room, SENDING) is StepState.DONE


def test_without_an_sop_recording_goes_on_as_ever(room: Room) -> None:
    record = room.seal("target-1").record
    acknowledge(room, UnitsOfWork(room.store, room.clock, room.ids, PETUGAS), record.record_id)
    with room.store.read() as unit:
        assert unit.records.get(record.record_id).state is DeliveryState.ACKNOWLEDGED
        assert unit.repository(SopRun).find(ACTIVITY.activity_id) is None


def test_a_list_that_is_taken_over_is_collected(room: Room, units: UnitsOfWork) -> None:
    visits = PlanVisits(units, lambda code: True)
    visits.take_over(ACTIVITY, ())
    with room.store.read() as unit:
        assert unit.repository(SopRun).get(ACTIVITY.activity_id).heard(Fulfilment.TARGETS_COLLECTED) is None
        (target,) = unit.targets.search(ACTIVITY.activity_id, "Budi")
    visits.take_over(ACTIVITY, [replace(target, house=3)])
    with room.store.read() as unit:
        assert unit.repository(SopRun).get(ACTIVITY.activity_id).heard(Fulfilment.TARGETS_COLLECTED) is not None


def test_what_was_done_before_the_sop_was_chosen_counts(room: Room) -> None:
    day, activity_id = date(2026, 11, 21), ACTIVITY.activity_id
    with room.store.write() as unit:
        unit.repository(SuratPermohonan).save(
            SuratPermohonan(
                "r1", activity_id, Applicant.PEMERINTAH_DESA, "Desa Jimbe", "1", day, day, "", "Jimbe", "", "", 2, ""
            )
        )
        unit.repository(Disposisi).save(
            Disposisi("d1", activity_id, "r1", Sifat.BIASA, (Role.KABID,), (Harapan.TANGGAPAN,), "", "u1", NOW)
        )
        unit.repository(Plan).save(
            Plan(activity_id, activity_id, (day,), time(8), (), (), "", terrain=Terrain.EASY, minutes=60)
        )
        assert list(facts_before(unit, activity_id)) == [
            (Fulfilment.REQUEST_RECEIVED, "r1"),
            (Fulfilment.TARGETS_COLLECTED, ""),
            (Fulfilment.DISPOSED, "d1"),
            (Fulfilment.SCHEDULED, activity_id),
        ]
        assert list(facts_before(unit, "another")) == []
