"""What a broken, hostile or merely strange server may answer, as bytes on the wire."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable, Iterator
from itertools import count
from typing import Any

from support.lying_line import Raw, raw

Fault = tuple[str, str, Raw]  # method, path, answer
TUS = "Tus-Resumable: 1.0.0"
ANY_ID = "0190f5fe-0000-7000-8000-000000000000"
DIGEST = "a" * 64


def said(value: Any, status: int = 200, *headers: str) -> bytes:
    return raw(status, json.dumps(value).encode(), *headers)


def text(body: str, status: int = 200) -> bytes:
    return raw(status, body.encode("utf-8", "surrogatepass"))


# Whatever was asked: this is no answer to it.
SHAPELESS: dict[str, Raw] = {
    "html": raw(200, b"<html><body>WiFi Desa</body></html>"),
    "nothing": raw(200),
    "no content": raw(204),
    "cut json": raw(200, b'{"records": [{"rec'),
    "list": said([]),
    "null": said(None),
    "number": said(7),
    "string": said("ok"),
    "empty object": said({}),
    "gigantic number": raw(200, b'{"protocol": ' + b"9" * 6000 + b"}"),
    "nested deeply": raw(200, b"[" * 100_000),
    "invalid utf-8": raw(200, b'{"code": "\xff\xfe\x80"}'),
    "lone surrogate": raw(200, b'{"gateway": "\\ud800", "receipt": "\\udfff", "cursor": "\\ud800"}'),
    "nul bytes": raw(200, b"\0" * 1000),
    "gzip": raw(200, gzip.compress(b'{"records": []}'), "Content-Encoding: gzip"),
    "gzip that is none": raw(200, b"not gzip at all", "Content-Encoding: gzip"),
    "body shorter than told": raw(200, b'{"records"', length=500),
    "no http at all": b"220 mail.example ESMTP\r\n",
    "nothing on the wire": b"",
    "half a status line": b"HTTP/1.1 2",
    "status of letters": b"HTTP/1.1 abc OK\r\n\r\n",
    "status 999": raw(999),
    "two lengths": b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\n{}",
    "negative length": b"HTTP/1.1 200 OK\r\nContent-Length: -4\r\n\r\n{}",
    "bad chunks": b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n{}\r\n0\r\n\r\n",
    "early hints for ever": b"HTTP/1.1 103 Early Hints\r\n\r\n" * 50,
    "other protocol": b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\nConnection: Upgrade\r\n\r\n",
    "redirect": raw(307, b"", "Location: https://127.0.0.1:1/"),
    "redirect to nonsense": raw(302, b"", "Location: http://[::1"),
    "not modified": raw(304),
    "header bomb": raw(200, b"{}", *(f"X-{n}: {'a' * 900}" for n in range(200))),
    "one long header": raw(200, b"{}", "X-Long: " + "a" * 300_000),
    "header in latin-1": raw(200, b"{}", "X-Name: \xe9\xff\x80"),
    "cookies": raw(200, b"{}", *(f"Set-Cookie: a{n}={'b' * 300}; Path=/" for n in range(50))),
    "too large": raw(200, b" " * 5_000_000),
    "bad request": raw(400, b"<html>"),
    "not found": raw(404, b"<html>"),
    "not allowed": said({"detail": "Method Not Allowed"}, 405),
    "conflict of nothing": raw(409),
    "gone": raw(410),
    "too large a question": raw(413),
    "teapot": raw(418),
    "unprocessable": raw(422, b"[]"),
    "locked": raw(423),
    "busy": raw(429, b"", "Retry-After: a long time"),
    "legal reasons": raw(451),
    "checksum": raw(460),
    "error": raw(500, b"Traceback (most recent call last)"),
    "not implemented": raw(501),
    "bad gateway": raw(502),
    "full": raw(507),
    "trouble of a stranger": said({"code": "ö\n" * 50}, 422),
    "trouble with numbers": said({"code": 17, "message": []}, 500),
}
ROUTES = (
    ("POST", "/hello"),
    ("POST", "/token"),
    ("POST", "/reconcile"),
    ("POST", "/announce"),
    ("POST", "/tus"),
    ("PATCH", "/tus/"),
    ("GET", "/receipts/"),
    ("GET", "/statuses"),
    ("GET", "/counts"),
)

HELLO = {
    "protocol": 1,
    "oldest_protocol": 1,
    "gateway": "g",
    "server_time": "2026-11-21T03:00:00Z",
    "free_bytes": 1,
    "max_record_bytes": 10**9,
    "max_chunk_bytes": 10**6,
}
ITEM = {"record_id": ANY_ID, "code": "PRR", "source": "uji coba", "observed_at": "2026-11-21T03:00:00Z"}


def _ever_more() -> Callable[[], bytes]:
    numbers = count(1)
    return lambda: said({"items": [], "cursor": f"c{next(numbers)}", "has_more": True})


# Right in form, and wrong.
SHAPED: dict[str, Fault] = {
    "hello dated naively": ("POST", "/hello", said({**HELLO, "server_time": "2026-11-21T03:00:00"})),
    "hello of year 1": ("POST", "/hello", said({**HELLO, "server_time": "0001-01-01T00:00:00+14:00"})),
    "hello of year 9999": ("POST", "/hello", said({**HELLO, "server_time": "9999-12-31T23:59:59-12:00"})),
    "hello dated by a number": ("POST", "/hello", said({**HELLO, "server_time": 1e300})),
    "hello with no room": ("POST", "/hello", said({**HELLO, "max_chunk_bytes": 0})),
    "hello with endless room": ("POST", "/hello", said({**HELLO, "max_chunk_bytes": 10**30})),
    "hello of tomorrow's protocol": ("POST", "/hello", said({**HELLO, "oldest_protocol": 99})),
    "token of no header": ("POST", "/token", said({"access_token": "a\nb: c", "token_type": "x", "expires_in": 9})),
    "token that is not ascii": ("POST", "/token", said({"access_token": "ö€", "token_type": "x", "expires_in": 9})),
    "token for ever": ("POST", "/token", said({"access_token": "a", "token_type": "x", "expires_in": 10**400})),
    "token refused with our word": ("POST", "/token", said({"code": "record.conflict"}, 409)),
    "token refused as a record": ("POST", "/token", said({"code": "manifest.invalid"}, 422)),
    "reconciled nothing": ("POST", "/reconcile", said({"records": []})),
    "reconciled another": ("POST", "/reconcile", said({"records": [{"record_id": ANY_ID, "holding": "received"}]})),
    "reconciled with a new word": ("POST", "/reconcile", said({"records": [{"record_id": ANY_ID, "holding": "?"}]})),
    "reconciled too many": (
        "POST",
        "/reconcile",
        said({"records": [{"record_id": ANY_ID, "holding": "unknown"}] * 500}),
    ),
    "announced nothing": ("POST", "/announce", said({"manifests": []})),
    "announced too much": ("POST", "/announce", said({"manifests": [{"code": ""}] * 400})),
    "announced with strange words": ("POST", "/announce", said({"manifests": [{"code": "x.y.z\u0000"}]})),
    "announced as numbers": ("POST", "/announce", said({"manifests": [{"code": 7}]})),
    "negative offset": ("POST", "/tus", raw(201, b"", TUS, "Upload-Offset: -5")),
    "offset behind the end": ("POST", "/tus", raw(201, b"", TUS, "Upload-Offset: 999999999")),
    "gigantic offset": ("POST", "/tus", raw(201, b"", TUS, "Upload-Offset: " + "9" * 400)),
    "offset in other digits": ("POST", "/tus", raw(201, b"", TUS, "Upload-Offset: \xb2")),
    "upload elsewhere": ("POST", "/tus", raw(201, b"", TUS, "Location: http://[")),
    "upload at no place": ("POST", "/tus", raw(201, b"", TUS, "Location: /\xff\xfe")),
    "another tus": ("POST", "/tus", raw(201, b"", "Tus-Resumable: 0.2", "Upload-Offset: 0")),
    "chunk that moved nothing": ("PATCH", "/tus/", raw(204, b"", TUS, "Upload-Offset: 0")),
    "chunk that went back": ("PATCH", "/tus/", raw(204, b"", TUS, "Upload-Offset: 1")),
    "chunk that went too far": ("PATCH", "/tus/", raw(204, b"", TUS, "Upload-Offset: 999999")),
    "chunk without offset": ("PATCH", "/tus/", raw(204, b"", TUS)),
    "receipt of nobody": ("GET", "/receipts/", said({"receipt": "a.b.c"})),
    "receipt of no parts": ("GET", "/receipts/", said({"receipt": ""})),
    "receipt as a number": ("GET", "/receipts/", said({"receipt": 7})),
    "receipt with a surrogate": ("GET", "/receipts/", raw(200, b'{"receipt": "\\ud800.\\ud800.\\ud800"}')),
    "receipt nested": ("GET", "/receipts/", said({"receipt": "W1tbW1tbW1tb" * 3000 + ".e30.e30"})),
    "status dated naively": (
        "GET",
        "/statuses",
        said({"items": [{**ITEM, "observed_at": "2026-11-21T03:00:00"}], "cursor": "1"}),
    ),
    "status of year 1": (
        "GET",
        "/statuses",
        said({"items": [{**ITEM, "observed_at": "0001-01-01T00:00:00+14:00"}], "cursor": "1"}),
    ),
    "status of a thing": ("GET", "/statuses", said({"items": [{**ITEM, "record_id": "../../x"}], "cursor": "1"})),
    "status without end": ("GET", "/statuses", said({"items": [], "cursor": "1", "has_more": True})),
    "statuses for ever": ("GET", "/statuses", _ever_more()),
    "a cursor too long": ("GET", "/statuses", said({"items": [ITEM], "cursor": "c" * 100_000})),
    "counted below nothing": ("GET", "/counts", said({"announced": -1, "received": -1})),
    "counted beyond counting": ("GET", "/counts", raw(200, b'{"announced": 0, "received": ' + b"9" * 5000 + b"}")),
}


def faults() -> dict[str, Fault]:
    """Return the faults by name: each shapeless answer to one of the questions in turn, and the shaped ones."""
    return dict(_shapeless(0)) | SHAPED


def further_faults() -> dict[str, Fault]:
    """Return the shapeless answers to all other questions."""
    return {name: fault for step in range(1, len(ROUTES)) for name, fault in _shapeless(step)}


def _shapeless(step: int) -> Iterator[tuple[str, Fault]]:
    for number, (name, answer) in enumerate(SHAPELESS.items()):
        method, path = ROUTES[(number + step) % len(ROUTES)]
        yield f"{name} to {method} {path}", (method, path, answer)
