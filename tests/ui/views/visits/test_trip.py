from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.field_office import half_a_day

from fieldkit.domain.visits import Leg
from ui.presenters.parts import Stage

ENTER, TAB = Qt.Key.Key_Return, Qt.Key.Key_Tab
CTRL = Qt.KeyboardModifier.ControlModifier


@pytest.mark.days
def test_a_trip_is_noted_by_enter_and_typed_times_are_kept(window, kit, shoot) -> None:
    half_a_day(kit)
    window.sign_in()
    window.go("trip", activity_id="a1")
    shoot("trip-empty")
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.fields[0].text))
    window.press(Qt.Key.Key_A, to=CTRL)
    window.type("07.15")
    window.press(TAB)
    window.type("08.40")
    for text in ("", "", "Karsono", "Kepala Desa", "balai desa, lalu rumah ke rumah", "Suyatno, Bu Bidan"):
        window.press(TAB)
        window.type(text)
    window.press(Qt.Key.Key_M, to=CTRL)
    shoot("trip-typed")
    window.press(ENTER)
    window.wait(lambda: window.view.state.stage is Stage.CONTENT and len(window.view.state.side[0].facts) > 2)
    shoot("trip-kept")
    (trip,) = kit.context.office.trips.of("a1")
    assert (trip.way_minutes, trip.companions, trip.is_escort_wanted) == (85, ("Suyatno", "Bu Bidan"), True)
    window.press(Qt.Key.Key_N, to=CTRL)
    window.wait(lambda: window.view.state.problem is not None)
    assert window.view.state.problem.code == "device.gps.none"
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.fields[2].text))
    window.press(ENTER)
    window.wait(lambda: bool(window.view.state.fields[3].text))
    shoot("trip-over")
    assert kit.context.office.trips.of("a1")[0].at(Leg.RETURNED) is not None
    window.press(Qt.Key.Key_B, to=CTRL)
    window.wait(lambda: window.view.state.fields[0].text == "")
