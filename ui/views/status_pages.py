"""The pages of what comes after sending: statuses, clocks, prints."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.desk import Desk
from ui.presenters import status_forms as forms
from ui.presenters.clocks import ClocksPresenter
from ui.presenters.form import Form, FormPresenter
from ui.presenters.navigator import Navigator
from ui.presenters.prints import PrintsPresenter
from ui.presenters.status_note import StatusNotePresenter
from ui.presenters.statuses import StatusesPresenter
from ui.presenters.tasks import Tasks
from ui.runtime.look import Look
from ui.runtime.navigation import Factory, Page
from ui.views.clocks import ClocksView
from ui.views.form import FormView
from ui.views.prints import PrintsView
from ui.views.status_note import StatusNoteView
from ui.views.statuses import StatusesView
from ui.views.wiring import wired

Params = Mapping[str, str]
_LIST = ("back", "search", "select", "refresh", "accept")
_FORM = ("back", "accept", "type", "choose")
_PRINTS = ("next_shelf", "toggle", "tick_all", "note_failed", "write_facts", "write_paper")


def status_factories(tasks: Tasks, navigator: Navigator, look: Look, desk: Callable[[], Desk]) -> dict[str, Factory]:
    """Return the factories of `statuses`, `clocks` and `prints` (`activity_id`, "" for all), and of what they open.

    `status_work` is another name of `statuses`.
    """

    def statuses(params: Params) -> Page:
        presenter = StatusesPresenter(desk(), tasks, navigator, params.get("activity_id", ""))
        return wired(presenter, StatusesView(look), *_LIST, "next_group", "show_clocks", "show_prints")

    def status_note(params: Params) -> Page:
        presenter = StatusNotePresenter(desk(), tasks, navigator, params["record_id"])
        return wired(presenter, StatusNoteView(look), "back", "accept", "refresh", "type_field", "choose_code")

    def clocks(params: Params) -> Page:
        of, record = params.get("activity_id", ""), params.get("record_id", "")
        presenter = ClocksPresenter(desk(), tasks, navigator, of, record)
        return wired(presenter, ClocksView(look), *_LIST, "next_state", "write_facts")

    def prints(params: Params) -> Page:
        presenter = PrintsPresenter(desk(), tasks, navigator, params.get("activity_id", ""))
        return wired(presenter, PrintsView(look), *_LIST, *_PRINTS)

    def form(made: Form) -> Page:
        return wired(FormPresenter(made, tasks, navigator), FormView(look), *_FORM)

    return {
        "statuses": statuses,
        "status_work": statuses,
        "status_note": status_note,
        "clocks": clocks,
        "clock_pause": lambda params: form(forms.pause_form(desk(), params["activity_id"], params["record_id"])),
        "card_facts": lambda params: form(forms.facts_form(desk(), params["record_id"])),
        "prints": prints,
        "print_note": lambda params: form(forms.print_form(desk(), params["record_ids"])),
        "print_failed": lambda params: form(forms.failure_form(desk(), params["record_id"])),
        "print_again": lambda params: form(forms.again_form(desk(), params["card_id"])),
    }
