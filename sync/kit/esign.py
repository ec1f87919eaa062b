"""Client of the BSrE e-sign client service v2: one question, one answer, and the truth about what is not known.

A signature that was asked for may exist although no answer came. So a failure counts as "nothing was sent" only
while the last byte of the question had not been handed to the connection; everything after that is `tte.unknown`.
Secrets: the passphrase stands in the question's bytes and nowhere else. Errors are raised outside of `except` blocks,
so that no library's exception, which may hold the request, hangs on ours.
"""

from __future__ import annotations

import base64
import binascii
import json
import ssl
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal, TypeVar

import httpx2
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from fieldkit.domain.errors import KnownError, Recovery, SigningError, SigningUnknownError
from fieldkit.ports.vault import (
    AccountState,
    Appearance,
    Credentials,
    SignatureSeen,
    SignedPdf,
    SignerAccount,
    Verdict,
    conclude,
)

# The messages of the BSrE e-sign client service, version 2, with its own names and spellings.


class _Told(BaseModel):
    """What the service says. It says more than is read here; what it said never stands in an error of ours."""

    model_config = ConfigDict(extra="ignore", frozen=True, hide_input_in_errors=True)


class SignatureProperties(BaseModel):
    """How one signature looks. `originX`/`originY` are points from the upper left corner of the page."""

    tampilan: Literal["VISIBLE", "INVISIBLE"]
    imageBase64: str | None = None  # noqa: N815 – the service's names
    page: int | None = None
    originX: float | None = None  # noqa: N815
    originY: float | None = None  # noqa: N815
    width: float | None = None
    height: float | None = None
    location: str | None = None
    reason: str | None = None
    contactInfo: str | None = None  # noqa: N815


class SignQuestion(BaseModel):
    """POST /api/v2/sign/pdf. Either passphrase or totp."""

    nik: str = Field(repr=False)
    passphrase: str | None = Field(default=None, repr=False)
    totp: str | None = Field(default=None, repr=False)
    signatureProperties: tuple[SignatureProperties, ...]  # noqa: N815
    file: tuple[str, ...] = Field(repr=False)


class SignAnswer(_Told):
    """The signed files, base64, in the order they were given."""

    time: int | None = None  # ms that signing took
    file: tuple[str, ...] = Field(repr=False)


class TotpQuestion(BaseModel):
    """POST /api/v2/sign/get/totp; `data` is how many files the code is for."""

    nik: str = Field(repr=False)
    data: int = 1


class TotpAnswer(_Told):
    """Whether a code is on its way; BSrE shows it in its own app."""

    success: bool = True
    message: str = ""


class AccountQuestion(BaseModel):
    """POST /api/v2/user/check/status."""

    nik: str = Field(repr=False)


class AccountAnswer(_Told):
    """HTTP 200 for every account: the state says what is wrong."""

    status_code: int | None = None
    message: str = ""
    status: str = ""


class VerifyQuestion(BaseModel):
    """POST /api/v2/verify/pdf; one file, base64."""

    file: str = Field(repr=False)


class TimestampInformation(_Told):
    """Who certified the time."""

    signerName: str | None = None  # noqa: N815
    timestampDate: datetime | None = None  # noqa: N815


class CertificateDetail(_Told):
    """One certificate of the signer's chain, the signer's first."""

    commonName: str | None = None  # noqa: N815
    issuerName: str | None = None  # noqa: N815


class SignatureInformation(_Told):
    """One signature. `lastSignature` is false even for the only one, so nothing is read from it."""

    signerName: str | None = None  # noqa: N815
    signatureDate: datetime | None = None  # noqa: N815
    integrityValid: bool = False  # noqa: N815
    certificateTrusted: bool = False  # noqa: N815
    modified: bool = False
    # The service misspells it; a corrected spelling is understood too.
    timestampInfomation: TimestampInformation | None = None  # noqa: N815
    timestampInformation: TimestampInformation | None = None  # noqa: N815
    certificateDetails: tuple[CertificateDetail, ...] | None = None  # noqa: N815

    @property
    def timestamp(self) -> TimestampInformation | None:
        """The timestamp under either spelling."""
        return self.timestampInfomation or self.timestampInformation


class VerifyAnswer(_Told):
    """What the service thinks of a file."""

    conclusion: str
    description: str | None = None
    signatureCount: int = 0  # noqa: N815
    signatureInformations: tuple[SignatureInformation, ...] | None = None  # noqa: N815


class Refusal(_Told):
    """HTTP 4xx: its own code and sentence; or what its web server says by itself, without a code."""

    error: str | None = None
    message: str | None = None
    status_code: int | None = None


def without_empty(question: BaseModel) -> dict[str, Any]:
    """Return a question as the service wants it: what is not said is not there."""
    return question.model_dump(exclude_none=True)


