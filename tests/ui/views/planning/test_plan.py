from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLineEdit
from support.app_context import Kit, OpenDoor
from support.plans import KEPALA, furnish, plan

from ui.presenters.kept_picks import PICKED
from ui.widgets.form_fields import PickField
from ui.widgets.table import LineList

THURSDAY = date(2026, 12, 3)
CTRL, ALT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.AltModifier


@pytest.fixture
def kit(planning_kit: Kit) -> Kit:
    return planning_kit


@pytest.fixture
def head(kit: Kit, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Kit]:
    """The same office as the head of the dinas sees it."""
    kit.context.office.planning.save(plan("a1", THURSDAY))
    other = Kit(tmp_path / "head", KEPALA)
    furnish(other, plan("a1", THURSDAY, note="Bawa genset"))
    monkeypatch.setattr(OpenDoor, "unlock", lambda _door, _user, _passphrase: other.context)
    yield other
    other.store.close()


def opened(window):
    window.sign_in()
    window.go("plan", activity_id="a1")
    return window.view


def fields(view) -> list[QLineEdit]:
    return [edit for edit in view.findChildren(QLineEdit) if edit.isVisible()]


def test_a_whole_plan_is_made_without_the_mouse(window, kit, shoot) -> None:
    view = opened(window)
    shoot("plan-new")
    assert view._stack.widget(0).verticalScrollBar().maximum() == 0
    fields(view)[0].setFocus()
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("3-12-2026")
    team, _kits, route = view.findChildren(LineList)
    team.setFocus()
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Space)
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Down, Qt.Key.Key_Space)
    window.press(Qt.Key.Key_Home)
    route.setFocus()
    window.press(Qt.Key.Key_Home, Qt.Key.Key_Down)
    window.press(Qt.Key.Key_Down, to=ALT)
    assert view.state.conflicts == ()
    shoot("plan-ready")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.planning.plan("a1") is not None)
    window.settle()
    kept = kit.context.office.planning.plan("a1")
    assert (kept.days, len(kept.team), kept.kits) == ((THURSDAY,), 2, ("k1",))
    assert kept.route[:3] == ("t2", "t1", "t3")
    window.press(Qt.Key.Key_I, to=CTRL)
    window.wait(lambda: kit.context.office.planning.plan("a1").approved_by == "u5")
    window.settle()
    shoot("plan-approved")


@pytest.mark.days
def test_conflicts_stand_there_before_anything_is_saved(window, kit, shoot) -> None:
    kit.context.office.planning.save(plan("a2", THURSDAY))
    view = opened(window)
    fields(view)[0].setFocus()
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("3-12-2026, 25-12-2026, 5-12-2026, 4-1-2029")
    view.findChildren(LineList)[0].setFocus()
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Space)
    shoot("plan-conflicts")
    assert len(view.state.conflicts) == 5
    assert kit.context.office.planning.plan("a1") is None


@pytest.mark.days
def test_coordinates_are_kept_by_their_own_enter_and_the_route_follows(window, kit, shoot) -> None:
    view = opened(window)
    spot = fields(view)[-1]
    spot.setFocus()
    window.type("112.16, -8.09")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: view.state.spot.problem != "")
    shoot("plan-spot-refused")
    assert kit.context.office.planning.plan("a1") is None
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("-8.0954, 112.1609")
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.office.planning.basis("a1").office is not None)
    window.wait(lambda: view.state.spot.text == "-8.095400, 112.160900")
    window.press(Qt.Key.Key_R, to=CTRL)
    window.settle()
    assert view.state.spot.text == "-8.095400, 112.160900"


@pytest.mark.days
def test_the_head_reads_directs_and_approves_but_does_not_plan(head, window, shoot) -> None:
    view = opened(window)
    assert [edit for edit in fields(view) if edit.isEnabled()] == fields(view)[-1:]
    fields(view)[-1].setFocus()
    window.type("Utamakan lansia")
    shoot("plan-head")
    window.press(Qt.Key.Key_G, to=CTRL)
    window.wait(lambda: head.context.office.planning.plan("a1").direction == "Utamakan lansia")
    window.settle()
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: head.context.office.planning.plan("a1").approved_by == "u7")


@pytest.mark.days
def test_other_screens_of_planning_are_one_key_away(window, kit) -> None:
    opened(window)
    window.press(Qt.Key.Key_P, to=CTRL)
    window.reach("Staff")
    window.press(Qt.Key.Key_Escape)
    window.reach("Plan")
    window.press(Qt.Key.Key_T, to=CTRL)
    window.reach("CalendarDays")


@pytest.mark.days
def test_terrain_and_rhythm_change_the_proposal(window, kit) -> None:
    view = opened(window)
    window.presenter.choose_terrain("remote")
    assert [field.text for field in view.state.fields if field.name == "way"] == ["90"]
    view._rhythm.click()
    assert view.state.rhythm == "daily"
    assert len(view.state.fields[0].text.split(",")) > 1
    window.press(Qt.Key.Key_W, to=CTRL)
    assert view.state.rhythm == "daily"


@pytest.mark.days
def test_the_crew_is_picked_by_a_part_of_the_name_and_stands_first_after_a_restart(
    window, kit, theming, make_window, qtbot, tmp_path, shoot
) -> None:
    def crew(view) -> tuple[str, ...]:
        return tuple(line.name for line in view.state.team if line.is_on)

    def pick(view, window) -> QLineEdit:
        edit = view.findChild(PickField).focusProxy()
        edit.setFocus()
        return edit

    view = opened(window)
    edit = pick(view, window)
    window.type("utom")
    shoot("plan-pick")
    window.press(Qt.Key.Key_Return)
    assert crew(view) == ("s4",)
    assert edit.text() == ""
    assert window.shell.focusWidget() is edit, "the next name is typed at once"
    window.type("se")
    window.press(Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return)
    assert crew(view) == ("s4", "s3")
    assert [choice.name for choice in view.state.others] == ["s1", "s2"]
    window.press(Qt.Key.Key_Return)
    window.wait(lambda: kit.context.drafts.find(PICKED) is not None)
    window.close()
    theming.recent.forget()
    again = make_window(kit, theming, qtbot, tmp_path)
    again.sign_in()
    again.go("plan", activity_id="a2")
    pick(again.view, again)
    again.press(Qt.Key.Key_Down, to=ALT)
    lately = again.shell.findChild(PickField)._picker._list
    assert [line.name for line in lately.model().lines][:2] == ["s3", "s4"]
    again.close()
