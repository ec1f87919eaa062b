"""A gateway on PostgreSQL and S3: a record travels, is opened, and its bytes lie in the bucket and nowhere else."""

from __future__ import annotations

import time
from pathlib import Path

import obstore
import pytest
from obstore.store import from_url
from support.gateway import World
from support.outbox import SmallOutbox
from support.services import stand_on


@pytest.fixture
def world(tmp_path: Path, postgres_url: str, s3_url: str) -> World:
    made = World(tmp_path / "gateway")
    made.gateway_context.engine.dispose()
    stand_on(made.folder, postgres_url, s3_url)
    return made


def test_a_record_travels_into_the_bucket(world: World, s3_url: str, tmp_path: Path) -> None:
    world.start()
    kit, outbox = world.enrol_kit("kit-01"), SmallOutbox(tmp_path / "kit")
    record = kit.queue(outbox, size=300_000)
    for _ in range(100):
        report = kit.run(outbox, world.url)
        if len(outbox.codes(record)) == 2:
            break
        time.sleep(0.05)
    world.stop()
    assert (report.held_here, report.held_there, report.lost) == (1, 1, ())
    sha256 = outbox.row(record)["sha256"]
    keys = [entry["path"] for page in obstore.list(from_url(s3_url)) for entry in page]
    assert keys == [f"sealed/{sha256[:2]}/{sha256[2:4]}/{sha256}"]
    assert not [path for path in (world.folder / "objects").rglob("*") if path.is_file()]
