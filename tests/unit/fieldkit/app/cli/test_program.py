from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import refused
from support.tries import some_of


def test_the_program_needs_a_kit(tmp_path: Path) -> None:
    assert refused("run", "--home", tmp_path) == (2, "kit.not_enrolled")


def test_a_demo_of_a_folder_without_people_says_so(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    for subjects in (tmp_path / "empty", tmp_path / "not there"):
        words = ("demo", "--out", tmp_path / "out", "--subjects", subjects)
        assert refused(*words) == (2, "demo.no_subjects")


def test_a_biodata_that_cannot_be_is_named(tmp_path: Path) -> None:
    person = tmp_path / "people" / "siti"
    person.mkdir(parents=True)
    (person / "biodata.yaml").write_text("nik: 12\n")
    words = ("demo", "--out", tmp_path / "out", "--subjects", tmp_path / "people")
    assert refused(*words) == (2, "demo.biodata")


@pytest.mark.parametrize("words", [("run",), ("run", "--home", "HOME")])
def test_without_a_display_the_program_says_so(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, words: tuple[str, ...]
) -> None:
    for name in ("DISPLAY", "WAYLAND_DISPLAY", "QT_QPA_PLATFORM"):
        monkeypatch.delenv(name, raising=False)
    (tmp_path / "keyslots.json").write_text("{}")
    spelled = [str(tmp_path) if word == "HOME" else word for word in words]
    assert refused(*spelled, home=tmp_path) == (3, "cli.no_display")


SPLASH_FIRST = """
import os, sys
from ui.views.window import splash
shown = splash.Splash.__init__
def show_and_end(self, *words):
    shown(self, *words)
    print(self.isVisible(), *sorted(sys.modules), flush=True)
    os._exit(0)
splash.Splash.__init__ = show_and_end
from fieldkit.app.cli import main
sys.argv = ["fieldkit", *sys.argv[1:]]
main()
"""
BEFORE_THE_SPLASH = {
    *("assets", "ui", "ui.runtime", "ui.runtime.process", "ui.runtime.qt_application"),
    *("ui.views", "ui.views.window", "ui.views.window.splash"),
    *("fieldkit", "fieldkit.app", "fieldkit.app.cli", "fieldkit.app.cli.speech", "fieldkit.app.bootstrap"),
    *(f"fieldkit.app.bootstrap.{name}" for name in ("catalogue", "core_dumps", "display", "opening", "system_problem")),
    *(
        "fieldkit.domain",
        "fieldkit.domain.errors",
        "fieldkit.domain.notices",
        "fieldkit.domain.shown",
        "fieldkit.ports",
        "fieldkit.ports.messages",
    ),
}


@pytest.mark.parametrize("words", [("run", "--demo"), ("run",), ("run", "--home", "home")])
def test_nothing_but_qt_is_loaded_before_the_splash_stands(tmp_path: Path, words: tuple[str, ...]) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0", "FIELDKIT_HOME": str(tmp_path)}
    command = [sys.executable, "-c", SPLASH_FIRST, *words]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    is_visible, *loaded = done.stdout.split()
    assert is_visible == "True"
    ours = {name for name in loaded if name.partition(".")[0] in {"assets", "drivers", "fieldkit", "sync", "ui"}}
    assert ours - {"fieldkit.app.bootstrap.default_home"} == BEFORE_THE_SPLASH
    others = {"PySide6.QtNetwork", "_hashlib", "cv2", "cryptography", "numpy", "sqlalchemy", "typer", "yaml"}
    assert others.isdisjoint(loaded)
    assert not any(tmp_path.iterdir()), "nothing was prepared yet"


NO_CORE = """
import sys
from fieldkit.app.bootstrap import core_dumps, window
from fieldkit.app.demo import day
def tell(*_given):
    print(core_dumps._prctl(core_dumps._PR_GET_DUMPABLE, 0))
    return 0
window.run_kit = day.run_live = tell
from fieldkit.app.cli import main
sys.argv = ["fieldkit", *sys.argv[1:]]
main()
"""


@pytest.mark.skipif(sys.platform != "linux", reason="core dumps are told apart on Linux")
@pytest.mark.parametrize("words", some_of(["run --demo", "run", "run --home home", "run --home=home"], 1))
def test_nothing_secret_is_in_the_memory_of_a_window_that_may_leave_a_core(tmp_path: Path, words: str) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0", "FIELDKIT_HOME": str(tmp_path)}
    environment.pop("FIELDKIT_DEBUG", None)
    command = [sys.executable, "-c", NO_CORE, *words.split()]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["0"], "the flag of the process itself: a limit may come from its parent"
