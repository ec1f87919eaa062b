from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from support.app_context import Kit, OpenDoor
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.presenters.form import FormPresenter
from ui.presenters.planning.plan import PlanPresenter
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts
from ui.views.planning import planning_factories


@pytest.fixture
def kit(planning_kit: Kit) -> Kit:
    return planning_kit


def test_a_plan_without_an_activity_begins_one(kit: Kit, theming: ThemeContext, qtbot) -> None:
    factories = planning_factories(
        PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    )
    for activity_id, kind in (("", FormPresenter), ("a1", PlanPresenter)):
        page = factories["plan"]({"activity_id": activity_id})
        qtbot.addWidget(page.view)
        assert isinstance(page.presenter, kind)


@pytest.mark.days
def test_an_activity_is_begun_and_planned_by_keys_only(window, shoot) -> None:
    window.sign_in()
    window.go("plan", activity_id="")
    shoot("new-activity")
    window.type("Jemput bola SMAN 1")
    window.press(Qt.Key.Key_Tab)
    window.type("SMAN 1 Purwodadi")
    window.press(Qt.Key.Key_Tab, Qt.Key.Key_Tab, Qt.Key.Key_Left, Qt.Key.Key_Space)
    window.press(Qt.Key.Key_Return)
    window.reach("Plan")
    assert window.view.state.where.params["place"] == "SMAN 1 Purwodadi"
