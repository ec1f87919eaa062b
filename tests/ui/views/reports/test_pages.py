from __future__ import annotations

from support.app_context import OpenDoor
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.presenters.parts import Stage
from ui.presenters.presenter import message
from ui.runtime.theme import ThemeContext
from ui.views.page_parts import PageParts
from ui.views.reports import reports_factories


def test_reports_open_with_a_month_or_with_an_activity(qtbot, theming: ThemeContext, kit) -> None:
    factory = reports_factories(
        PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    )["reports"]
    for params, about in (
        ({}, message("reports.month_11", year=2026)),
        ({"activity_id": "a1"}, "Jemput bola Desa Jimbe, Kademangan"),
    ):
        page = factory(params)
        qtbot.addWidget(page.view)
        page.presenter.start()
        assert page.presenter.state.stage is Stage.CONTENT
        assert page.presenter.state.about == about
