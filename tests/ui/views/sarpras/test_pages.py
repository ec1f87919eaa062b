from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.app_context import OpenDoor
from support.checklists import stocked_kit
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.presenters.parts import Stage
from ui.runtime.theme_context import ThemeContext
from ui.views.page_parts import PageParts
from ui.views.sarpras.pages import sarpras_factories


@pytest.mark.parametrize(
    "name",
    [
        *("sarpras", "item_history", "check_out", "check_in", "sarpras_izin", "sarpras_photo", "sarpras_item"),
        *("sarpras_consumable", "sarpras_kit", "sarpras_repair", "sarpras_kits", "sarpras_note", "sarpras_reason"),
    ],
)
def test_every_screen_opens(qtbot: QtBot, theming: ThemeContext, tmp_path: Path, name: str) -> None:
    for kit in stocked_kit(tmp_path):
        list_id = kit.context.office.sarpras.out.begin("a1").thing_id
        params = {"activity_id": "a1", "item_id": "i1", "thing_id": "", "way": "out", "list_id": list_id}
        factories = sarpras_factories(
            PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)  # noqa: B023
        )
        page = factories[name](params)
        qtbot.addWidget(page.view)
        page.presenter.listen(page.view.render)
        page.presenter.start()
        assert page.presenter.state.stage in (Stage.CONTENT, Stage.EMPTY)
        page.presenter.stop()
        if name == "sarpras_photo":
            page.view.frames.close()
