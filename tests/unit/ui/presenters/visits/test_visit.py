from __future__ import annotations

from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import TypeVar

import pytest
from support.app_context import PENGURUS, PETUGAS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.people import User
from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.recording.positions import ExceptionReason, Position
from fieldkit.domain.targets.requests import TargetNotes
from fieldkit.domain.typed import DraftName
from fieldkit.domain.visits import OfficialException, OfficialRecording, Outcome, Perekaman
from fieldkit.services.context.app_context import AppContext
from fieldkit.services.visits.run_visits import Ended
from ui.presenters.figures import Number
from ui.presenters.form import Drafting, FormField
from ui.presenters.lists import Big, Facts, Hint
from ui.presenters.parts import Stage, Tone
from ui.presenters.presenter import message
from ui.presenters.visits.visit import VisitAtDoor
from ui.presenters.work_form import WorkFormPresenter

P = TypeVar("P", Big, Facts, Hint)


def of_context(context: AppContext, tasks: SameThread, steps: Steps, target_id: str) -> WorkFormPresenter:
    drafting = Drafting(context, tasks, DraftName("visit", {"target_id": target_id}))
    presenter = WorkFormPresenter(VisitAtDoor(context, tasks, steps, target_id).form(), tasks, steps, drafting)
    presenter.start()
    return presenter


def opened(kit: Kit, tasks: SameThread, steps: Steps, target_id: str = "t1") -> WorkFormPresenter:
    return of_context(kit.context, tasks, steps, target_id)


def fields(presenter: WorkFormPresenter) -> dict[str, FormField]:
    return {field.name: field for field in presenter.state.fields if field.is_asked}


def panel(presenter: WorkFormPresenter, kind: type[P]) -> P:
    return next(each for each in (*presenter.state.side, *presenter.state.below) if isinstance(each, kind))


def timer(presenter: WorkFormPresenter) -> Number:
    return panel(presenter, Big).number


def press(presenter: WorkFormPresenter, name: str) -> None:
    presenter.perform(next(command for command in presenter.state.bar.actions if command.name == name))
    presenter.refresh()  # as the store tells it in a window


def typed(presenter: WorkFormPresenter, **values: str) -> None:
    for name, text in values.items():
        presenter.type(name, text)


