from __future__ import annotations

from support.app_context import OpenDoor
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from fieldkit.domain.errors import Problem
from ui.presenters.form import Form, FormField
from ui.presenters.lists import Head, ListScreen
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts

HEADS = (Head("", str),)


def test_lists_and_forms_are_made_of_the_same_parts(qtbot, theming: ThemeContext, kit) -> None:
    at = PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    shown = at.lists({"letters": lambda _now, of: ListScreen(title="", heads=HEADS, load=lambda: of["of"], name=str)})
    listed = shown["letters"]({"of": "ab"})
    told: list[str] = []

    def form(context, params) -> Form:
        told.append(f"{context.user.name} {params['of']}")
        return Form("", lambda: (FormField("name", "Nama", "Sri"),), told.append)

    written = at.forms({"write": form})["write"]({"of": "a1"})
    for page in (listed, written):
        qtbot.addWidget(page.view)
        page.presenter.start()
    assert listed.presenter.state.rows.count == 2
    assert [field.text for field in written.presenter.state.fields] == ["Sri"]
    assert told == [f"{kit.context.user.name} a1"]


def test_what_is_spoken_follows_the_language(theming: ThemeContext, kit) -> None:
    at = PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    assert at.spoken.text("act.back") == theming.say(message("act.back"))
    assert at.spoken.problem(Problem("ui.bug")) == theming.catalog.explain(Problem("ui.bug"))
