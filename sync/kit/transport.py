"""The calls of a kit to the data center, signed in."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from copy import copy
from datetime import datetime
from types import TracebackType
from typing import Generic, TypeVar
from urllib.parse import quote, urljoin, urlsplit
from uuid import uuid4

import httpx2

from fieldkit.domain.events import ChainHead
from fieldkit.ports.clock import Clock
from fieldkit.ports.vault import Signer
from sync.kit.connection import Answer, Connection, Question, message_in, read_message, trouble_in
from sync.kit.pipeline import Watch, unwatched
from sync.protocol import tus
from sync.protocol.down import Vouches, VouchesAnswer
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
    UserCertificate,
    UserEnrolment,
)
from sync.protocol.outcomes import NotOfferedError, RecordError, RunStoppedError, of_the_whole_run, raise_for

_ASSERTION_S = 300
_RENEW_BEFORE_S = 30
_TUS, _MOST_PATH, _NO_SUCH_ROUTE = "/tus", 1024, (404, 405, 501)

Told = TypeVar("Told")
Read = Callable[[httpx2.Headers, bytes], Told]  # makes the answer of its headers and body


class Asked(Generic[Told]):
    """A question of somebody who has signed in; once more when it turns out that he must sign in anew."""

    def __init__(self, begin: Callable[[], Question], sign_out: Callable[[], None], read: Read[Told]) -> None:
        self.began = time.monotonic()
        self._begin, self._sign_out, self._read = begin, sign_out, read
        self._question = begin()

    @property
    def is_answered(self) -> bool:
        """Whether nobody need wait any more."""
        return self._question.is_answered

    def answer(self, watch: Watch = unwatched) -> Told:
        """Return the answer. Raise the error that the decision table names, and what `watch` raises."""
        status, headers, body = self._question.answer(watch)
        trouble = trouble_in(status, body)
        if status == 401 and trouble != "auth.kit_revoked":
            self._sign_out()
            status, headers, body = self._begin().answer(watch)
            trouble = trouble_in(status, body)
        raise_for(status, trouble)
        return self._read(headers, body)


class DataCenterLink:
    """The calls of a kit. Signs in by itself and again when the token ran out."""

    def __init__(
        self, connection: Connection, kit: str, signer: Signer, clock: Clock, program: str = "", gateway: str = ""
    ) -> None:
        """`gateway` is the name by which the data center was known when this kit was let in."""
        self._connection = connection
        self._kit = kit
        self._signer = signer
        self._clock = clock
        self._program = program
        self._gateway = gateway
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
        """Say hello and learn the server's name and clock, by which assertions are dated.

        Where its name is known already we sign in behind the question, by our own clock; if that is wrong, anew.
        """
        asked_at = self._clock.now()
        word = Hello(protocol=PROTOCOL_VERSION, kit=self._kit, kit_time=asked_at, program=self._program)
        asked = self._connection.begin("POST", "/hello", headers=_JSON, content=_body(word))
        early = self._ask_token() if self._gateway and not self._token else None
        with of_the_whole_run():
            answer = message_in(asked, HelloAnswer)
        if answer.oldest_protocol > PROTOCOL_VERSION:
            raise RunStoppedError("sync.version_differs")
        self._gateway = answer.gateway
        self._skew_s = (answer.server_time - asked_at).total_seconds()
        if early is not None:
            with suppress(RunStoppedError, RecordError):
                self._keep_token(early)
        return answer

    def reconcile(self, question: ReconcileQuestion) -> ReconcileAnswer:
        """Ask what the data center holds of these records."""
        with of_the_whole_run():
            return self._ask_message("POST", "/reconcile", ReconcileAnswer, question)

    def announce(self, announcement: Announcement) -> AnnouncementAnswer:
        """Hand in manifests."""
        return self._ask_message("POST", "/announce", AnnouncementAnswer, announcement)

    def open_upload(
        self, record_id: str, length: int, first: bytes = b"", sha256: str = "", watch: Watch = unwatched
    ) -> Asked[int]:
        """Create the upload of a record or find it again; the answer is the server's offset.

        `first` are bytes at its beginning, for a server that takes them along; it does unless it has some. `sha256` is
        their digest in hex where they are the whole record: then they count only as one, else as far as they came.
        tus leaves `Upload-Offset` out of the answer, and where the upload is to the server.
        """
        about = tus.creation_headers(length, record_id) | (tus.content_headers(sha256) if first else {})

        def read(headers: httpx2.Headers, _body: bytes) -> int:
            self._uploads[record_id] = _path_in(_of_tus(headers).get("Location"), record_id)
            self._note_receipt(record_id, headers)
            return _offset_in(headers) if "Upload-Offset" in headers else self.offset(record_id)

        return self._begin("POST", _TUS, about, first, read, watch)

    def offset(self, record_id: str) -> int:
        """Return the server's offset."""
        return self._begin("HEAD", self._upload(record_id), {"Tus-Resumable": tus.VERSION}, b"", _offset_in).answer()

    def send_piece(self, record_id: str, offset: int, piece: bytes, watch: Watch = unwatched) -> Asked[int]:
        """Send bytes that are kept as far as they come; the answer is the server's offset after them."""

        def read(headers: httpx2.Headers, _body: bytes) -> int:
            self._note_receipt(record_id, headers)
            return _offset_in(headers)

        return self._begin("PATCH", self._upload(record_id), tus.piece_headers(offset), piece, read, watch)

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

    def counts(self) -> Asked[CountsAnswer]:
        """Ask how many of our records the data center has."""
        return self._begin("GET", "/counts", {}, b"", lambda _, body: read_message(CountsAnswer, body))

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

    def vouch(self, vouches: Vouches) -> VouchesAnswer:
        """Hand in what team leads signed for records. Raise `NotOfferedError`."""
        return self.ask_newer("/vouches", VouchesAnswer, vouches)

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
        content, headers = (b"", {}) if message is None else (_body(message), _JSON)
        return self._begin(method, path, headers, content, lambda _, body: read_message(answer, body)).answer()

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
        about = {"Content-Type": "application/octet-stream"}
        return self._begin(method, path, about, content, lambda _, body: body).answer()

    def public_bytes(self, path: str) -> bytes:
        """Return what the data center shows to everybody. Raise `RecordError`, `RunStoppedError`."""
        status, _, body = self._connection.ask("GET", path)
        raise_for(status, trouble_in(status, body))
        return body

    def sign(self, message: Message, typ: str) -> str:
        """Return a message as a JWS of this kit."""
        return self._signer.sign(message.model_dump(mode="json"), typ)

    def _begin(
        self,
        method: str,
        path: str,
        headers: Mapping[str, str],
        content: bytes,
        read: Read[Told],
        watch: Watch = unwatched,
    ) -> Asked[Told]:
        if self._owner:
            headers = {**headers, "Fieldkit-Owner": self._owner}
        used = ""

        def begin() -> Question:
            nonlocal used
            used = self._fresh_token()
            signed_in = {**headers, "Authorization": f"Bearer {used}"}
            return self._connection.begin(method, path, headers=signed_in, content=content, watch=watch)

        def sign_out() -> None:
            if self._token == used:  # else somebody who asked before signed in anew already
                self._token = ""

        return Asked(begin, sign_out, read)

    def _fresh_token(self) -> str:
        if not self._token or self._clock.now().timestamp() > self._token_until:
            if not self._gateway:
                self.hello()
            with of_the_whole_run():
                self._keep_token(self._ask_token())
        return self._token

    def _ask_token(self) -> Question:
        dated = int(self._clock.now().timestamp() + self._skew_s)
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
        return self._connection.begin("POST", "/token", headers=headers, content=str(form).encode("ascii"))

    def _keep_token(self, asked: Question) -> None:
        token = message_in(asked, Token)
        self._token = token.access_token
        self._token_until = self._clock.now().timestamp() + max(token.expires_in - _RENEW_BEFORE_S, 0)


_JSON = {"Content-Type": "application/json"}


def _body(message: Message) -> bytes:
    return message.model_dump_json().encode()


def _of_tus(headers: httpx2.Headers) -> httpx2.Headers:
    # A portal that answers 200 to everything does not speak tus.
    if headers.get("Tus-Resumable") != tus.VERSION:
        raise RunStoppedError("sync.nonsense")
    return headers


def _offset_in(headers: httpx2.Headers, _body: bytes = b"") -> int:
    try:
        return tus.parse_size("Upload-Offset", _of_tus(headers).get("Upload-Offset"))
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
