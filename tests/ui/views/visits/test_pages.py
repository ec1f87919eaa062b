from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.field_office import half_a_day

from ui.presenters.parts import Stage


@pytest.mark.parametrize(
    ("screen", "name"), [("visits", "Visits"), ("trip", "Trip"), ("recap", "Recap"), ("walk_in", "Form")]
)
def test_every_page_of_the_field_is_opened_by_its_name(window, kit, screen: str, name: str) -> None:
    half_a_day(kit)
    window.sign_in()
    window.go(screen, activity_id="a1")
    assert (window.name, window.view.state.stage) == (name, Stage.CONTENT)


@pytest.mark.parametrize("screen", ["visits", "trip", "recap"])
def test_without_an_activity_it_is_that_of_the_day(window, kit, screen: str) -> None:
    half_a_day(kit)
    window.sign_in()
    window.go(screen, activity_id="")
    assert window.view.state.stage is Stage.CONTENT


def test_a_row_of_the_visits_opens_its_card(window, kit) -> None:
    window.sign_in()
    window.go("visits", activity_id="a1")
    window.view.table.selected.emit("t5")
    window.press(Qt.Key.Key_Return)
    window.reach("Visit")
    assert window.view.state.side[0].title == "SULASTRI"
