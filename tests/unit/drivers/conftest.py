"""A hand-written service of the biometric interface and what drivers get from the house, for the tests of drivers."""

from __future__ import annotations

import base64
import hashlib
import json
import sys
import threading
import time
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import cv2
import numpy as np
import pytest
from cryptography import x509
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509.oid import NameOID
from support.waits import Flag

from drivers.context import DriverContext
from fieldkit.domain.recording.capture import QualityScore, Sample, SampleFormat
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.formats.finger import print_record
from fieldkit.ports.devices import LiveScore, ProtocolError, Signature
from fieldkit.quality.finger_estimate import PrintEncoder

NOW = datetime(2026, 11, 21, 5, 0, tzinfo=UTC)
PLENTY_S = 120.0  # for what answers as soon as the machine lets it
MAGIC = {"Finger": b"FIR\0", "Iris": b"IIR\0", "Face": b"FAC\0"}
LEFT = ("Left IndexFinger", "Left MiddleFinger", "Left RingFinger", "Left LittleFinger")
RIGHT = tuple(name.replace("Left", "Right") for name in LEFT)
COVERED = {
    ("Finger", "1"): LEFT,
    ("Finger", "2"): RIGHT,
    ("Finger", "3"): ("Left Thumb", "Right Thumb"),
    ("Iris", "1"): ("Left",),
    ("Iris", "2"): ("Right",),
    ("Iris", "3"): ("Left", "Right"),
    ("Face", "0"): (None,),
}


def b64(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode()


def unb64(text: str) -> bytes:
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def jpeg(shade: int = 128, size: tuple[int, int] = (48, 64)) -> bytes:
    return cv2.imencode(".jpg", np.full((*size, 3), shade, np.uint8))[1].tobytes()


class Provider:
    """A device provider's key and certificate, self-signed; signs as a device does."""

    def __init__(self, name: str = "Device Provider") -> None:
        self.key = rsa.generate_private_key(65537, 2048)
        subject = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, name)])
        self.certificate = (
            x509.CertificateBuilder()
            .subject_name(subject)
            .issuer_name(subject)
            .public_key(self.key.public_key())
            .serial_number(7)
            .not_valid_before(NOW - timedelta(days=1))
            .not_valid_after(NOW + timedelta(days=365))
            .sign(self.key, hashes.SHA256())
        )
        self.der = self.certificate.public_bytes(Encoding.DER)

    def sign(self, payload: dict) -> str:
        header = {"x5c": [base64.b64encode(self.der).decode()], "alg": "RS256", "typ": "JWT"}
        signing = f"{b64(json.dumps(header).encode())}.{b64(json.dumps(payload).encode())}"
        return f"{signing}.{b64(self.key.sign(signing.encode(), padding.PKCS1v15(), hashes.SHA256()))}"


class PinnedVerifier:
    """Believes exactly one certificate."""

    def __init__(self, provider: Provider) -> None:
        self._provider = provider

    def verify_jws(self, jws: str) -> tuple[dict[str, object], bytes]:
        try:
            head, body, signature = jws.split(".")
            (leaf,) = json.loads(unb64(head))["x5c"]
            if base64.b64decode(leaf) != self._provider.der:
                raise ProtocolError("device.sbi.untrusted")
            signing = f"{head}.{body}".encode()
            self._provider.key.public_key().verify(unb64(signature), signing, padding.PKCS1v15(), hashes.SHA256())
            return json.loads(unb64(body)), self._provider.der
        except (ValueError, KeyError, InvalidSignature) as error:
            raise ProtocolError("device.sbi.signature") from error


