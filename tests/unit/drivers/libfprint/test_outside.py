"""The outside program as a process: what it says when the library is there, and when it is not."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from drivers.libfprint import outside
from drivers.libfprint.answers import PYTHON

PROGRAM = Path(outside.__file__)


def run(python: Path | str, *requests: dict) -> tuple[int, list[dict]]:
    told = "".join(json.dumps(request) + "\n" for request in requests)
    done = subprocess.run([python, "-I", PROGRAM], input=told, capture_output=True, text=True, check=False)
    return done.returncode, [json.loads(line) for line in done.stdout.splitlines()]


def test_without_the_library_it_names_the_packages():
    code, answers = run(sys.executable)  # our own environment has no PyGObject
    assert code == 3
    assert answers == [{"number": 0, "error": "missing", "reason": outside.PACKAGES}]


@pytest.mark.usefixtures("_library")
def test_it_answers_by_number_and_ends_with_its_input():
    code, answers = run(PYTHON, {"number": 1, "do": "list"}, {"number": 2, "do": "open", "driver": "no", "id": "0"})
    assert code == 0
    assert answers[0] == {"number": 0, "ready": True}
    assert {"number": 2, "error": "absent", "reason": "no"} in answers
