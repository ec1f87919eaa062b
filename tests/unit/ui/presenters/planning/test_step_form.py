from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from support.activities import step_of
from support.app_context import ACTIVITY, Kit
from support.clock import NOW
from support.drafts import form_on
from support.tasks import SameThread, Steps

from fieldkit.domain.errors import InputError, RuleError
from fieldkit.domain.sop.run import StepState
from fieldkit.domain.sop.standing import How
from ui.presenters.form import FormPresenter
from ui.presenters.planning.steps import StepAct, declare_form, own_first, preset, step_at, step_form
from ui.presenters.presenter import message


@pytest.fixture
def kit(sop_kit: Kit) -> Kit:
    return sop_kit


def do(kit: Kit, act: StepAct, no: int, **texts: str) -> None:
    form = step_form(kit.context, "x", no, act)
    form.keep({**{field.name: field.text for field in form.load()}, **texts})


def test_what_no_program_knows_is_ticked_one_by_one_or_all(kit: Kit) -> None:
    for no in (1, 2):
        do(kit, StepAct.SKIP, no, reason="lisan")
    (asked,) = step_form(kit.context, "x", 3, StepAct.TICK).load()
    assert [choice.name for choice in asked.choices] == ["*", "Kalender", "Data sasaran"]
    do(kit, StepAct.TICK, 3, chosen="Kalender")
    assert "input Kalender" not in step_of(kit, 3).missing
    assert "input Data sasaran" in step_of(kit, 3).missing
    kit.context.office.sop.repeat("x", 2, "lagi")
    do(kit, StepAct.TICK, 3, chosen="*")
    assert not any(each.startswith("input") for each in step_of(kit, 3).missing)


@pytest.mark.parametrize(
    ("act", "saves"),
    [(act, "langkah.begin" if act is StepAct.BEGIN else "common.save") for act in StepAct],
)
def test_each_act_has_its_own_words(kit: Kit, act: StepAct, saves: str) -> None:
    form = step_form(kit.context, "x", 3, act)
    assert (form.title, form.save) == (message(f"langkah.form_{act.value}", no=3), message(saves))


def test_the_last_thing_to_tick_is_not_offered_as_all(kit: Kit) -> None:
    for no in (1, 2):
        do(kit, StepAct.SKIP, no, reason="lisan")
    do(kit, StepAct.TICK, 3, chosen="Kalender")
    (asked,) = step_form(kit.context, "x", 3, StepAct.TICK).load()
    assert ([choice.name for choice in asked.choices], asked.text) == (["Data sasaran"], "Data sasaran")


def test_what_overrides_needs_its_reason(kit: Kit) -> None:
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do(kit, StepAct.SKIP, 4, reason="  ")
    do(kit, StepAct.SKIP, 4, reason="petugas sakit")
    assert (step_of(kit, 4).state, step_of(kit, 4).now.reason) == (StepState.SKIPPED, "petugas sakit")
    with pytest.raises(RuleError, match=r"sop\.reason_needed"):
        do(kit, StepAct.REPEAT, 4)
    do(kit, StepAct.REPEAT, 4, reason="alat rusak")
    do(kit, StepAct.NOTE, 4, text="tukar alat")
    assert (len(step_of(kit, 4).rounds), step_of(kit, 4).notes[0].text) == (2, "tukar alat")


def test_an_sop_is_begun_as_chosen(kit: Kit) -> None:
    profiles = kit.context.office.sop.chosen()
    form = step_form(kit.context, "a1", 0, StepAct.BEGIN)
    (asked,) = form.load()
    assert {choice.name for choice in asked.choices} == {profile.sop_id for profile in profiles}
    assert asked.text == asked.choices[0].name == "blitar_si_jaran_ijo", "this dinas is that of Blitar"
    kit.context.visits.take_over(replace(ACTIVITY, activity_id="b", sop=profiles[1].sop_id), ())
    assert step_form(kit.context, "b", 0, StepAct.BEGIN).load()[0].text == profiles[1].sop_id
    with pytest.raises(RuleError, match=r"sop\.unknown"):
        step_at(kit.context, "a1", 1)
    form.keep({"chosen": profiles[1].sop_id})
    view = kit.context.office.sop.view("a1")
    assert view is not None
    assert view.sop_id == profiles[1].sop_id
    assert step_at(kit.context, "a1", 1).no == 1


