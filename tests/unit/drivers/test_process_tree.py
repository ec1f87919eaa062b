"""What a program started ends with it, on every system."""

from __future__ import annotations

import subprocess
import sys

import psutil
from support.standstill import wait_until

from drivers.process_tree import ProcessTree

# Starts a child and tells its number, then leaves it alone.
_PARENT = """
import subprocess, sys, time
child = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(600)"], stdout=subprocess.DEVNULL)
print(child.pid, flush=True)
if sys.argv[1] == "waits":
    time.sleep(600)
"""


def begin(how: str) -> tuple[subprocess.Popen[bytes], ProcessTree, psutil.Process]:
    command = [sys.executable, "-c", _PARENT, how]
    started = subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, start_new_session=True)
    tree = ProcessTree(started)
    assert started.stdout is not None
    return started, tree, psutil.Process(int(started.stdout.readline()))


def await_end(started: subprocess.Popen[bytes], child: psutil.Process) -> None:
    started.wait()
    for pipe in (started.stdin, started.stdout):
        assert pipe is not None
        pipe.close()
    wait_until(lambda: not runs(child))


def runs(child: psutil.Process) -> bool:
    try:
        return child.is_running() and child.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False


def test_the_child_of_a_program_ends_with_it() -> None:
    started, tree, child = begin("waits")
    tree.kill()
    await_end(started, child)
    tree.kill()


def test_a_child_whose_parent_is_gone_ends_too() -> None:
    started, tree, child = begin("leaves")
    started.wait()
    assert runs(child)
    tree.kill()
    await_end(started, child)
