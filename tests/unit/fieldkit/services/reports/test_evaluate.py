from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pypdfium2 as pdfium
import pytest
from support.aided import aided
from support.app_context import KETUA, PENGURUS, PETUGAS, TODAY, Kit
from support.letters import AT, KADIS
from support.sops import SMALL, work_on

from fieldkit.domain.errors import InputError, RuleError, StoreError
from fieldkit.domain.letters.letter import LetterKind, LetterState
from fieldkit.domain.people import Permission
from fieldkit.domain.planning.outreach import Activity
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.reports import Evaluation, MissedCount, Points, RecordingTally, begin_tally
from fieldkit.domain.sarpras import Condition, DamageReport
from fieldkit.domain.sop.profile import Fulfilment, SopDocument, StandardTime, TimeUnit
from fieldkit.domain.sop.run import Ending, Filed, SopRun, begin_run
from fieldkit.domain.visits import Outcome, Visit
from fieldkit.services.reports.evaluate import Evaluate

SAID = Points(
    went_well=("Warga didampingi perangkat desa",),
    went_badly=("Genset mati dua kali",),
    obstacles=("  Jalan   licin ", ""),
    proposals=("Bawa genset cadangan",),
)


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    kit = aided(tmp_path)
    work_on(kit.store)
    yield kit
    kit.store.close()


@pytest.fixture
def evaluation(kit: Kit) -> Evaluate:
    return kit.context.office.evaluation


def told(kit: Kit) -> list[str]:
    with kit.store.read() as unit:
        return [event.kind for event in unit.events.of(AT)]


def test_points_are_kept_as_lines_and_the_same_twice_is_no_news(kit: Kit, evaluation: Evaluate) -> None:
    for _ in range(2):
        evaluation.write(AT, SAID)
    assert evaluation.view(AT).points.obstacles == ("Jalan licin",)
    assert told(kit).count("evaluation_written") == 1
    with kit.store.read() as unit:
        assert [each.thing_id for each in unit.repository(Evaluation).search("genset")] == [AT]


def test_the_numbers_stand_beside_it(kit: Kit, evaluation: Evaluate) -> None:
    now = kit.clock.now()
    with kit.store.write() as unit:
        for number, minutes in enumerate((10, 50)):
            begun = now - timedelta(minutes=minutes)
            visit = Visit(f"v{number}", AT, f"t{number + 1}", "u1", begun, now, Outcome.TIDAK_DI_TEMPAT)
            unit.repository(Visit).save(visit)
        at_the_standard = now - timedelta(minutes=30)
        unit.repository(Visit).save(Visit("v8", AT, "t8", "u1", at_the_standard, now, Outcome.TIDAK_DI_TEMPAT))
        unit.repository(Visit).save(Visit("v9", AT, "t9", "u1", now))
        run = unit.repository(SopRun).get(AT).start(1, "u1", now - timedelta(minutes=9))
        unit.repository(SopRun).save(run.apply(Fulfilment.REQUEST_RECEIVED, "u1", now))
    seen = evaluation.view(AT)
    assert (seen.visits, seen.visit_minutes, seen.over_standard) == (3, 30, 1)
    (first,) = seen.times
    assert (first.no, first.standard_minutes, first.minutes, first.is_late) == (1, 5, 9, True)
    (row,) = evaluation.report(AT, SAID).fields["times"]
    assert (row["standard"], row["real"]) == ("5 menit", "9 menit")


def test_the_report_counts_exceptions_of_all_kits_and_names_nobody(kit: Kit, evaluation: Evaluate) -> None:
    worn = MissedCount(Position.RIGHT_INDEX, ExceptionReason.WORN, 2)
    lost = MissedCount(Position.EYE_LEFT, None, 1)
    with kit.store.write() as unit:
        for number, missed in enumerate(((worn, lost), (worn,))):
            tally = replace(begin_tally(AT, TODAY, f"KIT-{number}"), missed=missed)
            unit.repository(RecordingTally).save(tally)
    letter = evaluation.report(AT, SAID)
    assert letter.fields["exceptions"] == [
        {"part": "RIGHT_INDEX", "seen": "worn", "count": 4},
        {"part": "EYE_LEFT", "seen": "failed", "count": 1},
    ]
    pdf = kit.context.office.letters.issue(letter.thing_id, "700").pdf
    with kit.store.read() as unit:
        pages = pdfium.PdfDocument(unit.attachments.get(pdf).content)
    text = " ".join(page.get_textpage().get_text_range() for page in pages)
    assert "Telunjuk kanan" in text
    assert "Alur jari aus" in text
    assert "Genset mati dua kali" in text


