"""The rates of the comparison of fingers: what stands in its lines, of prints that are grown here."""

from __future__ import annotations

import re
from pathlib import Path

import cv2
import pytest
from support.packaging_script import run_script

from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import FINGERS, INDEX_FINGERS


@pytest.mark.days
def test_pairs_are_counted_and_operators_found(tmp_path: Path) -> None:
    subject = SyntheticSubject(6, conditions=dict.fromkeys(FINGERS, Condition.GOOD))
    for number, position in enumerate(INDEX_FINGERS, 101):
        for impression in range(1, 5):
            cv2.imwrite(str(tmp_path / f"{number}_{impression}.png"), subject.finger(position, impression))
    (tmp_path / "103_1.png").write_bytes(b"no picture")
    (tmp_path / "notes.txt").write_text("of no finger")
    done = run_script("compare_matching", f"{tmp_path}=500")
    assert done.returncode == 0, done.stderr
    of_one, of_all = done.stdout.splitlines()
    assert of_one.partition(": ")[2] == of_all.removeprefix("all: ")
    assert re.fullmatch(
        r"12 pairs of one finger: same 100\.00 %, different 0\.00 %, unclear 0\.00 %; "
        r"16 of two: same 0, different [0-9.]+ %, highest [0-9.]+; operator found 2 of 2, another 0",
        of_one.partition(": ")[2],
    ), of_one
    assert done.stderr.startswith(f"{tmp_path / '103_1.png'}: ")


def test_a_folder_without_prints_is_named(tmp_path: Path) -> None:
    done = run_script("compare_matching", str(tmp_path))
    assert (done.returncode, done.stdout) == (1, "")
    assert done.stderr.startswith(f"{tmp_path}: no picture named as 101_1.png can be read")
