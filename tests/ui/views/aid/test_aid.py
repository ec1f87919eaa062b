from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.aided import follow_up

from fieldkit.domain.aid import AidNote, AidState, Dtsen, Program

K, S, P = Qt.Key, AidState, Program


def opened(window) -> None:
    window.sign_in()
    window.go("aid", activity_id="a1")


@pytest.mark.days
def test_a_person_is_noted_and_proposed_by_keyboard(window, kit, shoot) -> None:
    opened(window)
    shoot("aid-begun")
    window.press(K.Key_Return)
    window.reach("Form")
    shoot("aid-note")
    window.press(K.Key_Left, K.Key_Right, K.Key_Space, K.Key_Tab)
    window.type("2")
    window.press(K.Key_Tab, K.Key_Tab, K.Key_Space)
    window.wait(lambda: window.view.state.fields[3].chosen == ("pkh",))
    window.press(K.Key_Return)
    window.reach("Aid")
    case = kit.context.office.aid.one("t1").case
    assert (case.dtsen, case.decile, [aid.program for aid in case.aids]) == (Dtsen.BELUM, 2, [P.PKH])
    window.wait(lambda: window.view.state.bar.actions[-1].words.key == "aid.after_dicatat")
    window.press(K.Key_Return)
    window.reach("Form")
    window.press(K.Key_Tab)
    window.type("Karsono, Kepala Desa")
    shoot("aid-step")
    window.press(K.Key_Return)
    window.wait(lambda: window.view.state.wrong is not None)
    shoot("aid-step-refused")
    window.type("141/7")
    window.press(K.Key_Return)
    window.reach("Aid")
    assert kit.context.office.aid.overview("a1").counts == {S.DIUSULKAN: 1}


@pytest.mark.days
def test_the_list_tells_how_far_each_is(window, kit, shoot) -> None:
    follow_up(kit)
    opened(window)
    shoot("aid")
    window.press(K.Key_Down)
    shoot("aid-second")
    window.press(K.Key_S, to=Qt.KeyboardModifier.ControlModifier)
    window.wait(lambda: window.view.state.rows.count == 1)
    window.type("zz")
    window.wait(lambda: window.view.state.rows.count == 0)
    shoot("aid-nobody")


@pytest.mark.days
def test_several_are_moved_at_once(window, kit, shoot) -> None:
    aid = kit.context.office.aid
    for number in (1, 2, 3):
        aid.note(f"t{number}", AidNote(wanted=(P.PKH, P.SEMBAKO)))
    opened(window)
    window.press(K.Key_Return, to=Qt.KeyboardModifier.ControlModifier)
    window.reach("Form")
    shoot("aid-step-all")
    window.press(K.Key_Tab)
    window.type("Karsono")
    window.press(K.Key_Tab, K.Key_Tab)
    window.type("141/7")
    window.press(K.Key_Return)
    window.reach("Aid")
    assert aid.overview("a1").counts == {S.DIUSULKAN: 6}


@pytest.mark.days
def test_the_coordination_is_noted(window, kit, shoot) -> None:
    opened(window)
    window.press(K.Key_O, to=Qt.KeyboardModifier.ControlModifier)
    window.reach("Form")
    window.type("Wiwik")
    window.press(K.Key_Tab)
    window.type("Karsono")
    shoot("aid-meeting")
    window.press(K.Key_Return)
    window.reach("Aid")
    assert kit.context.office.aid.round("a1").is_coordinated
    window.go("aid_result", activity_id="a1")
    shoot("aid-result-others")