class Service:
    """A conforming service: one slap scanner, one iris camera and one face camera on one port.

    `script` may change a reply before it is sent; `requests` is what came in.
    """

    def __init__(self, provider: Provider, version: str = "0.9.5", port: int = 0) -> None:
        self.provider = provider
        self.version = version
        self.requests: list[tuple[str, str, dict]] = []
        self.states = {"Finger": "Ready", "Iris": "Ready", "Face": "Ready"}
        self.sub_ids = {"Finger": ["1", "2", "3"], "Iris": ["1", "2", "3"], "Face": ["0"]}
        self.delay_s = 0.0
        self.capture_errors: list[str] = []  # codes with which the next captures fail
        self.change_item = lambda item, payload: None
        self.change_reply = lambda reply: reply
        self.error_at: dict[str, str] = {}  # bioSubType → errorCode
        self.only_whole_slaps = False
        self.capturing = threading.Lock()
        self.stream_on = threading.Event()
        self.stops = threading.Event()
        service = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_one_request(self) -> None:
                try:
                    super().handle_one_request()
                except (ConnectionError, TimeoutError):
                    self.close_connection = True

            def __getattr__(self, name: str):
                if name.startswith("do_"):
                    return lambda: service.answer(self, name.removeprefix("do_"))
                raise AttributeError(name)

            def log_message(self, *arguments) -> None:
                pass

        self.http = ThreadingHTTPServer(("127.0.0.1", port), Handler)
        self.http.daemon_threads = True
        self.port = self.http.server_address[1]
        self.url = f"http://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self.http.serve_forever, args=(0.02,))
        self._thread.start()

    def close(self) -> None:
        self.stops.set()
        self.http.shutdown()
        self._thread.join()
        self.http.server_close()

    def digital_id(self, kind: str) -> dict:
        sub_type = {"Finger": "Slap", "Iris": "Double", "Face": "Full face"}[kind]
        return {
            "serialNo": f"SN-{kind}",
            "make": "ACME",
            "model": f"{kind} 1",
            "type": kind,
            "deviceSubType": sub_type,
            "deviceProvider": "ACME",
            "deviceProviderId": "ACME",
            "dateTime": "2026-11-21T05:00:00Z",
        }

    def answer(self, http: BaseHTTPRequestHandler, verb: str) -> None:
        body = http.rfile.read(int(http.headers["Content-Length"]))
        assert http.headers.get("Transfer-Encoding") is None
        asked = json.loads(body)
        self.requests.append((verb, http.path, asked))
        old = self.version.startswith("0.9")
        match verb, http.path:
            case (("MOSIPDISC" | "SBIDISC"), "/device") if old == (verb == "MOSIPDISC"):
                self.send(http, [self.discovered(kind) for kind in self.states])
            case (("MOSIPDINFO" | "SBIINFO"), "/info") if old == (verb == "MOSIPDINFO"):
                self.send(http, [self.info(kind) for kind in self.states])
            case "STREAM", "/stream":
                self.stream(http)
            case "RCAPTURE", "/capture":
                if not self.capturing.acquire(blocking=False):
                    self.send(http, {"biometrics": [self.failed("703")]})
                    return
                try:
                    reply = self.capture(asked)
                finally:
                    self.capturing.release()
                self.send(http, self.change_reply(reply))
            case _:
                http.send_error(501)

    def send(self, http: BaseHTTPRequestHandler, reply: object) -> None:
        body = reply if isinstance(reply, bytes) else json.dumps(reply).encode()
        http.send_response(200)
        http.send_header("Content-Type", "application/json")
        http.send_header("Content-Length", str(len(body)))
        http.end_headers()
        http.wfile.write(body)

    def common(self, kind: str) -> dict:
        return {
            "deviceStatus": self.states[kind],
            "certification": "L0",
            "serviceVersion": "1.2",
            "deviceSubId": self.sub_ids[kind],
            "callbackId": f"http://localhost:{self.port}/",
            "deviceId": f"id-{kind}",
            "deviceCode": f"code-{kind}",
            "specVersion": [self.version],
            "purpose": "Registration",
        }

    def discovered(self, kind: str) -> dict:
        unsigned = b64(json.dumps(self.digital_id(kind)).encode())
        return {**self.common(kind), "digitalId": unsigned, "error": {"errorCode": "0", "errorInfo": "Success"}}

    def info(self, kind: str) -> dict:
        signed = self.provider.sign(
            {
                **self.common(kind),
                "firmware": "7.1",
                "env": "Staging",
                "digitalId": self.provider.sign(self.digital_id(kind)),
            }
        )
        return {"deviceInfo": signed, "error": {"errorCode": "0", "errorInfo": "Success"}}

    def stream(self, http: BaseHTTPRequestHandler) -> None:
        http.send_response(200)
        http.send_header("Content-Type", "multipart/x-mixed-replace; boundary=--BoundaryString")
        http.send_header("Connection", "close")
        http.end_headers()
        http.close_connection = True
        self.stream_on.set()
        for number in range(2000):
            if self.stops.is_set() or not self.stream_on.is_set():
                return
            frame = jpeg(number % 256)
            head = f"--BoundaryString\r\nContent-Type: image/jpeg\r\nContent-Length: {len(frame)}\r\n\r\n"
            http.wfile.write(head.encode() + frame + b"\r\n")
            time.sleep(0.02)

    def capture(self, asked: dict) -> dict:
        (bio,) = asked["bio"]
        covered = COVERED[bio["type"], bio["deviceSubId"]]
        self.stream_on.clear()  # RCAPTURE ends the stream
        self.stops.wait(self.delay_s)
        if self.capture_errors:
            return {"biometrics": [self.failed(self.capture_errors.pop(0))]}
        wanted = list(bio["bioSubType"]) or [None]
        whole = [n for n in covered if n not in bio["exception"]] if bio["type"] != "Face" else [None]
        if self.only_whole_slaps and sorted(wanted, key=str) != sorted(whole, key=str):
            return {"biometrics": [self.failed("109")]}
        if int(bio["count"]) != len(wanted):
            return {"biometrics": [self.failed("109")]}
        last = bytes.fromhex(bio["previousHash"]) if bio["previousHash"] else hashlib.sha256(b"").digest()
        items = []
        for name in wanted:
            if str(name) in self.error_at:
                items.append(self.failed(self.error_at[str(name)]))
                continue
            record = MAGIC[bio["type"]] + f"{name} {asked['transactionId']}".encode()
            payload = {
                "digitalId": self.provider.sign(self.digital_id(bio["type"])),
                "deviceCode": f"code-{bio['type']}",
                "deviceServiceVersion": "1.2",
                "bioType": bio["type"],
                "bioSubType": name,
                "purpose": "Registration",
                "env": asked["env"],
                "bioValue": b64(record),
                "transactionId": asked["transactionId"],
                "timestamp": asked["captureTime"],
                "requestedScore": bio["requestedScore"],
                "qualityScore": "81",
            }
            last = hashlib.sha256(last + hashlib.sha256(record).digest()).digest()
            no_error = {"errorCode": "0", "errorInfo": "Success"}
            item = {"specVersion": self.version, "hash": last.hex().upper(), "error": no_error}
            self.change_item(item, payload)
            item.setdefault("data", self.provider.sign(payload))
            items.append(item)
        return {"biometrics": items}

    def failed(self, code: str) -> dict:
        error = {"errorCode": code, "errorInfo": "It failed"}
        return {"specVersion": self.version, "data": "", "hash": "", "error": error}


