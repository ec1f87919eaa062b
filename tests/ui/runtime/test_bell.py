from __future__ import annotations

import sys
from collections.abc import Iterator
from functools import partial
from importlib.resources import files
from pathlib import Path

import pytest
from PySide6.QtCore import QObject, QProcess
from PySide6.QtGui import QGuiApplication
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Chime, Sound
from ui.presenters.recording.steps import SPOKEN
from ui.runtime import bell as module
from ui.runtime.bell import STROKES, Bell, Sounds, find_player


@pytest.fixture
def strokes() -> list[int]:
    return []


@pytest.fixture
def bell(qtbot: QtBot, strokes: list[int]) -> Iterator[Bell]:
    owner = QObject()
    yield Bell(owner, lambda: strokes.append(1))
    owner.deleteLater()


@pytest.mark.parametrize("sound", list(Sound))
def test_each_sound_has_its_own_number_of_strokes(qtbot: QtBot, bell: Bell, strokes: list[int], sound: Sound) -> None:
    bell.ring(Chime(sound, 1))
    qtbot.waitUntil(lambda: not bell._timer.isActive())
    assert len(strokes) == STROKES[sound]
    assert len(set(STROKES.values())) == len(Sound)


def test_a_chime_is_heard_once_and_the_next_one_again(bell: Bell, strokes: list[int]) -> None:
    first = Chime(Sound.CAPTURED)
    for chime in (None, first, first, None, first):
        bell.ring(chime)
    assert len(strokes) == 1
    bell.ring(Chime(Sound.CAPTURED))
    assert len(strokes) == 2


def test_what_a_screen_said_before_it_came_back_is_not_heard(bell: Bell, strokes: list[int]) -> None:
    old = Chime(Sound.CAPTURED, 7)
    bell.pass_over(old)
    bell.ring(old)
    assert strokes == []
    bell.pass_over(None)  # another screen may begin with the same number
    bell.ring(old)
    assert len(strokes) == 1


def test_a_new_chime_takes_the_place_of_the_one_that_sounds(qtbot: QtBot, bell: Bell, strokes: list[int]) -> None:
    bell.ring(Chime(Sound.DONE, 1))
    bell.ring(Chime(Sound.CAPTURED, 2))
    qtbot.waitUntil(lambda: not bell._timer.isActive())
    assert len(strokes) == 2


def test_a_sound_file_takes_the_place_of_the_bell_and_the_voice_follows(qtbot: QtBot, strokes: list[int]) -> None:
    played: list[str] = []
    owner, voice = QObject(), [False]

    def play(name: str) -> bool:
        played.append(name)
        return True

    bell = Bell(owner, lambda: strokes.append(1), play, lambda: voice[0])
    bell.ring(Chime(Sound.REPEAT, spoken="again"))
    bell.ring(Chime(None, spoken="photo"))
    assert (played, strokes) == (["repeat"], [])
    voice[0] = True
    bell.ring(Chime(None, spoken="photo"))
    bell.ring(Chime(Sound.REPEAT, spoken="again"))
    assert played == ["repeat", "say_photo", "repeat"]
    qtbot.waitUntil(lambda: played[3:] == ["say_again"])
    bell.ring(Chime(Sound.DONE, spoken="done"))
    bell.ring(Chime(None, spoken="iris"))
    assert played[4:] == ["done", "say_iris"]
    assert not bell._pause.isActive()
    owner.deleteLater()


@pytest.fixture
def owner(qtbot: QtBot) -> Iterator[QObject]:
    owner = QObject()
    yield owner
    owner.deleteLater()


@pytest.fixture
def seen_window(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(
        module,
        "QGuiApplication",
        type("Seen", (), {"platformName": staticmethod(lambda: "xcb"), "instance": staticmethod(lambda: None)}),
    )
    monkeypatch.setitem(sys.modules, "PySide6.QtMultimedia", None)


def test_every_sound_and_sentence_has_its_file(owner: QObject) -> None:
    played: list[Path] = []
    sounds = Sounds(owner, played.append)
    names = [*(sound.value for sound in Sound), *(f"say_{step.value}" for step in SPOKEN), "say_again", "say_done"]
    assert all(sounds.play(name) for name in names)
    assert [path.stem for path in played] == names
    assert not sounds.play("say_nothing")
    assert {Path(str(one)).stem for one in (files("assets") / "sounds").iterdir()} == set(names)


def test_a_window_that_nobody_sees_is_silent(owner: QObject) -> None:
    assert QGuiApplication.platformName() == "offscreen"
    assert find_player(owner) is None
    assert not Sounds(owner).play("done")


@pytest.mark.skipif(sys.platform == "win32", reason="Windows plays by itself")
def test_a_player_of_the_system_plays_the_file_and_the_next_takes_its_place(
    qtbot: QtBot, owner: QObject, seen_window: None, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    player = tmp_path / "aplay"
    player.write_text(f'#!/bin/sh\necho "$1" >> {tmp_path}/heard\ncase "$1" in *captured*) exec sleep 5;; esac\n')
    player.chmod(0o755)
    monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
    monkeypatch.setattr(module, "PLAYERS", ("no-such-player", "aplay"))
    sounds = Sounds(owner)
    for heard in (["captured"], ["captured", "done"]):
        assert sounds.play(heard[-1])
        qtbot.waitUntil(partial(_is_heard, tmp_path / "heard", heard))
    (process,) = owner.findChildren(QProcess)
    qtbot.waitUntil(lambda: process.state() is QProcess.ProcessState.NotRunning)


def _is_heard(file: Path, names: list[str]) -> bool:
    return file.exists() and [Path(line).stem for line in file.read_text().splitlines()] == names


def test_without_any_player_nothing_sounds(owner: QObject, seen_window: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(module, "PLAYERS", ("no-such-player",))
    assert find_player(owner) is None
