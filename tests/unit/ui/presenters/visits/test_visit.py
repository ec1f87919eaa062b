from __future__ import annotations

from datetime import date
from pathlib import Path

from support.app_context import PENGURUS, TARGETS, Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import TargetState, TargetVerdict
from fieldkit.domain.targets.notes import TargetNotes
from fieldkit.domain.visits import Outcome
from fieldkit.services.visits.run_visits import Ended
from ui.presenters.messages import message
from ui.presenters.parts import Stage, Tone
from ui.presenters.visits.visit import VisitPresenter


def opened(kit: Kit, tasks: SameThread, steps: Steps, target_id: str = "t1") -> VisitPresenter:
    presenter = VisitPresenter(kit.context, tasks, steps, target_id)
    presenter.start()
    return presenter


def typed(presenter: VisitPresenter, **values: str) -> None:
    for name, text in values.items():
        presenter.type_field(name, text)


def test_the_timer_runs_from_the_first_enter_and_says_when_it_is_over(
    kit: Kit, tasks: SameThread, steps: Steps
) -> None:
    presenter = opened(kit, tasks, steps)
    assert (presenter.state.timer, presenter.state.outcomes) == ("", ())
    assert presenter.state.bar.actions[-1].words == message("field.begin")
    presenter.accept()
    kit.clock.advance(minutes=30)
    tasks.tick()
    assert (presenter.state.timer, presenter.state.timer_tone) == ("30.00", Tone.GOOD)
    kit.clock.advance(seconds=5)
    tasks.tick()
    assert presenter.state.timer_words == message("field.timer_over", standard=30)
    presenter.stop()
    kit.clock.advance(minutes=5)
    tasks.tick()
    assert presenter.state.timer == "30.05"


def test_enter_records_and_what_was_typed_stays_with_the_visit(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    typed(presenter, companion="Bu RT", safety="bicara pelan")
    presenter.accept()
    assert [step[:2] for step in steps.taken] == [("push", "notice")]
    (visit,) = kit.context.office.visits.card("t1").visits
    assert (visit.companion, visit.safety, visit.is_open) == ("Bu RT", "bicara pelan", True)


def test_an_outcome_ends_the_visit_with_all_that_was_told(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("tidak_di_tempat")
    presenter.choose("tidak_di_tempat")
    assert presenter.state.chosen == ""
    presenter.choose("tidak_di_tempat")
    assert [field.name for field in presenter.state.fields] == [
        *("companion", "note", "revisit_on", "revisit_note", "safety")
    ]
    typed(presenter, note="di sawah", revisit_on="besok", revisit_note="sore")
    presenter.accept()
    shown = {field.name: field for field in presenter.state.fields}
    assert shown["revisit_on"].problem
    typed(presenter, revisit_on="25/11/2026")
    presenter.accept()
    assert steps.taken == [("back",)]
    (visit,) = kit.context.office.visits.card("t1").visits
    assert (visit.outcome, visit.note, visit.revisit_on) == (Outcome.TIDAK_DI_TEMPAT, "di sawah", date(2026, 11, 25))
    assert kit.context.visits.target("t1").state is TargetState.POSTPONED


def test_who_is_not_to_be_visited_again_is_asked_no_day(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("sakit")
    presenter.toggle_revisit()
    assert [field.name for field in presenter.state.fields] == ["companion", "note", "safety"]
    presenter.toggle_revisit()
    for for_good in ("pindah", "meninggal", "sudah_merekam"):
        presenter.choose("menolak")
        assert (presenter.state.may_wish_revisit, presenter.state.wants_revisit) == (True, True)
        presenter.choose(for_good)
        presenter.toggle_revisit()
        assert (presenter.state.may_wish_revisit, presenter.state.wants_revisit) == (False, False)
    presenter.choose("pindah")
    assert [field.name for field in presenter.state.fields] == ["companion", "note", "safety"]
    presenter.accept()
    assert kit.context.visits.target("t1").state is TargetState.CANCELLED


def test_a_refusal_of_the_service_is_a_banner_and_nothing_is_lost(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    presenter.choose("sakit")
    typed(presenter, revisit_on="20-11-2026", note="demam")
    presenter.accept()
    assert presenter.state.problem is not None
    assert (presenter.state.problem.code, presenter.state.stage) == ("visit.revisit_past", Stage.CONTENT)
    assert {field.name: field.text for field in presenter.state.fields}["note"] == "demam"


def test_a_sealed_record_closes_an_open_visit_by_its_own_outcome(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.accept()
    kit.seal(1, TARGETS[0])
    kit.context.office.visits.want_escort("t1")
    presenter = opened(kit, tasks, steps)
    assert [choice.name for choice in presenter.state.outcomes] == ["direkam"]
    presenter.choose("direkam")
    assert presenter.state.chosen == "direkam"
    presenter.accept()
    presenter = opened(kit, tasks, steps)
    assert presenter.state.bar.actions[-1].refused == message("field.was_recorded")
    presenter.accept()
    assert len(presenter.state.history) == 1


def test_private_notes_are_for_the_team_that_goes_there(tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    notes = TargetNotes("t6", "a1", access="belakang masjid", safety="takut seragam")
    with kit.store.write() as unit:
        unit.repository(TargetNotes).save(notes)
    presenter = opened(kit, SameThread(), Steps(), "t6")
    assert (presenter.state.safety, presenter.state.safety_note) == (("takut seragam",), "")
    assert (message("catatan.access"), "belakang masjid") in presenter.state.facts
    assert TARGETS[5].biodata.nik.digits not in str(presenter.state)
    other = VisitPresenter(kit.context_of(PENGURUS), SameThread(), Steps(), "t6")
    other.start()
    assert (other.state.safety, other.state.safety_note) == ((), message("field.safety_hidden"))
    for intent in (other.accept, other.toggle_escort, other.write_notes):
        intent()
    assert not other.state.may_write
    assert kit.context.office.visits.card("t6").visits == ()
    kit.store.close()


def test_an_escort_is_wanted_and_dropped_by_the_same_key(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps)
    presenter.toggle_escort()
    assert message("field.escort") in [tag.words for tag in presenter.state.tags]
    assert message("field.escort_drop") in [action.words for action in presenter.state.bar.actions]
    presenter.toggle_escort()
    assert message("field.escort") not in [tag.words for tag in presenter.state.tags]
    presenter.write_notes()
    assert steps.taken == [("push", "target_notes", "a1", "t1")]


def test_what_stands_against_a_recording_is_told_at_the_door(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    kit.context.office.verification.judge("a1", dict.fromkeys(("t3",), TargetVerdict.SUDAH_MEREKAM))
    facts = opened(kit, tasks, steps, "t3").state.facts
    assert facts[-2:] == (
        (message("sasaran.warnings"), message("sasaran.card_from_long", day="12-03-2027")),
        ("", message("sasaran.verdict_sudah_merekam")),
    )


def test_a_child_is_not_recorded(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps, "t4")
    assert message("sasaran.too_young_long", age=14, years=16) in [value for _, value in presenter.state.facts]
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
    presenter.choose("tidak_di_tempat")
    typed(presenter, note="sedang di sawah", revisit_on="24-11-2026")
    presenter.stop()
    back = opened(kit, SameThread(), steps)
    assert (back.state.chosen, back.typed()) == ("tidak_di_tempat", presenter.typed())
    assert back.state.restored
    back.throw_away()
    assert (back.state.chosen, back.state.fields[1].text) == ("", "")
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
