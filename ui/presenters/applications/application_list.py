"""What the lists about one application have in common."""

from __future__ import annotations

from typing import Any

from fieldkit.services.applications.views import ApplicationView
from fieldkit.services.context.app_context import AppContext
from ui.presenters.lists import Listed
from ui.presenters.messages import Message, message
from ui.presenters.navigator import Navigator
from ui.presenters.office_list import OfficeList


class ApplicationList(OfficeList):
    """Knows the application once it was read; the status bar says whose it is."""

    _view: ApplicationView | None = None

    def __init__(self, context: AppContext, navigator: Navigator, application_id: str) -> None:
        super().__init__(context, navigator)
        self._id = application_id

    def _read(self) -> ApplicationView:
        """Read the application anew. Blocks."""
        self._view = view = self._office.applications.view(self._id)
        return view

    def _others(self, view: ApplicationView) -> Message:
        """Return whose turn it is, "" when it is the user's."""
        return "" if view.waits_for(self._context.user.role) else message("counter.others", who=view.who)

    def _where(self, _listed: Listed[Any]) -> Message:
        return self._view.application.applicant.name if self._view else ""