CONNECT_S, ANSWER_S = 10.0, 120.0  # verifying a big file takes the service 40 s
MAX_PDF_BYTES = 20 * 1024 * 1024
_MAX_ANSWER_BYTES = 64 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024
_NOT_REGISTERED, _NO_CERTIFICATE, _WRONG_PASSPHRASE = 2011, 2021, 2031
_KNOWN = {
    _NOT_REGISTERED: "tte.not_registered",
    _NO_CERTIFICATE: "tte.no_certificate",
    _WRONG_PASSPHRASE: "tte.wrong_passphrase",
}
_STATES = {
    "ISSUE": AccountState.ISSUED,
    "NOT_REGISTERED": AccountState.NOT_REGISTERED,
    "NO_CERTIFICATE": AccountState.NO_CERTIFICATE,
}

Answer = TypeVar("Answer", bound=BaseModel)


@dataclass(frozen=True, slots=True)
class Service:
    """Where the service is and how this office signs in. `ca` is PEM; empty: the authorities of the system."""

    url: str
    user: str
    secret: str = field(repr=False)
    ca: str = ""
    connect_s: float = CONNECT_S
    answer_s: float = ANSWER_S


class BsreClient:
    """The ports `SigningService` and `PdfVerifier`. Every call dials anew; nothing is ever asked twice."""

    def __init__(self, service: Service) -> None:
        self._service = service

    def sign_pdf(self, pdf: bytes, credentials: Credentials, appearance: Appearance) -> SignedPdf:
        """Sign one letter. Raise `SigningError`, or `SigningUnknownError` when it was sent and nobody knows."""
        if len(pdf) > MAX_PDF_BYTES:
            raise SigningError("tte.pdf_huge", recovery=Recovery.NONE, megabytes=MAX_PDF_BYTES // 1024**2)
        question = SignQuestion(
            nik=credentials.nik,
            passphrase=credentials.passphrase or None,
            totp=credentials.totp or None,
            signatureProperties=(_properties(appearance),),
            file=(base64.b64encode(pdf).decode("ascii"),),
        )
        secrets = (credentials.passphrase, credentials.totp, credentials.nik)
        answer = self._ask("/api/v2/sign/pdf", question, SignAnswer, secrets, is_signing=True)
        signed = _decoded(answer.file[0]) if len(answer.file) == 1 else None
        # Only a continuation of what was sent can be our letter with a signature.
        if signed is None or not signed.startswith(pdf) or b"/ByteRange" not in signed[len(pdf) :]:
            raise SigningUnknownError("tte.unknown_document")
        return SignedPdf(signed)

    def request_totp(self, nik: str) -> str:
        """Ask for a one-time code for one letter; return the service's word. Raise `SigningError`."""
        question = TotpQuestion(nik=nik)
        answer = self._ask("/api/v2/sign/get/totp", question, TotpAnswer, (nik,))
        message = _without(answer.message, (nik,))
        if not answer.success:
            raise SigningError("tte.refused", message=message, status=200)
        return message

    def account(self, nik: str) -> SignerAccount:
        """Return what the service knows about a signer. Raise `SigningError`."""
        question = AccountQuestion(nik=nik)
        answer = self._ask("/api/v2/user/check/status", question, AccountAnswer, (nik,))
        return SignerAccount(_STATES.get(answer.status, AccountState.OTHER), _without(answer.message, (nik,)))

    def verify(self, pdf: bytes) -> Verdict:
        """Return what the service thinks of a letter. Raise `SigningError`."""
        question = VerifyQuestion(file=base64.b64encode(pdf).decode("ascii"))
        answer = self._ask("/api/v2/verify/pdf", question, VerifyAnswer, ())
        told = answer.signatureInformations or ()
        if len(told) != answer.signatureCount:
            raise SigningError("tte.answer_wrong")
        verdict = conclude(tuple(map(_seen, told)))
        # Its conclusion may know more than its details, never less.
        if (answer.conclusion == "VALID") is not (verdict.standing.value == "valid") and told:
            raise SigningError("tte.refused", message=f"{answer.conclusion} {answer.description or ''}", status=200)
        return verdict

    def _ask(
        self,
        path: str,
        question: BaseModel,
        kind: type[Answer],
        secrets: tuple[str, ...],
        *,
        is_signing: bool = False,
    ) -> Answer:
        """Return the answer. After the question was sent whole, signing without a readable answer is unknown."""
        body = _Body(json.dumps(without_empty(question), ensure_ascii=False).encode())
        got = self._exchange(path, body)
        is_unknown = is_signing and body.is_sent
        if isinstance(got, str):
            raise SigningUnknownError("tte.unknown") if is_unknown else SigningError(got)
        status, content = got
        if 200 <= status < 300:
            answer = _read(content, kind)
            if answer is None:
                raise SigningUnknownError("tte.unknown_answer") if is_unknown else SigningError("tte.answer_wrong")
            return answer
        refusal = _read(content, Refusal) or Refusal()
        # A server that failed, or a proxy in its place, proves nothing about the signature; its known refusals do.
        if status >= 500 and refusal.status_code not in _KNOWN:
            if is_unknown:
                raise SigningUnknownError("tte.unknown_failure", status=status)
            raise SigningError("tte.service_failed", status=status)
        raise _refused(status, refusal, secrets)

    def _exchange(self, path: str, body: _Body) -> tuple[int, bytes] | str:
        """Return status and content, or the code of what was in the way."""
        service = self._service
        url = _checked(service.url)
        timeout = httpx2.Timeout(
            connect=service.connect_s, read=service.answer_s, write=service.answer_s, pool=service.connect_s
        )
        transport = httpx2.HTTPTransport(verify=_context(service.ca), trust_env=False, retries=0)
        with httpx2.Client(
            transport=transport,
            timeout=timeout,
            auth=httpx2.BasicAuth(service.user, service.secret),
            trust_env=False,
            follow_redirects=False,
        ) as client:
            headers = {
                "Content-Type": "application/json",
                "Accept": "application/json",
                "Accept-Encoding": "identity",
                "Content-Length": str(len(body)),
            }
            try:
                with client.stream("POST", url + path, content=iter(body), headers=headers) as response:
                    content = bytearray()
                    for piece in response.iter_raw():
                        content += piece
                        if len(content) > _MAX_ANSWER_BYTES:
                            return "tte.answer_wrong"
                    return response.status_code, bytes(content)
            except (httpx2.TransportError, httpx2.InvalidURL) as error:
                return _in_the_way(error)


class _Body:
    """The question in pieces. `is_sent` from the moment the last piece is handed over: then it may have arrived."""

    def __init__(self, content: bytes) -> None:
        self._content = content
        self.is_sent = False

    def __len__(self) -> int:
        return len(self._content)

    def __iter__(self) -> Iterator[bytes]:
        for at in range(0, len(self._content), _CHUNK_BYTES):
            self.is_sent = at + _CHUNK_BYTES >= len(self._content)
            yield self._content[at : at + _CHUNK_BYTES]


def _checked(url: str) -> str:
    """Return the address without its last slash. Raise `SigningError`: a passphrase travels over TLS or not at all."""
    try:
        address = httpx2.URL(url)
    except httpx2.InvalidURL:
        address = None
    if address is None or not address.host or address.userinfo:
        raise SigningError("tte.address_wrong", recovery=Recovery.ASK_OFFICE)
    if address.scheme != "https":
        raise SigningError("tte.tls_required", recovery=Recovery.ASK_OFFICE)
    return url.rstrip("/")


def _context(ca: str) -> ssl.SSLContext:
    context = ssl.create_default_context() if not ca else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.minimum_version = ssl.TLSVersion.TLSv1_2  # the service is the agency's, not ours
    if ca:
        try:
            context.load_verify_locations(cadata=ca)
        except (ssl.SSLError, ValueError) as error:
            raise SigningError("tte.ca_unreadable", recovery=Recovery.ASK_OFFICE) from error
    return context


def _properties(appearance: Appearance) -> SignatureProperties:
    place, reason, location = appearance.place, appearance.reason or None, appearance.location or None
    if place is None:
        return SignatureProperties(tampilan="INVISIBLE", reason=reason, location=location)
    return SignatureProperties(
        tampilan="VISIBLE",
        imageBase64=base64.b64encode(appearance.image).decode("ascii"),
        page=place.page,
        originX=place.x,
        originY=place.y,
        width=place.width,
        height=place.height,
        reason=reason,
        location=location,
    )


def _read(content: bytes, kind: type[Answer]) -> Answer | None:
    try:
        return kind.model_validate_json(content)
    except ValidationError:
        return None


def _decoded(text: str) -> bytes | None:
    try:
        return base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        return None


def _refused(status: int, refusal: Refusal, secrets: tuple[str, ...]) -> KnownError:
    if refusal.status_code in _KNOWN:
        return SigningError(_KNOWN[refusal.status_code])
    if status in (401, 403):
        return SigningError("tte.service_login", recovery=Recovery.ASK_OFFICE)
    if status == 404 or 300 <= status < 400:
        return SigningError("tte.address_wrong", recovery=Recovery.ASK_OFFICE)
    message = _without(refusal.error or refusal.message or "–", secrets)
    return SigningError("tte.refused", message=message, status=refusal.status_code or status)


def _without(message: str, secrets: tuple[str, ...]) -> str:
    """Return a message for people: no secret that the service echoes, no screenful."""
    for secret in filter(None, secrets):
        message = message.replace(secret, "•••")
    return " ".join(message.split())[:300]


def _in_the_way(error: Exception) -> str:
    seen: BaseException | None = error
    while seen is not None:
        if isinstance(seen, ssl.SSLCertVerificationError):
            return "tte.untrusted_service"
        seen = seen.__cause__ or seen.__context__
    return "tte.unreachable"


def _seen(told: SignatureInformation) -> SignatureSeen:
    chain = told.certificateDetails or ()
    return SignatureSeen(
        signer=told.signerName or "",
        signed_at=(told.timestamp and told.timestamp.timestampDate) or told.signatureDate,
        is_time_certified=told.timestamp is not None,
        is_intact=told.integrityValid,
        is_trusted=told.certificateTrusted,
        covers_all=not told.modified,
        issuer=(chain[0].issuerName if chain else None) or "",
    )
