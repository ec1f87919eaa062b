"""The pages of what comes after the cards: social aid, and the evaluation of an activity."""

from __future__ import annotations

from ui.presenters.aid.aid import AidList
from ui.presenters.aid.forms import meeting_form, note_form, result_form, step_form
from ui.presenters.reports.evaluation import EvaluationOfActivity
from ui.runtime.navigation import Factory
from ui.views.page_parts import PageParts


def aid_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `aid` and `evaluation` (`activity_id`) and of the forms that `aid` leads to."""
    forms = at.forms(
        {
            "aid_note": lambda context, params: note_form(context, params["target_id"]),
            "aid_step": lambda context, params: step_form(context, params["activity_id"], params["keys"]),
            "aid_meeting": lambda context, params: meeting_form(context, params["activity_id"]),
            "aid_result": lambda context, params: result_form(context, params["activity_id"]),
            "evaluation": lambda now, of: EvaluationOfActivity(now, at.navigator, of["activity_id"]).form(),
        }
    )
    aid = at.lists(
        {"aid": lambda now, params: AidList(now, at.navigator, at.printing, at.spoken, params["activity_id"]).screen()}
    )
    return {**aid, **forms}
