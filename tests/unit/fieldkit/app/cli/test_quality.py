from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest
from support.commands import fieldkit

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import Position
from fieldkit.formats.images import encode_png


@pytest.fixture(autouse=True)
def without_programs(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))


def test_a_finger_is_judged_for_programs(tmp_path: Path) -> None:
    file = tmp_path / "finger.png"
    file.write_bytes(encode_png(SyntheticSubject(5).finger(Position.RIGHT_INDEX, 0, Condition.GOOD), 500))
    said = fieldkit("quality", file, "--modality", "finger", "--json")
    assert (said.code, said.err) == (0, "")
    assert set(said.json) == {"score", "algorithm", "version", "measures", "advice"}
    assert (said.json["algorithm"], said.json["advice"]) == ("iso29794-4-estimate", [])
    assert said.json["score"] > 60
    assert said.json["measures"]["OCL_Bin10_Mean"] > 0.8


def test_a_drawing_is_refused_in_words(tmp_path: Path) -> None:
    file = tmp_path / "stripes.png"
    file.write_bytes(encode_png((np.arange(400 * 300).reshape(400, 300) % 10 // 5 * 255).astype(np.uint8), 500))
    said = fieldkit("quality", file, "--modality", "finger")
    assert said.code == 0
    assert said.out.splitlines() == [
        "Nilai 0 dari 100 (iso29794-4-estimate)",
        "Ini bukan sidik jari: polanya terlalu teratur",
    ]


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    said = fieldkit("quality", tmp_path / "gone.png", "--modality", "iris")
    assert said.code != 0
    assert "mutu.unreadable" in said.err
