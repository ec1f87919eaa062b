from __future__ import annotations

from ui.runtime.theme_context import ThemeContext
from ui.views.planning.calendar_days import CalendarDaysView
from ui.views.planning.pages import CALENDAR_INTENTS, PLAN_INTENTS
from ui.views.planning.plan import PlanView


def test_every_intent_is_a_signal_of_its_view(qtbot, theming: ThemeContext) -> None:
    for view, intents in (
        (PlanView(theming), PLAN_INTENTS),
        (CalendarDaysView(theming), CALENDAR_INTENTS),
    ):
        qtbot.addWidget(view)
        assert all(hasattr(view, intent) for intent in intents)
