"""A certified slap scanner, iris camera or face camera behind the interface."""

from __future__ import annotations

import asyncio
import contextlib
import dataclasses
import threading
import time
from collections.abc import Awaitable, Callable, Iterable, Sequence
from typing import Generic, TypeVar
from urllib.parse import urlsplit

from drivers.sbi.protocol import (
    DIALECTS,
    PASSING,
    TYPES,
    Ask,
    Dialect,
    Discovered,
    Found,
    Signed,
    capture_request,
    captured_by,
    device_error,
    discovery_request,
    parse_capture,
    parse_discovery,
    parse_info,
    plan,
    stream_request,
)
from drivers.sbi.transport import MAX_CAPTURE_BYTES, MAX_INFO_BYTES, exchange, run, stream_frames
from drivers.transport import Deadline, NeverCancelled, check, pause
from fieldkit.domain.recording.capture import DeviceLink, Sample
from fieldkit.domain.recording.positions import Modality, Position
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    CaptureRequest,
    CaptureResult,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    PreviewSink,
    ProtocolError,
    SampleFault,
    SampleVerifier,
    TransportBrokenError,
)

# Asking many services at once, so that a slow one keeps nobody waiting: who asks takes what has come by then.

T = TypeVar("T")


class Asking(Generic[T]):
    """Asks each address on a thread in the background, never the same one twice at a time."""

    def __init__(self, ask: Callable[[str], Awaitable[T]]) -> None:
        self._ask = ask
        self._changed = threading.Condition()  # over what follows
        self._under_way: set[str] = set()
        self._answers: dict[str, T | Exception] = {}

    def answers(self, addresses: Iterable[str], within_s: float) -> dict[str, tuple[T | None, bool]]:
        """Ask, wait up to `within_s`, and return for each address its last answer and whether that one is of now.

        Raise what asking raised instead of giving an answer.
        """
        wanted = list(dict.fromkeys(addresses))
        with self._changed:
            new = [address for address in wanted if address not in self._under_way]
            self._under_way.update(new)
            self._answers = {address: self._answers[address] for address in wanted if address in self._answers}
        if new:
            threading.Thread(target=self._run, args=(new,), name="sbi-asking", daemon=True).start()
        with self._changed:
            self._changed.wait_for(lambda: self._under_way.isdisjoint(wanted), within_s)
            found = {each: (self._answers.get(each), each not in self._under_way) for each in wanted}
        answers: dict[str, tuple[T | None, bool]] = {}
        for each, (answer, is_new) in found.items():
            if isinstance(answer, Exception):
                raise answer
            answers[each] = answer, is_new
        return answers

    def _run(self, addresses: list[str]) -> None:
        asyncio.run(self._ask_all(addresses))

    async def _ask_all(self, addresses: list[str]) -> None:
        await asyncio.gather(*map(self._ask_one, addresses))

    async def _ask_one(self, address: str) -> None:
        try:
            answer: T | Exception = await self._ask(address)
        except Exception as error:  # noqa: BLE001 – raised again on the thread that wants the answer
            answer = error
        with self._changed:
            self._answers[address] = answer
            self._under_way.discard(address)
            self._changed.notify_all()


# Asking a service which devices it has, in whichever dialect it speaks.


async def discover(url: str, first: Dialect, timeout_s: float) -> Discovered:
    """Return the devices of a service, asked in the dialect `first` and then in the others.

    Raise the `DeviceError` of the first dialect when none is understood.
    """
    first_error: DeviceError | None = None
    for dialect in (first, *(d for d in DIALECTS if d is not first)):
        request = discovery_request(dialect)
        try:
            body = await exchange(
                url, dialect.discovery_verb, "/device", request, timeout_s=timeout_s, limit=MAX_INFO_BYTES
            )
            answer = parse_discovery(body, dialect)
        except (ProtocolError, TransportBrokenError) as error:  # a verb it does not know: refused or hung up
            first_error = first_error or error
            continue
        if answer.devices:
            return answer
        first_error = first_error or next(iter(answer.mistakes), None)
    if first_error is not None:
        raise first_error
    return Discovered(())


async def signed_info(url: str, found: Found, verifier: SampleVerifier, timeout_s: float) -> Signed:
    """Return what a device signs about itself. Raise the `DeviceError` of a device that is not trusted, too."""
    base_url, request = callback_url(url, found.callback), discovery_request(found.dialect, TYPES[found.modality])
    verb = found.dialect.info_verb
    body = await exchange(base_url, verb, "/info", request, timeout_s=timeout_s, limit=MAX_INFO_BYTES)
    return parse_info(body, found, verifier)


