from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from datetime import date

import pytest
from support.app_context import ACTIVITY, Kit
from support.sop_views import TO_TICK, over, sop_view, step_view
from support.tasks import SameThread, Steps

from fieldkit.domain.planning.outreach import OutreachCount
from fieldkit.domain.sop.profile import Fulfilment
from fieldkit.domain.sop.run import StepState
from fieldkit.domain.sop.standing import How
from fieldkit.services.planning import ActivityLine, ListActivities
from fieldkit.services.sop.run_sop import RunSop
from fieldkit.services.sop.view import SopView, StepView, Turn
from ui.presenters.parts import Tone
from ui.presenters.planning.activities import ActivityPresenter
from ui.presenters.presenter import message

WAITS = {"state": StepState.WAITING}
RECORDED = {"awaited": ((Fulfilment.RECORDED,),)}
TICKED = {"inputs": (TO_TICK,)}
DONE = over(How.DECLARED)


@pytest.fixture(scope="module")
def idle(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Kit]:
    with Kit(tmp_path_factory.mktemp("idle")) as kit:
        kit.plan()
        yield kit


def shown(kit: Kit, view: SopView | None, monkeypatch: pytest.MonkeyPatch) -> ActivityPresenter:
    monkeypatch.setattr(RunSop, "view", lambda *_: view)
    presenter = ActivityPresenter(kit.context, SameThread(), Steps(), "a1")
    presenter.start()
    return presenter


@pytest.mark.parametrize(
    ("step", "ways", "more_for_the_lead"),
    [
        (step_view(), "complete begin_step note", "skip"),
        (step_view(state=StepState.RUNNING), "complete note", "skip"),
        (step_view(**TICKED), "complete begin_step tick note", "skip"),
        (step_view(**RECORDED), "to_targets to_visits complete begin_step note", "skip"),
        (step_view(turn=Turn.RECORD), "to_write_down note", "override skip"),
        (step_view(turn=Turn.RECORD, **TICKED), "to_write_down tick note", "override skip"),
        (step_view(turn=Turn.RECORD, **RECORDED), "to_targets to_visits to_write_down note", "override skip"),
        (step_view(turn=Turn.WAITS, **WAITS, **TICKED), "tick note", "override skip"),
        (step_view(turn=Turn.WAITS, **WAITS, **RECORDED), "to_targets to_visits note", "override skip"),
        (step_view(turn=Turn.OTHERS, **TICKED, **RECORDED), "note", "override skip"),
        (step_view(turn=Turn.OUTSIDE, is_mine=True, **TICKED, **RECORDED), "note", "override skip"),
        (step_view(turn=Turn.ITSELF, **WAITS), "", ""),
        (DONE, "note", "repeat"),
    ],
)
def test_what_can_be_done_at_a_step_follows_from_whose_turn_it_is(
    idle: Kit, monkeypatch: pytest.MonkeyPatch, step: StepView, ways: str, more_for_the_lead: str
) -> None:
    for may_override in (False, True):
        state = shown(idle, sop_view(step, may_override=may_override), monkeypatch).state
        assert state.panel is not None
        wanted = f"{ways} {more_for_the_lead if may_override else ''}".split()
        assert [way.name for way in state.panel.ways] == wanted
        assert ("accept" in [command.name for command in state.bar.actions]) == bool(wanted)


