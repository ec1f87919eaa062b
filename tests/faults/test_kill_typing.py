"""A person types and the laptop dies: nothing was accepted, and every field is there again."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.app_context import Kit
from support.child_typing import NAME, NOTE, WALK_IN

TESTS = Path(__file__).parents[1]


def type_and_kill(folder: Path, *bug: str) -> str:
    """Let a child type into three screens, kill it, and return the recording that was open."""
    path = os.pathsep.join([str(TESTS), str(TESTS.parent)])
    environment = {**os.environ, "PYTHONPATH": path, "QT_QPA_PLATFORM": "offscreen"}
    command = [sys.executable, "-m", "support.child_typing", str(folder), *bug]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True, env=environment, cwd=TESTS) as child:
        assert child.stdout is not None
        said = child.stdout.readline().split()
        child.kill()
    assert said, "the child died by itself"
    return said[1]


def left_in(folder: Path) -> dict[str, Mapping[str, str]]:
    """Open the store again and return what it keeps of each form."""
    kit = Kit(folder)
    try:
        return {draft.name.text: draft.fields for draft in kit.context.drafts.mine()}
    finally:
        kit.store.close()


def test_what_was_typed_survives_a_kill(tmp_path: Path) -> None:
    session = type_and_kill(tmp_path)
    left = left_in(tmp_path)
    assert next(iter(left)) == f"recording?session_id={session}", "the latest comes first"
    assert left[f"recording?session_id={session}"] == {"biodata.name": NAME}
    assert left["walk_in?activity_id=a1"]["name"] == WALK_IN
    assert left["visit?target_id=t2"]["note"] == NOTE


def test_a_program_that_keeps_on_leaving_only_is_caught(tmp_path: Path) -> None:
    type_and_kill(tmp_path, "writes_on_leaving_only")
    with pytest.raises(AssertionError):
        assert left_in(tmp_path)
