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
from ui.views.wiring import list_page, page_of

Params = Mapping[str, str]


def exchange_factories(
    tasks: Tasks, navigator: Navigator, theming: ThemeContext, context: Callable[[], AppContext]
) -> dict[str, Factory]:
    """Return the factories of `exchange`, `conflicts` and `conflict` (`kind`, `thing_id`)."""

    def exchange(_params: Params) -> Page:
        presenter = ExchangePresenter(context(), tasks, navigator)
        view = ExchangeView(theming)
        view.search.connect(presenter.search)
        view.select.connect(presenter.select)
        view.refresh.connect(presenter.refresh)
        view.type_place.connect(presenter.type_place)
        view.type_code.connect(presenter.type_code)
        return page_of(presenter, view)

    def conflicts(_params: Params) -> Page:
        return list_page(Conflicts(context(), navigator).screen(), tasks, navigator, theming)

    def conflict(params: Params) -> Page:
        presenter = ConflictPresenter(context(), tasks, navigator, params["kind"], params["thing_id"])
        view = ConflictView(theming)
        view.search.connect(presenter.search)
        view.select.connect(presenter.select)
        view.refresh.connect(presenter.refresh)
        return page_of(presenter, view)

    return {"exchange": exchange, "conflicts": conflicts, "conflict": conflict}
