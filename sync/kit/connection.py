"""Questions to the data center over one connection: TLS pinned to the dinas CA, and errors that say what to do.

There is no total timeout: a slow link may take hours as long as bytes move.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping
from typing import TypeVar

import h11
import httpx2
from pydantic import ValidationError

from sync.kit.pipeline import Exchange, Pipeline, Watch, unwatched
from sync.protocol.messages import PROTOCOL_VERSION, Message, Trouble
from sync.protocol.outcomes import RunStoppedError, raise_for

# What a failure of the line is called: by the code of its message.

# Of X509_V_ERR: CERT_NOT_YET_VALID, CERT_HAS_EXPIRED (by this laptop's clock); HOSTNAME_MISMATCH, IP_ADDRESS_MISMATCH.
_OF_CERTIFICATES = {
    9: "sync.clock_or_certificate",
    10: "sync.clock_or_certificate",
    62: "sync.name_not_certified",
    64: "sync.name_not_certified",
}


class DialError(Exception):
    """Nobody was reached; the cause is the system's or TLS's."""


def code_of(error: Exception) -> str:
    """Return the code of what broke a request, or of what nobody could have asked."""
    if isinstance(error, DialError):
        reason = error.__cause__
        if isinstance(reason, ssl.SSLCertVerificationError):
            return _OF_CERTIFICATES.get(reason.verify_code, "sync.untrusted_server")
        # Without any network the same question ends otherwise (EAI_AGAIN).
        is_unknown = isinstance(reason, socket.gaierror) and reason.errno == socket.EAI_NONAME
        return "sync.name_unknown" if is_unknown else "sync.unreachable"
    if isinstance(error, TimeoutError):
        return "sync.stalled"
    if isinstance(error, httpx2.InvalidURL):
        return "sync.address_wrong"
    return "sync.nonsense" if isinstance(error, ValueError) else "sync.connection_lost"


STALL_S = 30.0
_CONNECT_S = 10.0
_MAX_BODY_BYTES = 4 * 1024 * 1024
_PORTS = {"http": 80, "https": 443}
_WITHOUT_BODY = ("GET", "HEAD", "DELETE")

Answer = TypeVar("Answer", bound=Message)
Told = tuple[int, httpx2.Headers, bytes]


def pinned_context(ca_der: bytes) -> ssl.SSLContext:
    """Return a client context that trusts the dinas CA and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=ca_der)
    return context


class Question:
    """What was asked, or why it could not be; its answer is waited for when somebody wants it."""

    def __init__(self, pipeline: Pipeline | None, exchange: Exchange | None, error: Exception | None = None) -> None:
        self._pipeline, self._exchange, self._error = pipeline, exchange, error

    @property
    def is_answered(self) -> bool:
        """Whether nobody need wait any more."""
        if self._pipeline is None or self._exchange is None:
            return True
        self._pipeline.look()
        return self._exchange.is_over

    def answer(self, watch: Watch = unwatched) -> Told:
        """Return status, headers and body. Raise `RunStoppedError` when the wire or the answer is broken.

        `watch` is told now and then how many bytes the system took; what it raises is raised.
        """
        error = self._error
        if self._pipeline is not None and self._exchange is not None:
            try:
                self._pipeline.wait(self._exchange, watch)
                error = self._exchange.error
            except TimeoutError as stalled:
                self._pipeline.close()
                error = stalled
            if error is None:
                return self._exchange.status, httpx2.Headers(self._exchange.headers), bytes(self._exchange.body)
        assert error is not None
        raise RunStoppedError(code_of(error)) from error


class Connection:
    """Requests and bounded answers over one connection that is dialled when it is needed."""

    def __init__(self, url: str, context: ssl.SSLContext, stall_s: float = STALL_S) -> None:
        self._url, self._context, self._stall_s = url, context, stall_s
        self._pipeline: Pipeline | None = None

    def begin(
        self,
        method: str,
        path: str,
        *,
        headers: Mapping[str, str] | None = None,
        content: bytes = b"",
        watch: Watch = unwatched,
    ) -> Question:
        """Ask; return once the system has the whole question. What breaks is told with the answer.

        Strangers answer: besides what the client names, headers and addresses may hold what no text can.
        """
        try:
            url = httpx2.URL(self._url)
            exchange = Exchange(_request(url, method, path, headers or {}, content), content, _MAX_BODY_BYTES)
            pipeline = self._dialled(url)
        except (DialError, httpx2.InvalidURL, h11.LocalProtocolError, OSError, ValueError) as error:
            return Question(None, None, error)
        try:
            pipeline.begin(exchange, watch)
        except TimeoutError as error:
            pipeline.close()
            return Question(None, None, error)
        return Question(pipeline, exchange)

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> tuple[int, httpx2.Headers, bytes]:
        """Return status, headers and body. Raise `RunStoppedError` when the wire or the answer is broken."""
        return self.begin(method, path, headers=headers, content=content).answer()

    def ask_message(
        self, method: str, path: str, answer: type[Answer], *, headers: Mapping[str, str], content: bytes = b""
    ) -> Answer:
        """Return the answer read as a message. Raise the error that the decision table names."""
        return message_in(self.begin(method, path, headers=headers, content=content), answer)

    def close(self) -> None:
        """Hang up; the next question dials again."""
        if self._pipeline is not None:
            self._pipeline.close()
            self._pipeline = None

    def _dialled(self, url: httpx2.URL) -> Pipeline:
        if self._pipeline is not None:
            self._pipeline.look()  # whoever waited too long was hung up on
            if self._pipeline.is_over:
                self.close()
        if self._pipeline is None:
            self._pipeline = Pipeline(self._line(url), self._stall_s)
        return self._pipeline

    def _line(self, url: httpx2.URL) -> socket.socket:
        host = url.raw_host.decode("ascii")
        try:
            line = socket.create_connection((host, url.port or _PORTS[url.scheme]), min(_CONNECT_S, self._stall_s))
            if url.scheme == "http":
                return line
            try:
                return self._context.wrap_socket(line, server_hostname=host)
            except BaseException:
                line.close()
                raise
        except OSError as error:
            raise DialError from error


def _request(url: httpx2.URL, method: str, path: str, headers: Mapping[str, str], content: bytes) -> h11.Request:
    if url.scheme not in _PORTS or not url.host:
        raise httpx2.InvalidURL("neither http nor https")
    said = {
        "Host": url.netloc.decode("ascii"),
        "Accept": "*/*",
        "Accept-Encoding": "identity",
        "User-Agent": f"fieldkit/{PROTOCOL_VERSION}",
        **({} if method in _WITHOUT_BODY and not content else {"Content-Length": str(len(content))}),
        **headers,
    }
    target = url.raw_path.rstrip(b"/") + httpx2.URL(f"http://data.center{path}").raw_path
    return h11.Request(method=method, target=target, headers=list(said.items()))


def message_in(question: Question, answer: type[Answer]) -> Answer:
    """Return the answer read as a message. Raise the error that the decision table names."""
    status, _, body = question.answer()
    raise_for(status, trouble_in(status, body))
    return read_message(answer, body)


def read_message(answer: type[Answer], body: bytes) -> Answer:
    """Return a body as a message. Raise `RunStoppedError`."""
    try:
        return answer.model_validate_json(body)
    except ValidationError as error:
        raise RunStoppedError("sync.nonsense") from error


def trouble_in(status: int, body: bytes) -> str:
    """Return the refusal's code, "" when the body has none."""
    if status < 400:
        return ""
    try:
        return Trouble.model_validate_json(body).code
    except ValidationError:
        return ""
