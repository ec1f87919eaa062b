"""A real gateway in a temporary folder, and kits enrolled with it over TLS."""

from __future__ import annotations

import hashlib
import itertools
import os
import socket
import uuid
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from datetime import timedelta
from functools import cache
from pathlib import Path
from random import Random

import pytest
from starlette.types import ASGIApp, Receive, Scope, Send
from support.clock import HandClock, true_clock
from support.forked_workers import worker_number
from support.outbox import SmallOutbox
from support.plain_records import open_plainly

from fieldkit.domain.delivery import MANIFEST_TYP
from fieldkit.domain.people import Role
from fieldkit.ports.delivery import Budget, SyncProgress, SyncReport
from fieldkit.ports.vault import SigningKey
from fieldkit.vault import certificates
from fieldkit.vault.certificates import issue_petugas, make_csr
from fieldkit.vault.device_trust import JwsSigner, JwsVerifier
from sync.gateway import provision
from sync.gateway.admission import Admission
from sync.gateway.app import build_app
from sync.gateway.database import GatewayContext
from sync.gateway.ledger import NikRule
from sync.gateway.opener import Opener
from sync.gateway.server import GatewayServer
from sync.gateway.uploads import Uploads
from sync.kit.connection import Connection, pinned_context
from sync.kit.engine import SyncEngine
from sync.kit.enrol import enrol
from sync.kit.transport import DataCenterLink
from sync.protocol.messages import ASSERTION_TYP, Enrolment, EnrolmentAnswer, UserRequest


def enrolled_kit(folder: Path, gateway_context: GatewayContext, clock: HandClock, name: str) -> Kit:
    """Let a kit in without any network."""
    slip = provision.enrol_code(folder, "https://gateway", name, "admin", clock)
    kit_key, admin_key = certificates.new_private_key(), certificates.new_private_key()
    admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(admin_key))
    answer = Admission(gateway_context).enrol(Enrolment(code=slip.code, kit_csr=make_csr(kit_key), admin=admin))
    return Kit(name, kit_key, admin_key, answer, clock, recorder(gateway_context, clock))


def recorder(gateway_context: GatewayContext, clock: HandClock) -> SigningKey:
    """Certify a petugas who may record."""
    key = certificates.new_private_key()
    role = Role.PETUGAS_PEREKAMAN.value
    certificate = issue_petugas(gateway_context.authority, make_csr(key), "rina", "Rina", role, clock.now())
    return SigningKey(certificate, key)


def receive(gateway_context: GatewayContext, kit: Kit, record_id: str, sealed: bytes) -> str:
    """Let an announced record arrive in one piece and return its receipt."""
    Uploads(gateway_context).create(kit.name, record_id, len(sealed))
    Uploads(gateway_context).append(kit.name, record_id, 0, sealed)
    return Uploads(gateway_context).receipt(kit.name, record_id)


@cache
def _ports() -> Iterator[int]:
    first = 16_000 + 1_000 * (worker_number() % 16)
    return itertools.cycle(range(first, first + 1_000))


def _own_port() -> int:
    """Return a free port below those that the system gives out: one that is stopped is still there to come back to."""
    for port in _ports():
        with socket.socket() as probe, suppress(OSError):
            probe.bind(("127.0.0.1", port))
            return port
    raise AssertionError


class World:
    """One gateway and what tests need around it."""

    def __init__(self, folder: Path, clock: HandClock | None = None, *hosts: str) -> None:
        self.folder = folder
        self.clock = clock or true_clock()
        self.provisioned = provision.init(
            folder, {"dinas": "Dinas Uji"}, ["127.0.0.1", "localhost", *hosts], self.clock, "trial"
        )
        self.gateway_context: GatewayContext = provision.open_gateway(folder, self.clock)
        self.port = _own_port()
        self.server: GatewayServer | None = None

    @property
    def url(self) -> str:
        return f"https://127.0.0.1:{self.port}"

    def start(self, between: Callable[[ASGIApp], ASGIApp] = lambda app: app) -> None:
        """Listen; `between` may stand in front of the application and lie."""
        self.gateway_context.engine.dispose()
        self.gateway_context = provision.open_gateway(self.folder, self.clock)
        opener = Opener(self.gateway_context, open_plainly, NikRule())
        self._app = build_app(self.gateway_context, opener)
        self.put_in_front(between)
        files = provision.tls_files(self.folder)
        self.server = GatewayServer(self._answer, *files, "127.0.0.1", self.port, self.gateway_context.limits)
        self.port = self.server.port
        self.server.start()

    def put_in_front(self, between: Callable[[ASGIApp], ASGIApp]) -> None:
        """Let this stand in front of the application from the next request on, while it goes on listening."""
        self._front = between(self._app)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self._front(scope, receive, send)

    def stop(self) -> None:
        if self.server is not None:
            self.server.stop()
            self.server = None
        self.gateway_context.engine.dispose()

    def enrol_kit(self, kit: str, url: str = "") -> Kit:
        slip = provision.enrol_code(self.folder, url or self.url, kit, "admin", self.clock)
        kit_key, admin_key = certificates.new_private_key(), certificates.new_private_key()
        admin = UserRequest(user_id="admin", name="Admin", role=Role.ADMIN_DINAS, csr=make_csr(admin_key))
        answer = enrol(slip.url, slip.code, slip.ca_fingerprint, make_csr(kit_key), admin)
        return Kit(kit, kit_key, admin_key, answer, self.clock, recorder(self.gateway_context, self.clock))


