from __future__ import annotations

import pytest
from support.aided import key
from support.whole_office import Paperless

from fieldkit.domain.aid import AidNote, Program
from ui.presenters.parts import Stage
from ui.views.aid.pages import aid_factories
from ui.views.page_parts import PageParts


@pytest.mark.parametrize("screen", ["aid", "aid_note", "aid_step", "aid_meeting", "aid_result", "evaluation"])
def test_each_page_is_wired_and_opens(window, kit, screen: str) -> None:
    kit.context.office.aid.note("t1", AidNote(wanted=(Program.PKH,)))
    made = aid_factories(
        PageParts(window.door, window.tasks, window.shell.navigation, window.theming, Paperless(), lambda: kit.context)
    )
    assert screen in made
    window.sign_in()
    window.go(screen, activity_id="a1", target_id=key(1).target_id, keys="t1 pkh")
    assert window.view.state.stage is Stage.CONTENT
