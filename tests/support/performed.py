"""The demo run as a command, and what it reports."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fieldkit.app.bootstrap.home import Home


@dataclass
class Performed:
    """A demo that was run as a command: its report and how long it took."""

    report: dict[str, Any]
    seconds: float

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


def perform(out: Path, *arguments: str, timeout_s: float = 240) -> Performed:
    """Run `fieldkit demo --json` in a process of its own."""
    begun = time.monotonic()
    command = [sys.executable, "-m", "fieldkit", "demo", "--json", "--out", str(out), *arguments]
    done = subprocess.run(command, capture_output=True, text=True, timeout=timeout_s, check=False)
    assert done.returncode == 0, done.stderr
    return Performed(json.loads(done.stdout), time.monotonic() - begun)
