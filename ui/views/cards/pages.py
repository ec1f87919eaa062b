"""The pages of distribution: documents and where they are, handing over, schedule, courier."""

from __future__ import annotations

from ui.presenters.cards import distribution_forms as forms
from ui.presenters.cards.courier import Courier
from ui.presenters.cards.distribution import Distribution
from ui.presenters.cards.distribution_plan import DistributionPlan
from ui.presenters.cards.handover import HandoverPresenter
from ui.runtime.navigation import Factory, Page
from ui.views.cards.handover import HandoverView
from ui.views.page_parts import PageParts, Params
from ui.views.wiring import page_of


def distribution_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `distribution` (`activity_id` or none), `handover` (`card_ids` with blanks between,
    `to`), `distribution_plan` (`activity_id`), `courier`, and of their forms.
    """
    navigator, printing = at.navigator, at.printing

    def distribution(params: Params) -> Page:
        of = params.get("activity_id", "")
        return at.listed(Distribution(at.context(), navigator, printing, at.spoken, of).screen())

    def courier(_params: Params) -> Page:
        return at.listed(Courier(at.context(), navigator, printing).screen())

    def handover(params: Params) -> Page:
        view = HandoverView(at.theming)
        sinks = (view.ink, view.frames, view.pad)
        presenter = HandoverPresenter(at.context(), at.tasks, navigator, _ids(params), params.get("to", ""), sinks)
        view.accept.connect(presenter.accept)
        view.type.connect(presenter.type)
        view.choose.connect(presenter.choose)
        view.sign_here.connect(presenter.sign_here)
        view.type_path.connect(presenter.type_path)
        return page_of(presenter, view)

    def plan(params: Params) -> Page:
        return at.listed(DistributionPlan(at.context(), navigator, params["activity_id"]).screen())

    return {
        "distribution": distribution,
        "courier": courier,
        "handover": handover,
        "distribution_plan": plan,
        **at.forms(
            {
                "distribution_stop": lambda now, params: forms.stop_form(
                    now, params["activity_id"], int(params.get("at", "-1"))
                ),
                "handover_ba": lambda now, params: forms.ba_form(now, _ids(params)),
                "handover_failed": lambda now, params: forms.failed_form(now, _ids(params)),
            }
        ),
    }


def _ids(params: Params) -> tuple[str, ...]:
    return tuple(params["card_ids"].split())
