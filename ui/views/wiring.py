"""How a page is put together from its presenter and its view."""

from __future__ import annotations

from typing import Any, TypeVar

from ui.presenters.form import DraftedPresenter
from ui.presenters.lists import ListPresenter, ListScreen
from ui.presenters.presenter import Navigator, Presenter
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Page
from ui.runtime.theme import ThemeContext
from ui.views.list_screen import ListView
from ui.views.screen import Screen

T = TypeVar("T")


def list_page(screen: ListScreen[T], tasks: Tasks, navigator: Navigator, theming: ThemeContext) -> Page:
    """Return the page of a list."""
    presenter = ListPresenter(screen, tasks, navigator)
    return page_of(presenter, ListView(theming, presenter))


def page_of(presenter: Presenter[Any], view: Screen[Any]) -> Page:
    """Return the page of a screen that can be read anew, and of which what was typed is thrown away."""
    view.refresh.connect(presenter.refresh)
    if isinstance(presenter, DraftedPresenter):
        view.throw_away.connect(presenter.throw_away)
    return Page(presenter, view)
