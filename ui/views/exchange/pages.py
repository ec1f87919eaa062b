"""The pages of several laptops: exchange of files, what differs, and both sides of one difference."""

from __future__ import annotations

from collections.abc import Callable, Mapping

from fieldkit.services.context.app_context import AppContext
from ui.presenters.exchange.conflict import ConflictPresenter
from ui.presenters.exchange.conflicts import Conflicts
from ui.presenters.exchange.exchange import ExchangePresenter
from ui.presenters.navigator import Navigator
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.exchange.conflicts import ConflictView
from ui.views.exchange.exchange import ExchangeView
from ui.views.wiring import list_page, wired

Params = Mapping[str, str]
_LIST = ("back", "search", "select", "refresh", "accept")


def exchange_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of `exchange`, `conflicts` and `conflict` (`kind`, `thing_id`)."""

    def exchange(_params: Params) -> Page:
        presenter = ExchangePresenter(context(), tasks, navigator)
        return wired(
            presenter,
            ExchangeView(theming),
            *_LIST,
            "make",
            "make_for_new",
            "show_conflicts",
            "type_place",
            "type_code",
        )

    def conflicts(_params: Params) -> Page:
        return list_page(Conflicts(context(), navigator).screen(), tasks, navigator, theming)

    def conflict(params: Params) -> Page:
        presenter = ConflictPresenter(context(), tasks, navigator, params["kind"], params["thing_id"])
        return wired(presenter, ConflictView(theming), *_LIST, "take_first", "take_second", "take_third", "swap")

    return {"exchange": exchange, "conflicts": conflicts, "conflict": conflict}
