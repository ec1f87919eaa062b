from __future__ import annotations

from support.app_context import Kit, OpenDoor
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.runtime.theme import ThemeContext
from ui.views.applications import OneApplicationView, counter_factories
from ui.views.form import FormView
from ui.views.page_parts import PageParts


def test_an_application_without_id_is_a_new_one(qtbot, theming: ThemeContext, kit: Kit) -> None:
    pages = counter_factories(
        PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    )
    for params, kind in (
        ({"application_id": "", "activity_id": "a1"}, FormView),
        ({"application_id": "p1"}, OneApplicationView),
    ):
        view = pages["application"](params).view
        qtbot.addWidget(view)
        assert type(view) is kind
    asked = pages["application_form"]({"application_id": "p1", "act": "send_back"}).view
    qtbot.addWidget(asked)
    assert type(asked) is FormView
