"""What the hands do when a screen does not come; their usual work is walked in tests/e2e."""

from __future__ import annotations

from pathlib import Path
from types import SimpleNamespace
from typing import Any, cast

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from fieldkit.app.demo import hands
from fieldkit.app.demo.hands import Hands
from fieldkit.domain.errors import KnownError


@pytest.fixture
def application(qtbot: QtBot) -> Any:
    window = QWidget()
    qtbot.addWidget(window)
    window.resize(64, 48)
    window.show()
    cast(Any, window).navigation = SimpleNamespace(page=object())
    return SimpleNamespace(shell=window, bugs=[], presenter=object())


def test_where_a_screen_does_not_come_a_picture_stays(
    application: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(hands, "_PATIENCE_S", 0.05)
    worker = Hands(cast(Any, application), tmp_path / "pictures")
    with pytest.raises(KnownError) as caught:
        worker.wait("never", lambda: False)
    assert caught.value.problem.params == {"screen": "object", "what": "never"}
    assert [path.name for path in worker.screenshots] == ["001-macet.png"]
    assert worker.screenshots[0].stat().st_size > 0


def test_a_bug_of_the_program_ends_the_waiting(application: Any, tmp_path: Path) -> None:
    application.bugs.append(ZeroDivisionError("ours"))
    with pytest.raises(ZeroDivisionError, match="ours"):
        Hands(cast(Any, application), tmp_path).wait("never", lambda: False)


def test_ctrl_c_that_closed_the_window_ends_the_waiting(application: Any, tmp_path: Path) -> None:
    application.shell.navigation.page = None
    with pytest.raises(KeyboardInterrupt):
        Hands(cast(Any, application), tmp_path).wait("never", lambda: False)


def test_a_picture_is_taken_once_per_name(application: Any, tmp_path: Path) -> None:
    worker = Hands(cast(Any, application), tmp_path)
    worker.shoot("masuk")
    worker.shoot("masuk")
    assert worker.screenshots == [tmp_path / "001-masuk.png"]
    another = Hands(cast(Any, application), tmp_path)
    another.shoot("beranda")
    assert another.screenshots == [tmp_path / "002-beranda.png"]
