"""A whole province on this machine, to be looked at: `make run-province`; Ctrl-C ends all of it.

PostgreSQL and an S3 server, two workers, an opener as a process of its own, and three simulated laptops that seal true
records and send them. Everything is made anew in temporary folders and removed at the end.
"""

from __future__ import annotations

import argparse
import hashlib
import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.request import Request, urlopen

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]  # the servers and the laptops are those of the tests

import pyotp  # noqa: E402
from support.gateway import Kit, recorder  # noqa: E402
from support.onward import sealed_record  # noqa: E402
from support.outbox import SmallOutbox  # noqa: E402
from support.services import Postgres, free_port, postgres_programs, s3_environment, s3_server, servers_root  # noqa: E402

from fieldkit.app.bootstrap.clock import WIB, SystemClock  # noqa: E402
from fieldkit.domain.people import Role  # noqa: E402
from fieldkit.vault import certificates  # noqa: E402
from fieldkit.vault.certificates import make_csr  # noqa: E402
from sync.gateway import provision  # noqa: E402
from sync.gateway.database import GatewayContext  # noqa: E402
from sync.gateway.provision import Places  # noqa: E402
from sync.gateway.routes import readiness  # noqa: E402
from sync.kit.enrol import enrol  # noqa: E402
from sync.protocol.messages import UserRequest  # noqa: E402

KITS = ("kit-brebes-01", "kit-blitar-01", "kit-sambas-01")
_FIELDKIT = (sys.executable, "-m", "fieldkit")


@dataclass
class Province:
    """What runs, and what each laptop has sent so far."""

    url: str
    folder: Path
    context: GatewayContext
    sent: dict[str, int] = field(default_factory=dict)


def main() -> None:
    """Run until Ctrl-C, or until every laptop has sent `--records`."""
    options = argparse.ArgumentParser(description=__doc__)
    options.add_argument("--records", type=int, default=0, help="end when each laptop has so many acknowledged")
    options.add_argument("--pause", type=float, default=5.0, help="seconds between two records of a laptop")
    options.add_argument("--port", type=int, default=8443)
    given = options.parse_args()
    signal.signal(signal.SIGTERM, _interrupt)
    try:
        with running(given.port) as province:
            _tell(province)
            _send(province, given.records, given.pause)
    except KeyboardInterrupt:
        pass
    print("ended", flush=True)


@contextmanager
def running(port: int) -> Iterator[Province]:
    """Start everything, each part when the one before it answers; end it in the other order."""
    with ExitStack() as stack:
        data = Path(stack.enter_context(_folder("data", servers_root())))
        server = Postgres(postgres_programs(), data, free_port())
        server.make()
        stack.callback(server.stop)
        server.start()
        endpoint = stack.enter_context(s3_server())
        os.environ.update(s3_environment(endpoint))
        with urlopen(Request(f"{endpoint}/province", method="PUT"), timeout=10):  # makes the bucket
            pass
        places = Places(server.new_database(), "s3://province")
        os.environ.update(FIELDKIT_DATABASE_URL=places.database, FIELDKIT_OBJECTS=places.objects)
        folder = Path(stack.enter_context(_folder("gateway"))) / "gateway"
        clock = SystemClock(WIB)
        provision.init(folder, {"dinas": "Dinas Dukcapil Provinsi Contoh"}, ["127.0.0.1", "localhost"], clock)
        context = provision.open_gateway(folder, clock, places)
        stack.callback(context.engine.dispose)
        serving = stack.enter_context(
            _child("gateway", "serve", "--dir", str(folder), "--workers", "2", "--opener", "none", "--port", str(port))
        )
        assert serving.stdout is not None
        said = serving.stdout.readline()
        if not said:
            raise SystemExit("the gateway did not start; what it said stands above")
        stack.enter_context(_child("gateway", "open", "--dir", str(folder), "--trial"))
        yield Province(said.split()[-1], folder, context)


@contextmanager
def _child(*words: str) -> Iterator[subprocess.Popen[str]]:
    # A group of its own: Ctrl-C is for us, and we end them in order.
    child = subprocess.Popen([*_FIELDKIT, *words], stdout=subprocess.PIPE, text=True, process_group=0, cwd=ROOT)
    try:
        yield child
    finally:
        child.terminate()
        try:
            child.wait(60)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
        if child.stdout is not None:
            child.stdout.close()


@contextmanager
def _folder(name: str, root: str | None = None) -> Iterator[str]:
    made = tempfile.mkdtemp(prefix=f"fieldkit-province-{name}-", dir=root)
    try:
        yield made
    finally:
        shutil.rmtree(made, ignore_errors=True)


def _tell(province: Province) -> None:
    print(f"gateway        {province.url}    (2 workers, PostgreSQL, S3)")
    print(f"folder         {province.folder}")
    print(f"metrics        {province.url}/metrics    (this machine only)")
    for line in _sign_in(province):
        print(line)
    print("Ctrl-C ends everything.", flush=True)


def _sign_in(province: Province) -> Sequence[str]:
    """Make an account of the office page and say how to sign in."""
    words = ("gateway", "office-user", "add", "admin", "--dir", str(province.folder), "--role", "admin", "--json")
    made = subprocess.run([*_FIELDKIT, *words], stdout=subprocess.PIPE, text=True, check=True, cwd=ROOT)
    said = json.loads(made.stdout)
    secret = said["totp_secret"]
    return [
        f"office page    {province.url}/office",
        f"  user         {said['name']}",
        f"  passphrase   {said['passphrase']}",
        f"  TOTP         {secret}    (now {pyotp.TOTP(secret).now()})",
    ]


def _send(province: Province, records: int, pause: float) -> None:
    """Let the laptops send, one thread each; tell now and then how it stands."""
    stop = threading.Event()
    threads = [
        threading.Thread(target=_laptop, args=(province, name, number, records, pause, stop), name=name)
        for number, name in enumerate(KITS, start=1)
    ]
    for thread in threads:
        thread.start()
    try:
        while any(thread.is_alive() for thread in threads):
            time.sleep(min(pause, 5.0))
            word = readiness(province.context)
            print(f"sent {sum(province.sent.values())}, waiting to be opened {word.waiting}", flush=True)
        while records and readiness(province.context).waiting:
            time.sleep(0.2)
    finally:
        stop.set()
        for thread in threads:
            thread.join()


def _laptop(province: Province, name: str, number: int, records: int, pause: float, stop: threading.Event) -> None:
    clock = SystemClock(WIB)
    slip = provision.enrol_code(province.folder, province.url, name, "admin", clock)
    kit_key, admin_key = certificates.new_private_key(), certificates.new_private_key()
    admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(admin_key))
    answer = enrol(slip.url, slip.code, slip.ca_fingerprint, make_csr(kit_key), admin)
    kit = Kit(name, kit_key, admin_key, answer, clock, recorder(province.context, clock))  # type: ignore[arg-type]
    with tempfile.TemporaryDirectory(prefix="fieldkit-province-kit-") as home:
        outbox = SmallOutbox(Path(home))
        sealed = 0
        while not stop.is_set() and (not records or sealed < records):
            sealed += 1
            record_id, content, manifest = sealed_record(province.context, kit, f"33150{number}410790{sealed:04d}")
            outbox.add(record_id, manifest, content, hashlib.sha256(content).hexdigest())
            report = kit.run(outbox, province.url)
            province.sent[name] = report.held_here
            stop.wait(pause)


def _interrupt(*_: object) -> None:
    raise KeyboardInterrupt


if __name__ == "__main__":
    main()
