from __future__ import annotations

import json
import ssl
import subprocess
import sys
from datetime import datetime, timedelta
from pathlib import Path
from urllib.request import urlopen

import pytest

from fieldkit.app.demo.clock import DemoClock
from fieldkit.app.demo.world import DataCenter
from sync.gateway import provision


@pytest.mark.days
def test_it_goes_by_the_clock_of_the_demo_and_tls_by_the_machines(tmp_path: Path) -> None:
    clock = DemoClock.of_office_day()
    center = DataCenter(tmp_path / "center", clock)
    center.start()
    try:
        trust = ssl.create_default_context(cadata=(tmp_path / "center" / f"{provision.CA}.pem").read_text("ascii"))
        for _ in range(2):
            with urlopen(f"{center.url}/health", context=trust, timeout=120) as answer:
                at = datetime.fromisoformat(json.load(answer)["time"])
            assert abs(at - clock.now()) < timedelta(minutes=1)
            clock.pass_by(timedelta(days=9))
    finally:
        center.stop()


@pytest.mark.days
def test_it_ends_with_its_standard_input(tmp_path: Path) -> None:
    clock = DemoClock.of_office_day()
    DataCenter(tmp_path / "center", clock)
    command = [
        sys.executable,
        "-m",
        "fieldkit.app.demo.data_center",
        "--clock",
        str(tmp_path / "center" / "demo-clock"),
    ]
    with subprocess.Popen(
        [*command, "--dir", str(tmp_path / "center")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
    ) as running:
        assert running.stdin is not None
        assert running.stdout is not None
        assert running.stdout.readline().startswith("https://127.0.0.1:")
        running.stdin.close()
        assert running.wait() == 0
