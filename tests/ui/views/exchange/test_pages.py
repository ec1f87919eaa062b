from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.apart import brought_together
from support.app_context import KETUA, TARGETS, Kit, OpenDoor
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.presenters.parts import Stage
from ui.runtime.theme_context import ThemeContext
from ui.views.exchange.pages import exchange_factories
from ui.views.page_parts import PageParts


@pytest.mark.parametrize("name", ["exchange", "conflicts", "conflict"])
def test_every_screen_opens(qtbot: QtBot, theming: ThemeContext, tmp_path: Path, name: str) -> None:
    kit = Kit(tmp_path, KETUA)
    kit.plan(*TARGETS)
    brought_together(kit, tmp_path, "t1", "a1")
    (conflict,) = kit.context.office.conflicts.all()
    factories = exchange_factories(
        PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    )
    page = factories[name]({"kind": conflict.kind, "thing_id": conflict.thing_id})
    qtbot.addWidget(page.view)
    page.presenter.listen(page.view.render)
    page.presenter.start()
    assert page.presenter.state.stage is Stage.CONTENT
    assert page.presenter.state.rows.count
    page.presenter.stop()
    kit.store.close()
