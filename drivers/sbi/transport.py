"""HTTP/1.1 with the interface's own verbs, to services on this laptop; every wait ends with the person's patience."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import ssl
from collections.abc import AsyncIterator, Coroutine, Iterable, Iterator
from contextlib import asynccontextmanager
from errno import EINPROGRESS, EWOULDBLOCK
from typing import TYPE_CHECKING, Any, TypeVar

from drivers.mjpeg import MjpegReader
from drivers.readiness import writable
from drivers.sbi.faults import device_error
from drivers.sbi.listening import listening_ports
from drivers.sbi.traced import TracedRequest
from drivers.sbi.wire import as_list, as_object, broken, error_of, parse_json
from drivers.transport import POLL_S, cancelled
from fieldkit.ports.devices import (
    Cancel,
    CancelTeller,
    NotConnectedError,
    PreviewSink,
    ProtocolError,
    TimedOutError,
    TransportBrokenError,
)

if TYPE_CHECKING:
    import httpx2

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
