"""Backup, restore, move, retention and the way onward, killed before anything they do; the same command ends right.

Nothing is lost or half there and looks whole, no batch is handed over twice, no record stands open in two places.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from support import center_acts
from support.center_acts import BACKUPS, GATEWAY, HANDED, Place
from support.center_judges import (
    Judge,
    answered_once,
    backups_look_whole,
    carried_away,
    erased_once,
    handed_over_once,
    lent_again,
    moved,
    new_one_is_whole_or_none,
    nothing_is_stated_that_is_not_so,
    one_backup_is_there,
    only_one_serves,
    restored,
    ways,
)
from support.clock import true_clock
from support.gateway import enrolled_kit
from support.killed import spread
from support.onward import valid_record
from support.osia_enrollment import INTERFACE
from support.osia_server import OsiaServer, serving
from support.services import Postgres
from support.tries import some_of

from sync.gateway import provision
from sync.gateway.database import GatewayContext
from sync.gateway.operations.backup import make_backup
from sync.gateway.operations.retention import Retention
from sync.gateway.tables import onward, records
from tests.unit.sync.gateway.onward.test_osia_enrollment import Enrollments

TESTS = Path(__file__).parents[1]
KIT = "kit-01"
_DAY = timedelta(days=1)
Forks = Callable[[str, Place, int], dict[str, Any]]


@pytest.fixture(scope="module")
def forks() -> Iterator[Forks]:
    """Start the process that forks; let it do an act, and get how that ended."""
    path = {**os.environ, "PYTHONPATH": os.pathsep.join([str(TESTS), str(TESTS.parent)])}
    command = [sys.executable, "-m", "support.center_acts"]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=path) as process:
        stdin, stdout = process.stdin, process.stdout
        assert stdin is not None
        assert stdout is not None

        def ask(act: str, place: Place, step: int) -> dict[str, Any]:
            where = {"root": str(place.root), "database": place.database, "objects": place.objects, "to": place.to}
            environment = {name: value for name, value in os.environ.items() if name.startswith("AWS_")}
            stdin.write(json.dumps({"act": act, "step": step, **where, "environment": environment}) + "\n")
            stdin.flush()
            return dict(json.loads(stdout.readline()))

        yield ask


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Lay out a data center with three valid records, one erased after its time, and a backup of before the third."""
    root = tmp_path_factory.mktemp("made")
    folder, clock = root / GATEWAY, true_clock()
    provision.init(folder, {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    (folder / "recovery.identity").rename(root / "recovery.identity")
    gateway_context = provision.open_gateway(folder, clock)
    kit = enrolled_kit(folder, gateway_context, clock, KIT)
    first = valid_record(folder, gateway_context, kit, "3315014107900001")
    valid_record(folder, gateway_context, kit, "3315014107900002")
    make_backup(gateway_context, folder, root / BACKUPS)
    acknowledge(gateway_context, first)
    Retention(gateway_context).erase(center_acts.POLICY)
    valid_record(folder, gateway_context, kit, "3315014107900003")
    gateway_context.engine.dispose()
    return root


def acknowledge(gateway_context: GatewayContext, record_id: str) -> None:
    """Let the official system have it for two months."""
    now = datetime.now(UTC)
    row = {"kit": KIT, "record_id": record_id, "state": "acknowledged", "transaction_id": f"before {record_id[:8]}"}
    with gateway_context.engine.begin() as connection:
        old = {"received_at": now - 60 * _DAY}
        connection.execute(sa.update(records).filter_by(record_id=record_id).values(old))
        connection.execute(sa.insert(onward).values(**row, queued_at=now, next_try_at=now))


def sweep(
    forks: Forks, act: str, lay: Callable[[int], Place], half: Judge, whole: Judge, some: int | None
) -> list[str]:
    """Kill an act before so many of its steps, all by default, and do it again; return what was wrong first.

    `half` looks at what the killed one left, `whole` at what the second one made of it.
    """
    quiet = lay(0)
    told = forks(act, quiet, 0)
    assert told["trouble"] == "", told["trouble"]
    assert whole(quiet) == []
    places = spread(told["steps"], some or told["steps"])
    for step in places:
        place = lay(step)
        ended = forks(act, place, step)["ended"]
        assert ended == -9, f"step {step} of {told['steps']} was not reached"
        found = half(place)
        again = forks(act, place, 0)
        if trouble := again.get("trouble", "died"):
            found.append(f"the same command again: {trouble}")
        else:
            found += whole(place)
        if found:
            print(f"\n  {act} killed before step {step} of {told['steps']}:", *found, sep="\n  ")
            return [f"{act} killed before step {step} of {told['steps']}:", *found]
        shutil.rmtree(place.root)
    print(f"\n  {act}: {len(places)} kills at {told['steps']} steps, the same command again ended right")
    return []


def copied(made: Path, tmp_path: Path, **where: str) -> Callable[[int], Place]:
    return lambda step: Place(shutil.copytree(made, tmp_path / str(step)), **where)


@pytest.fixture
def old(made: Path, tmp_path: Path) -> Path:
    """Let the time of one more record be over."""
    root = shutil.copytree(made, tmp_path / "old")
    gateway_context = provision.open_gateway(root / GATEWAY, true_clock())
    with gateway_context.reading() as connection:
        left = connection.scalars(sa.select(records.c.record_id).where(records.c.erased_at.is_(None))).all()
    acknowledge(gateway_context, min(left))
    gateway_context.engine.dispose()
    return root


@pytest.fixture
def answered(forks: Forks, made: Path, tmp_path: Path) -> Path:
    """Let everything be handed over, and answers lie there: one accepted, one rejected and then accepted after all."""
    root = shutil.copytree(made, tmp_path / "answered")
    assert forks("onward", Place(root), 0)["trouble"] == ""
    (one, other) = sorted(row.record_id for row in ways(Place(root))[0])
    lines = ["record_id,result,reason", f"{one},accepted,", f"{other},rejected,blurred", f"{other},accepted,", "x,ok,"]
    answers = root / HANDED / "answers" / "a.csv"
    answers.write_text("\n".join(lines) + "\n")
    os.utime(answers, (0, datetime.now().timestamp() - 60))  # noqa: DTZ005 - a file's time
    return root


@pytest.fixture
def center() -> Iterator[tuple[OsiaServer, Enrollments]]:
    store = Enrollments()
    handlers = {
        "createEnrollment": store.create,
        "readEnrollment": store.read,
        "finalizeEnrollment": store.finalize,
    }
    with serving(OsiaServer(INTERFACE, handlers)) as server:
        yield server, store
    assert server.broken == []


def enrolled_once(store: Enrollments) -> Judge:
    def judge(place: Place) -> list[str]:
        rows, told = ways(place)
        ids = {row.record_id for row in rows}
        found = [] if store.held.keys() == ids and len(ids) == 2 else [f"{len(store.held)} enrollments of {len(ids)}"]
        found += [f"{row.record_id} is {row.state} {row.reason}" for row in rows if row.state != "acknowledged"]
        found += [f"{each['enrollmentId']} is open" for each in store.held.values() if each["status"] != "FINALIZED"]
        store.held.clear()
        return found + (
            [] if told == Counter({(each, "RECEIVED_AT_CENTRAL"): 1 for each in ids}) else [f"told: {told}"]
        )

    return judge


WAYS: dict[str, tuple[str, Judge, Judge]] = {
    "backup": ("backup", backups_look_whole, one_backup_is_there),
    "restore": ("restore", new_one_is_whole_or_none, restored),
    "move": ("move", only_one_serves, moved),
    "retention": ("retention", nothing_is_stated_that_is_not_so, erased_once),
    "onward": ("onward", lent_again, handed_over_once),
    "onward, batches carried away": ("onward", carried_away, handed_over_once),
    "answers": ("onward", lent_again, answered_once),
}
BASES = {"retention": "old", "answers": "answered"}


def lay(way: str, request: pytest.FixtureRequest, tmp_path: Path) -> Callable[[int], Place]:
    base: Path = request.getfixturevalue(BASES.get(way, "made"))
    if way == "restore":
        base = shutil.copytree(base, tmp_path / "backed-up")
        place = Place(base)
        center_acts.back_up(place)
        shutil.rmtree(place.gateway)
    return copied(base, tmp_path)


@pytest.mark.parametrize("way", some_of(["restore", "onward"], 1))
def test_a_kill_in_the_midst(forks: Forks, request: pytest.FixtureRequest, tmp_path: Path, way: str) -> None:
    act, half, whole = WAYS[way]
    assert sweep(forks, act, lay(way, request, tmp_path), half, whole, 3) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("way", WAYS)
def test_a_kill_before_each_step(forks: Forks, request: pytest.FixtureRequest, tmp_path: Path, way: str) -> None:
    act, half, whole = WAYS[way]
    assert sweep(forks, act, lay(way, request, tmp_path), half, whole, None) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
def test_a_kill_before_each_step_of_an_enrollment(
    forks: Forks, made: Path, tmp_path: Path, center: tuple[OsiaServer, Enrollments]
) -> None:
    server, store = center
    laid = copied(made, tmp_path, to=f"osia:{server.url}")
    assert sweep(forks, "onward", laid, lent_again, enrolled_once(store), None) == []


@pytest.mark.faults
@pytest.mark.timeout(0)
@pytest.mark.parametrize("way", ["restore", "move"])
def test_a_kill_on_the_way_to_a_province(
    forks: Forks, request: pytest.FixtureRequest, tmp_path: Path, postgres: Postgres, s3_url: str, way: str
) -> None:
    laid, urls = lay(way, request, tmp_path), list[str]()

    def with_servers(step: int) -> Place:
        urls.append(postgres.new_database())
        return Place(laid(step).root, urls[-1], f"{s3_url}/{step}")

    act, half, whole = WAYS[way]
    try:
        assert sweep(forks, act, with_servers, half, whole, 60) == []
    finally:
        for url in urls:
            postgres.drop(url)
