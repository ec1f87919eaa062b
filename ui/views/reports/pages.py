"""The page of reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from ui.presenters.navigator import Navigator
from ui.presenters.printing import Printing
from ui.presenters.reports.reports import ReportsPresenter
from ui.presenters.spoken import Spoken
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.reports.reports import ReportsView
from ui.views.wiring import page_of

Params = Mapping[str, str]


def reports_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, printing: Printing, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factory of `reports`: of the month, or with `activity_id` of one activity."""
    spoken = Spoken(theming.catalog.say, theming.catalog.explain)

    def reports(params: Params) -> Page:
        activity_id = params.get("activity_id", "")
        presenter = ReportsPresenter(context(), tasks, navigator, printing, spoken, activity_id)
        view = ReportsView(theming)
        view.refresh.connect(presenter.refresh)
        view.choose.connect(presenter.choose)
        view.turn.connect(presenter.turn)
        view.today.connect(presenter.today)
        return page_of(presenter, view)

    return {"reports": reports}
