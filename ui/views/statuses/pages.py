"""The pages of what comes after sending: statuses, clocks, prints."""

from __future__ import annotations

from ui.presenters.cards.prints import Prints
from ui.presenters.statuses import forms
from ui.presenters.statuses.clocks import Clocks
from ui.presenters.statuses.note import StatusNote
from ui.presenters.statuses.statuses import Statuses
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.work_form import WorkFormView


def status_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `statuses`, `clocks` and `prints` (`activity_id`, "" for all), and of what they open.

    `status_work` is another name of `statuses`.
    """

    def statuses(params: Params) -> Page:
        return at.listed(Statuses(at.context(), at.navigator, at.printing, params.get("activity_id", "")).screen())

    def status_note(params: Params) -> Page:
        form = StatusNote(at.context(), at.navigator, params["record_id"]).form()
        return at.form_page("status_note", params, form, WorkFormView(at.theming))

    def clocks(params: Params) -> Page:
        of, record = params.get("activity_id", ""), params.get("record_id", "")
        return at.listed(Clocks(at.context(), at.navigator, of, record).screen())

    def prints(params: Params) -> Page:
        return at.listed(Prints(at.context(), at.navigator, params.get("activity_id", "")).screen())

    return {
        "statuses": statuses,
        "status_work": statuses,
        "status_note": status_note,
        "clocks": clocks,
        "prints": prints,
        **at.forms(
            {
                "clock_pause": lambda now, params: forms.pause_form(now, params["activity_id"], params["record_id"]),
                "card_facts": lambda now, params: forms.facts_form(now, params["record_id"]),
                "print_note": lambda now, params: forms.print_form(now, params["record_ids"], params.get("number", "")),
                "print_failed": lambda now, params: forms.failure_form(now, params["record_id"]),
                "print_again": lambda now, params: forms.again_form(now, params["card_id"]),
            }
        ),
    }
