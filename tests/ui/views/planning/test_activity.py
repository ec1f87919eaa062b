from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from support.activities import add_activity
from support.app_context import TARGETS, Kit
from support.sops import act

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from ui.presenters.figures import StepMark

SOPS = {profile.sop_id: profile for profile in own_profiles()}
KEYS = tuple(Qt.Key(Qt.Key.Key_0 + n) for n in range(10))


@pytest.fixture
def kit(tmp_path: Path) -> Iterator[Kit]:
    """Return the kit of a petugas, whom the window signs in; the plan's own belongs to a kasi."""
    kit = Kit(tmp_path)
    kit.plan(*TARGETS)
    add_activity(kit, "jimbe", SOPS["blitar_si_jaran_ijo"], done=6)
    add_activity(kit, "baru", SOPS["blitar_si_jaran_ijo"])
    yield kit
    kit.store.close()


def way(window, intent: str) -> Qt.Key:
    """Return the digit of an action of the panel."""
    ways = window.view.state.panel.ways
    return KEYS[next(at for at, action in enumerate(ways, 1) if action.name == intent)]


def test_the_timeline_stands_at_the_users_turn_and_enter_does_it(window, kit, shoot) -> None:
    window.sign_in()
    window.go("activity", activity_id="jimbe")
    assert window.view.state.cursor == 7
    shoot("activity")
    window.press(way(window, "complete"))
    window.reach("Form")
    window.wait(lambda: bool(window.view.state.fields))
    assert [field.name for field in window.view.state.fields] == ["who", "at", "why", "paper", "file"]
    shoot("activity-declare")


@pytest.mark.days
def test_another_ones_step_says_whose_it_is(window, kit, shoot) -> None:
    window.sign_in()
    window.go("activity", activity_id="baru")
    window.press(Qt.Key.Key_Down)
    window.wait(lambda: window.view.state.cursor == 2)
    assert [action.name for action in window.view.state.panel.ways] == ["note"]
    shoot("activity-others")
    window.press(Qt.Key.Key_End)
    window.wait(lambda: window.view.state.cursor == 12)
    shoot("activity-end")


@pytest.mark.days
def test_a_declared_step_is_other_than_a_fulfilled_one(window, kit, shoot) -> None:
    kit.context.office.sop.declare("jimbe", 7, act(kit.clock.now(), "Ketua Tim"))
    window.sign_in()
    window.go("activity", activity_id="jimbe")
    window.wait(lambda: bool(window.view.state.steps))
    window.press(Qt.Key.Key_Up)
    window.wait(lambda: window.view.state.cursor == 7)
    assert window.view.state.steps[6].mark is StepMark.DECLARED
    shoot("activity-declared")


@pytest.mark.days
def test_esc_leaves_a_form_of_the_step_and_then_the_activity(window, kit, shoot) -> None:
    window.sign_in()
    window.go("activity", activity_id="jimbe")
    window.press(way(window, "note"))
    window.reach("Form")
    window.type("Jalan licin")
    shoot("activity-note")
    window.press(Qt.Key.Key_Escape)
    window.reach("Activity")
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")


@pytest.mark.days
def test_an_activity_without_an_sop_asks_for_one(window, kit, shoot) -> None:
    window.sign_in()
    window.go("activity", activity_id="a1")
    shoot("activity-no-sop")
    window.press(Qt.Key.Key_Return)
    window.reach("Form")
    shoot("activity-begin")
    second = window.view.state.fields[0].choices[1].name
    window.press(Qt.Key.Key_2, Qt.Key.Key_Return)
    window.reach("Activity")
    window.wait(lambda: window.view.state.steps != ())
    assert kit.context.office.sop.view("a1").sop_id == second


def test_an_unknown_activity_is_an_error_with_a_way_back(window, shoot) -> None:
    window.sign_in()
    window.go("activity", activity_id="nowhere")
    shoot("activity-error")
    window.press(Qt.Key.Key_Escape)
    window.reach("Home")


@pytest.mark.days
def test_a_note_that_was_left_stands_there_again(window, shoot) -> None:
    window.sign_in()
    window.go("activity", activity_id="jimbe")
    window.press(way(window, "note"))
    window.reach("Form")
    window.type("jembatan putus")
    window.press(Qt.Key.Key_Escape)
    window.reach("Activity")
    window.press(way(window, "note"))
    window.reach("Form")
    window.wait(lambda: bool(window.view.state.restored))
    shoot("activity-note-left")
    assert window.view.state.fields[0].text == "jembatan putus"
