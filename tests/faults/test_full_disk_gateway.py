"""The disk of a data center is full from any write on: no receipt without bytes, a sentence, and then all goes on."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from itertools import product
from pathlib import Path

import pytest
import sqlalchemy as sa
from support import gateway_day
from support.clock import true_clock
from support.full_center import KIT
from support.full_disk import Filled, FillingDisk, Laid, sweep
from support.planted import PlantedBug, demand_caught
from support.tries import some_of

from sync.gateway import provision
from sync.gateway.custody import Scrub
from sync.gateway.tables import records

pytestmark = pytest.mark.allow_logs  # a lost object is part of the day


@pytest.fixture(scope="module")
def whole_disk(tmp_path_factory: pytest.TempPathFactory) -> Iterator[FillingDisk]:
    with FillingDisk(tmp_path_factory.mktemp("disk"), "support.full_center") as made:
        yield made


@pytest.fixture
def disk(whole_disk: FillingDisk, tmp_path: Path) -> FillingDisk:
    return whole_disk.lay_open(tmp_path.name)


def a_day(disk: FillingDisk) -> Laid:
    made = disk.places / "made"
    gateway_day.prepare(made)

    def wrong(filled: Filled, n: int) -> list[str]:
        return gateway_day.faults(disk.places / str(n), filled.said)

    return lambda n: [str(shutil.copytree(made, disk.places / str(n)))], wrong


def a_served_kit(disk: FillingDisk) -> Laid:
    made, clock = disk.places / "made", true_clock()
    provision.init(made, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    slip = provision.enrol_code(made, "https://127.0.0.1", KIT, "admin", clock)
    settings = json.loads((made / "gateway.json").read_text())
    (made / "gateway.json").write_text(json.dumps({**settings, "limits": {"max_chunk_bytes": 8192}}))

    def lay(n: int) -> list[str]:
        folder = shutil.copytree(made, disk.places / str(n))
        return [str(folder), str(disk.outside / f"{disk.places.name}-laptop-{n}"), slip.code, slip.ca_fingerprint]

    def wrong(filled: Filled, n: int) -> list[str]:
        gateway_context = provision.open_gateway(disk.places / str(n), true_clock())
        with gateway_context.engine.begin() as connection:
            rows = connection.execute(sa.select(records.c.record_id)).scalars().all()
        lost = Scrub(gateway_context).run().lost
        gateway_context.engine.dispose()
        promised = {words.split()[1] for words in filled.said if words.startswith("acknowledged ")}
        return [] if set(rows) == promised and len(rows) == 1 and not lost else [f"{rows} {promised} lost: {lost}"]

    return lay, wrong


WAYS: dict[str, tuple[str, Callable[[FillingDisk], Laid]]] = {"day": ("day", a_day), "served": ("served", a_served_kit)}
SPANS = {"for good": 0, "for one call": 1}
BY_TURNS = None
WITHOUT_BYTES = PlantedBug("receipts_without_bytes", "was acknowledged and is not there")


@pytest.mark.parametrize(("way", "span"), some_of(product(WAYS, SPANS), 1))
def test_a_full_disk_breaks_no_word(disk: FillingDisk, way: str, span: str) -> None:
    act, laid = WAYS[way]
    assert sweep(disk, act, laid(disk), 2, SPANS[span]) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("way", WAYS)
def test_a_disk_that_is_full_at_each_write_breaks_no_word(disk: FillingDisk, way: str) -> None:
    act, laid = WAYS[way]
    assert sweep(disk, act, laid(disk), None, BY_TURNS) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_the_full_disk_catches_a_receipt_without_bytes(disk: FillingDisk) -> None:
    demand_caught(sweep(disk, "day", a_day(disk), None, 1, WITHOUT_BYTES), WITHOUT_BYTES)