def callback_url(base_url: str, callback: str) -> str:
    """Return the base URL for later requests. Raise `ProtocolError` when a reply points away from this laptop."""
    if not callback:
        return base_url
    try:
        target = urlsplit(callback if "//" in callback else f"//{callback}")
        host, port = target.hostname, target.port
    except ValueError as error:
        raise ProtocolError("device.sbi.callback", url=callback[:80]) from error
    if target.scheme not in ("", "http") or host not in ("127.0.0.1", "localhost", urlsplit(base_url).hostname):
        raise ProtocolError("device.sbi.callback", url=callback[:80])
    # "localhost" may resolve to ::1, where services do not listen.
    host = "127.0.0.1" if host == "localhost" else host
    host = f"[{host}]" if host and ":" in host else host
    return f"http://{host}:{port or urlsplit(base_url).port or 80}{target.path.rstrip('/')}"


INFO_TIMEOUT_S = 5.0
CAPTURE_MARGIN_S = 5.0
STREAM_TIMEOUT_MS = 300_000
PREVIEW_HEAD_START_S = 0.25
RETRY_WITHIN_S = 1.5
RETRY_PAUSE_S = 0.35

KINDS = {Modality.FINGER: DeviceKind.FINGERPRINT, Modality.IRIS: DeviceKind.IRIS, Modality.FACE: DeviceKind.CAMERA}
_REFUSED_STATES = {DeviceState.NOT_READY: 110, DeviceState.NOT_REGISTERED: 100}