def test_the_report_ends_it_in_one_transaction(kit: Kit, evaluation: Evaluate) -> None:
    letter = evaluation.report(AT, SAID)
    assert (letter.letter, letter.state) == (LetterKind.LAPORAN_KEGIATAN, LetterState.DRAFT)
    assert letter.fields["obstacles"] == ["Genset mati dua kali", "Jalan licin"]
    assert letter.fields["advice"] == ["Bawa genset cadangan"]
    seen = evaluation.view(AT)
    assert seen.letter is not None
    assert seen.letter.thing_id == letter.thing_id
    assert "activity_evaluated" in told(kit)
    with kit.store.read() as unit:
        fact = unit.repository(SopRun).get(AT).heard(Fulfilment.EVALUATED)
    assert fact is not None
    assert fact.evidence == (letter.thing_id,)
    for again in (evaluation.write, evaluation.report):
        with pytest.raises(RuleError, match=r"evaluation\.reported"):
            again(AT, Points(obstacles=("lain",)))
    assert len(kit.context.office.letters.of(AT)) == 1


def test_a_void_report_makes_room_for_another(kit: Kit, evaluation: Evaluate) -> None:
    first = evaluation.report(AT, SAID)
    kit.context.office.letters.void(first.thing_id, "salah isi")
    evaluation.write(AT, Points(obstacles=("lain",)))
    second = evaluation.report(AT, Points(obstacles=("lain",)))
    assert second.fields["obstacles"] == ["lain"]


def test_minutes_of_the_meeting_say_it_all(evaluation: Evaluate) -> None:
    letter = evaluation.minutes(AT, SAID)
    assert letter.letter is LetterKind.NOTULEN
    assert letter.fields["results"][-1] == "Bawa genset cadangan"
    assert evaluation.view(AT).letter is None
    report = evaluation.report(AT, SAID)
    evaluation.minutes(AT, Points(obstacles=("lain",)))
    seen = evaluation.view(AT)
    assert seen.points.obstacles == ("Jalan licin",), "what was reported stays said"
    assert seen.letter is not None
    assert seen.letter.thing_id == report.thing_id


def test_the_head_reports_and_the_store_keeper_does_not(kit: Kit, evaluation: Evaluate) -> None:
    for user in (PETUGAS, KETUA, KADIS):
        kit.context_of(user).office.evaluation.write(AT, Points(obstacles=(user.name,)))
    theirs = kit.context_of(PENGURUS).office.evaluation
    for act in (theirs.write, theirs.report, theirs.minutes):
        with pytest.raises(RuleError, match=r"role\.not_yours"):
            act(AT, SAID)
    assert theirs.view(AT).points.obstacles == (KADIS.name,)
    letter = kit.context_of(KADIS).office.evaluation.report(AT, SAID)
    kit.context_of(KADIS).office.letters.edit(letter.thing_id, {"place": "Desa Jimbe, Kademangan"})


def test_nothing_said_is_no_report(kit: Kit, evaluation: Evaluate) -> None:
    for act in (evaluation.report, evaluation.minutes):
        with pytest.raises(InputError, match=r"evaluation\.empty"):
            act(AT, Points(obstacles=(" ",)))
    with pytest.raises(StoreError):
        evaluation.write("nowhere", SAID)
    with pytest.raises(StoreError):
        evaluation.view("nowhere")
    assert not kit.context.office.letters.of(AT)
    assert isinstance(evaluation.view(AT).activity, Activity)


