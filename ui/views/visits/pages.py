"""The pages of the field: the clock, visits with their cards, walk-ins, trips, the recap of a day."""

from __future__ import annotations

from ui.presenters.home.laptop_clock import CLOCK_WIDE, clock_form
from ui.presenters.visits.ask_forms import SURVEY_WIDE, ikd_form, ikd_target_form, survey_form
from ui.presenters.visits.recap import Recap
from ui.presenters.visits.trip import WIDE as TRIP_WIDE
from ui.presenters.visits.trip import TripOfTeam
from ui.presenters.visits.visit import WIDE as VISIT_WIDE
from ui.presenters.visits.visit import VisitAtDoor
from ui.presenters.visits.visits import Visits
from ui.presenters.visits.walk_in import WIDE, walk_in_form
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.request import RequestView
from ui.views.work_form import WorkFormView


def field_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories; all take `activity_id` ("" = that of the day), `visit` the `target_id` too."""

    def visit(params: Params) -> Page:
        target_id = params["target_id"]
        form = VisitAtDoor(at.context(), at.tasks, at.navigator, target_id).form()
        return at.form_page("visit", {"target_id": target_id}, form, WorkFormView(at.theming, VISIT_WIDE))

    def trip(params: Params) -> Page:
        activity_id = params.get("activity_id", "")
        form = TripOfTeam(at.context(), at.navigator, activity_id).form()
        return at.form_page("trip", {"activity_id": activity_id}, form, WorkFormView(at.theming, TRIP_WIDE))

    lists = at.lists(
        {
            "visits": lambda now, of: Visits(now, at.navigator, of.get("activity_id", "")).screen(),
            "recap": lambda now, of: Recap(now, at.navigator, of.get("activity_id", "")).screen(),
        }
    )
    walk_in = at.forms(
        {
            "walk_in": lambda context, params: walk_in_form(context, params["activity_id"]),
            "walk_in_without_nik": lambda context, params: walk_in_form(
                context, params["activity_id"], without_nik=True
            ),
        },
        lambda dressed: RequestView(dressed, WIDE),
    )
    asked = at.forms(
        {
            "ikd": lambda context, params: ikd_form(context, params["target_id"]),
            "ikd_target": lambda context, params: ikd_target_form(context, params["activity_id"]),
        }
    )
    survey = at.forms(
        {"survey": lambda context, params: survey_form(context, params["activity_id"])},
        lambda dressed: RequestView(dressed, SURVEY_WIDE),
    )
    clock = at.forms(
        {"clock": lambda context, _params: clock_form(context)}, lambda dressed: RequestView(dressed, CLOCK_WIDE)
    )
    return {**clock, **asked, **survey, **lists, "visit": visit, **walk_in, "trip": trip}
