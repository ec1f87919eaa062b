from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date, timedelta
from importlib.resources import files
from pathlib import Path

import pytest
from support.app_context import PETUGAS, TARGETS, TODAY, Kit
from support.cards_sent import LOKET, PRINTER, taken
from support.plans import KASI

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.delivery import DeliveryState, OfficeTask
from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.letters.letter import LetterKind
from fieldkit.domain.nik import NO_NIK
from fieldkit.domain.planning.outreach import ModePerekaman, ServiceCategory, Target, TargetState
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.reports import MissedCount, Period, Span
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import SopRun, begin_run
from fieldkit.domain.status_lists import SeenStatuses
from fieldkit.domain.visits import OfficialException, OfficialRecording, Outcome, Perekaman, Visit
from fieldkit.services.reports.sections import Term, sections_of
from fieldkit.services.visits.run_visits import Ended, OfficialProof

BLITAR = next(profile for profile in own_profiles() if profile.sop_id == "blitar_si_jaran_ijo")
PROOF = OfficialProof("Laptop SIAK 02", number="REG-0077")


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    """A kit whose activity records in the official application."""
    kit = Kit(tmp_path, PETUGAS)
    kit.plan(*TARGETS[:3])
    with kit.store.write() as unit:
        unit.repository(SopRun).save(begin_run(BLITAR, "a1", "u1", kit.clock.now()))
    kit.context.office.trips.set_perekaman("a1", Perekaman.RESMI)
    yield kit
    kit.store.close()


def record(kit: Kit, target_id: str = "t1", proof: OfficialProof = PROOF) -> Visit:
    visits = kit.context.office.visits
    visit = visits.begin(target_id)
    kit.clock.advance(minutes=20)
    return visits.end(visit.thing_id, Ended(Outcome.DIREKAM_RESMI, official=proof))


def target_of(kit: Kit, target_id: str = "t1") -> Target:
    with kit.store.read() as unit:
        return unit.targets.get(target_id)


def test_a_noted_recording_settles_the_visit_and_waits_in_no_queue(kit: Kit) -> None:
    visit = record(kit)
    assert (visit.outcome, target_of(kit).state) == (Outcome.DIREKAM_RESMI, TargetState.RECORDED)
    with kit.store.read() as unit:
        noted = unit.repository(OfficialRecording).get("t1")
        entry = unit.records.get("t1")
        assert (noted.by, noted.kit_id, noted.machine, noted.proof) == ("u1", "KIT-07", "Laptop SIAK 02", "REG-0077")
        assert noted.recorded_at == kit.clock.now()
        assert (entry.state, entry.record.is_official) == (DeliveryState.OFFICIAL, True)
        assert unit.records.search() == []
        assert unit.records.states(["t1"]) == {}
        count = unit.activities.count("a1")
    assert (count.recorded, count.unsent) == (1, 0)
    assert kit.context.delivery.queue().entries == ()


def test_with_the_kit_nobody_is_recorded_by_words(tmp_path: Path) -> None:
    with Kit(tmp_path, PETUGAS) as kit:
        kit.plan(*TARGETS[:1])
        with pytest.raises(RuleError, match=r"official\.kit_mode"):
            record(kit)
        kit.context.office.trips.set_perekaman("a1", Perekaman.RESMI)
        visit = kit.context.office.visits.begin("t1")
        for outcome, code in ((Outcome.DIREKAM, "visit.not_recorded"), (Outcome.DIREKAM_RESMI, "official.kit_mode")):
            with pytest.raises(RuleError, match=code):
                kit.context.office.visits.end(visit.thing_id, Ended(outcome))
        assert target_of(kit).state is TargetState.PLANNED


def test_the_kit_captures_nobody_whom_the_official_application_records(kit: Kit) -> None:
    with pytest.raises(RuleError, match=r"session\.official_mode"):
        kit.context.recording.open("t1")
    record(kit)
    assert kit.context.office.trips.perekaman("a1") is Perekaman.RESMI
    with pytest.raises(RuleError, match=r"perekaman\.begun"):
        kit.context.office.trips.set_perekaman("a1", Perekaman.KIT)


def test_an_open_recording_keeps_the_program(tmp_path: Path) -> None:
    with Kit(tmp_path, PETUGAS) as kit:
        kit.plan(*TARGETS[:1])
        kit.context.recording.open("t1")
        with pytest.raises(RuleError, match=r"perekaman\.begun"):
            kit.context.office.trips.set_perekaman("a1", Perekaman.RESMI)
        assert kit.context.office.trips.perekaman("a1") is Perekaman.KIT


