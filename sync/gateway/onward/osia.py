"""The official system by OSIA: requests, ABIS, enrolment."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2

from fieldkit.domain.delivery import CentralCode
from fieldkit.domain.errors import InputError, KnownError
from fieldkit.ports.delivery import Answer, HandOver, OnwardState, Outcome

# Requests to an OSIA server: TLS, bearer token or client certificate, timeouts, tries again with growing pauses.
_TIMEOUT = httpx2.Timeout(connect=10.0, read=120.0, write=60.0, pool=10.0)
_TRIES = 4
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.5, 10.0
_MOST_BYTES = 64 * 1024 * 1024
# The server or something before it is busy or away; all else is an answer.
_TRY_AGAIN = frozenset({429, 502, 503, 504})
_EARLY_S = 30.0  # a token is renewed so long before it ends
_LOOPBACK = frozenset({"127.0.0.1", "::1", "localhost"})


@dataclass(frozen=True, slots=True)
class Access:
    """How to be let in: a file with a bearer token, OAuth 2 client credentials (RFC 6749 §4.4), a client certificate.

    `ca` are the certificates to trust, else those of the system. Files are read anew for each token.
    """

    token_file: Path | None = None
    oauth_url: str = ""
    client_id: str = ""
    client_secret_file: Path | None = None
    certificate: Path | None = None
    key: Path | None = None
    ca: Path | None = None


@dataclass(frozen=True, slots=True)
class Answered:
    """What the server said. `content` is its JSON, None where it said none."""

    status: int
    content: Any = field(repr=False)

    @property
    def reason(self) -> str:
        """The status with code and message of the OSIA `Error` where there is one."""
        said = self.content if isinstance(self.content, dict) else {}
        told = " ".join(str(said[name]) for name in ("code", "message") if name in said)
        return f"HTTP {self.status} {told}".strip()


class OsiaClient:
    """One server. Its paths must not hold anything of a person: they stand in the logs of both sides."""

    def __init__(
        self,
        url: str,
        access: Access,
        sleep: Callable[[float], None] = time.sleep,
        random: Random | None = None,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        """Raise `InputError` `onward.address` (TLS is a must but on this machine itself), `onward.key_unreadable`."""
        parts = urlsplit(url)
        if parts.scheme not in ("https", "http") or not parts.hostname or parts.query or parts.fragment:
            raise InputError("onward.address", to=url)
        if parts.scheme == "http" and parts.hostname not in _LOOPBACK:
            raise InputError("onward.address", to=url)
        self.host = parts.hostname
        self._access = access
        self._sleep = sleep
        self._random = random or Random()
        self._monotonic = monotonic
        self._token, self._token_ends = "", 0.0
        self._client = httpx2.Client(
            base_url=url.rstrip("/"), verify=_context(access), timeout=_TIMEOUT, trust_env=False, follow_redirects=False
        )

    def ask(self, method: str, *path: str, params: Mapping[str, Any], body: object = None) -> Answered:
        """Send a request and return the answer. Raise `KnownError` `onward.away`, `onward.refused`."""
        place = "/" + "/".join(quote(part, safe="") for part in path)
        answered = self._tried(method, place, params, body)
        if answered.status == 401 and self._access.oauth_url:
            self._token = ""  # it may have been taken back
            answered = self._tried(method, place, params, body)
        if answered.status == 401:
            raise KnownError("onward.refused", to=self.host)
        return answered

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _tried(self, method: str, place: str, params: Mapping[str, Any], body: object) -> Answered:
        content = None if body is None else json.dumps(body, ensure_ascii=False).encode()
        for number in range(_TRIES):
            asked_pause = 0.0
            try:
                headers = {"Accept": "application/json", **self._authorization()}
                if content is not None:
                    headers["Content-Type"] = "application/json"
                with self._client.stream(method, place, params=dict(params), headers=headers, content=content) as said:
                    answered = Answered(said.status_code, _json(_body(said)))
                    asked_pause = _seconds(said.headers.get("Retry-After", ""))
            except httpx2.HTTPError:
                answered = Answered(503, None)
            if answered.status not in _TRY_AGAIN:
                return answered
            if number + 1 < _TRIES:
                pause = self._random.random() * min(_FIRST_PAUSE_S * 2 ** (number + 1), _LONGEST_PAUSE_S)
                self._sleep(max(pause, min(asked_pause, _LONGEST_PAUSE_S)))
        raise KnownError("onward.away", to=self.host)

    def _authorization(self) -> Mapping[str, str]:
        access = self._access
        if access.token_file is not None:
            return {"Authorization": f"Bearer {_secret(access.token_file)}"}
        if not access.oauth_url:
            return {}
        if not self._token or self._monotonic() >= self._token_ends:
            self._token, life_s = self._fetched_token()
            self._token_ends = self._monotonic() + life_s - _EARLY_S
        return {"Authorization": f"Bearer {self._token}"}

    def _fetched_token(self) -> tuple[str, float]:
        access = self._access
        secret = _secret(access.client_secret_file) if access.client_secret_file else ""
        said = self._client.post(
            access.oauth_url, data={"grant_type": "client_credentials"}, auth=(access.client_id, secret)
        )
        try:
            told = said.json()
            return str(told["access_token"]), float(told.get("expires_in", 300))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise KnownError("onward.refused", to=self.host) from error


def _context(access: Access) -> ssl.SSLContext:
    try:
        context = ssl.create_default_context(cafile=access.ca)
        context.minimum_version = ssl.TLSVersion.TLSv1_2
        if access.certificate is not None:
            context.load_cert_chain(access.certificate, access.key)
    except (OSError, ValueError) as error:  # ssl.SSLError is an OSError
        raise InputError("onward.key_unreadable", file=str(access.certificate or access.ca)) from error
    return context


def _secret(path: Path) -> str:
    try:
        return path.read_text("utf-8").split("\n", 1)[0].strip()
    except (OSError, ValueError) as error:
        raise InputError("onward.key_unreadable", file=str(path)) from error


def _body(response: httpx2.Response) -> bytes:
    body = bytearray()
    for piece in response.iter_bytes():
        body += piece
        if len(body) > _MOST_BYTES:
            raise httpx2.DecodingError("too long an answer")
    return bytes(body)


def _json(body: bytes) -> Any:
    try:
        return json.loads(body)
    except (ValueError, RecursionError):  # also an empty one
        return None


def _seconds(text: str) -> float:
    return float(text) if text.isascii() and text.isdigit() and len(text) < 6 else 0.0


# The OSIA ABIS interface (Secure Identity Alliance, `abis.yaml` 1.3.0 and 1.4.0) as the other side: penunggalan.
#
# `POST /v1/persons/{personId}/encounters/{encounterId}` stores the samples (201; 202 later; 403 when it exists), then
# `POST /v1/identify/{galleryId}/{personId}` searches for others (200 with candidates; 202, and the candidates come to
# `callback` with the transaction id). The person's id is the keyed hash of the NIK: who comes twice is one person
# there. The ABIS gets no name and no NIK.

# What both versions allow of an item; the rest is told by the enrollment.
_OF_AN_ITEM = (
    "biometricType", "biometricSubType", "instance", "image", "captureDevice", "impressionType", "width", "height",
    "bitdepth", "resolution", "compression", "missing", "comment",
)  # fmt: skip
_NO_FILTER: Mapping[str, object] = {}
_TYPES = frozenset({"FINGER", "FACE", "IRIS"})


class OsiaAbis:
    """Implements the port `Onward`. `callback` is where a slow ABIS sends candidates, "" asks for them at once."""

    batch_size = 1

    def __init__(self, client: OsiaClient, name: str, gallery: str = "ALL", callback: str = "") -> None:
        self._client = client
        self.name = name or client.host
        self._gallery = gallery
        self._callback = {"callback": callback} if callback else {}

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        """Store and search each record. Raise `KnownError` `onward.away`, `onward.refused`."""
        return [self._handed(record) for record in records]

    def collect(self, settle: Callable[[Answer], str]) -> None:
        """Do nothing: later answers come to the callback."""

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _handed(self, record: HandOver) -> Outcome:
        person = record.person or record.record_id
        place = ("v1", "persons", person, "encounters", record.record_id)
        # Another transaction than the search, whose answer may come later.
        params = {"transactionId": f"{record.transaction_id}-store"}
        stored = self._client.ask("POST", *place, params=params, body=encounter(json.loads(record.enrollment)))
        if stored.status == 403:  # it exists, or we may not
            held = self._client.ask("GET", *place, params=params)
            if held.status == 403:
                raise KnownError("onward.refused", to=self._client.host)
            if held.status != 200:
                return Outcome(OnwardState.WAITING, held.reason)
        elif stored.status == 202:
            return Outcome(OnwardState.WAITING, "onward.being_stored")
        elif stored.status != 201:
            return _refused(stored)
        return self._searched(record, person)

    def _searched(self, record: HandOver, person: str) -> Outcome:
        params = {"transactionId": record.transaction_id, **self._callback}
        found = self._client.ask("POST", "v1", "identify", self._gallery, person, params=params, body=_NO_FILTER)
        if found.status == 202:
            is_heard = bool(self._callback)
            return Outcome(
                OnwardState.HANDED_OVER if is_heard else OnwardState.WAITING, "" if is_heard else found.reason
            )
        if found.status == 200:
            return decided(found.content, person)
        if found.status == 403:
            raise KnownError("onward.refused", to=self._client.host)
        return _refused(found)


def encounter(enrollment: Mapping[str, Any]) -> Mapping[str, Any]:
    """Return the `Encounter` of an enrollment: samples, sex, date of birth and day, nothing that names a person."""
    who = enrollment.get("biographicData", {})
    context = enrollment.get("contextualData", {})
    return {
        "status": "ACTIVE",
        "encounterType": enrollment.get("enrollmentType") or "enrollment",
        "contextualData": {name: context[name] for name in ("enrollmentDate",) if name in context},
        "biographicData": {name: who[name] for name in ("dateOfBirth", "gender") if name in who},
        "biometricData": [
            {**{name: item[name] for name in _OF_AN_ITEM if name in item}, **_day(item)}
            for item in enrollment.get("biometricData", [])
            if item.get("biometricType") in _TYPES
        ],
    }


def decided(candidates: object, person: str) -> Outcome:
    """Return what follows from candidates: nobody else is unique, anybody else needs an expert."""
    if not isinstance(candidates, list) or not all(isinstance(each, dict) for each in candidates):
        return Outcome(OnwardState.WAITING, "onward.no_candidates")
    others = [each for each in candidates if each.get("personId") != person]
    if others:
        return Outcome(OnwardState.ACKNOWLEDGED, f"{len(others)} candidates", code=CentralCode.ADJUDICATE_RECORD.value)
    return Outcome(OnwardState.ACKNOWLEDGED, code=CentralCode.PRINT_READY_RECORD.value)


def _day(item: Mapping[str, Any]) -> Mapping[str, str]:
    return {"captureDate": str(item["captureDate"])[:10]} if "captureDate" in item else {}


def _refused(said: Answered) -> Outcome:
    """A request that is wrong is rejected; what the other side failed at is tried again."""
    return Outcome(OnwardState.REJECTED if said.status in (400, 413, 422) else OnwardState.WAITING, said.reason)


# The OSIA Enrollment interface 1.3.0 (Secure Identity Alliance, `enrollment.yaml`) as the other side.
#
# `POST /v1/enrollments/{enrollmentId}?transactionId=…&finalize=true` creates a finalized enrollment: 204 done, 400 bad
# request with an `Error`, 403 not allowed, 409 the id exists. The id of the record is the id of the enrollment, so a
# second try after a lost answer meets 409, and `GET` on it tells whether it is the same.

_ENROLLMENTS = ("v1", "enrollments")
_DONE = frozenset({200, 201, 204})
_READ_ONLY = ("enrollmentId", "status")  # given by path and `finalize`


class OsiaEnrollment:
    """Implements the port `Onward`; the answer comes at once."""

    batch_size = 1

    def __init__(self, client: OsiaClient, name: str) -> None:
        self._client = client
        self.name = name or client.host

    def hand_over(self, records: Sequence[HandOver]) -> Sequence[Outcome]:
        """Create an enrollment for each record. Raise `KnownError` `onward.away`, `onward.refused`."""
        return [self._handed(record) for record in records]

    def collect(self, settle: Callable[[Answer], str]) -> None:
        """Do nothing: this interface has no later answers."""

    def close(self) -> None:
        """Hang up."""
        self._client.close()

    def _handed(self, record: HandOver) -> Outcome:
        enrollment = json.loads(record.enrollment)
        body = {name: value for name, value in enrollment.items() if name not in _READ_ONLY}
        params = {"transactionId": record.transaction_id, "finalize": "true"}
        said = self._client.ask("POST", *_ENROLLMENTS, record.record_id, params=params, body=body)
        if said.status in _DONE:
            return Outcome(OnwardState.ACKNOWLEDGED)
        if said.status == 409:
            return self._compared(record, enrollment)
        if said.status in (400, 413, 422):
            return Outcome(OnwardState.REJECTED, said.reason)
        if said.status == 403:
            raise KnownError("onward.refused", to=self._client.host)
        return Outcome(OnwardState.WAITING, said.reason)

    def _compared(self, record: HandOver, enrollment: dict[str, Any]) -> Outcome:
        """Tell what stands there under the same id: our record, half of it, or another one."""
        params = {"transactionId": record.transaction_id}
        wanted = {**params, "attributes": ["biographicData", "contextualData"]}
        held = self._client.ask("GET", *_ENROLLMENTS, record.record_id, params=wanted)
        if held.status != 200 or not isinstance(held.content, dict):
            return Outcome(OnwardState.WAITING, held.reason)
        if any(held.content.get(name) != enrollment[name] for name in ("biographicData", "contextualData")):
            return Outcome(OnwardState.FAILED, "onward.other_content")
        if held.content.get("status") == "IN_PROGRESS":
            ended = self._client.ask("PUT", *_ENROLLMENTS, record.record_id, "finalize", params=params)
            if ended.status not in _DONE:
                return Outcome(OnwardState.WAITING, ended.reason)
        return Outcome(OnwardState.ACKNOWLEDGED)
