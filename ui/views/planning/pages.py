"""The pages of planning: plan, staff list and calendar of the dinas."""

from __future__ import annotations

from ui.presenters.people.staff import StaffList
from ui.presenters.people.staff_form import staff_form
from ui.presenters.planning.calendar_days import CalendarDaysPresenter
from ui.presenters.planning.month import MonthPresenter
from ui.presenters.planning.new_activity import new_activity_form
from ui.presenters.planning.plan import PlanPresenter
from ui.presenters.planning.sop_document import sop_document_form
from ui.presenters.planning.step_form import StepAct, declare_form, step_form
from ui.runtime.navigation import Factory, Page
from ui.views.form import FormView
from ui.views.page_parts import PageParts, Params
from ui.views.planning.calendar_days import CalendarDaysView
from ui.views.planning.month_screen import MonthView
from ui.views.planning.plan import PlanView
from ui.views.wiring import page_of
from ui.views.work_form import WorkFormView


def planning_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `plan` (`activity_id`, "" for one to begin), month, staff and `calendar_days`.

    `declare` takes `activity_id` and `step`, `step_form` the `act` too, `sop_document` the `activity_id` or a `sop_id`.
    """

    def plan(params: Params) -> Page:
        if not params["activity_id"]:
            return at.form_page("plan", params, new_activity_form(at.context()), FormView(at.theming))
        presenter = PlanPresenter(at.context(), at.tasks, at.navigator, params["activity_id"])
        view = PlanView(at.theming)
        view.type_field.connect(presenter.type_field)
        view.choose_terrain.connect(presenter.choose_terrain)
        view.choose_rhythm.connect(presenter.choose_rhythm)
        view.toggle_person.connect(presenter.toggle_person)
        view.toggle_kit.connect(presenter.toggle_kit)
        view.choose_house.connect(presenter.choose_house)
        view.move_house.connect(presenter.move_house)
        view.type_spot.connect(presenter.type_spot)
        view.keep_spot.connect(presenter.keep_spot)
        return page_of(presenter, view)

    def month(_params: Params) -> Page:
        presenter, view = MonthPresenter(at.context(), at.tasks, at.navigator), MonthView(at.theming)
        view.grid.turned.connect(presenter.show_month)
        view.grid.chosen.connect(presenter.go_to)
        view.grid.opened.connect(presenter.open_day)
        return page_of(presenter, view)

    def calendar_days(_params: Params) -> Page:
        presenter = CalendarDaysPresenter(at.context(), at.tasks, at.navigator)
        view = CalendarDaysView(at.theming)
        view.accept.connect(presenter.accept)
        view.go_to.connect(presenter.go_to)
        view.turn.connect(presenter.turn)
        view.type_reason.connect(presenter.type_reason)
        view.choose_cuti.connect(presenter.choose_cuti)
        return page_of(presenter, view)

    asked = at.forms(
        {
            "staff_person": lambda context, params: staff_form(context, params["staff_id"]),
            "step_form": lambda context, params: step_form(
                context, params["activity_id"], int(params["step"]), StepAct(params["act"])
            ),
            "declare": lambda context, params: declare_form(context, params["activity_id"], int(params["step"])),
        }
    )
    document = at.forms(
        {"sop_document": lambda now, of: sop_document_form(now, of.get("activity_id", ""), of.get("sop_id", ""))},
        WorkFormView,
    )
    staff = at.lists({"staff": lambda now, _: StaffList(now, at.navigator).screen()})
    return {"plan": plan, "month": month, "calendar_days": calendar_days, **staff, **asked, **document}
