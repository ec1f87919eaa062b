"""The pages of the field: the clock, visits with their cards, walk-ins, trips, the recap of a day."""

from __future__ import annotations

from ui.presenters.home.laptop_clock import clock_form
from ui.presenters.visits.trip import TripOfTeam
from ui.presenters.visits.visit import VisitAtDoor
from ui.presenters.visits.visits import Recap, Visits
from ui.presenters.visits.walk_in import ikd_form, ikd_target_form, survey_form, walk_in_form
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params


def field_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories; all take `activity_id` ("" = that of the day), `visit` the `target_id` too."""

    def visit(params: Params) -> Page:
        target_id = params["target_id"]
        form = VisitAtDoor(at.context(), at.tasks, at.navigator, target_id).form()
        return at.form_page("visit", {"target_id": target_id}, form)

    def trip(params: Params) -> Page:
        activity_id = params.get("activity_id", "")
        form = TripOfTeam(at.context(), at.navigator, activity_id).form()
        return at.form_page("trip", {"activity_id": activity_id}, form)

    lists = at.lists(
        {
            "visits": lambda now, of: Visits(now, at.navigator, of.get("activity_id", "")).screen(),
            "recap": lambda now, of: Recap(now, at.navigator, of.get("activity_id", "")).screen(),
        }
    )
    forms = at.forms(
        {
            "clock": lambda context, _params: clock_form(context),
            "walk_in": lambda context, params: walk_in_form(context, params["activity_id"]),
            "walk_in_without_nik": lambda context, params: walk_in_form(
                context, params["activity_id"], without_nik=True
            ),
            "ikd": lambda context, params: ikd_form(context, params["target_id"]),
            "ikd_target": lambda context, params: ikd_target_form(context, params["activity_id"]),
            "survey": lambda context, params: survey_form(context, params["activity_id"]),
        }
    )
    return {**lists, **forms, "visit": visit, "trip": trip}
