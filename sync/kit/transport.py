"""The wire to the data center: TLS pinned to the dinas CA, a stall timer, and errors that say what to do.

There is no total timeout: a slow link may take hours as long as bytes move.
"""

from __future__ import annotations

import socket
import ssl
from collections.abc import Mapping, Sequence
from contextlib import suppress
from copy import copy
from datetime import datetime
from types import TracebackType
from typing import TypeVar
from urllib.parse import quote, urljoin, urlsplit
from uuid import uuid4

import httpx2
from pydantic import ValidationError

from fieldkit.domain.delivery.anchors import ChainHead
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import Signer
from sync.kit.line_errors import code_of
from sync.protocol import tus
from sync.protocol.messages import (
    ANCHOR_TYP,
    ASSERTION_TYP,
    PROTOCOL_VERSION,
    Anchors,
    AnchorsAnswer,
    AnchorWord,
    Announcement,
    AnnouncementAnswer,
    CarriedRecords,
    Configuration,
    CountsAnswer,
    Hello,
    HelloAnswer,
    Message,
    ProofAnswer,
    ProofQuestion,
    ReceiptAnswer,
    ReconcileAnswer,
    ReconcileQuestion,
    RenewalRequest,
    Renewed,
    StatusPage,
    Token,
    Trouble,
    UserCertificate,
    UserEnrolment,
)
from sync.protocol.outcomes import NotOfferedError, RecordError, RunStoppedError, of_the_whole_run, raise_for

STALL_S = 30.0
_CONNECT_S = 10.0
_MAX_BODY_BYTES = 4 * 1024 * 1024
# A small kernel buffer: what was written has nearly been sent, so the stall timer sees the link and not the buffer.
_SEND_BUFFER_BYTES = 64 * 1024
_ASSERTION_S = 300
_RENEW_BEFORE_S = 30
_TUS, _MOST_PATH, _NO_SUCH_ROUTE = "/tus", 1024, (404, 405, 501)

Answer = TypeVar("Answer", bound=Message)


def pinned_context(ca_der: bytes) -> ssl.SSLContext:
    """Return a client context that trusts the dinas CA and nobody else."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_3
    context.load_verify_locations(cadata=ca_der)
    return context


class Connection:
    """Requests and bounded answers over one TLS connection; every failure becomes a `TransferError`."""

    def __init__(self, url: str, context: ssl.SSLContext, stall_s: float = STALL_S) -> None:
        self._url = url
        self._context = context
        connect_s = min(_CONNECT_S, stall_s)
        self._timeout = httpx2.Timeout(connect=connect_s, read=stall_s, write=stall_s, pool=connect_s)
        self._client: httpx2.Client | None = None

    def ask(
        self, method: str, path: str, *, headers: Mapping[str, str] | None = None, content: bytes = b""
    ) -> tuple[int, httpx2.Headers, bytes]:
        """Return status, headers and body. Raise `RunStoppedError` when the wire or the answer is broken.

        Strangers answer: besides what the client names, headers and addresses may hold what no text can.
        """
        try:
            client = self._dialled()
            request = client.build_request(method, path, headers=dict(headers or {}), content=content)
            response = client.send(request, stream=True)
            try:
                body = bytearray()
                for piece in response.iter_raw():
                    body += piece
                    if len(body) > _MAX_BODY_BYTES:
                        raise RunStoppedError("sync.nonsense")
            finally:
                with suppress(httpx2.HTTPError, OSError):  # hanging up changes nothing of what was read
                    response.close()
        except (httpx2.HTTPError, httpx2.InvalidURL, httpx2.StreamError, OSError, ValueError) as error:
            raise RunStoppedError(code_of(error)) from error
        return response.status_code, response.headers, bytes(body)

    def ask_message(
        self, method: str, path: str, answer: type[Answer], *, headers: Mapping[str, str], content: bytes = b""
    ) -> Answer:
        """Return the answer read as a message. Raise the error that the decision table names."""
        status, _, body = self.ask(method, path, headers=headers, content=content)
        raise_for(status, trouble_in(status, body))
        try:
            return answer.model_validate_json(body)
        except ValidationError as error:
            raise RunStoppedError("sync.nonsense") from error

    def close(self) -> None:
        """Hang up; the next question dials again."""
        if self._client is not None:
            self._client.close()
            self._client = None

    def _dialled(self) -> httpx2.Client:
        if self._client is None:
            self._client = httpx2.Client(
                base_url=self._url,
                transport=httpx2.HTTPTransport(
                    verify=self._context,
                    trust_env=False,
                    socket_options=[(socket.SOL_SOCKET, socket.SO_SNDBUF, _SEND_BUFFER_BYTES)],
                ),
                timeout=self._timeout,
                headers={"Accept-Encoding": "identity", "User-Agent": f"fieldkit/{PROTOCOL_VERSION}"},
                trust_env=False,
            )
        return self._client


def trouble_in(status: int, body: bytes) -> str:
    """Return the refusal's code, "" when the body has none."""
    if status < 400:
        return ""
    try:
        return Trouble.model_validate_json(body).code
    except ValidationError:
        return ""


