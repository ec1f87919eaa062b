"""The page of reports."""

from __future__ import annotations

from ui.presenters.reports.reports import ReportsPresenter
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.reports.reports import ReportsView


def reports_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factory of `reports`: of the month, or with `activity_id` of one activity."""

    def reports(params: Params) -> Page:
        activity_id = params.get("activity_id", "")
        presenter = ReportsPresenter(at.context(), at.tasks, at.navigator, at.printing, at.spoken, activity_id)
        return at.page(presenter, ReportsView)

    return {"reports": reports}
