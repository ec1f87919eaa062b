"""The pages of planning: plan, staff list and calendar of the dinas."""

from __future__ import annotations

from ui.presenters.people.staff import StaffList, staff_form
from ui.presenters.planning.activities import new_activity_form
from ui.presenters.planning.calendar_days import CalendarDaysPresenter
from ui.presenters.planning.month import MonthPresenter
from ui.presenters.planning.plan import PlanPresenter
from ui.presenters.planning.sop_document import sop_document_form
from ui.presenters.planning.step_form import StepAct, declare_form, step_form
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.planning.calendar_days import CalendarDaysView, MonthView
from ui.views.planning.plan import PlanView


def planning_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `plan` (`activity_id`, "" for one to begin), month, staff and `calendar_days`.

    `declare` takes `activity_id` and `step`, `step_form` the `act` too, `sop_document` the `activity_id` or a `sop_id`.
    """

    def plan(params: Params) -> Page:
        if not params["activity_id"]:
            return at.form_page("plan", params, new_activity_form(at.context()))
        return at.page(PlanPresenter(at.context(), at.tasks, at.navigator, params["activity_id"]), PlanView)

    def month(_params: Params) -> Page:
        return at.page(MonthPresenter(at.context(), at.tasks, at.navigator), MonthView)

    def calendar_days(_params: Params) -> Page:
        return at.page(CalendarDaysPresenter(at.context(), at.tasks, at.navigator), CalendarDaysView)

    asked = at.forms(
        {
            "staff_person": lambda context, params: staff_form(context, params["staff_id"]),
            "step_form": lambda context, params: step_form(
                context, params["activity_id"], int(params["step"]), StepAct(params["act"])
            ),
            "declare": lambda context, params: declare_form(context, params["activity_id"], int(params["step"])),
            "sop_document": lambda now, of: sop_document_form(now, of.get("activity_id", ""), of.get("sop_id", "")),
        }
    )
    staff = at.lists({"staff": lambda now, _: StaffList(now, at.navigator).screen()})
    return {"plan": plan, "month": month, "calendar_days": calendar_days, **staff, **asked}
