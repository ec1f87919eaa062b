"""The pages of what comes after sending: statuses, clocks, prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from fieldkit.services.context.app_context import AppContext
from ui.presenters.cards.prints import Prints
from ui.presenters.lists import ListScreen
from ui.presenters.navigator import Navigator
from ui.presenters.statuses import forms
from ui.presenters.statuses.clocks import Clocks
from ui.presenters.statuses.note import StatusNotePresenter
from ui.presenters.statuses.statuses import Statuses
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form_pages import FormPages
from ui.views.statuses.note import StatusNoteView
from ui.views.wiring import list_page, page_of

T = TypeVar("T")
Params = Mapping[str, str]


def status_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of `statuses`, `clocks` and `prints` (`activity_id`, "" for all), and of what they open.

    `status_work` is another name of `statuses`.
    """

    def listed(screen: ListScreen[T]) -> Page:
        return list_page(screen, tasks, navigator, theming)

    def statuses(params: Params) -> Page:
        return listed(Statuses(context(), navigator, params.get("activity_id", "")).screen())

    def status_note(params: Params) -> Page:
        presenter = StatusNotePresenter(context(), tasks, navigator, params["record_id"])
        view = StatusNoteView(theming)
        view.type_field.connect(presenter.type_field)
        view.choose_code.connect(presenter.choose_code)
        return page_of(presenter, view)

    def clocks(params: Params) -> Page:
        of, record = params.get("activity_id", ""), params.get("record_id", "")
        return listed(Clocks(context(), navigator, of, record).screen())

    def prints(params: Params) -> Page:
        return listed(Prints(context(), navigator, params.get("activity_id", "")).screen())

    return {
        "statuses": statuses,
        "status_work": statuses,
        "status_note": status_note,
        "clocks": clocks,
        "prints": prints,
        **FormPages(tasks, navigator, theming, context).factories(
            {
                "clock_pause": lambda at, params: forms.pause_form(at, params["activity_id"], params["record_id"]),
                "card_facts": lambda at, params: forms.facts_form(at, params["record_id"]),
                "print_note": lambda at, params: forms.print_form(at, params["record_ids"]),
                "print_failed": lambda at, params: forms.failure_form(at, params["record_id"]),
                "print_again": lambda at, params: forms.again_form(at, params["card_id"]),
            }
        ),
    }
