from __future__ import annotations

from support.app_context import Kit
from support.tasks import SameThread, Steps

from fieldkit.domain.typed import DraftName
from ui.presenters.form import Drafting, Form, FormField, FormPresenter
from ui.runtime.theme import ThemeContext
from ui.views.form import FormView
from ui.views.wiring import page_of


def test_what_was_typed_before_can_be_thrown_away_on_each_page(kit: Kit, theming: ThemeContext, qtbot) -> None:
    tasks, form = SameThread(), Form("Surat", lambda: (FormField("about", "Perihal"),), lambda _values: None)
    kit.context.drafts.keep(DraftName("letter"), {"about": "undangan"})
    drafting = Drafting(kit.context, tasks, DraftName("letter"))
    presenter, view = FormPresenter(form, tasks, Steps(), drafting), FormView(theming)
    qtbot.addWidget(view)
    page_of(presenter, view)
    presenter.start()
    assert presenter.state.fields[0].text == "undangan"
    view.throw_away.emit()
    assert presenter.state.fields[0].text == ""
