from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta

import pytest
from PySide6.QtCore import Qt
from support.activities import add_activity
from support.app_context import TODAY, Kit

from fieldkit.app.bootstrap.sop_profiles import own_profiles
from fieldkit.services.planning import Show

CTRL = Qt.KeyboardModifier.ControlModifier
SOPS = {profile.sop_id: profile for profile in own_profiles()}


@pytest.fixture
def kit(kit: Kit) -> Iterator[Kit]:
    for name, sop, days, done in (
        ("Desa Jimbe", "blitar_si_jaran_ijo", 0, 9),
        ("Desa Dawuhan", "blitar_si_jaran_ijo", 3, 2),
        ("Kelurahan Dolopo", "madiun_dolopo_jemput_bola", 3, 0),
        ("Desa Plosorejo", "grobogan_jemput_bola", -6, 5),
        ("Kecamatan Toroh", "grobogan_jemput_bola", -30, 12),
    ):
        add_activity(kit, name, SOPS[sop], TODAY + timedelta(days=days), done)
    return kit


def test_the_list_with_its_filters(window, shoot) -> None:
    window.sign_in()
    window.go("activities")
    assert window.view.state.rows.count == 6
    shoot("activities")
    window.press(Qt.Key.Key_S, to=CTRL)
    window.wait(lambda: [chip.name for chip in window.view.state.chips[0] if chip.is_on] == [Show.MINE])
    shoot("activities-mine")


@pytest.mark.days
def test_typing_searches_and_esc_brings_all_back(window, shoot) -> None:
    window.sign_in()
    window.go("activities")
    window.type("dolopo")
    window.wait(lambda: window.view.state.rows.count == 1)
    window.type("x")
    window.wait(lambda: window.view.state.rows.count == 0)
    shoot("activities-not_found")
    window.press(Qt.Key.Key_Escape)
    window.wait(lambda: window.view.state.rows.count == 6)


def test_nothing_yet_says_what_to_do(window, shoot) -> None:
    with window.kit.store.write() as unit:
        unit.connection.exec_driver_sql("DELETE FROM targets")
        unit.connection.exec_driver_sql("DELETE FROM activities")
    window.sign_in()
    window.go("activities")
    shoot("activities-empty")
