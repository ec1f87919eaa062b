"""Pulihkan kit: one form whose fields follow what happened."""

from __future__ import annotations

from collections.abc import Callable

from fieldkit.ports.ways_back import WaysBack
from ui.presenters.home.ways_back import WaysBackPresenter
from ui.presenters.messages import Message
from ui.presenters.tasks import Tasks
from ui.runtime.navigation import Page
from ui.runtime.theme_context import ThemeContext
from ui.views.form import FormView
from ui.views.wiring import page_of


def ways_back_page(
    ways: WaysBack, tasks: Tasks, theming: ThemeContext, ended: Callable[[Message], None], leave: Callable[[], None]
) -> Page:
    """Return the page of the ways back, before anybody has signed in."""
    presenter, view = WaysBackPresenter(ways, tasks, ended, leave), FormView(theming)
    view.choose.connect(presenter.type)
    view.type.connect(presenter.type)
    return page_of(presenter, view)
