"""The pages of requests and target lists."""

from __future__ import annotations

from ui.presenters.targets.import_targets import ImportTargetsPresenter
from ui.presenters.targets.notes import add_nik_form, notes_form
from ui.presenters.targets.request_forms import disposition_form, request_form
from ui.presenters.targets.siak_answer import SiakAnswerPresenter
from ui.presenters.targets.targets import Targets
from ui.presenters.targets.verify_targets import VerifyTargets
from ui.runtime.navigation import Factory, Page
from ui.views.page_parts import PageParts, Params
from ui.views.targets.import_targets import ImportTargetsView


def target_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of the screens of requests and target lists; all take the parameter `activity_id`."""

    def import_targets(params: Params) -> Page:
        context, of = at.context(), params["activity_id"]
        presenter = ImportTargetsPresenter(context, at.tasks, at.navigator, at.printing, at.spoken, of)
        return at.page(presenter, ImportTargetsView)

    def siak_answer(params: Params) -> Page:
        presenter = SiakAnswerPresenter(at.context(), at.tasks, at.navigator, params["activity_id"])
        return at.page(presenter, ImportTargetsView)

    return {
        **at.lists(
            {
                "targets": lambda now, params: Targets(now, at.navigator, params.get("activity_id", "")).screen(),
                "verify_targets": lambda now, params: VerifyTargets(
                    now, at.navigator, at.printing, at.spoken, params["activity_id"]
                ).screen(),
            }
        ),
        **at.forms(
            {
                "target_notes": lambda now, params: notes_form(now, params["activity_id"], params["target_id"]),
                "disposition": lambda now, params: disposition_form(now, params["activity_id"]),
                "add_nik": lambda now, params: add_nik_form(now, params["target_id"]),
                "request": lambda now, params: request_form(now, params.get("activity_id", "")),
            }
        ),
        "import_targets": import_targets,
        "siak_answer": siak_answer,
    }
