"""Forms with drafts, for tests of presenters."""

from __future__ import annotations

from itertools import count

from support.tasks import SameThread, Steps

from fieldkit.domain.errors import Problem
from fieldkit.domain.typed import DraftName
from fieldkit.services.context.app_context import AppContext
from ui.presenters.form import Drafting, Form, FormPresenter
from ui.presenters.presenter import Navigator
from ui.presenters.tasks import Tasks

_numbers = count()


def form_on(context: AppContext, form: Form, tasks: Tasks, navigator: Navigator, screen: str = "") -> FormPresenter:
    """Return the presenter of a form; without a name of its screen it finds no draft of another form."""
    name = DraftName(screen or f"form-{next(_numbers)}")
    return FormPresenter(form, tasks, navigator, Drafting(context, tasks, name))


def begun(context: AppContext, form: Form) -> FormPresenter:
    """Return the presenter of a form that stands on the screen."""
    presenter = form_on(context, form, SameThread(), Steps())
    presenter.start()
    return presenter


def filled(context: AppContext, form: Form, **typed: str) -> FormPresenter:
    """Return the presenter of a form after somebody typed into fields and accepted it."""
    presenter = begun(context, form)
    for name, text in typed.items():
        presenter.type(name, text)
    presenter.accept()
    return presenter


def problem_of(presenter: FormPresenter) -> str:
    """Return the code of the problem that a form shows, at a field or above them all."""
    shown = [each.problem for each in presenter.state.fields] + [presenter.state.problem]
    return next((problem.code for problem in shown if isinstance(problem, Problem)), "")
