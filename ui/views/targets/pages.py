"""The pages of requests and target lists."""

from __future__ import annotations

from ui.presenters.targets.add_nik import WIDE as NIK_WIDE
from ui.presenters.targets.add_nik import add_nik_form
from ui.presenters.targets.file_rows import FileRowsPresenter
from ui.presenters.targets.import_targets import ImportTargetsPresenter
from ui.presenters.targets.notes import notes_form
from ui.presenters.targets.request_forms import disposition_form, request_form
from ui.presenters.targets.siak_answer import SiakAnswerPresenter
from ui.presenters.targets.targets import Targets
from ui.presenters.targets.verify_targets import VerifyTargets
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.page_parts import PageParts, Params
from ui.views.reading_form import ReadingFormView
from ui.views.request import RequestView
from ui.views.targets.import_targets import ImportTargetsView
from ui.views.wiring import page_of


def target_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of the screens of requests and target lists; all take the parameter `activity_id`."""

    def import_targets(params: Params) -> Page:
        of = params["activity_id"]
        return file_rows_page(
            ImportTargetsPresenter(at.context(), at.tasks, at.navigator, at.printing, at.spoken, of), at.theming
        )

    def siak_answer(params: Params) -> Page:
        return file_rows_page(
            SiakAnswerPresenter(at.context(), at.tasks, at.navigator, params["activity_id"]), at.theming
        )

    return {
        **at.lists(
            {
                "targets": lambda now, params: Targets(now, at.navigator, params.get("activity_id", "")).screen(),
                "verify_targets": lambda now, params: VerifyTargets(
                    now, at.navigator, at.printing, at.spoken, params["activity_id"]
                ).screen(),
            }
        ),
        **at.forms({"target_notes": lambda now, params: notes_form(now, params["activity_id"], params["target_id"])}),
        **at.forms(
            {"disposition": lambda context, params: disposition_form(context, params["activity_id"])}, ReadingFormView
        ),
        **at.forms(
            {"add_nik": lambda context, params: add_nik_form(context, params["target_id"])},
            lambda dressed: RequestView(dressed, NIK_WIDE),
        ),
        **at.forms(
            {"request": lambda context, params: request_form(context, params.get("activity_id", ""))}, RequestView
        ),
        "import_targets": import_targets,
        "siak_answer": siak_answer,
    }


def file_rows_page(presenter: FileRowsPresenter, theming: ThemeContext) -> Page:
    """Return the page of a file whose rows are looked at before they are taken over."""
    view = ImportTargetsView(theming)
    view.search.connect(presenter.search)
    view.select.connect(presenter.select)
    view.type_path.connect(presenter.type_path)
    return page_of(presenter, view)