@pytest.mark.days
def test_what_the_office_photographed_stands_in_the_report(kit: Kit, evaluation: Evaluate) -> None:
    png = kit.context.office.letters.preview(kit.context.office.letters.draft(LetterKind.NOTULEN, AT).thing_id)[0]
    with kit.context.office.units.write(Permission.EVALUATE) as work:
        photo = work.attach(AT, "rusak.png", "image/png", png)
        damage = DamageReport(
            "d1", AT, "i1", "Genset", "G-1", Condition.BAIK, Condition.RUSAK_BERAT, "", (photo,), "c1", "u1", work.at
        )
        work.keep(damage, "sarpras_damaged")
    letter = evaluation.report(AT, SAID)
    assert letter.fields["photos"] == [{"what": "Genset", "picture": photo}]
    pages = kit.context.office.letters.preview(letter.thing_id)
    without = kit.context.office.letters.preview(letter.thing_id, {"photos": []})
    assert sum(map(len, pages)) > sum(map(len, without))


FORTY = StandardTime("40 menit", 40, TimeUnit.MINUTES, 40)


def test_only_steps_with_a_time_of_their_own_are_measured_and_words_are_told_as_words(
    kit: Kit, evaluation: Evaluate
) -> None:
    now, steps = kit.clock.now(), SMALL.steps
    timed = [replace(each, standard=FORTY, per="orang" if each.no == 2 else "") for each in steps[:3]]
    sop = replace(SMALL, steps=(replace(timed[0], standard=None), *timed[1:], *steps[3:]), document=SopDocument())
    photo, letter = Filed("p1", "foto.jpg", "image/jpeg"), Filed("p2", "surat.pdf", "application/pdf")
    run = begin_run(sop, AT, "u1", now).complete(1, Ending(now, "u1", files=(photo, letter)))
    run = run.complete(2, Ending(now, "u1", branch="lengkap")).start(3, "u1", now)
    kit.clock.advance(minutes=40)
    with kit.store.write() as unit:
        unit.repository(SopRun).save(run.complete(3, Ending(kit.clock.now(), "u1")))
    (third,) = evaluation.view(AT).times
    assert (third.no, third.minutes, third.is_late) == (3, 40, False)
    fields = evaluation.report(AT, SAID).fields
    assert fields["photos"] == [{"what": "1. Mengajukan", "picture": "p1"}]
    assert [(row["step"], row["standard"], row["real"]) for row in fields["times"]] == [
        ("1. Mengajukan", "–", "dinyatakan"),
        ("2. Memeriksa", "–", "dinyatakan"),
        ("3. Menyiapkan", "40 menit", "40 menit; dinyatakan; belum ada: Surat tugas"),
    ]


def test_an_activity_without_an_sop_is_evaluated_all_the_same(kit: Kit, evaluation: Evaluate) -> None:
    kit.context.visits.take_over(replace(evaluation.view(AT).activity, activity_id="a9"), [])
    seen = evaluation.view("a9")
    assert (seen.visits, seen.visit_minutes, seen.times, seen.letter) == (0, 0, (), None)
    assert (seen.evaluation, seen.points) == (None, Points())
    fields = evaluation.report("a9", SAID).fields
    assert (fields["times"], fields["photos"], fields["exceptions"]) == ([], [], [])


def test_what_is_said_otherwise_is_kept_anew(kit: Kit, evaluation: Evaluate) -> None:
    evaluation.write(AT, SAID)
    evaluation.write(AT, Points(obstacles=("lain",)))
    assert told(kit).count("evaluation_written") == 2


def test_minutes_after_a_void_report_remember_which_it_was(kit: Kit, evaluation: Evaluate) -> None:
    evaluation.minutes(AT, SAID)
    first = evaluation.view(AT).evaluation
    assert first is not None
    assert (first.points.obstacles, first.letter_id) == (("Jalan licin",), "")
    report = evaluation.report(AT, SAID)
    kit.context.office.letters.void(report.thing_id, "salah isi")
    evaluation.minutes(AT, Points(obstacles=("lain",)))
    after = evaluation.view(AT).evaluation
    assert after is not None
    assert (after.points.obstacles, after.letter_id) == (("lain",), report.thing_id)