@pytest.mark.parametrize(
    ("proof", "error", "code"),
    [
        (replace(PROOF, machine=" "), InputError, "official.no_machine"),
        (
            replace(PROOF, exceptions=(OfficialException(Position.EYE_LEFT, ExceptionReason.BLIND, " "),)),
            InputError,
            "official.no_witness",
        ),
        (
            replace(PROOF, exceptions=(OfficialException(Position.EYE_LEFT, ExceptionReason.WORN, "Bu RT"),)),
            InputError,
            "official.reason_unfit",
        ),
    ],
)
def test_what_a_recording_lacks_is_told(kit: Kit, proof: OfficialProof, error: type[Exception], code: str) -> None:
    with pytest.raises(error, match=code):
        record(kit, proof=proof)
    assert target_of(kit).state is TargetState.PLANNED


def test_nobody_is_recorded_tomorrow_too_young_or_without_a_nik(kit: Kit) -> None:
    with pytest.raises(InputError, match=r"common\.in_future"):
        record(kit, proof=replace(PROOF, recorded_at=kit.clock.now() + timedelta(days=1)))
    kit.plan(TARGETS[3])
    with pytest.raises(RuleError, match=r"session\.too_young"):
        record(kit, "t4")
    unknown = kit.context.office.visits.walk_in("a1", replace(TARGETS[0].biodata, nik=NO_NIK), ServiceCategory.LANSIA)
    with pytest.raises(RuleError, match=r"official\.no_nik"):
        record(kit, unknown.target_id)


def test_exceptions_are_noted_with_their_witness(kit: Kit) -> None:
    blind = OfficialException(Position.EYE_LEFT, ExceptionReason.BLIND, "Bu RT")
    record(kit, proof=replace(PROOF, exceptions=(blind,)))
    assert target_of(kit).state is TargetState.RECORDED_WITH_EXCEPTION
    with kit.store.read() as unit:
        assert unit.records.get("t1").record.exceptions == 1
        assert unit.repository(OfficialRecording).get("t1").exceptions == (blind,)


def test_an_end_is_taken_back_until_it_is_followed_up(kit: Kit) -> None:
    visits = kit.context.office.visits
    record(kit)
    news = visits.news()
    assert news is not None
    visits.take_back(news)
    assert target_of(kit).state is TargetState.PLANNED
    with kit.store.read() as unit:
        assert unit.repository(OfficialRecording).find("t1") is None
    record(kit)
    news = visits.news()
    assert news is not None
    kit.apply("t1", "SFE")
    with pytest.raises(RuleError, match=r"visit\.was_recorded"):
        visits.take_back(news)
    assert target_of(kit).state is TargetState.RECORDED


def test_somebody_is_noted_once(kit: Kit) -> None:
    record(kit)
    with pytest.raises(RuleError, match=r"official\.recorded_before"):
        record(kit)
    kit.seal(2, TARGETS[1])
    with pytest.raises(RuleError, match=r"session\.recorded_before"):
        record(kit, "t2")


def test_the_office_follows_who_was_recorded_elsewhere(kit: Kit) -> None:
    record(kit)
    office = kit.context.office
    (silent,) = office.statuses.worklist("a1")
    assert (silent.code, silent.task) == ("", OfficeTask.MONITOR)
    assert silent.lines[0].line.standing.is_official
    assert silent.lines[0].masked_name == TARGETS[0].biodata.masked_name
    assert office.statuses.find(TARGETS[0].biodata.name[:4]) == {"t1"}
    kit.apply("t1", "SFE", "RECEIVED_AT_CENTRAL", "PRINT_READY_RECORD")
    assert [group.task for group in office.statuses.worklist("a1")] == [OfficeTask.PRINT]
    assert [line.record.record_id for line in office.printing.print_list("a1").now] == ["t1"]
    record(kit, "t3")
    kit.apply("t3", "PRINT_READY_RECORD")
    assert [line.card_from for line in office.printing.print_list("a1").later] == [date(2027, 3, 12)]
    (clock, *_) = [line for line in office.clocks.lines("a1") if line.record.record_id == "t1"]
    assert clock.reading.starts_at is not None
    assert clock.record.is_official


def heard(kit: Kit, fact: Fulfilment) -> bool:
    with kit.store.read() as unit:
        return unit.repository(SopRun).get("a1").heard(fact) is not None


def test_sent_is_told_by_the_list_that_says_so(kit: Kit) -> None:
    record(kit, "t1")
    record(kit, "t2")
    visits = kit.context.office.visits
    visits.end(visits.begin("t3").thing_id, Ended(Outcome.PINDAH))
    assert (heard(kit, Fulfilment.RECORDED), heard(kit, Fulfilment.SENT)) == (True, False)
    office = kit.context_of(KASI).office
    office.statuses.type_status("t1", "SFE")
    assert not heard(kit, Fulfilment.SENT)
    lists = office.status_lists
    file = lists.read("bc.csv", f"NIK;STATUS KTP\n{TARGETS[1].biodata.nik.digits};BIO_CAPTURED".encode())
    lists.take_over(lists.preview("a1", file, file.layout, TODAY))
    assert not heard(kit, Fulfilment.SENT)
    file = lists.read("prr.csv", f"NIK;STATUS KTP\n{TARGETS[1].biodata.nik.digits};PRINT_READY_RECORD".encode())
    lists.take_over(lists.preview("a1", file, file.layout, TODAY))
    assert heard(kit, Fulfilment.SENT)
    with kit.store.read() as unit:
        assert [said.code for said in unit.records.get("t2").statuses] == ["BIO_CAPTURED", "PRINT_READY_RECORD"]
        assert unit.repository(SeenStatuses).search() == []


