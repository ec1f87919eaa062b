from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest
from support.commands import refused


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
    print(self.window.isVisible(), *sorted(sys.modules), flush=True)
    os._exit(0)
splash.Splash.__init__ = show_and_end
from fieldkit.app.cli import main
sys.argv = ["fieldkit", "run", "--demo", *sys.argv[1:]]
main()
"""


@pytest.mark.days
@pytest.mark.parametrize("words", [(), ("--home", "demo")])
def test_the_splash_of_the_demo_stands_before_what_takes_its_time_is_loaded(
    tmp_path: Path, words: tuple[str, ...]
) -> None:
    environment = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "DISPLAY": ":0"}
    command = [sys.executable, "-c", SPLASH_FIRST, *words]
    done = subprocess.run(command, env=environment, cwd=tmp_path, capture_output=True, text=True, check=True)
    is_visible, *loaded = done.stdout.split()
    assert is_visible == "True"
    slow = {"numpy", "cv2", "cryptography", "sqlalchemy", "fastapi", "fieldkit.app.demo.live"}
    assert slow.isdisjoint(loaded)
    assert not any(tmp_path.iterdir()), "nothing was prepared yet"
