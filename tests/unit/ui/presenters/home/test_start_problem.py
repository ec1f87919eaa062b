from __future__ import annotations

from fieldkit.domain.errors import Problem
from ui.presenters.home.start_problem import StartProblemPresenter
from ui.presenters.parts import Stage


def test_it_is_tried_again_or_closed() -> None:
    decided: list[bool] = []
    presenter = StartProblemPresenter(Problem("store.in_use"), decided.append)
    assert presenter.state.stage is Stage.ERROR
    presenter.accept()
    presenter.back()
    assert decided == [True, False]
