from __future__ import annotations

import sys
from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from support.app_context import Kit, OpenDoor

from fieldkit.app.bootstrap.catalogue import strict_catalogue
from ui.presenters.home.sign_in import SignInPresenter
from ui.presenters.home.status_bar import Gauges
from ui.runtime.printing import LaptopPrinting
from ui.views.window.application import Application
from ui.views.window.window import Laptop


@pytest.fixture
def application(qtbot: QtBot, tmp_path: Path) -> Iterator[Application]:
    kit = Kit(tmp_path)
    messages = {language: strict_catalogue(language) for language in ("id", "en")}
    laptop = Laptop(Gauges(lambda: None, lambda: None), LaptopPrinting(tmp_path))
    application = Application(OpenDoor(kit.context), messages, "en", laptop)
    qtbot.addWidget(application.shell)
    yield application
    application.close()
    kit.store.close()


def test_it_stands_at_the_sign_in_screen(application: Application) -> None:
    assert isinstance(application.presenter, SignInPresenter)
    assert application.theming.catalog.language == "en"


@pytest.mark.allow_logs
def test_a_bug_is_kept_and_shown_instead_of_lost(application: Application) -> None:
    bug = ZeroDivisionError("planted")
    sys.excepthook(ZeroDivisionError, bug, None)
    assert application.bugs == [bug]
    assert application.shell.navigation.page is not None


def test_closing_gives_the_hook_back(application: Application) -> None:
    application.close()
    assert sys.excepthook is not application._caught
