"""The pages of several laptops: exchange of files, what differs, and both sides of one difference."""

from __future__ import annotations

from ui.presenters.exchange.conflicts import ConflictPresenter, Conflicts, ConflictState
from ui.presenters.exchange.exchange import ExchangePresenter
from ui.presenters.messages import message
from ui.runtime.navigation import Factory, Page
from ui.runtime.theme_context import ThemeContext
from ui.views.exchange.exchange import ExchangeView
from ui.views.layout import page
from ui.views.list_screen import ListScreen
from ui.views.page_parts import PageParts, Params
from ui.widgets.layout import column


class ConflictView(ListScreen[ConflictState]):
    """1 and 2 take a side, Ctrl O swaps a field, Enter keeps."""

    def __init__(self, theming: ThemeContext, presenter: ConflictPresenter) -> None:
        super().__init__(theming, presenter)
        self.table.selected.connect(presenter.select)
        page(column((self.table, 1), on=self.content), theming)

    def show_state(self, state: ConflictState) -> None:
        """Show the sides beside each other."""
        rows, empty, hint = state.rows, state.nothing, message("conflicts.search")
        self.show_rows(state.title, state.columns, rows, empty=empty, hint=hint, tags=state.tags, cursor=1)


def exchange_factories(at: PageParts) -> dict[str, Factory]:
    """Return the factories of `exchange`, `conflicts` and `conflict` (`kind`, `thing_id`)."""

    def exchange(_params: Params) -> Page:
        return at.page(ExchangePresenter(at.context(), at.tasks, at.navigator), ExchangeView)

    def conflict(params: Params) -> Page:
        kind, thing_id = params["kind"], params["thing_id"]
        return at.page(ConflictPresenter(at.context(), at.tasks, at.navigator, kind, thing_id), ConflictView)

    lists = at.lists({"conflicts": lambda now, _: Conflicts(now, at.navigator).screen()})
    return {"exchange": exchange, **lists, "conflict": conflict}
