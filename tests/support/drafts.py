"""Forms with drafts, for tests of presenters."""

from __future__ import annotations

from itertools import count

from fieldkit.domain.drafts import DraftName
from fieldkit.services.context.desk import Desk
from ui.presenters.drafted import Drafting
from ui.presenters.form import Form, FormPresenter
from ui.presenters.navigator import Navigator
from ui.presenters.tasks import Tasks

_numbers = count()


def form_on(desk: Desk, form: Form, tasks: Tasks, navigator: Navigator, screen: str = "") -> FormPresenter:
    """Return the presenter of a form; without a name of its screen it finds no draft of another form."""
    name = DraftName(screen or f"form-{next(_numbers)}")
    return FormPresenter(form, tasks, navigator, Drafting(desk, tasks, name))
