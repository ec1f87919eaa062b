"""The pages of the field: the clock, visits with their cards, walk-ins, trips, the recap of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from ui.presenters.home.laptop_clock import CLOCK_WIDE, clock_form
from ui.presenters.navigator import Navigator
from ui.presenters.tasks import Tasks
from ui.presenters.visits.recap import Recap
from ui.presenters.visits.trip import TripPresenter
from ui.presenters.visits.visit import VisitPresenter
from ui.presenters.visits.visits import Visits
from ui.presenters.visits.walk_in import WIDE, walk_in_form
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form_pages import FormPages
from ui.views.request import RequestView
from ui.views.visits.trip import TripView
from ui.views.visits.visit import VisitView
from ui.views.wiring import list_page, wired

Params = Mapping[str, str]
_VISIT = ("back", "accept", "refresh", "choose", "type_field", "toggle_revisit", "toggle_escort", "write_notes")
_TURNING = ("next_step", "previous_step")
_TRIP = (
    *("back", "accept", "refresh", "locate", "begin_new", "type_field", "choose_mode", "toggle_escort"),
    *_TURNING,
)


def field_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories; all take `activity_id` ("" = that of the day), `visit` the `target_id` too."""

    def visits(params: Params) -> Page:
        return list_page(
            Visits(context(), navigator, params.get("activity_id", "")).screen(), tasks, navigator, theming
        )

    def visit(params: Params) -> Page:
        return wired(VisitPresenter(context(), tasks, navigator, params["target_id"]), VisitView(theming), *_VISIT)

    def trip(params: Params) -> Page:
        presenter = TripPresenter(context(), tasks, navigator, params.get("activity_id", ""))
        return wired(presenter, TripView(theming), *_TRIP)

    def recap(params: Params) -> Page:
        return list_page(Recap(context(), navigator, params.get("activity_id", "")).screen(), tasks, navigator, theming)

    forms = FormPages(tasks, navigator, theming, context)
    walk_in = forms.factories(
        {"walk_in": lambda at, params: walk_in_form(at, params["activity_id"])},
        lambda dressed: RequestView(dressed, WIDE),
    )
    clock = forms.factories(
        {"clock": lambda at, _params: clock_form(at)}, lambda dressed: RequestView(dressed, CLOCK_WIDE)
    )
    return {**clock, "visits": visits, "visit": visit, **walk_in, "trip": trip, "recap": recap}
