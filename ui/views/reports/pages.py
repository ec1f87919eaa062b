"""The page of reports."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.desk import Desk
from ui.presenters.navigator import Navigator
from ui.presenters.printing import Printing
from ui.presenters.reports.reports import ReportsPresenter
from ui.presenters.spoken import Spoken
from ui.presenters.tasks import Tasks
from ui.runtime.look import Look
from ui.runtime.navigation import Factory, Page
from ui.views.reports.reports import ReportsView
from ui.views.wiring import wired

Params = Mapping[str, str]
_REPORTS = (
    *("back", "accept", "refresh", "choose", "turn", "next_span"),
    *("today", "save_pdf", "save_xlsx", "print"),
)


def reports_factories(
    tasks: Tasks, navigator: Navigator, look: Look, printing: Printing, desk: Callable[[], Desk]
) -> dict[str, Factory]:
    """Return the factory of `reports`: of the month, or with `activity_id` of one activity."""
    spoken = Spoken(look.phrases.say, look.phrases.explain)

    def reports(params: Params) -> Page:
        activity_id = params.get("activity_id", "")
        presenter = ReportsPresenter(desk(), tasks, navigator, printing, spoken, activity_id)
        return wired(presenter, ReportsView(look), *_REPORTS)

    return {"reports": reports}
