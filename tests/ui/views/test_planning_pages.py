from __future__ import annotations

from ui.runtime.look import Look
from ui.views.calendar_days import CalendarDaysView
from ui.views.plan import PlanView
from ui.views.planning_pages import CALENDAR_INTENTS, PLAN_INTENTS, STAFF_INTENTS
from ui.views.staff import StaffView


def test_every_intent_is_a_signal_of_its_view(qtbot, look: Look) -> None:
    for view, intents in (
        (PlanView(look), PLAN_INTENTS),
        (StaffView(look), STAFF_INTENTS),
        (CalendarDaysView(look), CALENDAR_INTENTS),
    ):
        qtbot.addWidget(view)
        assert all(hasattr(view, intent) for intent in intents)
