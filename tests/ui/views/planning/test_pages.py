from __future__ import annotations

from support.app_context import Kit
from support.tasks import SameThread, Steps

from ui.presenters.planning.new_activity import NewActivityPresenter
from ui.presenters.planning.plan import PlanPresenter
from ui.runtime.theme_context import ThemeContext
from ui.views.planning.pages import planning_factories


def test_a_plan_without_an_activity_begins_one(kit: Kit, theming: ThemeContext, qtbot) -> None:
    factories = planning_factories(SameThread(), Steps(), theming, lambda: kit.context)
    for activity_id, kind in (("", NewActivityPresenter), ("a1", PlanPresenter)):
        page = factories["plan"]({"activity_id": activity_id})
        qtbot.addWidget(page.view)
        assert isinstance(page.presenter, kind)
