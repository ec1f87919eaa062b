from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from ui.presenters.parts import Chime, Sound
from ui.runtime.bell import STROKES, Bell


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
    qtbot.waitUntil(lambda: not bell._timer.isActive(), timeout=20_000)
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
    qtbot.waitUntil(lambda: not bell._timer.isActive(), timeout=20_000)
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
    qtbot.waitUntil(lambda: played[3:] == ["say_again"], timeout=5_000)
    bell.ring(Chime(Sound.DONE, spoken="done"))
    bell.ring(Chime(None, spoken="iris"))
    assert played[4:] == ["done", "say_iris"]
    assert not bell._pause.isActive()
    owner.deleteLater()
