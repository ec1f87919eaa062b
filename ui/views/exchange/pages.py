"""The pages of several laptops: exchange of files, what differs, and both sides of one difference."""

from __future__ import annotations

from ui.presenters.exchange.conflict import ConflictPresenter
from ui.presenters.exchange.conflicts import Conflicts
from ui.presenters.exchange.exchange import ExchangePresenter
from ui.runtime.navigation import Factory, Page
from ui.views.exchange.conflicts import ConflictView
from ui.views.exchange.exchange import ExchangeView
from ui.views.page_parts import PageParts, Params
from ui.views.wiring import page_of


def exchange_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `exchange`, `conflicts` and `conflict` (`kind`, `thing_id`)."""

    def exchange(_params: Params) -> Page:
        presenter = ExchangePresenter(at.context(), at.tasks, at.navigator)
        view = ExchangeView(at.theming)
        view.search.connect(presenter.search)
        view.type_place.connect(presenter.type_place)
        view.type_code.connect(presenter.type_code)
        return page_of(presenter, view)

    def conflict(params: Params) -> Page:
        presenter = ConflictPresenter(at.context(), at.tasks, at.navigator, params["kind"], params["thing_id"])
        view = ConflictView(at.theming)
        view.search.connect(presenter.search)
        view.select.connect(presenter.select)
        return page_of(presenter, view)

    lists = at.lists({"conflicts": lambda now, _: Conflicts(now, at.navigator).screen()})
    return {"exchange": exchange, **lists, "conflict": conflict}
