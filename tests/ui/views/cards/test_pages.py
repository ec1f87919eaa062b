from __future__ import annotations

from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.app_context import KETUA, OpenDoor
from support.handed import distributed
from support.letters import office
from support.tasks import SameThread, Steps
from support.whole_office import Paperless

from ui.presenters.parts import Stage
from ui.runtime.theme_context import ThemeContext
from ui.views.cards.pages import distribution_factories
from ui.views.page_parts import PageParts

PARAMS = {
    "distribution": {},
    "courier": {},
    "handover": {"card_ids": "card-005 card-006"},
    "distribution_plan": {"activity_id": "a1"},
    "distribution_stop": {"activity_id": "a1"},
    "handover_ba": {"card_ids": "card-005"},
    "handover_failed": {"card_ids": "card-001"},
    "blanks": {},
    **{name: {"activity_id": "a1"} for name in ("printing_day", "queue_numbers", "queue_walk_in")},
    **{f"blank_{act}": {} for act in ("receive", "move", "spoil", "count", "want")},
    "blank_revoke": {"entry_id": "e1"},
}


def test_every_screen_opens(qtbot: QtBot, theming: ThemeContext, tmp_path: Path) -> None:
    kit = office(tmp_path, KETUA)
    distributed(kit)
    factories = distribution_factories(
        PageParts(OpenDoor(kit.context), SameThread(), Steps(), theming, Paperless(), lambda: kit.context)
    )
    assert factories.keys() == PARAMS.keys()
    for name, factory in factories.items():
        page = factory(PARAMS[name])
        qtbot.addWidget(page.view)
        page.presenter.listen(page.view.render)
        page.presenter.start()
        assert page.presenter.state.stage is Stage.CONTENT, name
        page.presenter.stop()
        if name == "handover":
            page.view.frames.close()
    kit.store.close()


@pytest.mark.parametrize("name", ["handover", "distribution_stop", "handover_ba", "handover_failed"])
def test_every_screen_with_its_own_view_has_a_way_back(
    theming: ThemeContext, qtbot: QtBot, tmp_path: Path, name: str
) -> None:
    kit, steps = office(tmp_path, KETUA), Steps()
    distributed(kit)
    page = distribution_factories(
        PageParts(OpenDoor(kit.context), SameThread(), steps, theming, Paperless(), lambda: kit.context)
    )[name](PARAMS[name])
    qtbot.addWidget(page.view)
    page.presenter.start()
    assert page.presenter.state.bar.back is not None
    page.presenter.perform(page.presenter.state.bar.back)
    assert steps.taken == [("back",)]
    page.presenter.stop()
    if name == "handover":
        page.view.frames.close()
    kit.store.close()
