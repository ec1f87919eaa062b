"""What stands on the screen until the program is loaded; imports Qt and the splash, nothing else that takes time."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from fieldkit.app.bootstrap.catalogue import field_catalogue
from ui.runtime.qt_application import scale_as_kept
from ui.views.window.splash import Splash


def show_splash(home: Path, language: str, words: str = "") -> Callable[[], None]:
    """Show the program's name at once, and the sentence of a key below it; return what takes both away again."""
    scale_as_kept(home / "window.ini")
    say = field_catalogue(language).text
    splash = Splash(say("ui.brand"), say(words) if words else "")
    return splash.hide