class SbiDevice:
    """Captures over RCAPTURE while STREAM shows what the device sees."""

    def __init__(
        self,
        base_url: str,
        found: Found,
        verifier: SampleVerifier,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._base_url = base_url
        self._found = found
        self._verifier = verifier
        self._monotonic = monotonic
        self._signed: Signed | None = None
        self._left_capture = Deadline(
            0, monotonic
        )  # until then the service may still be at a capture that the person left

    @property
    def identity(self) -> DeviceIdentity:
        """Who the device says it is; the firmware is known once it is open."""
        firmware = self._signed.firmware if self._signed else ""
        return dataclasses.replace(self._found.identity, firmware=firmware)

    @property
    def capabilities(self) -> Capabilities:
        """What its kind and sub-devices allow."""
        modality = self._found.modality
        return Capabilities(
            kind=KINDS[modality],
            positions=captured_by(modality, self._found.sub_ids),
            may_preview=True,
            may_capture_slaps=modality is Modality.FINGER and not self._found.is_single,
            may_sign_samples=True,
            resolution_ppi=500 if modality is Modality.FINGER else 0,  # ISO/IEC 19794-4, at least
        )

    def open(self, cancel: Cancel) -> None:
        """Find the device again and verify what it signs about itself."""
        found = self._discover(cancel)
        if found.state in _REFUSED_STATES:
            raise device_error(_REFUSED_STATES[found.state])
        self._signed = run(signed_info(self._base_url, found, self._verifier, INFO_TIMEOUT_S), cancel)
        self._found, self._base_url = found, callback_url(self._base_url, found.callback)

    def health(self) -> DeviceState:
        """Ask by discovery, which services answer even while they capture."""
        try:
            return self._discover(NeverCancelled()).state
        except DeviceError:
            return DeviceState.ABSENT

    def close(self) -> None:
        """Forget the device; the service holds nothing for us."""
        self._signed = None

    def stream(self, positions: Sequence[Position], preview: PreviewSink, cancel: Cancel) -> None:
        """Show frames of the sub-device for these positions until cancelled."""
        self._opened()
        ask = self._plan(positions, ())[0]
        request = stream_request(self._found, ask.sub_id, STREAM_TIMEOUT_MS)
        patience = Deadline(RETRY_WITHIN_S, self._monotonic)
        while not cancel.is_cancelled():
            try:
                frames = run(_stream_once(self._base_url, request, preview), cancel)
            except DeviceError as error:
                if cancel.is_cancelled():
                    return
                if not _may_pass(error, patience):
                    raise
                pause(RETRY_PAUSE_S, cancel)
                continue
            if not frames:
                raise TransportBrokenError("device.stream_ended", address=self._base_url)

    def capture(self, request: CaptureRequest, preview: PreviewSink, cancel: Cancel) -> CaptureResult:
        """Capture what is wanted, sub-device by sub-device; the hash chain runs through all of them.

        A slap scanner may answer with all fingers of a slap although some were wanted. When a later sub-device fails,
        the samples of the earlier ones are kept and its positions become faults.
        """
        signed = self._opened()
        samples: list[Sample] = []
        faults: list[SampleFault] = []
        links: list[DeviceLink] = []
        last_hash = request.previous_hash
        for number, ask in enumerate(self._plan(request.positions, request.exceptions), start=1):
            part = request if number == 1 else _numbered(request, number)
            try:
                result = self._capture_one(part, ask, signed, last_hash, preview, cancel)
            except DeviceError as error:
                if not samples or cancel.is_cancelled():
                    raise
                faults += [SampleFault(p, error.code) for p in ask.positions]
                continue
            samples += result.samples
            faults += result.faults
            links += result.links
            last_hash = result.last_hash
        return CaptureResult(tuple(samples), tuple(faults), last_hash, tuple(links))

    def _capture_one(
        self, request: CaptureRequest, ask: Ask, signed: Signed, last_hash: str, preview: PreviewSink, cancel: Cancel
    ) -> CaptureResult:
        patience = Deadline(RETRY_WITHIN_S, self._monotonic)
        while True:
            check(cancel)
            body = capture_request(request, ask, self._found, signed.environment, last_hash)
            try:
                reply = run(self._rcapture(body, ask, request.timeout_ms, preview), cancel)
                captured = parse_capture(reply, request, ask, self._found, last_hash, self._verifier)
            except DeviceError as error:
                if cancel.is_cancelled():
                    self._left_capture = Deadline(request.timeout_ms / 1000 + RETRY_WITHIN_S, self._monotonic)
                    raise
                if error.problem.params.get("number") == 109 and ask.whole != ask:
                    ask = ask.whole
                elif _may_pass(error, patience) or _may_pass(error, self._left_capture):
                    pause(RETRY_PAUSE_S, cancel)
                else:
                    raise
            else:
                self._left_capture = Deadline(0, self._monotonic)  # the service is free again
                return captured

    async def _rcapture(self, body: bytes, ask: Ask, timeout_ms: int, preview: PreviewSink) -> bytes:
        """Capture while the stream of the same sub-device runs: services end one with the other, as they like."""
        request = stream_request(self._found, ask.sub_id, timeout_ms)
        started = asyncio.Event()
        showing = asyncio.create_task(stream_frames(self._base_url, request, preview, started))
        try:
            waiting = asyncio.create_task(started.wait())
            await asyncio.wait({showing, waiting}, timeout=PREVIEW_HEAD_START_S, return_when=asyncio.FIRST_COMPLETED)
            waiting.cancel()
            timeout_s = timeout_ms / 1000 + CAPTURE_MARGIN_S
            return await exchange(
                self._base_url, "RCAPTURE", "/capture", body, timeout_s=timeout_s, limit=MAX_CAPTURE_BYTES
            )
        finally:
            showing.cancel()
            # A preview that fails costs the preview only; the capture's own reply says what is wrong.
            with contextlib.suppress(asyncio.CancelledError, DeviceError):
                await showing

    def _discover(self, cancel: Cancel) -> Found:
        same = (self._found.modality, self._found.identity.serial)
        for found in run(discover(self._base_url, self._found.dialect, INFO_TIMEOUT_S), cancel).devices:
            if (found.modality, found.identity.serial) == same:
                return found
        raise NotConnectedError("device.not_connected", address=self._base_url)

    def _opened(self) -> Signed:
        if self._signed is None:
            raise NotConnectedError("device.not_open", model=self._found.identity.model)
        return self._signed

    def _plan(self, positions: Sequence[Position], exceptions: Sequence[Position]) -> tuple[Ask, ...]:
        found = self._found
        return plan(found.modality, positions, exceptions, sub_ids=found.sub_ids, single=found.is_single)


def _numbered(request: CaptureRequest, number: int) -> CaptureRequest:
    """A transaction id is new per request and at most 50 characters."""
    return dataclasses.replace(request, transaction_id=f"{request.transaction_id[:47]}-{number}")


def _may_pass(error: DeviceError, patience: Deadline) -> bool:
    return error.problem.params.get("number") in PASSING and not patience.is_over


async def _stream_once(base_url: str, request: bytes, preview: PreviewSink) -> int:
    return await stream_frames(base_url, request, preview, asyncio.Event())
