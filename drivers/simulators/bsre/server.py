"""The HTTPS side of the simulated signing service, and what goes wrong with it."""

from __future__ import annotations

import base64
import json
import ssl
import threading
from collections import deque
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from enum import StrEnum
from hmac import compare_digest
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from tempfile import TemporaryDirectory
from types import TracebackType
from typing import Any

from drivers.simulators.bsre.authority import Authority, DemoSigner, Reply, SigningService

USER, SECRET = "dinas", "rahasia-dinas"
KEPALA_DINAS = DemoSigner("3505014107780001", "melati tiga baris", "Dra. Endang Kusumawati, M.Si.")
CAMAT = DemoSigner("3505010202800002", "kopi pagi di kantor", "Agus Priyono, S.STP.")
WITHOUT_CERTIFICATE = DemoSigner("3505015503850003", "belum punya sertifikat")
PEOPLE = (KEPALA_DINAS, CAMAT, WITHOUT_CERTIFICATE)
_MAX_BODY_BYTES = 64 * 1024 * 1024
_SIGN = "/api/v2/sign/pdf"


def _now() -> datetime:
    return datetime.now(UTC).replace(microsecond=0)


class Fault(StrEnum):
    """What happens to the next question; used up by it."""

    NO_ANSWER = "no_answer"  # it signs, and its answer never comes
    HANG_UP = "hang_up"  # it signs, and the line breaks before the answer
    ERROR_500 = "error_500"
    GARBAGE = "garbage"  # HTTP 200 and nothing that can be read
    HALF = "half"  # the answer breaks off
    SLOW = "slow"  # the answer comes in small pieces
    ANOTHER_DOCUMENT = "another_document"  # signed really, but not what was asked
    REPLAY = "replay"  # the answer to the first question once more
    UNSIGNED = "unsigned"  # the letter as it was
    ECHO = "echo"  # a refusal that repeats the question's secrets
    REDIRECT = "redirect"
    GATEWAY_PAGE = "gateway_page"  # 502 of a proxy, HTML


class SimulatedBsre:
    """A service on 127.0.0.1 with two authorities: `tls_pem` for the line, `ca_pem` for signers and timestamps."""

    def __init__(
        self,
        people: Iterable[DemoSigner] = PEOPLE,
        now: Callable[[], datetime] = _now,
        *,
        pause_s: float = 0.02,
        port: int = 0,
    ) -> None:
        self.people = tuple(people)
        self.faults: deque[Fault] = deque()
        self.asked: list[str] = []  # path of every question that came in whole
        self._authority = Authority("CA Demo TTE", _now() if now is _now else now())
        self.service = SigningService(self._authority, self.people, now)
        self._first: Reply | None = None
        self._pause_s, self._stopping = pause_s, threading.Event()
        self._server = _Server(("127.0.0.1", port), self)
        # TLS knows the true time only, signatures the time of the demo.
        authority = Authority("CA Demo TLS", _now())
        self.tls_pem = authority.pem  # what a kit must trust to talk to it
        self.tls_context = _context(authority)
        self._server.socket = self.tls_context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False
        )
        self._thread = threading.Thread(target=self._server.serve_forever, args=(0.05,), name="bsre")

    @property
    def url(self) -> str:
        """Where it listens."""
        return f"https://127.0.0.1:{self._server.server_address[1]}"

    @property
    def ca_pem(self) -> str:
        """The authority of the signers and of the timestamps, PEM."""
        return self._authority.pem

    def __enter__(self) -> SimulatedBsre:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._stopping.set()
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()

    def arm(self, *faults: Fault) -> None:
        """Let the next questions go wrong, one each."""
        self.faults.extend(faults)

    @property
    def signings(self) -> int:
        """How often a signature was asked for."""
        return self.asked.count(_SIGN)

    def reply(self, path: str, question: Mapping[str, Any]) -> Reply:
        """Return what a faultless service answers."""
        nik = str(question.get("nik", ""))
        match path:
            case "/api/v2/sign/pdf":
                answer = self.service.sign(question)
                self._first = self._first or answer
                return answer
            case "/api/v2/sign/get/totp":
                return self.service.totp(nik)
            case "/api/v2/user/check/status":
                return self.service.account(nik)
            case "/api/v2/verify/pdf":
                return 200, {"conclusion": "NO_SIGNATURE", "signatureCount": 0, "signatureInformations": []}
        return 404, {"status": 404, "error": "Not Found", "path": path}

    def wrong(self, fault: Fault, path: str, question: Mapping[str, Any]) -> Reply:
        """Return what a faulty service answers; faults of the line are the handler's."""
        match fault:
            case Fault.ERROR_500:
                return 500, {"timestamp": 0, "status": 500, "error": "Internal Server Error", "path": path}
            case Fault.ANOTHER_DOCUMENT:
                other = self.service.signed(blank_letter(), self.people[0].nik, {"tampilan": "INVISIBLE"})
                return 200, {"time": 1, "file": [base64.b64encode(other).decode("ascii")]}
            case Fault.REPLAY if self._first is not None:
                return self._first
            case Fault.UNSIGNED:
                return 200, {"time": 1, "file": question["file"]}
            case Fault.ECHO:
                said = f"salah: {question.get('nik')} {question.get('passphrase')} {question.get('totp')}"
                return 400, {"error": said, "status_code": 2099}
            case Fault.GARBAGE | Fault.GATEWAY_PAGE | Fault.REDIRECT:
                return 0, {}
        return self.reply(path, question)

    def pause(self) -> bool:
        """Wait a little; return whether the service is being stopped."""
        return self._stopping.wait(self._pause_s)

    def wait_for_end(self) -> None:
        """Wait until the service is stopped."""
        self._stopping.wait()


