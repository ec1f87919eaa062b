"""The pages of requests and target lists."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from ui.presenters.navigator import Navigator
from ui.presenters.printing import Printing
from ui.presenters.spoken import Spoken
from ui.presenters.targets.add_nik import WIDE as NIK_WIDE
from ui.presenters.targets.add_nik import add_nik_form
from ui.presenters.targets.file_rows import FileRowsPresenter
from ui.presenters.targets.import_targets import ImportTargetsPresenter
from ui.presenters.targets.notes import notes_form
from ui.presenters.targets.request_forms import disposition_form, request_form
from ui.presenters.targets.siak_answer import SiakAnswerPresenter
from ui.presenters.targets.verify_targets import VerifyTargets
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form_pages import FormPages
from ui.views.reading_form import ReadingFormView
from ui.views.request import RequestView
from ui.views.targets.import_targets import ImportTargetsView
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]


def target_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, printing: Printing, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of the screens of requests and target lists; all take the parameter `activity_id`."""
    spoken = Spoken(theming.catalog.say, theming.catalog.explain)

    def import_targets(params: Params) -> Page:
        of = params["activity_id"]
        return file_rows_page(ImportTargetsPresenter(context(), tasks, navigator, printing, spoken, of), theming)

    def verify_targets(params: Params) -> Page:
        verification = VerifyTargets(context(), navigator, printing, spoken, params["activity_id"])
        return list_page(verification.screen(), tasks, navigator, theming)

    def siak_answer(params: Params) -> Page:
        return file_rows_page(SiakAnswerPresenter(context(), tasks, navigator, params["activity_id"]), theming)

    forms = FormPages(tasks, navigator, theming, context)
    return {
        **forms.factories(
            {
                "target_notes": lambda at, params: notes_form(at, params["activity_id"], params["target_id"]),
            }
        ),
        **forms.factories(
            {"disposition": lambda at, params: disposition_form(at, params["activity_id"])}, ReadingFormView
        ),
        **forms.factories(
            {"add_nik": lambda at, params: add_nik_form(at, params["target_id"])},
            lambda dressed: RequestView(dressed, NIK_WIDE),
        ),
        **forms.factories({"request": lambda at, params: request_form(at, params.get("activity_id", ""))}, RequestView),
        "import_targets": import_targets,
        "verify_targets": verify_targets,
        "siak_answer": siak_answer,
    }


def file_rows_page(presenter: FileRowsPresenter, theming: ThemeContext) -> Page:
    """Return the page of a file whose rows are looked at before they are taken over."""
    view = ImportTargetsView(theming)
    view.search.connect(presenter.search)
    view.select.connect(presenter.select)
    view.refresh.connect(presenter.refresh)
    view.type_path.connect(presenter.type_path)
    return page_of(presenter, view)
