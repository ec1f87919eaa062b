"""A gateway on PostgreSQL and S3: a record travels, is opened, and its bytes lie in the bucket and nowhere else."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
from pathlib import Path

import obstore
import psutil
import pytest
from obstore.store import from_url
from support.gateway import World
from support.outbox import SmallOutbox, codes_once
from support.services import stand_on
from support.standstill import end_of


@pytest.fixture
def world(tmp_path: Path, postgres_url: str, s3_url: str) -> World:
    made = World(tmp_path / "gateway")
    made.gateway_context.engine.dispose()
    stand_on(made.folder, postgres_url, s3_url)
    return made


@pytest.mark.days
def test_two_workers_serve_what_one_command_starts(
    world: World, postgres_url: str, s3_url: str, tmp_path: Path
) -> None:
    """Address and bucket come from the environment; a worker that dies is replaced, and SIGTERM ends all."""
    stand_on(world.folder)
    environment = {**os.environ, "FIELDKIT_DATABASE_URL": postgres_url, "FIELDKIT_OBJECTS": s3_url}
    command = [sys.executable, "-m", "fieldkit", "gateway", "serve", "--dir", str(world.folder), "--port", "0"]
    with subprocess.Popen(
        [*command, "--workers", "2", "--opener", "inside"],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=environment,
    ) as program:
        assert program.stdout is not None
        line = program.stdout.readline()
        try:
            url = line.split()[-1]
            stand_on(world.folder, postgres_url, s3_url)
            kit, outbox = world.enrol_kit("kit-01", url), SmallOutbox(tmp_path / "kit")
            doomed = psutil.Process(program.pid).children()[0]
            doomed.kill()
            doomed.wait()
            record = kit.queue(outbox, size=100_000)
            assert kit.run(outbox, url).held_there == 1
            assert outbox.row(record)["receipt"]
        finally:
            program.send_signal(signal.SIGTERM)
            _, said = end_of(program)
    assert program.returncode == 0
    assert "Traceback" not in said


@pytest.mark.days
def test_a_record_travels_into_the_bucket(world: World, s3_url: str, tmp_path: Path) -> None:
    world.start()
    kit, outbox = world.enrol_kit("kit-01"), SmallOutbox(tmp_path / "kit")
    record = kit.queue(outbox, size=300_000)
    codes_once(outbox, record, 2, lambda: kit.run(outbox, world.url))
    report = kit.run(outbox, world.url)
    world.stop()
    assert (report.held_here, report.held_there, report.lost) == (1, 1, ())
    sha256 = outbox.row(record)["sha256"]
    (key,) = [entry["path"] for page in obstore.list(from_url(s3_url)) for entry in page]
    assert re.fullmatch(rf"sealed/\d{{4}}-\d\d-\d\d/{sha256}", key)
    assert not [path for path in (world.folder / "objects").rglob("*") if path.is_file()]
