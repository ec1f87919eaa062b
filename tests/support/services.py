"""The real parts of a large data center for tests: PostgreSQL and an S3 store, started once for a run of the tests.

`postgres_url` is a fresh database; `s3_url` a fresh bucket, whose endpoint and credentials stand in the environment as
obstore reads them (also in processes that a test starts). Both skip where the server is not installed.
"""

from __future__ import annotations

import getpass
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from importlib.util import find_spec
from itertools import count
from pathlib import Path

import pytest
import sqlalchemy as sa
from support.standstill import wait_until

_LISTENING = (12_000, 32_000)
_POLL_S = 0.05
_numbers = count(1)


class Postgres:
    """A PostgreSQL of our own in a temporary folder; it refuses to run as root."""

    def __init__(self, programs: Path, folder: Path, port: int) -> None:
        self.url = f"postgresql+psycopg://fieldkit@127.0.0.1:{port}/postgres"
        self.folder = folder
        self._owner = "postgres" if os.geteuid() == 0 else getpass.getuser()
        self._programs, self._port = programs, port
        self._server: subprocess.Popen[bytes] | None = None

    def make(self) -> None:
        """Write the empty cluster."""
        shutil.chown(self.folder, self._owner)
        how = ["-U", "fieldkit", "-A", "trust", "-E", "UTF8", "--locale=C", "--no-sync", "--no-instructions"]
        command = [self._programs / "initdb", "-D", self.folder / "data", *how]
        subprocess.run(command, check=True, user=self._owner, stdout=subprocess.DEVNULL)

    def start(self, *settings: str) -> None:
        """Serve until `stop`; nothing is flushed unless `settings` say so ("fsync=on"): no test cuts the power."""
        options = [part for each in ("fsync=off", "max_connections=200", *settings) for part in ("-c", each)]
        where = ["-D", self.folder / "data", "-p", str(self._port), "-h", "127.0.0.1", "-k", self.folder]
        self._server = subprocess.Popen(
            [self._programs / "postgres", *where, *options],
            user=self._owner,
            process_group=0,  # Ctrl-C is for us: it would end under whoever still uses it
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        engine = sa.create_engine(self.url, poolclass=sa.NullPool)

        def is_up() -> bool:
            with suppress(sa.exc.OperationalError):
                engine.connect().close()
                return True
            return False

        _wait_for(is_up, self._server)

    def stop(self) -> None:
        """End at once and cut whoever is connected; what was committed is kept."""
        if self._server is not None:
            self._server.send_signal(signal.SIGINT)
            self._server.wait()
            self._server = None

    def crash(self) -> None:
        """Die in the midst of everything, as `pg_ctl restart -m immediate` has it, and recover from the log."""
        assert self._server is not None
        self._server.send_signal(signal.SIGQUIT)
        self._server.wait()
        self.start()

    def new_database(self) -> str:
        """Make an empty database; return its URL."""
        name = f"fieldkit_{next(_numbers)}"
        self._say(f"CREATE DATABASE {name}")
        return self.url.removesuffix("postgres") + name

    def drop(self, url: str) -> None:
        """Remove a database, also while somebody is connected."""
        self._say(f"DROP DATABASE {url.rpartition('/')[2]} WITH (FORCE)")

    def _say(self, statement: str) -> None:
        server = sa.create_engine(self.url, isolation_level="AUTOCOMMIT", poolclass=sa.NullPool)
        with server.connect() as connection:
            connection.execute(sa.text(statement))


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    """Run one PostgreSQL for the whole run."""
    pytest.importorskip("psycopg", reason="psycopg is not installed")
    server = Postgres(
        postgres_programs(), Path(tempfile.mkdtemp(prefix="fieldkit-pg-", dir=servers_root())), free_port()
    )
    try:
        server.make()
        server.start()
        yield server
    finally:
        server.stop()
        shutil.rmtree(server.folder)


@pytest.fixture
def postgres_url(postgres: Postgres) -> Iterator[str]:
    """Return the URL of a fresh, empty database."""
    url = postgres.new_database()
    yield url
    postgres.drop(url)


@contextmanager
def s3_server() -> Iterator[str]:
    """Run an S3 server for a block; give its address."""
    port = free_port()
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PYTHONWARN")}
    quiet = subprocess.DEVNULL
    server = subprocess.Popen(command, stdout=quiet, stderr=quiet, env=environment, process_group=0)
    try:

        def is_up() -> bool:
            with suppress(OSError):
                socket.create_connection(("127.0.0.1", port)).close()
                return True
            return False

        _wait_for(is_up, server)
        yield f"http://127.0.0.1:{port}"
    finally:
        server.terminate()
        server.wait()


@pytest.fixture(scope="session")
def s3_endpoint() -> Iterator[str]:
    """Run one S3 server for the whole run; return its address."""
    if find_spec("moto") is None:
        pytest.skip("moto, the other end of an S3 store, is not installed")
    with s3_server() as endpoint:
        yield endpoint


@pytest.fixture
def s3_url(s3_endpoint: str, monkeypatch: pytest.MonkeyPatch) -> str:
    """Return the URL of a fresh bucket; what else obstore needs to reach it stands in the environment."""
    bucket = f"fieldkit-{next(_numbers)}"
    with urllib.request.urlopen(urllib.request.Request(f"{s3_endpoint}/{bucket}", method="PUT")):
        pass
    for name, value in s3_environment(s3_endpoint).items():
        monkeypatch.setenv(name, value)
    return f"s3://{bucket}"


def s3_environment(endpoint: str) -> dict[str, str]:
    """Return what an operator sets beside `--objects`, for this server."""
    return {
        "AWS_ENDPOINT": endpoint,
        "AWS_ALLOW_HTTP": "true",
        "AWS_REGION": "us-east-1",
        "AWS_ACCESS_KEY_ID": "fieldkit",
        "AWS_SECRET_ACCESS_KEY": "fieldkit",
    }


def stand_on(folder: Path, database: str = "", objects: str = "") -> None:
    """Let a gateway's folder name another database and another store of objects."""
    settings = folder / "gateway.json"
    said = {"database": database, "objects": objects}
    settings.write_text(json.dumps({**json.loads(settings.read_text()), **said}))


def _wait_for(is_up: Callable[[], bool], server: subprocess.Popen[bytes]) -> None:
    wait_until(lambda: server.poll() is not None or is_up(), server.pid, every_s=_POLL_S)
    assert server.poll() is None, f"it did not start: {server.args}"


def free_port() -> int:
    """Return a port on which nobody listens, of those that no outgoing connection is given meanwhile."""
    while True:
        with suppress(OSError), socket.socket() as probe:
            probe.bind(("127.0.0.1", random.SystemRandom().randrange(*_LISTENING)))
            return int(probe.getsockname()[1])


def servers_root() -> str:
    # In memory where the run of the tests is: nothing here must outlive a power cut.
    return os.environ.get("PYTEST_DEBUG_TEMPROOT", "/tmp")


def postgres_programs() -> Path:
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        pytest.skip("no PostgreSQL server on this machine")
    return found[-1].parent if found else Path(str(on_path)).resolve().parent
