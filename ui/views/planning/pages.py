"""The pages of planning: plan, staff list and calendar of the dinas."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from ui.presenters.navigator import Navigator
from ui.presenters.people.staff import StaffList, staff_form
from ui.presenters.planning.calendar_days import CalendarDaysPresenter
from ui.presenters.planning.month_screen import MonthPresenter
from ui.presenters.planning.new_activity import NewActivityPresenter
from ui.presenters.planning.plan import PlanPresenter
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form_pages import FormPages
from ui.views.planning.calendar_days import CalendarDaysView
from ui.views.planning.month_screen import MonthView
from ui.views.planning.new_activity import NewActivityView
from ui.views.planning.plan import PlanView
from ui.views.wiring import list_page, wired

Params = Mapping[str, str]
PLAN_INTENTS = (
    "back",
    "accept",
    "approve",
    "direct",
    "propose",
    "by_distance",
    "refresh",
    "show_staff",
    "show_calendar",
    "type_field",
    "choose_terrain",
    "choose_rhythm",
    "toggle_person",
    "toggle_kit",
    "choose_house",
    "move_house",
    "type_spot",
    "keep_spot",
)
NEW_INTENTS = ("back", "accept", "refresh", "type_field", "choose_sop", "choose_mode")
CALENDAR_INTENTS = (
    "back",
    "accept",
    "restore",
    "confirm",
    "refresh",
    "go_to",
    "turn",
    "type_reason",
    "choose_cuti",
)


def planning_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of `plan` (`activity_id`, "" for one to begin), month, staff and `calendar_days`."""

    def plan(params: Params) -> Page:
        if not params["activity_id"]:
            return wired(NewActivityPresenter(context(), tasks, navigator), NewActivityView(theming), *NEW_INTENTS)
        presenter = PlanPresenter(context(), tasks, navigator, params["activity_id"])
        return wired(presenter, PlanView(theming), *PLAN_INTENTS)

    def staff(_params: Params) -> Page:
        return list_page(StaffList(context(), navigator).screen(), tasks, navigator, theming)

    def month(_params: Params) -> Page:
        presenter, view = MonthPresenter(context(), tasks, navigator), MonthView(theming)
        view.grid.turned.connect(presenter.show_month)
        view.grid.chosen.connect(presenter.go_to)
        view.grid.opened.connect(presenter.open_day)
        view.refresh.connect(presenter.refresh)
        return Page(presenter, view)

    def calendar_days(_params: Params) -> Page:
        presenter = CalendarDaysPresenter(context(), tasks, navigator)
        return wired(presenter, CalendarDaysView(theming), *CALENDAR_INTENTS)

    forms = FormPages(tasks, navigator, theming, context)
    person = forms.factories({"staff_person": lambda at, params: staff_form(at, params["staff_id"])})
    return {"plan": plan, "month": month, "staff": staff, **person, "calendar_days": calendar_days}
