from __future__ import annotations

import importlib.util
from pathlib import Path
from types import ModuleType

import numpy as np
import pytest
from support.portraits import drawn

from fieldkit.quality.face_networks import FaceFinder, pose_of

SCRIPT = Path(__file__).parents[3] / "packaging" / "turned_heads.py"


@pytest.fixture(scope="module")
def module() -> ModuleType:
    spec = importlib.util.spec_from_file_location("turned_heads", SCRIPT)
    assert spec is not None
    assert spec.loader is not None
    loaded = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(loaded)
    return loaded


@pytest.mark.parametrize(("yaw", "pitch"), [(0, 0), (25, 0), (-25, 0), (0, 20), (0, -20)])
def test_a_head_is_seen_turned_as_it_was_composed(module: ModuleType, yaw: float, pitch: float) -> None:
    finder, picture = FaceFinder(), drawn(3)[0]
    straight = finder.find(picture).landmarks
    assert straight is not None
    composed = module.turned(picture, straight, yaw, pitch)
    assert composed.dtype == np.uint8
    seen = finder.find(composed).landmarks
    assert seen is not None
    before, after = pose_of(straight.points), pose_of(seen.points)
    assert after.yaw_deg - before.yaw_deg == pytest.approx(yaw, abs=9)
    assert after.pitch_deg - before.pitch_deg == pytest.approx(pitch, abs=9)
