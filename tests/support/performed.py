"""The demo run as a command, and what it reports."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from support.standstill import run_to_its_end

from fieldkit.app.bootstrap.home import Home


@dataclass
class Performed:
    """A demo that was run as a command, by its report."""

    report: dict[str, Any]

    @property
    def home(self) -> Home:
        return Home(Path(self.report["home"]))

    @property
    def data_center(self) -> Path:
        return Path(self.report["data_center"])

    @property
    def identity(self) -> Path:
        return Path(self.report["identity"])

    @property
    def records(self) -> list[Path]:
        return [Path(path) for path in self.report["records"]]


def machine_lock(name: str) -> Path:
    """Return a file to be locked, the same for all checkouts of this machine."""
    path = Path(f"/tmp/fieldkit-{name}.lock")
    with suppress(FileExistsError):
        path.touch(exist_ok=False)
    return path


DEMOS = machine_lock("demos")
"""The file that a running demo holds, so that tests of the card reader wait for its end."""
_WITHOUT = "import sys; sys.modules['{}'] = None; from fieldkit.app.cli import main; main()"


@contextmanager
def laying_cards() -> Iterator[None]:
    """Let tests of the card reader wait: what runs meanwhile lays a card on the virtual reader, where one runs."""
    if sys.platform == "win32":  # no virtual reader runs there
        yield
        return
    import fcntl

    with DEMOS.open("rb") as file:
        fcntl.flock(file, fcntl.LOCK_SH)
        yield


def perform(out: Path, *arguments: str, lacks: str = "") -> Performed:
    """Run `fieldkit demo --json` in a process of its own, as if the package that it `lacks` were not installed."""
    program = ["-c", _WITHOUT.format(lacks)] if lacks else ["-m", "fieldkit"]
    command = [sys.executable, *program, "demo", "--json", "--out", str(out), *arguments]
    with laying_cards():
        done = run_to_its_end(command, text=True)
    assert done.returncode == 0, done.stderr
    return Performed(json.loads(done.stdout))
