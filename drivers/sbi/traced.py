"""One request to a service as a trace shows it: what it captured is hidden, the structure around it is not."""

from __future__ import annotations

import itertools
from types import TracebackType
from typing import Self
from urllib.parse import urlsplit

from drivers.sbi.wire import as_object, base64url, parse_json
from drivers.trace import GUESSABLE_BYTES, Payload, current
from fieldkit.ports.devices import DeviceError, ProtocolError

_CAPTURE, _VALUE = "RCAPTURE", "bioValue"
_PUBLIC = ("digitalId", "x5c")  # who a device is may be as long as it likes
_numbers = itertools.count(1)


class TracedRequest:
    """Notes a request, what comes back, and how it ends; nothing when nobody records."""

    def __init__(self, base_url: str, verb: str, path: str, body: bytes) -> None:
        self._recorder = current()
        if self._recorder is not None:
            at = urlsplit(base_url + path)
            self._verb, self._line, self._number = verb, f"{at.scheme}://{at.netloc}", next(_numbers)
            self._say("request", verb=verb, path=at.path, body=_text(body))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        if isinstance(error, DeviceError):
            self._say("failed", code=error.code)
        elif error is not None:
            self._say("left")  # the person gave up, or the program saw enough

    def answer(self, status: int, content_type: str, body: bytes | None = None) -> None:
        """Note an answer; one without a body is followed by frames."""
        if self._recorder is not None:
            may_show = self._verb != _CAPTURE or self._recorder.keeps_payloads
            shown = {} if body is None else {"body": _text(body) if may_show else _without_captures(body)}
            self._say("answer", status=status, type=content_type, **shown)

    def frame(self, frame: bytes) -> None:
        """Note a frame of a stream."""
        self._say("frame", data=Payload(frame))

    def ended(self) -> None:
        """Note that the service ended a stream."""
        self._say("ended")

    def _say(self, act: str, **fields: object) -> None:
        if self._recorder is not None:
            self._recorder.note("http", self._line, act, number=self._number, **fields)


def _text(body: bytes) -> object:
    try:
        return body.decode()
    except UnicodeDecodeError:
        return {"hex": body}


def _without_captures(body: bytes) -> object:
    """Return an answer as decoded JSON without what was captured; one that cannot be read is all payload."""
    try:
        return {"json": _hidden(as_object(parse_json(body), "reply"), "")}
    except ProtocolError:
        return Payload(body)


def _hidden(value: object, name: str) -> object:
    if isinstance(value, dict):
        shown = {key: _hidden(each, key) for key, each in value.items()}
        if isinstance(payload := shown.get("data"), dict) and "hash" in shown and _is_guessable(payload["payload"]):
            shown["hash"] = Payload(str(value["hash"]).encode())  # a digest of few bytes is as good as they are
        return shown
    if isinstance(value, list):
        return [_hidden(each, name) for each in value]
    if not isinstance(value, str):
        return value
    if name == "data":
        return _token(value)
    is_captured = name == _VALUE or (len(value) >= GUESSABLE_BYTES and name not in _PUBLIC)
    return Payload(_bytes(value)) if is_captured else value


def _token(jws: str) -> object:
    """Return header and payload of what a device signed, without the signature, which tells of the payload too."""
    try:
        header, payload, _ = (base64url(part, "data") for part in jws.split("."))
        parts = {"header": parse_json(header), "payload": as_object(parse_json(payload), "data")}
    except (ProtocolError, ValueError):
        return Payload(jws.encode())
    return _hidden(parts, "")


def _is_guessable(payload: object) -> bool:
    value = payload.get(_VALUE) if isinstance(payload, dict) else None
    return isinstance(value, Payload) and len(value.content) < GUESSABLE_BYTES


def _bytes(encoded: str) -> bytes:
    try:
        return base64url(encoded, "data")
    except ProtocolError:
        return encoded.encode()
