from __future__ import annotations

import pytest

from ui.presenters.parts import ViewState
from ui.presenters.presenter import Presenter
from ui.runtime.theme_context import ThemeContext
from ui.views.targets.import_targets import ImportTargetsView
from ui.views.wiring import wired


class Deaf(Presenter[ViewState]):
    def __init__(self) -> None:
        super().__init__(ViewState())
        self.heard: list[str] = []

    def search(self, text: str) -> None:
        self.heard.append(text)


def test_a_signal_means_the_method_of_its_name(theming: ThemeContext, qtbot) -> None:
    presenter, view = Deaf(), ImportTargetsView(theming)
    qtbot.addWidget(view)
    page = wired(presenter, view, "search")
    page.view.search.emit("kart")
    assert presenter.heard == ["kart"]


def test_an_intent_that_nobody_has_is_found_when_the_page_is_built(theming: ThemeContext, qtbot) -> None:
    view = ImportTargetsView(theming)
    qtbot.addWidget(view)
    with pytest.raises(AttributeError):
        wired(Deaf(), view, "dance")
