"""The comparison of the estimate with NFIQ 2: what stands in its lines, of prints that are grown here."""

from __future__ import annotations

from pathlib import Path

import cv2
import pytest
from support.packaging_script import run_script

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import RIGHT_FOUR


@pytest.mark.days
def test_each_sensor_has_its_line_and_all_together(tmp_path: Path) -> None:
    for finger in RIGHT_FOUR:
        for condition in (Condition.GOOD, Condition.DRY):
            print_ = SyntheticSubject(5).finger(finger, 0, condition)
            cv2.imwrite(str(tmp_path / f"{finger}-{condition}.png"), print_)
    done = run_script("compare_finger_quality", f"{tmp_path}=500")
    assert done.returncode == 0, done.stderr
    of_one, of_all = done.stdout.splitlines()
    assert of_one.startswith(f"{tmp_path.name}: 8 prints, MAE ")
    assert of_one.endswith("; equal 8/8")
    assert of_all == f"all: {of_one.partition(': ')[2].removesuffix('; equal 8/8')}"


def test_a_folder_without_pictures_is_named(tmp_path: Path) -> None:
    done = run_script("compare_finger_quality", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{tmp_path}: no picture can be read")
