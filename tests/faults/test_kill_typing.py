"""A person types and the laptop dies: nothing was accepted, and every field is there again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path

import pytest
from support.app_context import Kit
from support.child_typing import NAME, NOTE, ON_LEAVING, WALK_IN
from support.planted import demand_caught

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
    assert child.returncode == -signal.SIGKILL, "the child died by itself"
    return said[1]


def left_in(folder: Path) -> dict[str, Mapping[str, str]]:
    """Open the store again and return what it keeps of each form."""
    kit = Kit(folder)
    try:
        return {draft.name.text: draft.fields for draft in kit.context.drafts.mine()}
    finally:
        kit.store.close()


def lost(folder: Path, session: str) -> list[str]:
    """Name each text that was typed and is not there."""
    left = left_in(folder)
    typed = {
        f"recording?session_id={session}": ("biodata.name", NAME),
        "walk_in?activity_id=a1": ("name", WALK_IN),
        "visit?target_id=t2": ("note", NOTE),
    }
    return [
        f"{form.partition('?')[0]} has no {field}"
        for form, (field, text) in typed.items()
        if left.get(form, {}).get(field) != text
    ]


def test_what_was_typed_survives_a_kill(tmp_path: Path) -> None:
    session = type_and_kill(tmp_path)
    assert lost(tmp_path, session) == []
    left = left_in(tmp_path)
    assert next(iter(left)) == f"recording?session_id={session}", "the latest comes first"
    assert left[f"recording?session_id={session}"] == {"biodata.name": NAME}


@pytest.mark.faults
def test_a_program_that_keeps_on_leaving_only_is_caught(tmp_path: Path) -> None:
    """The two forms that were left by Esc are there: nothing happened to them."""
    found = lost(tmp_path, type_and_kill(tmp_path, ON_LEAVING.name))
    demand_caught(found, ON_LEAVING)
    assert len(found) == 1