def test_where_a_step_asks_for_nothing_enter_does_nothing(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter = shown(idle, sop_view(step_view(turn=Turn.ITSELF, **WAITS)), monkeypatch)
    before = presenter.state
    presenter.accept()
    assert presenter.state is before


@pytest.mark.parametrize(
    ("is_mine", "inputs", "ways"),
    [(True, (TO_TICK,), ["tick", "note"]), (False, (TO_TICK,), ["note"]), (True, (), ["note"])],
)
def test_what_a_step_of_mine_lacks_is_still_ticked_when_it_is_over(
    idle: Kit, monkeypatch: pytest.MonkeyPatch, is_mine: bool, inputs: tuple[object, ...], ways: list[str]
) -> None:
    step = replace(DONE, inputs=inputs, is_mine=is_mine)
    panel = shown(idle, sop_view(step), monkeypatch).state.panel
    assert panel is not None
    assert [way.name for way in panel.ways] == ways


OTHERS = step_view(turn=Turn.OTHERS)
WAITING = step_view(turn=Turn.OTHERS, state=StepState.WAITING)


@pytest.mark.parametrize(
    ("steps", "cursor"),
    [
        ((DONE, OTHERS, step_view()), 3),
        ((DONE, OTHERS, step_view(turn=Turn.RECORD)), 3),
        ((DONE, OTHERS, WAITING), 2),
        ((DONE, step_view(turn=Turn.OTHERS, state=StepState.RUNNING), WAITING), 2),
        ((DONE, DONE, WAITING), 3),
    ],
)
def test_the_cursor_begins_at_the_users_turn_or_the_next_step(
    idle: Kit, monkeypatch: pytest.MonkeyPatch, steps: tuple[StepView, ...], cursor: int
) -> None:
    assert shown(idle, sop_view(*steps), monkeypatch).state.cursor == cursor


def test_the_cursor_walks_along_the_steps_and_not_beyond(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter = shown(idle, sop_view(step_view(), OTHERS, WAITING), monkeypatch)
    seen = []
    for by in (-1, 1, 1, 1):
        presenter.next_step(by)
        panel = presenter.state.panel
        assert panel is not None
        seen.append((presenter.state.cursor, panel.title.params["no"]))  # type: ignore[union-attr]
    assert seen == [(1, 1), (2, 2), (3, 3), (3, 3)]
    monkeypatch.setattr(RunSop, "view", lambda *_: sop_view(step_view(), OTHERS))
    presenter.start()
    assert presenter.state.cursor == 1, "its step is gone"


def test_a_problem_is_answered_by_going_on_to_another_step(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter = shown(idle, sop_view(step_view(turn=Turn.OTHERS), OTHERS), monkeypatch)
    presenter.begin_step()  # the store knows of no run
    assert presenter.state.problem is not None
    presenter.choose_step(2)
    assert presenter.state.problem is None


def test_without_an_sop_there_is_no_step_to_do_anything_with(idle: Kit, monkeypatch: pytest.MonkeyPatch) -> None:
    presenter = shown(idle, None, monkeypatch)
    before = presenter.state
    for act in (presenter.declare, presenter.begin_step, lambda: presenter.choose_step(2)):
        act()
    assert presenter.state is before
    assert (presenter.state.sop, presenter.state.progress) == (message("langkah.no_sop"), None)


def test_before_anything_is_read_nothing_can_be_done(idle: Kit) -> None:
    steps = Steps()
    presenter = ActivityPresenter(idle.context, SameThread(), steps, "a1")
    for act in (presenter.accept, presenter.declare, presenter.begin_step, lambda: presenter.next_step(1)):
        act()
    assert steps.taken == []


FIRST, LAST = date(2026, 11, 21), date(2026, 11, 28)


@pytest.mark.parametrize(
    ("surat", "days", "unsent", "told", "tone"),
    [
        ("K07-0031", (FIRST,), 0, {"surat": "K07-0031", "day": "21-11-2026"}, Tone.NEUTRAL),
        ("", (FIRST, LAST), 1, {"surat": "–", "day": "21-11-2026 – 28-11-2026"}, Tone.CAUTION),
    ],
)
def test_the_head_tells_the_days_the_letter_and_what_is_not_sent(
    idle: Kit,
    monkeypatch: pytest.MonkeyPatch,
    surat: str,
    days: tuple[date, ...],
    unsent: int,
    told: dict[str, str],
    tone: Tone,
) -> None:
    count = OutreachCount(7, 3, 0, 0, 4, unsent, None)
    line = ActivityLine(replace(ACTIVITY, surat_tugas=surat), days, count, None, None)
    monkeypatch.setattr(ListActivities, "one", lambda *_: line)
    state = shown(idle, None, monkeypatch).state
    assert state.subtitle == message("langkah.about_luring", place="Desa Jimbe", **told)
    assert (state.numbers[2].value, state.numbers[2].tone) == (str(unsent), tone)
