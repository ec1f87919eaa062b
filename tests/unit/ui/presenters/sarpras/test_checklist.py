from __future__ import annotations

from pathlib import Path

import pytest
from support.app_context import PENGURUS, PETUGAS, Kit
from support.checklists import check_out, stocked_kit
from support.sarpras import SIGNATURE, fill
from support.tasks import Steps

from fieldkit.domain.people.accounts import Role, User
from fieldkit.domain.sarpras.checklist import CheckOut
from fieldkit.domain.sarpras.inventory import Condition
from ui.presenters.actions import Action
from ui.presenters.messages import message
from ui.presenters.parts import Stage, Tone
from ui.presenters.sarpras.checklist import ChecklistPresenter
from ui.presenters.sarpras.checklist_state import Answer


@pytest.fixture
def stocked(tmp_path: Path):
    yield from stocked_kit(tmp_path)


def held(kit: Kit):
    return kit.context.office.sarpras.out.current("a1").checklist


def test_space_answers_and_walks_to_the_next_that_waits(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    presenter.select("i7")
    presenter.all_good()
    assert held(stocked).line("i7").is_answered
    assert presenter.state.cursor == "i8"
    presenter.all_good()
    assert presenter.state.cursor == "i1"  # round to what was passed over


def answer(presenter: ChecklistPresenter[CheckOut], act: Action) -> Answer:
    assert presenter.state.line is not None
    return next(each for each in presenter.state.line.answers if each.command.act is act)


def test_digits_mean_a_condition_or_a_count(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    presenter.perform(answer(presenter, Action.CHOICE_2).command)
    assert answer(presenter, Action.CHOICE_2).is_on
    assert held(stocked).line("i1").condition is Condition.RUSAK_RINGAN
    presenter.select("c1")
    for digit in (4, 10):
        presenter.number(digit)
    assert held(stocked).counts[0].count == 40
    assert presenter.state.counter is not None
    presenter.perform(presenter.state.counter.fewer)
    assert presenter.state.counter.count == 39
    assert presenter.state.counter.limit == message("sarpras.out_limit", most=100, unit="lembar")
    for _ in range(3):
        presenter.number(9)
    assert presenter.state.problem is not None
    presenter.count_by(1)
    assert (held(stocked).counts[0].count, presenter.state.problem) == (100, None)


def test_a_count_does_not_fall_below_nothing_and_an_item_has_no_count(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    presenter.count_by(1)
    presenter.select("c3")
    for _ in range(6):
        presenter.count_by(-1)
    assert [c.count for c in held(stocked).counts] == [20, 20, 0]
    presenter.all_good()  # goes on without an answer
    presenter.complete()
    presenter.clean()


def test_the_primary_says_what_is_missing_and_the_team_lead_may_go_anyway(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    refused = presenter.state.bar.actions[-1].refused
    assert getattr(refused, "code", "") == "sarpras.unchecked"
    assert presenter.state.override is None  # nobody passes over lines that were not checked
    presenter.override()
    presenter.accept()
    assert not stocked.context.office.sarpras.out.current("a1").is_closed
    fill(stocked.context.office.sarpras.out, stocked.context.office.sarpras.out.current("a1"))
    presenter.start()
    assert presenter.state.override is not None
    presenter.override()
    assert steps.taken[-1][:2] == ("push", "sarpras_reason")


def test_a_petugas_has_no_way_around(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, PETUGAS):
        presenter = check_out(kit, steps)
        fill(kit.context.office.sarpras.out, kit.context.office.sarpras.out.current("a1"))
        presenter.start()
        assert presenter.state.override is None


def test_it_closes_signed_and_offers_the_paper(stocked: Kit, steps: Steps) -> None:
    out = stocked.context.office.sarpras.out
    presenter = check_out(stocked, steps)
    fill(out, out.current("a1"))
    out.allow(out.current("a1").thing_id, PENGURUS, SIGNATURE)
    presenter.start()
    assert presenter.state.ink is not None
    presenter.accept()
    assert presenter.state.is_closed
    assert presenter.state.toast is not None
    assert presenter.state.toast.words == message("sarpras.out_done", count=8)
    presenter.condition(Condition.HILANG)
    presenter.perform(answer(presenter, Action.NOTE).command)
    presenter.izin()
    presenter.test()
    assert held(stocked).line("i1").condition is Condition.BAIK
    assert steps.taken == []
    presenter.print_paper()
    assert steps.taken[-1][:2] == ("push", "letter")
    presenter.accept()
    assert steps.taken[-1] == ("back",)


def test_the_other_screens_know_which_line(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    list_id = stocked.context.office.sarpras.out.current("a1").thing_id
    presenter.perform(answer(presenter, Action.NOTE).command)
    presenter.perform(answer(presenter, Action.PHOTO).command)
    presenter.izin()
    assert steps.taken == [
        ("push", "sarpras_note", "out", list_id, "i1"),
        ("push", "sarpras_photo", "out", list_id, "i1"),
        ("push", "sarpras_izin", "out", list_id),
    ]
    presenter.select("c1")
    assert presenter.state.line is None  # a consumable has no note
    presenter.back()
    assert steps.taken[-1] == ("back",)
    assert len(steps.taken) == 4


def test_a_test_runs_once_and_measures_the_laptop(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    assert len(presenter.state.gauges) == 1
    stocked.devices.listed = ()
    presenter.test()
    assert held(stocked).laptop is not None
    assert len(presenter.state.gauges) == 3
    assert held(stocked).line("i1").test.code == "sarpras.no_device"
    presenter.stop()


def test_what_stands_against_a_line_is_told_at_the_line(stocked: Kit, steps: Steps) -> None:
    presenter = check_out(stocked, steps)
    presenter.condition(Condition.HILANG)
    assert presenter.state.attention is not None
    assert presenter.state.attention.problems[0].code == "sarpras.item_lost"
    assert presenter.state.attention.tone is Tone.BAD
    assert presenter.state.tags[-1].words == message("sarpras.attention_count", count=1)


def test_a_role_without_sarpras_is_told_so(tmp_path: Path, steps: Steps) -> None:
    for kit in stocked_kit(tmp_path, User("u9", "Kabid", Role.KABID)):
        presenter = check_out(kit, steps)
        assert presenter.state.stage is Stage.EMPTY
        assert presenter.state.empty.title == message("sarpras.not_yours")
        presenter.retry()
        assert presenter.state.stage is Stage.EMPTY
