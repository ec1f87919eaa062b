"""The pages of the field: the clock, visits with their cards, walk-ins, trips, the recap of a day."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from ui.presenters.home.laptop_clock import CLOCK_WIDE, clock_form
from ui.presenters.navigator import Navigator
from ui.presenters.tasks import Tasks
from ui.presenters.visits.ask_forms import SURVEY_WIDE, ikd_form, ikd_target_form, survey_form
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
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]


def field_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories; all take `activity_id` ("" = that of the day), `visit` the `target_id` too."""

    def visits(params: Params) -> Page:
        return list_page(
            Visits(context(), navigator, params.get("activity_id", "")).screen(), tasks, navigator, theming
        )

    def visit(params: Params) -> Page:
        presenter = VisitPresenter(context(), tasks, navigator, params["target_id"])
        view = VisitView(theming)
        view.refresh.connect(presenter.refresh)
        view.choose.connect(presenter.choose)
        view.type_field.connect(presenter.type_field)
        view.toggle_revisit.connect(presenter.toggle_revisit)
        return page_of(presenter, view)

    def trip(params: Params) -> Page:
        presenter = TripPresenter(context(), tasks, navigator, params.get("activity_id", ""))
        view = TripView(theming)
        view.refresh.connect(presenter.refresh)
        view.type_field.connect(presenter.type_field)
        view.choose_mode.connect(presenter.choose_mode)
        view.toggle_escort.connect(presenter.toggle_escort)
        view.next_step.connect(presenter.next_step)
        view.previous_step.connect(presenter.previous_step)
        return page_of(presenter, view)

    def recap(params: Params) -> Page:
        return list_page(Recap(context(), navigator, params.get("activity_id", "")).screen(), tasks, navigator, theming)

    forms = FormPages(tasks, navigator, theming, context)
    walk_in = forms.factories(
        {
            "walk_in": lambda at, params: walk_in_form(at, params["activity_id"]),
            "walk_in_without_nik": lambda at, params: walk_in_form(at, params["activity_id"], without_nik=True),
        },
        lambda dressed: RequestView(dressed, WIDE),
    )
    asked = forms.factories(
        {
            "ikd": lambda at, params: ikd_form(at, params["target_id"]),
            "ikd_target": lambda at, params: ikd_target_form(at, params["activity_id"]),
        }
    )
    survey = forms.factories(
        {"survey": lambda at, params: survey_form(at, params["activity_id"])},
        lambda dressed: RequestView(dressed, SURVEY_WIDE),
    )
    clock = forms.factories(
        {"clock": lambda at, _params: clock_form(at)}, lambda dressed: RequestView(dressed, CLOCK_WIDE)
    )
    return {**clock, **asked, **survey, "visits": visits, "visit": visit, **walk_in, "trip": trip, "recap": recap}
