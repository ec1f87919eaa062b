from __future__ import annotations

import pytest


@pytest.mark.parametrize("name", ["import_targets", "verify_targets", "siak_answer", "request"])
def test_every_page_opens(window, name: str) -> None:
    window.sign_in()
    window.go(name, activity_id="a1")
    assert window.view.state.problem is None


def test_a_disposition_without_a_request_says_so(window, shoot) -> None:
    window.sign_in()
    window.go("disposition", activity_id="a1")
    assert window.view.state.problem.code == "dispose.no_request"