@dataclass
class Progress:
    """Keeps what was shown."""

    shown: list[SyncProgress] = field(default_factory=list)

    def offer(self, progress: SyncProgress) -> None:
        self.shown.append(progress)


class Patience:
    """Cancels after so many questions; never by default."""

    def __init__(self, questions: int | None = None) -> None:
        self._left = questions

    def is_cancelled(self) -> bool:
        if self._left is None:
            return False
        self._left -= 1
        return self._left < 0


@dataclass
class Kit:
    """An enrolled kit that makes transparent records."""

    name: str
    key: bytes
    admin_key: bytes
    answer: EnrolmentAnswer
    clock: HandClock
    recorder: SigningKey | None = None  # of "rina", who may record; only true records are signed by her
    sequence: int = 0

    @property
    def petugas(self) -> SigningKey:
        assert self.recorder is not None
        return self.recorder

    @property
    def signer(self) -> JwsSigner:
        return JwsSigner(self.key, self.name)

    @property
    def admin_signer(self) -> JwsSigner:
        return JwsSigner(self.admin_key, "admin")

    @property
    def receipts(self) -> JwsVerifier:
        return JwsVerifier.of_key(self.answer.configuration.receipt_public_key)

    def link(self, url: str, stall_s: float = 5.0) -> DataCenterLink:
        connection = Connection(url, pinned_context(self.answer.configuration.ca_certificate), stall_s)
        known = self.answer.configuration.gateway
        return DataCenterLink(connection, self.name, self.signer, self.clock, gateway=known)

    def assertion(self, audience: str, typ: str = ASSERTION_TYP, **claims: object) -> str:
        said = {"iss": self.name, "sub": self.name, "aud": audience, "jti": uuid.uuid4().hex}
        expiry = int((self.clock.now() + timedelta(minutes=5)).timestamp())
        return self.signer.sign({**said, "exp": expiry, **claims}, typ)

    def token(self, gateway_context: GatewayContext) -> str:
        return Admission(gateway_context).issue_token(self.assertion(gateway_context.name)).access_token

    def record(
        self,
        size: int = 300_000,
        nik: str = "3315014107900001",
        amends: str = "",
        sealed: bytes | None = None,
        record_id: str = "",
    ) -> tuple[str, str, bytes, str]:
        """Make a record: id, manifest, sealed bytes, SHA-256 in hex."""
        record_id = record_id or str(uuid.uuid4())
        self.sequence += 1
        if sealed is None:
            head = f"{record_id}|{self.name}|{self.sequence}|{nik}|{amends}".encode("utf-8", "surrogatepass") + b"\0"
            sealed = head + os.urandom(max(size - len(head), 0))
        sha256 = hashlib.sha256(sealed).hexdigest()
        manifest = {
            "record_id": record_id,
            "kit": self.name,
            "size_bytes": len(sealed),
            "sha256": sha256,
            "sealed_at": self.clock.now().isoformat(),
            "activity_id": "kegiatan-1",
            "chain": "c1",
            "sequence": self.sequence,
            "previous": "",
        }
        return record_id, self.signer.sign(manifest, MANIFEST_TYP), sealed, sha256

    def queue(self, outbox: SmallOutbox, **record: object) -> str:
        made = self.record(**record)  # type: ignore[arg-type]  # the keywords are record()'s
        outbox.add(*made)
        return made[0]

    def run(
        self,
        outbox: SmallOutbox,
        url: str,
        budget: Budget | None = None,
        cancel: Patience | None = None,
        retention: timedelta | None = None,
        stall_s: float = 5.0,
    ) -> SyncReport:
        engine = SyncEngine(outbox, self.link(url, stall_s), self.receipts, self.clock, Random(7), retention)
        return engine.run_once(budget or Budget(), Progress(), cancel or Patience())


@pytest.fixture
def clock() -> HandClock:
    return true_clock()


@pytest.fixture
def folder(tmp_path: Path, clock: HandClock) -> Path:
    provision.init(tmp_path / "gateway", {"dinas": "Dinas Uji"}, ["127.0.0.1"], clock)
    return tmp_path / "gateway"


@pytest.fixture
def gateway_context(folder: Path, clock: HandClock) -> Iterator[GatewayContext]:
    opened = provision.open_gateway(folder, clock)
    yield opened
    opened.engine.dispose()


@pytest.fixture
def world(tmp_path: Path) -> Iterator[World]:
    made = World(tmp_path / "gateway")
    made.start()
    yield made
    made.stop()


@pytest.fixture
def kit(world: World) -> Kit:
    return world.enrol_kit("kit-01")


@pytest.fixture
def outbox(tmp_path: Path) -> SmallOutbox:
    return SmallOutbox(tmp_path / "kit")
