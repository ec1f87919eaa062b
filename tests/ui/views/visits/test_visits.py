from __future__ import annotations

from datetime import date

import pytest
from PySide6.QtCore import Qt
from support.field_office import half_a_day

from fieldkit.domain.planning.outreach import TargetState

ENTER, TAB = Qt.Key.Key_Return, Qt.Key.Key_Tab
CTRL = Qt.KeyboardModifier.ControlModifier


def timer(window) -> str:
    return window.view.state.side[0].number.value


@pytest.mark.days
def test_from_door_to_door_by_keyboard(window, kit, shoot) -> None:
    half_a_day(kit)
    window.sign_in()
    window.go("visits", activity_id="a1")
    shoot("visits")
    window.press(Qt.Key.Key_S, to=CTRL)
    window.wait(lambda: window.view.state.panels[0].title == "KARTONO WIBOWO")
    shoot("visits-last")
    for _ in range(4):
        window.press(Qt.Key.Key_S, to=CTRL)
    window.press(ENTER)
    window.reach("Visit")
    shoot("visit-before")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.fields))
    kit.clock.advance(minutes=9, seconds=4)
    window.wait(lambda: timer(window) == "9.04")
    shoot("visit-open")
    window.press(Qt.Key.Key_4)
    window.wait(lambda: window.view.state.fields[0].text == "tidak_di_tempat")
    shoot("visit-outcome")
    window.press(TAB)
    window.type("Bu RT")
    window.press(TAB)
    window.type("di sawah")
    window.press(TAB, TAB)
    window.type("20-11-2026")
    shoot("visit-typed")
    window.press(ENTER)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("visit-refused")
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("25-11-2026")
    kit.clock.advance(minutes=30)
    window.wait(lambda: timer(window).startswith("39"))
    shoot("visit-over")
    window.press(ENTER)
    window.reach("Visits")
    window.wait(lambda: kit.context.visits.target("t1").state is TargetState.POSTPONED)
    shoot("visits-next")
    (card,) = (kit.context.office.visits.card("t1"),)
    assert (card.visits[-1].companion, card.visits[-1].note, card.visits[-1].revisit_on) == (
        "Bu RT",
        "di sawah",
        date(2026, 11, 25),
    )
    window.press(Qt.Key.Key_S, to=CTRL)
    window.wait(lambda: window.view.state.rows.count == 3)
    shoot("visits-again")


@pytest.mark.days
def test_a_walk_in_is_typed_and_stands_last(window, kit, shoot) -> None:
    window.sign_in()
    window.go("visits", activity_id="a1")
    window.press(Qt.Key.Key_B, to=CTRL)
    window.reach("Form")
    for text in ("3505120303500004", "", "PONIMAN", "BLITAR", "3-3-1950"):
        window.type(text)
        window.press(TAB)
    window.press(ENTER)
    window.wait(lambda: window.view.state.wrong is not None)  # nobody is a woman, or unmarried, by default
    shoot("walk-in-wrong")
    window.press(Qt.Key.Key_Space, TAB, Qt.Key.Key_Space)
    shoot("walk-in")
    window.press(ENTER)
    window.reach("Visits")
    window.wait(lambda: window.view.state.rows.count == 8)
    (added,) = (target for target in kit.context.visits.targets("a1") if target.is_walk_in)
    assert (added.house, added.biodata.name, added.biodata.birth_date) == (8, "PONIMAN", date(1950, 3, 3))
