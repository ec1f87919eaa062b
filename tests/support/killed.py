"""A program that is killed at its n-th fsync or rename, and at every other one, to see what it leaves behind.

strace counts each kind of call apart and per thread, so a quiet run is watched first: it says which kind the n-th call
is and how many of that kind its thread had made by then.
"""

from __future__ import annotations

import os
import re
import signal
import subprocess
import tempfile
from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

DURABLE = ("fsync", "fdatasync", "rename", "renameat", "renameat2")
"""The calls after which the disk holds something else than before."""

_ROUND = 50
_LINE = re.compile(r"^(\d+) +(\w+)\(")


@dataclass(frozen=True)
class Death:
    """One run. `is_dead` is False when it came to its end before the n-th call, which then was never made."""

    n: int
    call: str  # "rename 3": the third rename of its thread
    is_dead: bool
    output: str


def calls_of(command: Sequence[str], calls: Sequence[str] = DURABLE, env: Mapping[str, str] | None = None) -> list[str]:
    """Run a command undisturbed and return its calls in order, each as "rename 3"; its length is how many it makes."""
    with tempfile.TemporaryDirectory() as folder:
        trace = Path(folder) / "trace"
        done = _run(["--seccomp-bpf", "-e", f"trace={','.join(calls)}", "-o", str(trace)], command, env)
        assert done.returncode == 0, done.stdout
        counts: Counter[tuple[str, str]] = Counter()
        found = []
        for line in trace.read_text("utf-8", "replace").splitlines():
            if match := _LINE.match(line):
                counts[match[1], match[2]] += 1
                found.append(f"{match[2]} {counts[match[1], match[2]]}")
        return found


def killed_at_each(
    command: Callable[[int], Sequence[str]],
    calls: Sequence[str],
    ns: Iterable[int],
    env: Mapping[str, str] | None = None,
) -> Iterator[Death]:
    """Kill a command (SIGKILL) as it makes the n-th of its `calls_of`, n from 1, for each n in its turn.

    `command` is asked for each n, so that it can lay out a fresh home; look at what is left between the turns.
    """
    for n in ns:
        name, _, ordinal = calls[n - 1].partition(" ")
        # Without --seccomp-bpf: strace 6.1 injects nothing then.
        inject = ["-o", os.devnull, "-e", f"trace={name}", "-e", f"inject={name}:signal=SIGKILL:when={ordinal}"]
        done = _run(inject, command(n), env)
        is_dead = done.returncode in (-signal.SIGKILL, 128 + signal.SIGKILL)
        assert is_dead or done.returncode == 0, f"neither killed nor done: {done.returncode}\n{done.stdout}"
        yield Death(n, calls[n - 1], is_dead, done.stdout)


def spread(total: int, some: int) -> list[int]:
    """Return so many places of 1 … total, evenly, the first and the last among them."""
    if some >= total:
        return list(range(1, total + 1))
    return sorted({round(1 + at * (total - 1) / (some - 1)) for at in range(some)})


def rounds() -> list[int]:
    """Return how often to kill at random moments, in rounds: 50 times, or as FIELDKIT_KILLS says."""
    left, found = int(os.environ.get("FIELDKIT_KILLS", "50")), []
    while left > 0:
        found.append(min(left, _ROUND))
        left -= _ROUND
    return found


def _run(options: list[str], command: Sequence[str], env: Mapping[str, str] | None) -> subprocess.CompletedProcess[str]:
    whole = ["strace", "-f", *options, *command]
    return subprocess.run(whole, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, env=env, check=False)
