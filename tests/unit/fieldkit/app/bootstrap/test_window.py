from __future__ import annotations

import errno
from pathlib import Path
from unittest.mock import Mock

import pytest
from pytestqt.qtbot import QtBot
from support.app_context import Kit, OpenDoor

from fieldkit.app.bootstrap import window
from fieldkit.app.bootstrap.home import Home
from fieldkit.domain.errors import InputError, Problem, VaultError


def test_a_window_opens_at_the_sign_in_screen_in_the_chosen_language(qtbot: QtBot, tmp_path: Path) -> None:
    kit = Kit(tmp_path)
    application = window.open_window(OpenDoor(kit.context), tmp_path, tmp_path / "papers", "en")
    try:
        qtbot.addWidget(application.shell)
        application.shell.show()
        qtbot.waitUntil(lambda: type(application.presenter).__name__ == "SignInPresenter")
        assert application.theming.catalog.language == "en"
    finally:
        application.close()
        kit.store.close()


def test_the_gauges_never_invent(tmp_path: Path) -> None:
    gauges = window.gauges(tmp_path / "gone")
    assert gauges.free_bytes() is None
    assert (window.gauges(tmp_path).free_bytes() or 0) > 0
    percent = gauges.battery_percent()
    assert percent is None or 0 <= percent <= 100


def test_no_window_for_a_folder_without_a_kit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(window, "has_display", lambda: False)
    with pytest.raises(InputError, match=r"kit\.not_enrolled"):
        window.run_kit(Home(tmp_path), "id")


def test_a_start_problem_is_told_in_a_window_and_tried_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(window, "has_display", lambda: True)

    def answer(problem: Problem, _language: str, _home: Home) -> bool:
        told.append(problem.code)
        return len(told) < 2

    monkeypatch.setattr(window, "wants_again", answer)
    (tmp_path / "kit.db").write_bytes(b"a store whose key slots are lost")
    with pytest.raises(VaultError, match=r"vault\.slots_missing"):
        window.run_kit(Home(tmp_path), "id")
    assert told == ["vault.slots_missing", "vault.slots_missing"]


def test_a_laptop_without_a_kit_is_led_through_its_first_start(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    led: list[Home] = []
    monkeypatch.setattr(window, "has_display", lambda: True)

    def leave(home: Home, _language: str) -> bool:
        led.append(home)
        return False

    monkeypatch.setattr(window, "makes_kit", leave)
    assert window.run_kit(Home(tmp_path), "id") == 0
    assert led == [Home(tmp_path)]


def test_a_laptop_that_became_a_kit_is_opened_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    made, kit = list[Home](), Mock()

    def locked(_home: Home) -> Mock:
        if not made:
            raise InputError("kit.not_enrolled")
        return kit

    monkeypatch.setattr(window, "has_display", lambda: True)
    monkeypatch.setattr(window, "_locked", locked)
    monkeypatch.setattr(window, "makes_kit", lambda home, _language: made.append(home) is None)
    monkeypatch.setattr(window, "serve", lambda door, *_rest: 7 if door is kit else 1)
    assert window.run_kit(Home(tmp_path), "id") == 7
    kit.leave.assert_called_once()


def test_what_the_disk_does_to_us_is_a_problem_too() -> None:
    assert window.problem_of(OSError(errno.ENOSPC, "No space left", "public.json")).code == "store.disk_full"
    strange = window.problem_of(PermissionError(errno.EACCES, "Permission denied", "public.json"))
    assert (strange.code, strange.params) == ("system.denied", {"file": "public.json"})
