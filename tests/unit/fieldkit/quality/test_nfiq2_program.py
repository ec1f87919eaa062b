from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from fieldkit.formats.images import decode_grey, encode_png
from fieldkit.quality.nfiq2_program import find_program, installed_score, score_by_program

PIXELS = np.arange(200 * 210, dtype=np.uint32).astype(np.uint8).reshape(210, 200)


@pytest.fixture
def program(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A program of that name that keeps the picture and says what stands in a file."""
    folder = tmp_path / "bin"
    folder.mkdir()
    at = folder / "nfiq2"
    at.write_text(f'#!/bin/sh\n[ "$1 $2" = "-F -i" ] || exit 2\ncp "$3" {tmp_path}/seen.png\n. {tmp_path}/answer\n')
    at.chmod(0o755)
    monkeypatch.setenv("PATH", str(folder), prepend=":")
    return tmp_path


def answer(program: Path, script: str) -> object:
    (program / "answer").write_text(script)
    found = find_program()
    assert found == str(program / "bin" / "nfiq2")
    return score_by_program(found, PIXELS, 500, encode_png)


def test_its_score_bears_its_name(program: Path) -> None:
    (program / "answer").write_text("echo 12")
    judge = installed_score(encode_png)
    assert judge is not None
    assert judge(PIXELS, 500).value == 12  # type: ignore[union-attr]
    score = answer(program, "echo 54")
    assert (score.value, score.algorithm) == (54, "NFIQ2")  # type: ignore[attr-defined]
    assert np.array_equal(decode_grey((program / "seen.png").read_bytes()), PIXELS)


@pytest.mark.parametrize("script", ["echo 255", "echo 54; exit 1", "echo Error: no fingerprint", "kill -9 $$"])
def test_a_failure_is_no_score(program: Path, script: str) -> None:
    assert answer(program, script) is None


def test_nothing_installed_and_nothing_there(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    assert find_program() is None
    assert installed_score(encode_png) is None
    assert score_by_program(str(tmp_path / "gone"), PIXELS, 500, encode_png) is None
