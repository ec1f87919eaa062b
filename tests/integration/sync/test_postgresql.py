"""The same gateway over a real PostgreSQL, as a province would run it; two of them at once share one truth."""

from __future__ import annotations

import json
import os
import pwd
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
import sqlalchemy as sa
from starlette.testclient import TestClient
from support.gateway import Kit, World
from support.outbox import SmallOutbox
from support.wrong_input import faults

from fieldkit.domain.people import Role
from fieldkit.vault import keys
from fieldkit.vault.certificates import make_csr
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.database import FEED, draw_number, open_database
from sync.gateway.house import Refusal
from sync.protocol.messages import Enrolment, UserRequest


def programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.skip("no PostgreSQL server on this machine")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent


@pytest.fixture(scope="module")
def database() -> Iterator[str]:
    """Run a PostgreSQL of our own in a temporary folder; it refuses to run as root."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    bin_folder = programs()
    owner = "postgres" if os.geteuid() == 0 else pwd.getpwuid(os.geteuid()).pw_name
    folder = Path(tempfile.mkdtemp(prefix="fieldkit-pg-"))
    shutil.chown(folder, owner)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    places = ["-D", str(folder / "data")]
    subprocess.run(
        [bin_folder / "initdb", *places, "-U", "fieldkit", "-A", "trust", "-E", "UTF8", "--no-sync"],
        check=True,
        user=owner,
        stdout=subprocess.DEVNULL,
    )
    server = subprocess.Popen(
        [bin_folder / "postgres", *places, "-p", str(port), "-h", "127.0.0.1", "-k", folder, "-c", "fsync=off"],
        user=owner,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        url = f"postgresql+psycopg://fieldkit@127.0.0.1:{port}/postgres"
        wait_for(url)
        yield url
    finally:
        server.terminate()
        server.wait()
        shutil.rmtree(folder)


def wait_for(url: str) -> None:
    engine = sa.create_engine(url)
    for _ in range(200):
        try:
            engine.connect().close()
            engine.dispose()
            return
        except sa.exc.OperationalError:
            time.sleep(0.05)
    raise AssertionError("PostgreSQL did not start")


def on_postgresql(folder: Path, database: str) -> World:
    world = World(folder)
    world.house.engine.dispose()
    settings = folder / "gateway.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "database": database}))
    return world


def test_records_travel_and_get_their_statuses(database: str, tmp_path: Path) -> None:
    world = on_postgresql(tmp_path / "gateway", database)
    world.start()
    kit, outbox = world.enrol_kit("kit-01"), SmallOutbox(tmp_path / "kit")
    first, second = kit.queue(outbox, size=300_000), kit.queue(outbox, size=20_000)
    for _ in range(100):
        report = kit.run(outbox, world.url)
        if len(outbox.codes(first)) + len(outbox.codes(second)) == 4:
            break
        time.sleep(0.05)
    world.stop()
    assert (report.held_here, report.held_there, report.lost) == (2, 2, ())
    assert sorted([outbox.codes(first)[-1], outbox.codes(second)[-1]]) == ["DUPLICATE_RECORD", "PRINT_READY_RECORD"]


def test_wrong_input_is_never_a_fault_of_ours(database: str, tmp_path: Path) -> None:
    """PostgreSQL takes no NUL, no long text and no far year where SQLite does."""
    world = on_postgresql(tmp_path / "gateway", database)
    world.start()
    kit = world.enrol_kit("kit-02")
    with TestClient(build_app(world.house, None)) as client:
        assert faults(client, kit, world.house) == []
    world.stop()


def test_of_enrolments_at_the_same_moment_one_is_left_admitted(database: str, tmp_path: Path) -> None:
    world = on_postgresql(tmp_path / "gateway", database)
    house = provision.open_house(world.folder, world.clock)
    admission = Admission(house)
    slip = provision.enrol_code(world.folder, "https://x", "kit-03", "admin", world.clock)
    kit_key = keys.new_private_key()

    def enter(_: int) -> str:
        key = keys.new_private_key()
        admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(key))
        answer = admission.enrol(Enrolment(code=slip.code, kit_csr=make_csr(key), admin=admin))
        try:
            admission.issue_token(Kit("kit-03", key, kit_key, answer, world.clock).assertion(house.name))
        except Refusal as refusal:
            return refusal.code
        return "token"

    with ThreadPoolExecutor(8) as pool:
        outcomes = [said.exception() or said.result() for said in [pool.submit(enter, n) for n in range(8)]]
    house.engine.dispose()
    assert outcomes.count("token") == 1
    assert {str(other) for other in outcomes} <= {"token", "auth.kit_revoked", "403 enrol.code", "503 server.busy"}


def test_numbers_of_the_feed_become_visible_in_their_order(database: str) -> None:
    """A reader with a cursor must never skip a number that commits late."""
    engines = [open_database(database) for _ in range(2)]
    with engines[0].begin() as connection:
        connection.execute(sa.text("DROP TABLE IF EXISTS feed_order"))
        connection.execute(sa.text("CREATE TABLE feed_order (number BIGINT PRIMARY KEY)"))
    gaps: list[set[int]] = []

    def write(engine: sa.Engine) -> None:
        for _ in range(50):
            with engine.begin() as connection:
                number = draw_number(connection, FEED)
                connection.execute(sa.text("INSERT INTO feed_order VALUES (:n)"), {"n": number})
                time.sleep(0.001)

    def read() -> None:
        for _ in range(100):
            with engines[0].connect() as connection:
                seen = set(connection.scalars(sa.text("SELECT number FROM feed_order")))
            if seen:
                gaps.append(set(range(min(seen), max(seen) + 1)) - seen)

    with ThreadPoolExecutor(3) as pool:
        for done in [pool.submit(write, engines[0]), pool.submit(write, engines[1]), pool.submit(read)]:
            done.result()
    for engine in engines:
        engine.dispose()
    assert gaps
    assert not any(gaps)
