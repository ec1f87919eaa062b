from __future__ import annotations

import pytest

from fieldkit.app.bootstrap.display import demand_display, has_display
from fieldkit.domain.errors import KnownError


@pytest.fixture(autouse=True)
def _nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)


@pytest.mark.parametrize(
    ("environment", "is_there"),
    [({}, False), ({"DISPLAY": ":0"}, True), ({"WAYLAND_DISPLAY": "wayland-0"}, True), ({"DISPLAY": ""}, False)],
)
def test_whether_there_is_a_display(
    monkeypatch: pytest.MonkeyPatch, environment: dict[str, str], is_there: bool
) -> None:
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert has_display() is is_there


def test_a_program_without_a_display_is_stopped_with_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(KnownError) as caught:
        demand_display()
    assert caught.value.code == "cli.no_display"
    monkeypatch.setenv("QT_QPA_PLATFORM", "offscreen")
    demand_display()
