"""The pages of what comes after sending: statuses, clocks, prints."""

from __future__ import annotations

from PySide6.QtGui import QGuiApplication

from fieldkit.services.context.app_context import AppContext
from ui.presenters.cards.prints import Prints
from ui.presenters.lists import ListScreen
from ui.presenters.statuses import statuses as forms
from ui.presenters.statuses.by_nik import PeopleByNik, status_form
from ui.presenters.statuses.clocks import Clocks
from ui.presenters.statuses.import_statuses import ImportStatusesPresenter
from ui.presenters.statuses.statuses import StatusEntry, Statuses, StatusNote
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.targets import ImportTargetsView


class ImportStatusesView(ImportTargetsView):
    """Lines may be pasted: the clipboard holds them."""

    def held(self) -> str:
        """Return what lies on the clipboard."""
        return QGuiApplication.clipboard().text()


def status_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `statuses`, `by_nik`, `clocks`, `prints` (`activity_id`, "" for all) and what they open.

    `status_work` is another name of `statuses`.
    """

    def statuses(now: AppContext, params: Params) -> ListScreen[StatusEntry]:
        return Statuses(now, at.navigator, at.printing, params.get("activity_id", "")).screen()

    def import_statuses(params: Params) -> Page:
        of = params.get("activity_id", "")
        presenter = ImportStatusesPresenter(at.context(), at.tasks, at.navigator, at.printing, at.spoken, of)
        return at.page(presenter, ImportStatusesView)

    lists = at.lists(
        {
            "statuses": statuses,
            "status_work": statuses,
            "clocks": lambda now, of: Clocks(
                now, at.navigator, of.get("activity_id", ""), of.get("record_id", "")
            ).screen(),
            "by_nik": lambda now, of: PeopleByNik(
                now, at.navigator, at.printing, at.spoken, of.get("activity_id", "")
            ).screen(),
            "prints": lambda now, of: Prints(now, at.navigator, of.get("activity_id", "")).screen(),
        }
    )
    return {
        **lists,
        "import_statuses": import_statuses,
        **at.forms(
            {
                "status_note": lambda now, of: StatusNote(now, at.navigator, of["record_id"]).form(),
                "nik_status": lambda now, of: status_form(now, of["target_ids"]),
                "clock_pause": lambda now, params: forms.pause_form(now, params["activity_id"], params["record_id"]),
                "card_facts": lambda now, params: forms.facts_form(now, params["record_id"]),
                "print_note": lambda now, params: forms.print_form(now, params["record_ids"], params.get("number", "")),
                "print_failed": lambda now, params: forms.failure_form(now, params["record_id"]),
                "print_again": lambda now, params: forms.again_form(now, params["card_id"]),
            }
        ),
    }
