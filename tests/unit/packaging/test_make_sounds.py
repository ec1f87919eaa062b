from __future__ import annotations

import importlib.util
import wave
from pathlib import Path
from types import ModuleType

import pytest

SCRIPT = Path(__file__).parents[3] / "packaging" / "make_sounds.py"


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("make_sounds", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


def test_the_tones_that_ship_are_those_that_are_calculated(module: ModuleType) -> None:
    for name, parts in module.TONES.items():
        with wave.open(str(module.FOLDER / f"{name}.wav"), "rb") as file:
            assert file.readframes(file.getnframes()) == module.tone(parts)


def test_every_sentence_ships_small_and_audible(module: ModuleType) -> None:
    for name in module.SENTENCES:
        with wave.open(str(module.FOLDER / f"say_{name}.wav"), "rb") as file:
            assert (file.getnchannels(), file.getsampwidth(), file.getframerate()) == (1, 1, module.RATE)
            assert 1.5 < file.getnframes() / module.RATE < 6
            levels = file.readframes(file.getnframes())
        assert max(levels) - min(levels) > 150


def test_levels_become_bytes_around_the_middle(module: ModuleType) -> None:
    samples = module.eight_bits([0, 0, 1000, 1000, -1000, -1000], 2 * module.RATE)
    assert list(samples) == [128, 248, 8]
    assert module.eight_bits([], 22_050) == b""
