from __future__ import annotations

from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.presenters.parts import Stage
from ui.presenters.words import phrase
from ui.runtime.look import Look
from ui.views.reports.pages import reports_factories


def test_reports_open_with_a_month_or_with_an_activity(qtbot, look: Look, kit) -> None:
    factory = reports_factories(SameThread(), Steps(), look, Paperless(), lambda: kit.desk)["reports"]
    for params, about in (
        ({}, phrase("reports.month_11", year=2026)),
        ({"activity_id": "a1"}, "Jemput bola Desa Jimbe, Kademangan"),
    ):
        page = factory(params)
        qtbot.addWidget(page.view)
        page.presenter.start()
        assert page.presenter.state.stage is Stage.CONTENT
        assert page.presenter.state.about == about