class _Server(ThreadingHTTPServer):
    daemon_threads = False
    allow_reuse_address = True

    def __init__(self, address: tuple[str, int], service: SimulatedBsre) -> None:
        self.service = service
        super().__init__(address, _Handler)

    def handle_error(self, request: Any, client_address: Any) -> None:
        """Say nothing: a client that hangs up or distrusts us is the end of a conversation."""


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    timeout = 10
    server: _Server

    def do_POST(self) -> None:
        self.close_connection = True
        service = self.server.service
        length = int(self.headers.get("Content-Length", "0"))
        if not 0 < length <= _MAX_BODY_BYTES:
            return self._send(413, {"error": "terlalu besar", "status_code": 413})
        body = self.rfile.read(length)
        if len(body) < length:
            return None
        service.asked.append(self.path)
        wanted = "Basic " + base64.b64encode(f"{USER}:{SECRET}".encode()).decode()
        if not compare_digest(self.headers.get("Authorization", ""), wanted):
            return self._send(401, {"timestamp": 0, "status": 401, "error": "Unauthorized", "path": self.path})
        fault = service.faults.popleft() if service.faults else None
        question = json.loads(body)
        if fault is None:
            return self._send(*service.reply(self.path, question))
        return self._fail(fault, question)

    def _fail(self, fault: Fault, question: Mapping[str, Any]) -> None:
        service = self.server.service
        status, answer = service.wrong(fault, self.path, question)
        content = json.dumps(answer).encode()
        match fault:
            case Fault.NO_ANSWER:
                service.wait_for_end()
            case Fault.HANG_UP:
                pass
            case Fault.GARBAGE:
                self._send_bytes(200, b"\x00\xff{not json", "application/json")
            case Fault.GATEWAY_PAGE:
                self._send_bytes(502, b"<html><h1>502 Bad Gateway</h1></html>", "text/html")
            case Fault.REDIRECT:
                self.send_response(307)
                self.send_header("Location", "http://127.0.0.1:9/api/v2/sign/pdf")
                self.send_header("Content-Length", "0")
                self.end_headers()
            case Fault.HALF:
                self._begin(status, len(content), "application/json")
                self.wfile.write(content[: len(content) // 2])
            case Fault.SLOW:
                self._begin(status, len(content), "application/json")
                for at in range(0, len(content), 1 + len(content) // 8):
                    if service.pause():
                        return
                    self.wfile.write(content[at : at + 1 + len(content) // 8])
            case _:
                self._send(status, answer)

    def _send(self, status: int, answer: Mapping[str, Any]) -> None:
        self._send_bytes(status, json.dumps(answer).encode(), "application/json")

    def _send_bytes(self, status: int, content: bytes, media_type: str) -> None:
        self._begin(status, len(content), media_type)
        self.wfile.write(content)

    def _begin(self, status: int, length: int, media_type: str) -> None:
        self.send_response(status)
        self.send_header("Content-Type", media_type)
        self.send_header("Content-Length", str(length))
        self.send_header("Connection", "close")
        self.end_headers()

    def log_message(self, format: str, *args: Any) -> None:
        """Write nothing: questions hold secrets."""


def _context(authority: Authority) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with TemporaryDirectory() as folder:  # the ssl module reads keys from files only
        path = Path(folder) / "server.pem"
        path.write_bytes(authority.server("127.0.0.1").pem)
        context.load_cert_chain(path)
    return context


def blank_letter() -> bytes:
    """Return an empty page, the smallest letter there is."""
    parts = (
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Resources<<>>>>",
    )
    pdf, places = b"%PDF-1.7\n", []
    for number, part in enumerate(parts, 1):
        places.append(len(pdf))
        pdf += b"%d 0 obj%bendobj\n" % (number, part)
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    trailer = b"trailer<</Size 4/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % len(pdf)
    return pdf + b"xref\n0 4\n0000000000 65535 f \n" + table + trailer
