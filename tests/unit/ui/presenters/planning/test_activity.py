from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from support.activities import add_activity
from support.app_context import KETUA, TARGETS, Kit
from support.sops import act
from support.tasks import SameThread, Steps

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.domain.people import Role, User
from fieldkit.domain.sop.run import StepState
from ui.presenters.parts import Stage
from ui.presenters.planning.activities import ActivityPresenter

JIMBE = next(profile for profile in own_profiles() if profile.sop_id == "blitar_si_jaran_ijo")
KABID = User("u7", "Dewi", Role.KABID)


@pytest.fixture
def kit(tmp_path: Path, request: pytest.FixtureRequest) -> Iterator[Kit]:
    kit = Kit(tmp_path, getattr(request, "param", KETUA))
    kit.plan(*TARGETS)
    yield kit
    kit.store.close()


def opened(kit: Kit, tasks: SameThread, steps: Steps, activity_id: str = "x") -> ActivityPresenter:
    presenter = ActivityPresenter(kit.context, tasks, steps, activity_id)
    presenter.start()
    return presenter


def offered(presenter: ActivityPresenter) -> list[str]:
    assert presenter.state.panel is not None
    return [way.name for way in presenter.state.panel.ways]


def go(presenter: ActivityPresenter, name: str) -> None:
    assert presenter.state.panel is not None
    presenter.perform(next(way for way in presenter.state.panel.ways if way.name == name))


def test_the_lead_completes_his_step_and_the_cursor_stays(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    add_activity(kit, "x", JIMBE, done=6)
    presenter = opened(kit, tasks, steps)
    assert (presenter.state.cursor, offered(presenter)[:2]) == (7, ["to_trip", "complete"])
    presenter.accept()
    assert steps.taken.pop() == ("push", "trip", "x")
    presenter.declare()
    assert steps.taken.pop() == ("push", "declare", "x", "7")
    kit.context.office.sop.declare("x", 7, act(kit.clock.now()))
    presenter.refresh()
    assert presenter.state.cursor == 7
    view = kit.context.office.sop.view("x")
    assert view is not None
    assert view.steps[6].state is StepState.DONE
    assert offered(presenter) == ["tick", "note", "repeat"]
    presenter.next_step(3)
    for name in ("to_targets", "to_visits"):
        go(presenter, name)
    assert steps.taken == [("push", "targets", "x"), ("push", "visits", "x")]
    presenter.next_step(99)
    assert presenter.state.cursor == 12
    assert "note" in offered(presenter)


ASKED = "daftar_sasaran jadwal surat_tugas surat_balasan"  # of the letters that the step leaves behind


@pytest.mark.parametrize("kit", [KABID], indirect=True)
def test_a_step_of_many_facts_leads_to_each_of_its_screens(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    add_activity(kit, "x", JIMBE, done=2)
    presenter = opened(kit, tasks, steps)
    assert presenter.state.cursor == 3
    presenter.accept()
    for name in ("to_plan", "to_letters"):
        go(presenter, name)
    assert steps.taken == [("push", "verify_targets", "x"), ("push", "plan", "x"), ("push", "letters", "x", ASKED)]
    for command in presenter.state.bar.actions[1::-1]:
        presenter.perform(command)
    assert steps.taken[-2:] == [("push", "letters", "x"), ("push", "evaluation", "x")]
    presenter.choose_step(2)
    assert offered(presenter) == ["note", "repeat"]
    presenter.choose_step(4)
    assert offered(presenter) == ["note", "override", "skip"]


@pytest.mark.parametrize("kit", [KABID], indirect=True)
def test_what_is_written_down_is_asked_on_a_form_of_the_step(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    add_activity(kit, "x", JIMBE, done=2)
    presenter = opened(kit, tasks, steps)
    presenter.choose_step(4)
    for name in ("note", "skip"):
        go(presenter, name)
    presenter.choose_step(2)
    go(presenter, "repeat")
    taken = [("4", "note"), ("4", "skip"), ("2", "repeat")]
    assert steps.taken == [("push", "step_form", "x", *each) for each in taken]
    presenter.back()
    assert steps.taken[-1] == ("back",)


def test_without_an_sop_one_is_chosen(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    presenter = opened(kit, tasks, steps, "a1")
    assert (offered(presenter), presenter.state.steps) == (["begin"], ())
    presenter.next_step(1)
    presenter.accept()
    assert steps.taken == [("push", "step_form", "a1", "0", "begin")]
    kit.context.office.sop.begin("a1", JIMBE.sop_id)
    presenter.start()
    assert len(presenter.state.steps) == 12


def test_nothing_is_pressed_twice_while_it_works(kit: Kit, steps: Steps) -> None:
    add_activity(kit, "x", JIMBE, done=6)
    tasks = SameThread("store")
    presenter = opened(kit, tasks, steps)
    tasks.release("store")
    presenter.begin_step()
    presenter.begin_step()
    tasks.release("store")
    assert presenter.state.problem is None, "a step that runs would not be begun once more"


def test_an_unknown_activity_is_an_error(kit: Kit, tasks: SameThread, steps: Steps) -> None:
    assert opened(kit, tasks, steps, "nowhere").state.stage is Stage.ERROR
