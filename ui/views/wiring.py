"""How a page is put together: signals of the view mean the presenter's methods of the same names."""

from __future__ import annotations

from typing import Any

from ui.presenters.drafted import DraftedPresenter
from ui.presenters.presenter import Presenter
from ui.runtime.navigation import Page
from ui.views.screen import Screen


def wired(presenter: Presenter[Any], view: Screen[Any], *intents: str) -> Page:
    """Connect each signal of the view to the presenter's method of the same name."""
    if isinstance(presenter, DraftedPresenter):
        intents = (*intents, "throw_away", "take_back")
    for intent in intents:
        getattr(view, intent).connect(getattr(presenter, intent))
    return Page(presenter, view)
