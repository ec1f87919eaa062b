from __future__ import annotations

import pytest

from ui.presenters.presenter import message


@pytest.mark.days
def test_a_step_leads_to_the_lists_of_its_activity(window) -> None:
    window.sign_in()
    window.go("prints", activity_id="a1")
    assert window.view.state.nothing.title == message("cetak.none_now")
    window.go("status_work", activity_id="a1")
    assert window.view.state.title == message("common.central_status")
    window.go("clocks", activity_id="a1")
    assert window.view.state.nothing.title == message("tenggat.empty")