def test_the_timer_runs_from_the_first_enter_and_says_when_it_is_over(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter = opened(kit, tasks, steps)
    assert presenter.reads == {"visit", "target_notes"}
    assert (presenter.state.fields, len(presenter.state.side)) == ((), 2)
    assert presenter.state.bar.actions[-1].words == message("field.begin")
    presenter.accept()
    kit.clock.advance(minutes=30)
    tasks.tick()
    assert (timer(presenter).value, timer(presenter).tone) == ("30.00", Tone.GOOD)
    kit.clock.advance(seconds=5)
    tasks.tick()
    assert timer(presenter).label == message("field.timer_over", standard=30)
    presenter.stop()
    kit.clock.advance(minutes=5)
    tasks.tick()
    assert timer(presenter).value == "30.05"


def test_enter_records_and_what_was_typed_stays_with_the_visit(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    typed(presenter, companion="Bu RT", safety="bicara pelan")
    presenter.accept()
    assert [step[:2] for step in steps.taken] == [("push", "notice")]
    (visit,) = kit.context.office.visits.card("t1").visits
    assert (visit.companion, visit.safety, visit.is_open) == ("Bu RT", "bicara pelan", True)


@pytest.mark.parametrize("name", ["", "companion", "note", "safety"])
def test_whoever_records_leaves_a_note_only_where_something_was_typed(
    kit: Kit, tasks: SameThread, steps: Steps, name: str
) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    (visit,) = kit.context.office.visits.card("t1").visits
    with kit.store.read() as unit:
        before = len(unit.events.of(visit.thing_id))
    if name:
        typed(presenter, **{name: "Bu RT"})
    presenter.accept()
    (after,) = kit.context.office.visits.card("t1").visits
    with kit.store.read() as unit:
        assert (len(unit.events.of(visit.thing_id)) > before) is bool(name)
    assert [each for each in ("companion", "note", "safety") if getattr(after, each)] == ([name] if name else [])


def test_what_was_typed_of_another_day_goes_with_the_wish_for_one(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("outcome", "sakit")
    typed(presenter, revisit_on="besok", revisit_note="sore")
    presenter.choose("revisit", "yes")
    presenter.accept()
    (visit,) = kit.context.office.visits.card("t1").visits
    assert (visit.wants_revisit, visit.revisit_on, visit.revisit_note) == (False, None, "")


def test_earlier_visits_are_told_while_nobody_is_at_the_door(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    (before,) = presenter.state.below
    assert isinstance(before, Facts)
    assert (before.facts, before.words) == ((), message("field.no_visit"))
    visits = kit.context.office.visits
    for note in ("", "demam"):
        visits.end(visits.begin("t1").thing_id, Ended(Outcome.SAKIT, note=note))
    presenter.refresh()
    (before,) = presenter.state.below
    assert isinstance(before, Facts)
    sick = message("field.outcome_sakit")
    assert ([told for _, told in before.facts], before.words) == ([sick, "demam", sick], "")
    presenter.accept()
    assert presenter.state.below == (), "at the door only this visit counts"


def test_what_is_special_about_a_person_is_a_tag_on_the_card(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    def tags(target_id: str) -> list[object]:
        return [tag.words for tag in panel(opened(kit, tasks, steps, target_id), Facts).tags]

    assert tags("t1") == [message("target.planned"), message("category.lansia")]
    with kit.store.write() as unit:
        unit.targets.save([replace(TARGETS[0], is_walk_in=True)])
    kit.context.office.visits.want_escort("t1")
    assert tags("t1")[2:] == [message("field.walk_in"), message("field.escort")]


@pytest.mark.parametrize(
    ("notes", "facts"),
    [
        (TargetNotes("t1", "a1", contact="0812"), [("catatan.contact", "0812")]),
        (TargetNotes("t1", "a1", check="Pindah 2019"), [("field.check", "Pindah 2019")]),
        (TargetNotes("t1", "a1"), []),
    ],
)
def test_what_was_noted_of_a_person_stands_on_the_card(
    kit: Kit, tasks: SameThread, steps: Steps, notes: TargetNotes, facts: list[tuple[str, str]]
) -> None:
    with kit.store.write() as unit:
        unit.repository(TargetNotes).save(notes)
    presenter = opened(kit, tasks, steps)
    assert panel(presenter, Facts).facts[4:] == tuple((message(key), text) for key, text in facts)
    assert panel(presenter, Hint).words == message("field.safety_none")


VISITS, RECORDED = message("sasaran.not_yours"), message("field.was_recorded")


def test_enter_begins_records_or_ends_as_far_as_one_may(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    def enter(user: User, target_id: str = "t1") -> tuple[object, object]:
        presenter = of_context(kit.context_of(user), tasks, steps, target_id)
        command = presenter.state.bar.actions[-1]
        return command.words, command.refused

    assert enter(PETUGAS) == (message("field.begin"), "")
    assert enter(PENGURUS) == (message("field.begin"), VISITS)
    kit.seal(2, TARGETS[1])
    assert enter(PETUGAS, "t2") == (message("field.begin"), RECORDED)
    assert enter(PENGURUS, "t2") == (message("field.begin"), VISITS)
    kit.context.office.visits.begin("t1")
    assert enter(PETUGAS) == (message("common.record"), "")
    assert enter(PENGURUS) == (message("common.record"), VISITS)
    kit.seal(1, TARGETS[0])
    assert enter(PETUGAS) == (message("field.end"), "")
    assert enter(PENGURUS) == (message("field.end"), VISITS)
    refused = {
        each.name: each.refused for each in of_context(kit.context_of(PENGURUS), tasks, steps, "t1").state.bar.actions
    }
    assert (refused["write_notes"], refused["toggle_escort"]) == (VISITS, VISITS)


def test_an_outcome_ends_the_visit_with_all_that_was_told(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("outcome", "tidak_di_tempat")
    presenter.choose("outcome", "tidak_di_tempat")
    assert fields(presenter)["outcome"].text == ""
    presenter.choose("outcome", "tidak_di_tempat")
    assert list(fields(presenter)) == [
        *("outcome", "companion", "note", "revisit", "revisit_on", "revisit_note", "safety")
    ]
    typed(presenter, note="di sawah", revisit_on="besok", revisit_note="sore")
    presenter.accept()
    assert fields(presenter)["revisit_on"].problem
    typed(presenter, revisit_on="25/11/2026")
    presenter.accept()
    assert steps.taken == [("back",)]
    (visit,) = kit.context.office.visits.card("t1").visits
    assert (visit.outcome, visit.note, visit.revisit_on) == (Outcome.TIDAK_DI_TEMPAT, "di sawah", date(2026, 11, 25))
    assert kit.context.visits.target("t1").state is TargetState.POSTPONED


def test_who_is_not_to_be_visited_again_is_asked_no_day(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("outcome", "sakit")
    presenter.choose("revisit", "yes")
    assert list(fields(presenter)) == ["outcome", "companion", "note", "revisit", "safety"]
    presenter.choose("revisit", "yes")
    for for_good in ("pindah", "meninggal", "sudah_merekam"):
        presenter.choose("outcome", "menolak")
        assert {"revisit", "revisit_on"} <= fields(presenter).keys()
        presenter.choose("outcome", for_good)
        assert list(fields(presenter)) == ["outcome", "companion", "note", "safety"]
    presenter.choose("outcome", "pindah")
    assert list(fields(presenter)) == ["outcome", "companion", "note", "safety"]
    presenter.accept()
    assert kit.context.visits.target("t1").state is TargetState.CANCELLED


def test_a_refusal_of_the_service_stands_at_its_field(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("outcome", "sakit")
    typed(presenter, revisit_on="20-11-2026", note="demam")
    presenter.accept()
    assert isinstance(problem := fields(presenter)["revisit_on"].problem, Problem)
    assert (problem.code, presenter.state.stage) == ("visit.revisit_past", Stage.CONTENT)
    assert fields(presenter)["note"].text == "demam"


def test_a_sealed_record_closes_an_open_visit_by_its_own_outcome(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    kit.seal(1, TARGETS[0])
    kit.context.office.visits.want_escort("t1")
    presenter = opened(kit, tasks, steps)
    (outcome,) = fields(presenter)["outcome"].choices
    assert (outcome.name, fields(presenter)["outcome"].text) == ("direkam", "direkam")
    presenter.choose("outcome", "direkam")
    assert fields(presenter)["outcome"].text == "direkam"
    presenter.accept()
    presenter = opened(kit, tasks, steps)
    assert presenter.state.bar.actions[-1].refused == message("field.was_recorded")
    presenter.accept()
    assert panel(presenter, Facts).title == TARGETS[0].biodata.name
    (before,) = presenter.state.below
    assert isinstance(before, Facts)
    assert [value for _, value in before.facts] == [message("field.outcome_direkam")]


def test_private_notes_are_for_the_team_that_goes_there(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    notes = TargetNotes("t6", "a1", access="belakang masjid", safety="takut seragam")
    with kit.store.write() as unit:
        unit.repository(TargetNotes).save(notes)
    presenter = opened(kit, SameThread(), Steps(), "t6")
    assert panel(presenter, Hint).words == "• takut seragam"
    assert (message("catatan.access"), "belakang masjid") in panel(presenter, Facts).facts
    assert TARGETS[5].biodata.nik.digits not in str(presenter.state)
    other = of_context(kit.context_of(PENGURUS), SameThread(), Steps(), "t6")
    assert panel(other, Hint).words == message("field.safety_hidden")
    for name in ("accept", "toggle_escort", "write_notes"):
        press(other, name)
    assert not other.state.is_open
    assert kit.context.office.visits.card("t6").visits == ()
    kit.store.close()


def test_an_escort_is_wanted_and_dropped_by_the_same_key(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    press(presenter, "toggle_escort")
    assert message("field.escort") in [tag.words for tag in panel(presenter, Facts).tags]
    assert message("field.escort_drop") in [action.words for action in presenter.state.bar.actions]
    press(presenter, "toggle_escort")
    assert message("field.escort") not in [tag.words for tag in panel(presenter, Facts).tags]
    press(presenter, "write_notes")
    assert steps.taken == [("push", "target_notes", "a1", "t1")]


def test_what_stands_against_a_recording_is_told_at_the_door(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.office.verification.judge("a1", dict.fromkeys(("t3",), TargetVerdict.SUDAH_MEREKAM))
    facts = panel(opened(kit, tasks, steps, "t3"), Facts).facts
    assert facts[-2:] == (
        (message("sasaran.warnings"), message("sasaran.card_from_long", day="12-03-2027")),
        ("", message("sasaran.verdict_sudah_merekam")),
    )


def test_a_child_is_not_recorded(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps, "t4")
    assert message("sasaran.too_young_long", age=14, years=16) in [value for _, value in panel(presenter, Facts).facts]
    presenter.accept()
    presenter.accept()
    assert presenter.state.problem is not None
    assert presenter.state.problem.code == "session.too_young"
    assert steps.taken == []


def test_what_was_chosen_and_typed_stands_there_again_until_the_visit_ends(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("outcome", "tidak_di_tempat")
    typed(presenter, note="sedang di sawah", revisit_on="24-11-2026")
    presenter.stop()
    back = opened(kit, SameThread(), steps)
    assert (fields(back)["outcome"].text, back.typed()) == ("tidak_di_tempat", presenter.typed())
    assert back.state.restored
    back.throw_away()
    assert (fields(back)["outcome"].text, fields(back)["note"].text) == ("", "")
    back.take_back()
    back.accept()
    (visit,) = kit.context.office.visits.card("t1").visits
    assert (visit.outcome, visit.note) == (Outcome.TIDAK_DI_TEMPAT, "sedang di sawah")
    assert kit.context.drafts.mine() == []


def test_what_was_typed_for_one_visit_is_not_shown_at_the_next(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    typed(presenter, note="sedang di sawah")
    presenter.stop()
    (visit,) = kit.context.office.visits.card("t1").visits
    kit.context.office.visits.end(visit.thing_id, Ended(Outcome.TIDAK_DI_TEMPAT))
    kit.context.office.visits.begin("t1", "")
    back = opened(kit, SameThread(), steps)
    assert (back.state.restored, back.typed()) == ("", {})


def test_the_official_forms_of_a_person_are_one_key_away(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    (forms,) = (each for each in opened(kit, tasks, steps).state.bar.actions if each.name == "official_form")
    assert callable(forms.runs)
    forms.runs()
    assert steps.taken == [("push", "official_form", "t1")]


@pytest.fixture
def official(kit: Kit, tasks: SameThread, steps: Steps) -> WorkFormPresenter:
    """An open visit of an activity that records in the official application."""
    kit.context.office.trips.set_perekaman("a1", Perekaman.RESMI)
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    return presenter


def test_a_recording_in_the_official_application_ends_the_visit(
    kit: Kit, official: WorkFormPresenter, tasks: SameThread, steps: Steps
) -> None:
    assert official.state.bar.actions[-1].refused == message("field.outcome_unchosen")
    assert not {"machine", "proof", "exceptions"} & set(fields(official))
    typed(official, outcome="direkam_resmi")
    assert {"machine", "recorded_at", "proof", "excepted"} <= set(fields(official))
    assert not {"exceptions", "reason", "witness", "revisit"} & set(fields(official))
    typed(official, machine="Laptop SIAK 02", proof="REG-0077", recorded_at="08.15", excepted="yes")
    assert message("position.eye_left") in [choice.words for choice in fields(official)["exceptions"].choices]
    assert "reason" not in fields(official)
    typed(official, exceptions="EYE_LEFT")
    reasons = [choice.name for choice in fields(official)["reason"].choices]
    assert "blind" in reasons
    assert "worn" not in reasons
    typed(official, reason="blind", witness="Bu RT")
    official.accept()
    assert steps.taken[-1] == ("back",)
    with kit.store.read() as unit:
        (noted,) = unit.repository(OfficialRecording).of("a1")
    assert kit.context.clock.local(noted.recorded_at).strftime("%H.%M") == "08.15"
    assert (noted.machine, noted.proof) == ("Laptop SIAK 02", "REG-0077")
    assert noted.exceptions == (OfficialException(Position.EYE_LEFT, ExceptionReason.BLIND, "Bu RT"),)
    following = opened(kit, tasks, steps, "t2")
    following.accept()
    typed(following, outcome="direkam_resmi")
    assert fields(following)["machine"].text == "Laptop SIAK 02"


def test_with_the_kit_nobody_is_asked_for_another_program(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    assert "direkam_resmi" not in [choice.name for choice in fields(presenter)["outcome"].choices]


def test_what_was_forgotten_of_a_recording_elsewhere_is_asked_for(official: WorkFormPresenter) -> None:
    typed(official, outcome="direkam_resmi")
    official.accept()
    assert official.state.fields[[f.name for f in official.state.fields].index("machine")].problem
