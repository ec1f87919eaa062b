from __future__ import annotations

import pytest

from drivers.simulators import slap_sdk as module
from drivers.simulators.slap_sdk import SlapSdk, compiler
from drivers.simulators.stage import Fault, Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import FINGERS, Position


def test_without_a_compiler_it_says_so(tmp_path, monkeypatch):
    monkeypatch.setattr(module.shutil, "which", lambda _: None)
    with pytest.raises(RuntimeError):
        SlapSdk(Stage(), tmp_path)


@pytest.mark.skipif(compiler() is None, reason="no C compiler here")
def test_the_fingers_of_the_person_lie_on_its_glass(tmp_path):
    stage = Stage()
    missing = {finger: Condition.MISSING for finger in FINGERS if finger is not Position.RIGHT_INDEX}
    stage.present(SyntheticSubject(5, conditions=missing))
    sdk = SlapSdk(stage, tmp_path)
    glass = tmp_path / "glass"
    assert {one.name for one in glass.iterdir()} == {"RIGHT_INDEX", "plugged"}
    assert (glass / "RIGHT_INDEX").read_bytes().startswith(b"P5 ")
    assert sdk.library.is_file()
    sdk.arm(Fault.UNPLUG)
    assert (glass / "fault").read_text() == "unplug"
    stage.present(None)
    sdk.lay()
    sdk.unplug()
    assert {one.name for one in glass.iterdir()} == {"fault"}
    with pytest.raises(KeyError):
        sdk.arm(Fault.BROKEN_CHAIN)
