"""The pages of what comes after the cards: social aid, and the evaluation of an activity."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from ui.presenters.aid.aid import AidList
from ui.presenters.aid.forms import meeting_form, note_form, result_form, step_form
from ui.presenters.navigator import Navigator
from ui.presenters.printing import Printing
from ui.presenters.reports.evaluation import EvaluationPresenter
from ui.presenters.spoken import Spoken
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form_pages import FormPages
from ui.views.reports.evaluation import EvaluationView
from ui.views.request import RequestView
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]
_WIDE: Mapping[str, int] = {
    **dict.fromkeys(("dtsen", "file"), 3),
    **dict.fromkeys(("received", "wanted", "note", "state", "reason", "agreed", "result", "follow_up"), 4),
    **dict.fromkeys(("who", "dinsos", "desa"), 2),
}


def aid_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, printing: Printing, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of `aid` and `evaluation` (`activity_id`) and of the forms that `aid` leads to."""
    spoken = Spoken(theming.catalog.say, theming.catalog.explain)

    def aid(params: Params) -> Page:
        screen = AidList(context(), navigator, printing, spoken, params["activity_id"]).screen()
        return list_page(screen, tasks, navigator, theming)

    def evaluation(params: Params) -> Page:
        presenter = EvaluationPresenter(context(), tasks, navigator, params["activity_id"])
        view = EvaluationView(theming)
        view.type_field.connect(presenter.type_field)
        return page_of(presenter, view)

    forms = FormPages(tasks, navigator, theming, context).factories(
        {
            "aid_note": lambda at, params: note_form(at, params["target_id"]),
            "aid_step": lambda at, params: step_form(at, params["activity_id"], params["keys"]),
            "aid_meeting": lambda at, params: meeting_form(at, params["activity_id"]),
            "aid_result": lambda at, params: result_form(at, params["activity_id"]),
        },
        lambda dressed: RequestView(dressed, _WIDE),
    )
    return {"aid": aid, **forms, "evaluation": evaluation}