def test_what_a_list_said_before_the_team_noted_it_goes_along(kit: Kit) -> None:
    lists = kit.context_of(KASI).office.status_lists
    for code in ("BELUM REKAM", "PRINT_READY_RECORD"):
        file = lists.read("x.csv", f"NIK;STATUS KTP\n{TARGETS[0].biodata.nik.digits};{code}".encode())
        lists.take_over(lists.preview("a1", file, file.layout, TODAY))
        between = kit.clock.now()
        kit.clock.advance(minutes=30)
    record(kit, "t1", replace(PROOF, recorded_at=between))
    with kit.store.read() as unit:
        assert [said.code for said in unit.records.get("t1").statuses] == ["PRINT_READY_RECORD"]


def test_an_activity_begins_with_the_program_of_its_sop(tmp_path: Path) -> None:
    blitar = (files("assets") / "sop" / "blitar_si_jaran_ijo.yaml").read_text("utf-8")
    (tmp_path / "sop").mkdir()
    own = blitar.replace("id: blitar_si_jaran_ijo", "id: siak_sendiri") + "\nperekaman: resmi\n"
    (tmp_path / "sop" / "siak_sendiri.yaml").write_text(own, "utf-8")
    with Kit(tmp_path, KASI) as kit:
        kit.sop_folder = tmp_path / "sop"
        office = kit.context_of(KASI).office
        day, mode = TODAY + timedelta(days=7), ModePerekaman.LURING
        for sop, expected in (("siak_sendiri", Perekaman.RESMI), ("blitar_si_jaran_ijo", Perekaman.KIT)):
            begun = office.planning.begin_activity("Jemput bola", "Desa Jimbe", sop, mode, day)
            office.sop.begin(begun.activity_id, sop)
            assert office.trips.perekaman(begun.activity_id) is expected


def test_reports_count_it_apart_and_its_exceptions_too(kit: Kit) -> None:
    blind = OfficialException(Position.EYE_LEFT, ExceptionReason.BLIND, "Bu RT")
    record(kit, "t1", replace(PROOF, exceptions=(blind,)))
    kit.seal(2, TARGETS[1], timedelta(0))
    reports = kit.context_of(KASI).office.reports
    report = reports.read(Period(Span.ACTIVITY, TODAY, "a1"))
    assert (report.recorded, report.official, report.unsent, report.with_exception) == (2, 1, 1, 1)
    assert report.missed == (MissedCount(Position.EYE_LEFT, ExceptionReason.BLIND, 1),)
    note = sections_of(report)[0].note
    assert isinstance(note, Term)
    assert (note.key, note.params["recorded"], note.params["official"]) == ("reports.outcomes_note_official", 1, 1)
    assert report.outcomes == {Outcome.DIREKAM_RESMI: 1}


def test_letters_and_messages_never_call_it_ours(kit: Kit) -> None:
    blind = OfficialException(Position.EYE_LEFT, ExceptionReason.BLIND, "Bu RT")
    record(kit, "t1", replace(PROOF, exceptions=(blind,)))
    record(kit, "t2")
    office = kit.context_of(KASI).office
    told = office.letters.draft(LetterKind.LAPORAN_KEGIATAN, "a1").fields["outcomes"]
    assert {row["outcome"]: row["count"] for row in told} == {
        "direkam_resmi_pengecualian": 1,
        "direkam_resmi": 1,
        "planned": 1,
    }
    assert "aplikasi resmi" in office.news.news("t1").said


def test_lists_of_records_hear_of_it(kit: Kit) -> None:
    heard: list[frozenset[str]] = []
    end = kit.store.listen(heard.append)
    record(kit)
    end()
    assert "record" in frozenset().union(*heard)


def test_the_card_goes_its_way_to_the_person(kit: Kit) -> None:
    record(kit)
    kit.apply("t1", "PRINT_READY_RECORD")
    kit.context_of(PRINTER).office.printing.note_printed(["t1"], "B1")
    handover = kit.context_of(LOKET).office.handover
    assert [card.thing_id for card in handover.of("a1")] == ["t1"]
    handover.receive("t1", taken())
    assert heard(kit, Fulfilment.CARDS_TO_PERSONS)
    assert kit.context.office.statuses.tasks() == {}
