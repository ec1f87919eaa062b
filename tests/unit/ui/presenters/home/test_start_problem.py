from __future__ import annotations

from fieldkit.domain.errors import Problem
from ui.presenters.home.start_problem import StartProblemPresenter
from ui.presenters.parts import Stage


def test_it_is_tried_again_or_closed() -> None:
    decided: list[bool] = []
    presenter = StartProblemPresenter(Problem("store.in_use"), decided.append, lambda: None)
    assert presenter.state.stage is Stage.ERROR
    presenter.accept()
    presenter.back()
    assert decided == [True, False]


def test_where_a_kit_is_missing_it_can_be_brought_back() -> None:
    went: list[bool] = []
    for code, count in (
        ("store.in_use", 0),
        ("kit.not_enrolled", 1),
        ("vault.slots_damaged", 2),
        ("vault.slots_missing", 3),
    ):
        presenter = StartProblemPresenter(Problem(code), lambda _: None, lambda: went.append(True))
        for command in presenter.state.bar.actions:
            if command.name == "ways_back":
                presenter.perform(command)
        assert len(went) == count, code
