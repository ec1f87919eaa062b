"""Requests to an OSIA server: TLS, bearer token or client certificate, timeouts, tries again with growing pauses."""

from __future__ import annotations

import json
import ssl
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import quote, urlsplit

import httpx2

from fieldkit.domain.errors import InputError, KnownError

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
