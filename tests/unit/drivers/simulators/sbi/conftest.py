from __future__ import annotations

import base64
import datetime as dt
import json
import socket
from collections.abc import Iterator
from functools import cache

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding

from drivers.simulators.sbi.requests import FACE_CAMERA, IRIS_CAMERA, SLAP_SCANNER
from drivers.simulators.sbi.server import SbiServer
from drivers.simulators.sbi.service import DeviceKey, DeviceService, Provider
from drivers.simulators.stage import Stage
from drivers.simulators.subject import Condition, SyntheticSubject
from fieldkit.domain.recording.positions import FINGERS

NOW = dt.datetime(2026, 11, 21, 5, 0, tzinfo=dt.UTC)


class Caller:
    """Speaks the interface over a bare socket and checks signatures by itself."""

    def __init__(self, server: SbiServer, service: DeviceService, provider: Provider) -> None:
        self.server, self.service, self.stage = server, service, service.stage
        self._ca = x509.load_pem_x509_certificate(provider.certificate_pem)

    def connect(self) -> socket.socket:
        return socket.create_connection(("127.0.0.1", int(self.server.url.rpartition(":")[2])), timeout=120)

    def ask_raw(self, verb: str, path: str, body: bytes) -> tuple[bytes, bytes]:
        with self.connect() as sock:
            sock.sendall(request(verb, path, body))
            received = b""
            while b"\r\n\r\n" not in received:
                received += sock.recv(65536)
            head, content = received.split(b"\r\n\r\n", 1)
            length = int(next(h for h in head.split(b"\r\n") if h.lower().startswith(b"content-length")).split(b":")[1])
            while len(content) < length and (part := sock.recv(65536)):
                content += part
            return head, content

    def ask(self, verb: str, path: str, body: object) -> object:
        _, content = self.ask_raw(verb, path, json.dumps(body).encode())
        return json.loads(content)

    def capture(self, **changes: object) -> list[dict[str, object]]:
        return self.ask("RCAPTURE", "/capture", self.capture_body(**changes))["biometrics"]

    def capture_body(self, **changes: object) -> dict[str, object]:
        count, sub_id = {"Finger": ("4", "2"), "Iris": ("2", "3"), "Face": ("1", "0")}[self.service.model.kind]
        bio = {
            "type": self.service.model.kind,
            "count": count,
            "bioSubType": [],
            "exception": [],
            "requestedScore": "60",
            "deviceId": self.service.model.device_id,
            "deviceSubId": sub_id,
            "previousHash": "",
        }
        bio.update((key, changes.pop(key)) for key in list(changes) if key in bio)
        body: dict[str, object] = {
            "env": "Developer",
            "purpose": "Registration",
            "specVersion": "0.9.5",
            "timeout": "10000",
            "captureTime": "2026-11-21T05:00:00Z",
            "transactionId": "T-0001",
            "bio": [bio],
            "customOpts": None,
        }
        return body | changes

    def open_jws(self, jws: str) -> dict[str, object]:
        """Verify signature and chain; raise when they do not hold."""
        header, payload, signature = jws.split(".")
        x5c = json.loads(decode(header))["x5c"]
        leaf = x509.load_der_x509_certificate(base64.b64decode(x5c[0]))
        leaf.verify_directly_issued_by(self._ca)
        leaf.public_key().verify(decode(signature), f"{header}.{payload}".encode(), padding.PKCS1v15(), hashes.SHA256())
        return json.loads(decode(payload))


def request(verb: str, path: str, body: bytes) -> bytes:
    return f"{verb} {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Length: {len(body)}\r\n\r\n".encode() + body


def decode(part: str) -> bytes:
    return base64.urlsafe_b64decode(part + "=" * (-len(part) % 4))


@pytest.fixture(scope="session")
def provider() -> Provider:
    return Provider.create("Test provider", NOW)


@pytest.fixture(scope="session")
def person() -> SyntheticSubject:
    return SyntheticSubject(21, conditions=dict.fromkeys(FINGERS, Condition.GOOD))


@pytest.fixture
def scanner(provider: Provider, person: SyntheticSubject) -> Iterator[Caller]:
    yield from serve(provider, person, SLAP_SCANNER)


@pytest.fixture
def iris_camera(provider: Provider, person: SyntheticSubject) -> Iterator[Caller]:
    yield from serve(provider, person, IRIS_CAMERA)


@pytest.fixture
def face_camera(provider: Provider, person: SyntheticSubject) -> Iterator[Caller]:
    yield from serve(provider, person, FACE_CAMERA)


@cache
def certified(provider: Provider) -> DeviceKey:
    return provider.certify("test", NOW)


def serve(provider: Provider, person: SyntheticSubject, model: object) -> Iterator[Caller]:
    stage = Stage()
    stage.present(person)
    service = DeviceService(model, stage, certified(provider), now=lambda: NOW)
    server = SbiServer(service)
    try:
        yield Caller(server, service, provider)
    finally:
        server.stop()
