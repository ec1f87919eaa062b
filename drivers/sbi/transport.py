"""HTTP/1.1 with the interface's own verbs, to services on this laptop; every wait ends with the person's patience."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import socket
import ssl
import struct
import sys
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from errno import EINPROGRESS, EWOULDBLOCK
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self, TypeVar
from urllib.parse import urlsplit

from drivers.context import writable
from drivers.mjpeg import MjpegReader
from drivers.sbi.protocol import as_list, as_object, base64url, broken, device_error, error_of, parse_json
from drivers.trace import GUESSABLE_BYTES, Payload, current
from drivers.transport import POLL_S, cancelled
from fieldkit.ports.devices import (
    Cancel,
    CancelTeller,
    DeviceError,
    NotConnectedError,
    PreviewSink,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

if TYPE_CHECKING:
    import httpx2


# The ports on which something listens here, asked of the kernel at once: to try each of a hundred takes 11 ms.

# linux/netlink.h, linux/inet_diag.h: a dump of the sockets of one family in the state LISTEN.
_NETLINK_SOCK_DIAG, _SOCK_DIAG_BY_FAMILY = 4, 20
_REQUEST, _DUMP = 0x1, 0x300
_DONE, _ERROR = 3, 2
_LISTEN = 1 << 10
_HEAD, _ASKED = struct.Struct("=IHHII"), struct.Struct("=BBBBI48x")
_FOUND = struct.Struct("!4xH62x4s")  # of an inet_diag_msg the port and the inode of the socket
_ANSWER_BYTES, _WITHIN_S = 1 << 16, 1.0


def listening_ports() -> dict[int, bytes] | None:
    """Return the TCP ports of all listeners, each with its socket's inode; None where the system does not tell."""
    if sys.platform != "linux":
        return None
    try:
        return {port: inode for family in (socket.AF_INET6, socket.AF_INET) for port, inode in _ports(family)}
    except (OSError, struct.error):  # a kernel without the module, a sandbox that forbids it
        return None


def _ports(family: int) -> list[tuple[int, bytes]]:
    asked = _ASKED.pack(family, socket.IPPROTO_TCP, 0, 0, _LISTEN)
    head = _HEAD.pack(_HEAD.size + len(asked), _SOCK_DIAG_BY_FAMILY, _REQUEST | _DUMP, 1, 0)
    ports: list[tuple[int, bytes]] = []
    with socket.socket(socket.AF_NETLINK, socket.SOCK_RAW, _NETLINK_SOCK_DIAG) as kernel:
        kernel.settimeout(_WITHIN_S)
        kernel.send(head + asked)
        while True:
            answer, at = kernel.recv(_ANSWER_BYTES), 0
            while at < len(answer):
                size, kind, *_ = _HEAD.unpack_from(answer, at)
                if kind == _DONE:
                    return ports
                if kind == _ERROR:
                    raise OSError("the kernel does not tell its listeners")
                ports.append(_FOUND.unpack_from(answer, at + _HEAD.size))
                at += (size + 3) & ~3


# One request to a service as a trace shows it: what it captured is hidden, the structure around it is not.

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


T = TypeVar("T")

CONNECT_TIMEOUT_S = 10.0
STREAM_STALL_S = 5.0  # the interface promises three frames a second
MAX_ERROR_BYTES = 64 * 1024
MAX_CAPTURE_BYTES = 48 * 1024 * 1024
MAX_INFO_BYTES = 1024 * 1024


def run(work: Coroutine[Any, Any, T], cancel: Cancel) -> T:
    """Run one exchange on this thread and stop it when the person gives up."""
    return asyncio.run(_until_cancelled(work, cancel))


async def _until_cancelled(work: Coroutine[Any, Any, T], cancel: Cancel) -> T:
    task = asyncio.create_task(work)
    with _called(cancel) as given_up:
        either: set[asyncio.Future[Any]] = {task, given_up}
        while not task.done():
            await asyncio.wait(either, timeout=POLL_S, return_when=asyncio.FIRST_COMPLETED)
            if not task.done() and cancel.is_cancelled():
                task.cancel()
                await asyncio.wait({task})
                raise cancelled()
    return task.result()


@contextlib.contextmanager
def _called(cancel: Cancel) -> Iterator[asyncio.Future[None]]:
    """Give what is done as soon as a `CancelTeller` is given up; of any other `Cancel` it never is."""
    loop = asyncio.get_running_loop()
    given_up = loop.create_future()

    def tell() -> None:
        loop.call_soon_threadsafe(given_up.set_result, None)

    if not isinstance(cancel, CancelTeller):
        yield given_up
        return
    stop = cancel.when_cancelled(tell)
    try:
        yield given_up
    finally:
        stop()