def test_the_sop_of_another_dinas_is_not_begun_by_an_enter(kit: Kit) -> None:
    others = tuple(each for each in own_first(kit.context) if not each.is_of("Kabupaten Blitar"))
    assert others == own_first(kit.context)[1:]
    assert preset(kit.context, others) == ""
    with pytest.raises(InputError, match=r"typed\.not_chosen"):
        step_form(kit.context, "a1", 0, StepAct.BEGIN).keep({"chosen": ""})
    blitar = own_first(kit.context)[0]
    places = ("kabupaten blitar (demo)", "Kota Blitar", "", "(demo)", "Kabupaten Madiun")
    assert [blitar.is_of(each) for each in places] == [True, False, False, False, False]


def noting(kit: Kit, no: int) -> FormPresenter:
    form = step_form(kit.context, "x", no, StepAct.NOTE)
    presenter = form_on(kit.context, form, SameThread(), Steps(), f"step_form-{no}")
    presenter.start()
    return presenter


def test_what_is_typed_about_a_step_survives_esc_and_a_kill(kit: Kit) -> None:
    presenter = noting(kit, 3)
    presenter.type("text", "jembatan putus")
    presenter.stop()
    assert noting(kit, 4).state.fields[0].text == ""  # another step
    again = noting(kit, 3)
    assert (again.state.fields[0].text, bool(again.state.restored)) == ("jembatan putus", True)
    again.throw_away()
    assert (again.state.fields[0].text, list(kit.context.drafts.mine())) == ("", [])
    again.take_back()
    again.accept()
    assert step_of(kit, 3).notes[0].text == "jembatan putus"
    assert list(kit.context.drafts.mine()) == []


def values(kit: Kit, no: int, **texts: str) -> dict[str, str]:
    return {**{each.name: each.text for each in declare_form(kit.context, "x", no).load()}, **texts}


def test_an_outsiders_act_is_kept_with_who_when_why_and_its_file(kit: Kit, tmp_path: Path) -> None:
    letter = tmp_path / "surat.pdf"
    letter.write_bytes(b"%PDF-1.7")
    form = declare_form(kit.context, "x", 1)
    assert values(kit, 1)["who"] == ""  # whoever writes it down is not who did it
    assert "branch" not in values(kit, 1)
    told = values(kit, 1, who="Pak Lurah", why="datang sendiri", file=str(letter))
    with pytest.raises(InputError, match=r"typed\.moment"):
        form.keep({**told, "at": "kemarin"})
    before = kit.clock.local(NOW - timedelta(minutes=40))
    form.keep({**told, "at": before.strftime("%d-%m-%Y %H:%M")})
    now = step_of(kit, 1).now
    assert (now.outsider, now.ended_at, [file.name for file in now.files]) == (
        "Pak Lurah",
        NOW - timedelta(minutes=40),
        ["surat.pdf"],
    )
    assert step_of(kit, 1).how is How.DECLARED


def test_a_decision_is_asked_with_it(kit: Kit) -> None:
    kit.context.office.sop.skip("x", 1, "lisan")
    told = values(kit, 2, why="dicek di kertas", paper="005/7/2026")
    assert (told["who"], told["branch"]) == ("Dewi", "0")
    declare_form(kit.context, "x", 2).keep({**told, "branch": "1"})
    view = step_of(kit, 2)
    assert (len(view.rounds), view.rounds[0].branch) == (2, "kurang")
    assert view.rounds[0].declared is not None
    assert view.rounds[0].declared.letter == "005/7/2026"