class DataCenterLink:
    """The calls of a kit. Signs in by itself and again when the token ran out."""

    def __init__(self, connection: Connection, kit: str, signer: Signer, clock: Clock, program: str = "") -> None:
        self._connection = connection
        self._kit = kit
        self._signer = signer
        self._clock = clock
        self._program = program
        self._gateway = ""
        self._skew_s = 0.0
        self._token = ""
        self._token_until = 0.0
        self._owner = ""
        self._uploads: dict[str, str] = {}  # where the server put the upload of a record
        self._told: dict[str, str] = {}  # receipts that came with an answer

    def on_behalf_of(self, owner: str) -> DataCenterLink:
        """Return a link over the same wire that carries what another kit sealed."""
        carrying = copy(self)
        carrying._owner, carrying._uploads, carrying._told = owner, {}, {}
        return carrying

    def __enter__(self) -> DataCenterLink:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Hang up; the next call dials again."""
        self._connection.close()

    def hello(self) -> HelloAnswer:
        """Say hello and learn the server's name and clock, by which assertions are dated."""
        asked_at = self._clock.now()
        word = Hello(protocol=PROTOCOL_VERSION, kit=self._kit, kit_time=asked_at, program=self._program)
        with of_the_whole_run():
            answer = self._connection.ask_message("POST", "/hello", HelloAnswer, headers=_JSON, content=_body(word))
        if answer.oldest_protocol > PROTOCOL_VERSION:
            raise RunStoppedError("sync.version_differs")
        self._gateway = answer.gateway
        self._skew_s = (answer.server_time - asked_at).total_seconds()
        return answer

    def reconcile(self, question: ReconcileQuestion) -> ReconcileAnswer:
        """Ask what the data center holds of these records."""
        with of_the_whole_run():
            return self._ask_message("POST", "/reconcile", ReconcileAnswer, question)

    def announce(self, announcement: Announcement) -> AnnouncementAnswer:
        """Hand in manifests."""
        return self._ask_message("POST", "/announce", AnnouncementAnswer, announcement)

    def open_upload(self, record_id: str, length: int, first: bytes = b"") -> int:
        """Create the upload of a record or find it again; return the server's offset.

        `first` are bytes at its beginning, for a server that takes them along; it does unless it has some. tus leaves
        `Upload-Offset` out of the answer, and where the upload is to the server.
        """
        opening = tus.creation_headers(length, record_id) | (tus.checksum_headers(first) if first else {})
        headers = self._ask("POST", _TUS, opening, first)
        self._uploads[record_id] = _path_in(headers.get("Location"), record_id)
        self._note_receipt(record_id, headers)
        return _offset_in(headers) if "Upload-Offset" in headers else self.offset(record_id)

    def offset(self, record_id: str) -> int:
        """Return the server's offset."""
        return _offset_in(self._ask("HEAD", self._upload(record_id), {"Tus-Resumable": tus.VERSION}))

    def send_chunk(self, record_id: str, offset: int, chunk: bytes) -> int:
        """Send bytes with their checksum; return the server's offset after them."""
        return self._send(record_id, tus.chunk_headers(offset, chunk), chunk)

    def send_piece(self, record_id: str, offset: int, piece: bytes) -> int:
        """Send bytes without a checksum: what comes before the line breaks is kept. Return the server's offset."""
        return self._send(record_id, tus.piece_headers(offset), piece)

    def _send(self, record_id: str, about: Mapping[str, str], content: bytes) -> int:
        headers = self._ask("PATCH", self._upload(record_id), about, content)
        self._note_receipt(record_id, headers)
        return _offset_in(headers)

    def _note_receipt(self, record_id: str, headers: httpx2.Headers) -> None:
        if tus.RECEIPT_HEADER in headers:
            self._told[record_id] = headers[tus.RECEIPT_HEADER]

    def _upload(self, record_id: str) -> str:
        return self._uploads.get(record_id, f"{_TUS}/{record_id}")

    def receipt(self, record_id: str) -> str:
        """Return the signed receipt, not yet verified: as the answer to the last bytes bore it, else asked for."""
        return (
            self._told.pop(record_id, "") or self._ask_message("GET", f"/receipts/{record_id}", ReceiptAnswer).receipt
        )

    def statuses(self, cursor: str) -> StatusPage:
        """Return the next page of the status feed."""
        return self._ask_message("GET", f"/statuses?cursor={quote(cursor, safe='')}", StatusPage)

    def counts(self) -> CountsAnswer:
        """Return how many of our records the data center has."""
        with of_the_whole_run():
            return self._ask_message("GET", "/counts", CountsAnswer)

    def prove(self, question: ProofQuestion) -> ProofAnswer:
        """Return the data center's proof that it has a record's bytes now. Raise `NotOfferedError`."""
        return self.ask_newer("/proofs", ProofAnswer, question)

    def anchor(self, heads: Sequence[ChainHead], at: datetime) -> AnchorsAnswer:
        """Hand in heads of this kit's chains, signed; return what the data center holds. Raise `NotOfferedError`."""
        words = (
            AnchorWord(kit=self._kit, chain=head.chain, sequence=head.sequence, digest=head.digest, at=at)
            for head in heads
        )
        signed = tuple(self._signer.sign(word.model_dump(mode="json"), ANCHOR_TYP) for word in words)
        return self.ask_newer("/anchors", AnchorsAnswer, Anchors(anchors=signed))

    def renew(self, request: RenewalRequest) -> Renewed:
        """Return the new certificate. Raise `NotOfferedError`."""
        return self.ask_newer("/renewals", Renewed, request)

    def carry(self, records: CarriedRecords) -> AnnouncementAnswer:
        """Hand in manifests that other kits signed. Raise `NotOfferedError`."""
        return self.ask_newer("/carried", AnnouncementAnswer, records)

    def configuration(self) -> Configuration:
        """Return the configuration of the dinas as it is now."""
        return self._ask_message("GET", "/config", Configuration)

    def add_user(self, request: UserEnrolment) -> bytes:
        """Return the certificate (DER) for a further user."""
        return self._ask_message("POST", "/users", UserCertificate, request).certificate

    def _ask_message(self, method: str, path: str, answer: type[Answer], message: Message | None = None) -> Answer:
        content = b"" if message is None else _body(message)
        _, body = self._ask_signed_in(method, path, {} if message is None else _JSON, content)
        try:
            return answer.model_validate_json(body)
        except ValidationError as error:
            raise RunStoppedError("sync.nonsense") from error

    def ask_newer(self, path: str, answer: type[Answer], message: Message) -> Answer:
        """Ask what an older data center does not have. Raise `NotOfferedError` when this is one."""
        try:
            return self._ask_message("POST", path, answer, message)
        except RecordError as error:
            if error.status in _NO_SUCH_ROUTE and not error.trouble:
                raise NotOfferedError("sync.not_offered") from error
            raise

    def carry_bytes(self, method: str, path: str, content: bytes = b"") -> bytes:
        """Ask with bytes; return those of the answer."""
        return self._ask_signed_in(method, path, {"Content-Type": "application/octet-stream"}, content)[1]

    def public_bytes(self, path: str) -> bytes:
        """Return what the data center shows to everybody. Raise `RecordError`, `RunStoppedError`."""
        status, _, body = self._connection.ask("GET", path)
        raise_for(status, trouble_in(status, body))
        return body

    def sign(self, message: Message, typ: str) -> str:
        """Return a message as a JWS of this kit."""
        return self._signer.sign(message.model_dump(mode="json"), typ)

    def _ask(self, method: str, path: str, headers: Mapping[str, str], content: bytes = b"") -> httpx2.Headers:
        answer_headers, _ = self._ask_signed_in(method, path, headers, content)
        # A portal that answers 200 to everything does not speak tus.
        if answer_headers.get("Tus-Resumable") != tus.VERSION:
            raise RunStoppedError("sync.nonsense")
        return answer_headers

    def _ask_signed_in(
        self, method: str, path: str, headers: Mapping[str, str], content: bytes
    ) -> tuple[httpx2.Headers, bytes]:
        if self._owner:
            headers = {**headers, "Fieldkit-Owner": self._owner}
        for _ in range(2):
            signed_in = {**headers, "Authorization": f"Bearer {self._fresh_token()}"}
            status, answer_headers, body = self._connection.ask(method, path, headers=signed_in, content=content)
            trouble = trouble_in(status, body)
            if status != 401 or trouble == "auth.kit_revoked":
                break
            self._token = ""
        raise_for(status, trouble)
        return answer_headers, body

    def _fresh_token(self) -> str:
        now = self._clock.now().timestamp()
        if not self._token or now > self._token_until:
            if not self._gateway:
                self.hello()
            dated = int(now + self._skew_s)
            claims = {
                "iss": self._kit,
                "sub": self._kit,
                "aud": self._gateway,
                "jti": uuid4().hex,
                "iat": dated,
                "exp": dated + _ASSERTION_S,
                "program": self._program,
            }
            form = httpx2.QueryParams(
                {
                    "grant_type": "client_credentials",
                    "client_assertion_type": "urn:ietf:params:oauth:client-assertion-type:jwt-bearer",
                    "client_assertion": self._signer.sign(claims, ASSERTION_TYP),
                }
            )
            headers = {"Content-Type": "application/x-www-form-urlencoded"}
            with of_the_whole_run():
                content = str(form).encode("ascii")
                token = self._connection.ask_message("POST", "/token", Token, headers=headers, content=content)
            self._token = token.access_token
            self._token_until = now + max(token.expires_in - _RENEW_BEFORE_S, 0)
        return self._token


_JSON = {"Content-Type": "application/json"}


def _body(message: Message) -> bytes:
    return message.model_dump_json().encode()


def _offset_in(headers: httpx2.Headers) -> int:
    try:
        return tus.parse_size("Upload-Offset", headers.get("Upload-Offset"))
    except tus.TusHeaderError as error:
        raise RunStoppedError("sync.nonsense") from error


def _path_in(location: str | None, record_id: str) -> str:
    """Return where the upload is. Only the path counts: nobody sends us, or a record, to another host."""
    try:
        parts = urlsplit(urljoin(f"{_TUS}/", location or record_id))
    except ValueError as error:
        raise RunStoppedError("sync.nonsense") from error
    path = f"{parts.path}?{parts.query}" if parts.query else parts.path
    if not path.startswith("/") or not path.isascii() or not path.isprintable() or len(path) > _MOST_PATH:
        raise RunStoppedError("sync.nonsense")
    return path
