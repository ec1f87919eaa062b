"""The pages of distribution: documents and where they are, handing over, schedule, courier."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import TypeVar

from fieldkit.services.context.app_context import AppContext
from ui.presenters.cards import distribution_forms as forms
from ui.presenters.cards.courier import Courier
from ui.presenters.cards.distribution import Distribution
from ui.presenters.cards.distribution_plan import DistributionPlan
from ui.presenters.cards.handover import HandoverPresenter
from ui.presenters.lists import ListScreen
from ui.presenters.navigator import Navigator
from ui.presenters.printing import Printing
from ui.presenters.spoken import Spoken
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.cards.handover import HandoverView
from ui.views.form_pages import FormPages
from ui.views.wiring import list_page, page_of

T = TypeVar("T")
Params = Mapping[str, str]


def distribution_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, printing: Printing, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of `distribution` (`activity_id` or none), `handover` (`card_ids` with blanks between,
    `to`), `distribution_plan` (`activity_id`), `courier`, and of their forms.
    """
    spoken = Spoken(theming.catalog.say, theming.catalog.explain)

    def listed(screen: ListScreen[T]) -> Page:
        return list_page(screen, tasks, navigator, theming)

    def distribution(params: Params) -> Page:
        of = params.get("activity_id", "")
        return listed(Distribution(context(), navigator, printing, spoken, of).screen())

    def courier(_params: Params) -> Page:
        return listed(Courier(context(), navigator, printing).screen())

    def handover(params: Params) -> Page:
        view = HandoverView(theming)
        sinks = (view.ink, view.frames, view.pad)
        presenter = HandoverPresenter(context(), tasks, navigator, _ids(params), params.get("to", ""), sinks)
        view.accept.connect(presenter.accept)
        view.type.connect(presenter.type)
        view.choose.connect(presenter.choose)
        view.sign_here.connect(presenter.sign_here)
        view.type_path.connect(presenter.type_path)
        return page_of(presenter, view)

    def plan(params: Params) -> Page:
        return listed(DistributionPlan(context(), navigator, params["activity_id"]).screen())

    return {
        "distribution": distribution,
        "courier": courier,
        "handover": handover,
        "distribution_plan": plan,
        **FormPages(tasks, navigator, theming, context).factories(
            {
                "distribution_stop": lambda at, params: forms.stop_form(
                    at, params["activity_id"], int(params.get("at", "-1"))
                ),
                "handover_ba": lambda at, params: forms.ba_form(at, _ids(params)),
                "handover_failed": lambda at, params: forms.failed_form(at, _ids(params)),
            }
        ),
    }


def _ids(params: Params) -> tuple[str, ...]:
    return tuple(params["card_ids"].split())
