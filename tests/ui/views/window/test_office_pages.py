from __future__ import annotations

from fieldkit.domain.sop.fulfilment import Fulfilment
from ui.presenters.planning.step_form import screens_of
from ui.views.page_parts import PageParts
from ui.views.window.office_pages import office_factories

FROM_BERANDA = {"check_out", "check_in", "activities", "activity", "letters", "sarpras", "disposition", "sign_letters"}
FROM_ACTIVITIES = {"request", "plan"}


def test_every_screen_of_the_office_stands_behind_the_door(window) -> None:
    window.sign_in()
    mine = office_factories(
        PageParts(window.door, window.tasks, window.shell.navigation, window.theming, None, lambda: window.kit.context)
    )
    assert set(mine) <= set(window.shell.navigation._factories)


def test_no_key_leads_nowhere(window) -> None:
    window.sign_in()
    wanted = {screen for fact in Fulfilment for screen in screens_of((fact,))} | FROM_BERANDA | FROM_ACTIVITIES
    assert wanted - set(window.shell.navigation._factories) == set()