async def exchange(base_url: str, verb: str, path: str, body: bytes, *, timeout_s: float, limit: int) -> bytes:
    """Send a request and return the body of its reply. Raise a `DeviceError`."""
    with TracedRequest(base_url, verb, path, body) as traced, _as_device_errors(base_url):
        async with (
            asyncio.timeout(timeout_s),
            _client(timeout_s) as client,
            _sent(client, base_url + path, verb, body) as response,
        ):
            received = await _read(response, limit)
        traced.answer(response.status_code, _kind(response), received)
    if response.status_code != 200:
        raise _refused(received, response.status_code)
    return received


async def stream_frames(base_url: str, body: bytes, preview: PreviewSink, started: asyncio.Event) -> int:
    """Offer the frames of a STREAM until the service ends it; return how many. Raise a `DeviceError`."""
    frames, verb, path = 0, "STREAM", "/stream"
    with TracedRequest(base_url, verb, path, body) as traced, _as_device_errors(base_url):
        async with _client(STREAM_STALL_S) as client, _sent(client, base_url + path, verb, body) as response:
            kind, status = _kind(response), response.status_code
            if status != 200 or not kind.lower().startswith("multipart/"):
                answer = await _read(response, MAX_ERROR_BYTES)
                traced.answer(status, kind, answer)
                raise _refused(answer, status)
            traced.answer(status, kind)
            reader = MjpegReader(kind)
            async for received in response.aiter_raw():
                for frame in reader.feed(received):
                    frames += 1
                    traced.frame(frame)
                    preview.offer(frame)
                    started.set()
        traced.ended()
    return frames


def open_ports(ports: Iterable[int], timeout_s: float = 0.25) -> list[int]:
    """Return the loopback ports on which something listens; closed ones refuse at once."""
    listening = listening_ports()
    waiting: dict[socket.socket, int] = {}
    is_open: list[int] = []
    try:
        for port in (each for each in ports if listening is None or each in listening):
            attempt = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            attempt.setblocking(False)
            waiting[attempt] = port
            if attempt.connect_ex(("127.0.0.1", port)) not in (0, EINPROGRESS, EWOULDBLOCK):
                del waiting[attempt]
                attempt.close()
        answered = writable(waiting, timeout_s)
        is_open = [waiting[s] for s in answered if s.getsockopt(socket.SOL_SOCKET, socket.SO_ERROR) == 0]
    finally:
        for attempt in waiting:
            attempt.close()
    return sorted(is_open)


def _client(read_timeout_s: float) -> httpx2.AsyncClient:
    import httpx2  # a fifth of a second: only when a device is really asked

    return httpx2.AsyncClient(
        timeout=httpx2.Timeout(read_timeout_s, connect=CONNECT_TIMEOUT_S),
        trust_env=False,  # a proxy of the office must never see a fingerprint
        follow_redirects=False,
        verify=ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),  # the wire is plain: loading the usual CAs costs 25 ms a call
    )


@asynccontextmanager
async def _sent(client: httpx2.AsyncClient, url: str, verb: str, body: bytes) -> AsyncIterator[httpx2.Response]:
    headers = {"Content-Type": "application/json", "Accept-Encoding": "identity", "EXT": "fieldkit"}
    async with client.stream(verb, url, content=body, headers=headers) as response:
        yield response


def _kind(response: httpx2.Response) -> str:
    kind: str = response.headers.get("content-type", "")
    return kind


async def _read(response: httpx2.Response, limit: int) -> bytes:
    received = bytearray()
    async for part in response.aiter_raw():
        received += part
        if len(received) > limit:
            raise ProtocolError("device.sbi.too_big", limit=limit)
    return bytes(received)


def _refused(body: bytes, status: int) -> Exception:
    """Services report an error as a JSON object, sometimes with its code on top, with any HTTP status."""
    with contextlib.suppress(ProtocolError):
        reply = as_object(parse_json(body), "error")
        code, sentence = error_of(reply if "error" in reply else {"error": reply})
        if code:
            return device_error(code, sentence)
        for item in as_list(reply.get("biometrics"), "biometrics")[:1]:
            return device_error(*error_of(as_object(item, "biometrics")))
    return broken(f"HTTP {status}")


@contextlib.contextmanager
def _as_device_errors(url: str) -> Iterator[None]:
    import httpx2

    try:
        yield
    except (httpx2.ConnectError, httpx2.ConnectTimeout) as error:
        raise NotConnectedError("device.not_connected", address=url) from error
    except (httpx2.TimeoutException, TimeoutError) as error:
        raise TimedOutError("device.timed_out", address=url) from error
    except (httpx2.TransportError, httpx2.InvalidURL) as error:
        raise TransportBrokenError("device.transport_broken", address=url) from error