class BrightScorer:
    """Scores a frame by its brightness: 0 black … 100 white."""

    def score(self, frame: bytes) -> LiveScore:
        image = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_GRAYSCALE) if frame else None
        if image is None:
            raise ValueError("no image")
        return LiveScore(round(float(image.mean()) / 2.55))


class HalvesScorer:
    """Scores each eye by the brightness of its half of the frame; a black half is a closed eye."""

    def score_eyes(self, frame: bytes, positions) -> dict[Position, LiveScore]:
        image = cv2.imdecode(np.frombuffer(frame, np.uint8), cv2.IMREAD_GRAYSCALE) if frame else None
        if image is None:
            raise ValueError("no image")
        middle = image.shape[1] // 2
        halves = {Position.EYE_RIGHT: image[:, :middle], Position.EYE_LEFT: image[:, middle:]}
        scores = {p: LiveScore(round(float(half.mean()) / 2.55)) for p, half in halves.items() if p in positions}
        return {position: score for position, score in scores.items() if score.quality > 2}


class PlainEncoder:
    """Wraps a frame into a record without cropping."""

    def encode(self, frame: bytes, position: Position, at: datetime) -> Sample:
        quality = QualityScore(BrightScorer().score(frame).quality, "brightness")
        if position.modality is Modality.IRIS:
            return Sample(position, SampleFormat.ISO_19794_6, b"IIR\0" + frame, quality)
        return Sample(position, SampleFormat.ISO_19794_5, b"FAC\0" + frame, quality)


class Mailbox:
    """Keeps what was offered."""

    def __init__(self) -> None:
        self.frames: list[bytes] = []
        self.signatures: list[Signature] = []

    @property
    def points(self) -> int:
        """How many points the ink has that was shown last."""
        return sum(len(stroke) for stroke in self.signatures[-1].strokes) if self.signatures else 0

    def offer(self, frame: bytes) -> None:
        self.frames.append(frame)

    def offer_signature(self, signature: Signature) -> None:
        self.signatures.append(signature)


@pytest.fixture(scope="session")
def provider() -> Provider:
    return Provider()


@pytest.fixture
def service(provider: Provider):
    running = Service(provider)
    yield running
    running.close()


@pytest.fixture
def service_at(provider: Provider):
    running: list[Service] = []

    def start(version: str = "0.9.5", port: int = 0) -> Service:
        running.append(Service(provider, version, port))
        return running[-1]

    yield start
    for one in running:
        one.close()


@pytest.fixture
def context_for(provider: Provider):
    def build(**options) -> DriverContext:
        judges = BrightScorer(), PlainEncoder(), HalvesScorer(), PlainEncoder(), PrintEncoder(print_record)
        return DriverContext(PinnedVerifier(provider), *judges, **{"wait_s": PLENTY_S, **options})

    return build


@pytest.fixture
def mailbox() -> Mailbox:
    return Mailbox()


@pytest.fixture
def flag():
    return Flag


@pytest.fixture
def picture():
    return jpeg


@pytest.fixture
def quick_polls(monkeypatch):
    """Let drivers ask each millisecond whether somebody gave up; to a hundred questions others take minutes."""
    for name, module in list(sys.modules.items()):
        if name.startswith("drivers.") and not name.startswith("drivers.simulators") and hasattr(module, "POLL_S"):
            monkeypatch.setattr(module, "POLL_S", 0.001)
