"""A contact or contactless card reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from queue import Empty, SimpleQueue
from threading import Thread, current_thread
from types import ModuleType
from typing import Any, TypeVar

from drivers.trace import Payload, current, note
from drivers.transport import POLL_S, Deadline, NeverCancelled, cancelled, check, pause
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceBusyError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
    TransportBrokenError,
)
from fieldkit.ports.repositories import CardChange

# Commands to a card as bytes: short and extended forms (ISO/IEC 7816-4, 5.2).

OK = b"\x90\x00"
MAX_SHORT_DATA, MAX_SHORT_ANSWER = 255, 256
MAX_DATA, MAX_ANSWER = 0xFFFF, 0x10000


@dataclass(frozen=True, slots=True)
class Command:
    """A C-APDU. `answer_bytes` is Le as a count, 1–65,536; None when no data are awaited."""

    head: bytes  # CLA INS P1 P2
    data: bytes = b""
    answer_bytes: int | None = None

    def encode(self) -> bytes:
        """Return the bytes, extended only where the short form is too small. Raise `ProtocolError`."""
        awaited = self.answer_bytes
        if len(self.head) != 4 or len(self.data) > MAX_DATA or not (awaited is None or 1 <= awaited <= MAX_ANSWER):
            raise ProtocolError("device.pcsc.apdu")
        if len(self.data) <= MAX_SHORT_DATA and (awaited or 0) <= MAX_SHORT_ANSWER:
            length = bytes((len(self.data),)) if self.data else b""
            return self.head + length + self.data + (b"" if awaited is None else bytes((awaited & 0xFF,)))
        length = len(self.data).to_bytes(2, "big") if self.data else b""
        end = b"" if awaited is None else (awaited & 0xFFFF).to_bytes(2, "big")
        return self.head + b"\0" + length + self.data + end


def decode(apdu: bytes) -> Command:
    """Read a C-APDU of any of the seven cases. Raise `ProtocolError` when its lengths do not fit."""
    head, body = apdu[:4], apdu[4:]
    if len(head) == 4:
        if not body:
            return Command(head)
        if len(body) == 1:
            return Command(head, b"", body[0] or MAX_SHORT_ANSWER)
        if body[0]:
            return _with_data(head, body[1 : 1 + body[0]], body[0], body[1 + body[0] :], MAX_SHORT_ANSWER)
        if len(body) == 3:
            return Command(head, b"", int.from_bytes(body[1:], "big") or MAX_ANSWER)
        length = int.from_bytes(body[1:3], "big")
        if len(body) > 3 and length:
            return _with_data(head, body[3 : 3 + length], length, body[3 + length :], MAX_ANSWER)
    raise ProtocolError("device.pcsc.apdu")


def traced_command(apdu: bytes) -> dict[str, object]:
    """Return a C-APDU as a trace shows it: of anything but SELECT without its data."""
    try:
        command = decode(apdu)
    except ProtocolError:
        return {"apdu": apdu[:4], "data": Payload(apdu[4:])}
    if is_select(apdu) or not command.data:
        return {"apdu": apdu}
    return {"apdu": command.head, "data": Payload(command.data), "awaited": command.answer_bytes}


def traced_answer(apdu: bytes, answer: bytes) -> dict[str, object]:
    """Return the R-APDU of a command as a trace shows it: of anything but SELECT without its data."""
    content, status = answer[:-2], answer[-2:]
    return {"data": content if is_select(apdu) else Payload(content), "status": status}


def is_select(apdu: bytes) -> bool:
    """Return whether a command selects a file in plain words (ISO/IEC 7816-4, SELECT)."""
    return apdu[:2] == b"\x00\xa4"


def _with_data(head: bytes, data: bytes, length: int, end: bytes, most: int) -> Command:
    is_short = most == MAX_SHORT_ANSWER
    if len(data) == length and len(end) in ((0, 1) if is_short else (0, 2)):
        return Command(head, data, (int.from_bytes(end, "big") or most) if end else None)
    raise ProtocolError("device.pcsc.apdu")


# The PC/SC service of the operating system: contexts and the meaning of its codes.

# Codes of the PC/SC specification, part 5.
NO_SERVICE = 0x8010001D
SERVICE_STOPPED = 0x8010001E
_INVALID_HANDLE = 0x80100003  # the context belonged to a service that was restarted
_BROKEN_LINE = 0x80100013
NO_READERS = 0x8010002E
TIMEOUT = 0x8010000A
NO_SMARTCARD = 0x8010000C
_KINDS: dict[int, tuple[type[DeviceError], str]] = {
    NO_SERVICE: (SdkMissingError, "device.pcsc.no_service"),
    SERVICE_STOPPED: (SdkMissingError, "device.pcsc.no_service"),
    _INVALID_HANDLE: (SdkMissingError, "device.pcsc.no_service"),
    _BROKEN_LINE: (SdkMissingError, "device.pcsc.no_service"),
    0x8010000B: (DeviceBusyError, "device.busy"),  # sharing violation
    0x80100009: (NotConnectedError, "device.not_connected"),  # unknown reader
    0x80100017: (NotConnectedError, "device.not_connected"),  # reader unavailable
    NO_READERS: (NotConnectedError, "device.not_connected"),
    NO_SMARTCARD: (NothingPresentedError, "device.pcsc.no_card"),
    0x80100069: (NothingPresentedError, "device.pcsc.card_removed"),  # removed card
    0x80100068: (TransportBrokenError, "device.pcsc.card_reset"),  # reset card
    0x80100066: (TransportBrokenError, "device.pcsc.card_silent"),  # unresponsive card
    0x80100067: (TransportBrokenError, "device.pcsc.card_silent"),  # unpowered card
    0x8010000F: (TransportBrokenError, "device.pcsc.other_protocol"),  # protocol mismatch
    0x80100016: (TransportBrokenError, "device.pcsc.not_transacted"),
    0x8010006A: (PermissionDeniedError, "device.pcsc.not_allowed"),  # security violation
}


def scard() -> ModuleType:
    """Return pyscard's binding. Raise `SdkMissingError` when it or the library below it is not installed."""
    try:
        from smartcard import scard as binding
    except ImportError as error:
        raise SdkMissingError("device.pcsc.no_library") from error
    found: ModuleType = binding
    return found


def expect(code: int, address: str = "") -> None:
    """Raise the `DeviceError` that a code stands for."""
    unsigned = code & 0xFFFFFFFF
    if unsigned:
        kind, key = _KINDS.get(unsigned, (TransportBrokenError, "device.transport_broken"))
        raise kind(key, address=address, number=f"{unsigned:08X}")


@contextmanager
def context() -> Iterator[int]:
    """Hold a context of the service; each holder has its own, so that a restarted service is found again."""
    binding = scard()
    code, handle = binding.SCardEstablishContext(binding.SCARD_SCOPE_USER)
    expect(code)
    try:
        yield handle
    finally:
        binding.SCardReleaseContext(handle)


def readers() -> list[str]:
    """Return the names of all readers. Raise `SdkMissingError` when the service does not run."""
    with context() as handle:
        code, names = scard().SCardListReaders(handle, [])
        if code & 0xFFFFFFFF == NO_READERS:
            return []
        expect(code)
        for name in names:
            note("pcsc", name, "listed")
        return list(names)


# A thread for what lasts as long as a card likes.

T = TypeVar("T")


class Worker(Thread):
    """Makes calls one after another. Who gives up waiting leaves it: it ends when the call comes back."""

    def __init__(self) -> None:
        super().__init__(name="pcsc-card", daemon=True)
        self.is_left = self.is_owing = False
        self._calls: SimpleQueue[Callable[[], object] | None] = SimpleQueue()
        self._answers: SimpleQueue[tuple[Any, Exception | None]] = SimpleQueue()
        self.start()

    def carry_out(self, call: Callable[[], T], cancel: Cancel) -> T:
        """Return what the call returns; raise what it raises, or the error of a call that was given up."""
        self.is_owing = True  # an answer that nobody took yet
        self._calls.put(call)
        while True:
            try:
                answer, error = self._answers.get(timeout=POLL_S)
            except Empty:
                check(cancel)
                continue
            self.is_owing = False
            if error is not None:
                raise error
            result: T = answer
            return result

    def leave(self, last: Callable[[], object] | None = None) -> None:
        """Let the thread end after the call under way, and after `last`."""
        self.is_left = True
        if last is not None:
            self._calls.put(last)
        self._calls.put(None)

    def run(self) -> None:
        """Make each call."""
        while (call := self._calls.get()) is not None:
            try:
                self._answers.put((call(), None))
            except Exception as error:  # noqa: BLE001 – raised where the answer is awaited
                self._answers.put((None, error))


POLL_MS = 100
NEVER = -1  # no count of insertions and removals, which the service keeps in the upper half of a reader's state
DOUBT_S = 1.5  # the service shows a pulled card until it looks again
RESTART_S = 1.5  # a service that restarts is away for less, a reader that was pulled out for longer
MAX_ANSWER_BYTES = 128 * 1024


class PcscReader:
    """One reader. The connection to a pulled card or a restarted service is dead and made anew by `wait_for_card`."""

    def __init__(self, name: str) -> None:
        self._name = name
        self._resources = ExitStack()
        self._context: int | None = None
        self._is_open = False
        self._card: int | None = None
        self._protocol = 0
        self._seen_at = self._lost_at = NEVER
        self._cancel: Cancel = NeverCancelled()
        self._worker: Worker | None = None

    @property
    def identity(self) -> DeviceIdentity:
        """PC/SC knows the reader's name only."""
        return DeviceIdentity("PC/SC", self._name, self._name)

    @property
    def capabilities(self) -> Capabilities:
        """Reads cards."""
        return Capabilities(DeviceKind.CARD_READER)

    def open(self, cancel: Cancel) -> None:
        """Take a context and see that the reader is there."""
        check(cancel)
        self.close()
        if self._name not in readers():
            raise NotConnectedError("device.not_connected", address=self._name)
        self._is_open = True
        self._service()
        note("pcsc", self._name, "opened")

    def health(self) -> DeviceState:
        """Say whether the service lists the reader."""
        try:
            return DeviceState.READY if self._name in readers() else DeviceState.ABSENT
        except SdkMissingError:
            return DeviceState.SDK_MISSING
        except DeviceError:
            return DeviceState.ABSENT

    def close(self) -> None:
        """Let go of card and context."""
        self._is_open = False
        self._let_go()
        if self._worker is not None:
            self._worker.leave()
            self._worker = None

    def wait_for_card(self, cancel: Cancel, timeout_ms: int) -> bytes:
        """Return the ATR of the card that is there or comes; a restart of the service is waited for."""
        self._cancel = cancel
        self._drop_card()
        binding, known = scard(), scard().SCARD_STATE_UNAWARE
        deadline, doubt, restart = Deadline(timeout_ms / 1000), Deadline(DOUBT_S), Deadline(RESTART_S)
        while True:
            check(cancel)
            try:
                known, atr = self._look(known) or (known, b"")
                is_fresh = known >> 16 != self._lost_at or doubt.is_over
                if atr and is_fresh and self._connect():
                    self._seen_at, self._lost_at = known >> 16, NEVER
                    note("pcsc", self._name, "connected", atr=atr)
                    return atr
                restart = Deadline(RESTART_S)
            except (SdkMissingError, NotConnectedError):
                if not self._is_open or restart.is_over:
                    raise
                known, atr = binding.SCARD_STATE_UNAWARE, b""
                self._let_go()
                pause(POLL_MS / 1000, cancel)
            if deadline.is_over:
                raise NothingPresentedError("device.pcsc.no_card", address=self._name)
            if atr:
                pause(POLL_MS / 1000, cancel)
                known = binding.SCARD_STATE_UNAWARE

    def changes(self, cancel: Cancel) -> Iterator[CardChange]:
        """Yield each insertion and removal until cancelled, the card that lies there first.

        Without reader or service no card is there; both are found again when they come back.
        """
        known, there = scard().SCARD_STATE_UNAWARE, b""
        while not cancel.is_cancelled():
            try:
                known, atr = self._look(known) or (known, there)
            except DeviceError:
                if not self._is_open:
                    raise
                known, atr = scard().SCARD_STATE_UNAWARE, b""
                self._let_go()
                pause(POLL_MS / 1000, cancel)
            if atr != there:
                there = atr
                yield CardChange(bool(atr), atr)

    def transceive(self, apdu: bytes) -> bytes:
        """Send a command; follow 61xx with GET RESPONSE and 6Cxx with the right Le (ISO/IEC 7816-4, 5.1.3)."""
        command = decode(apdu)
        answer = self._transmit(apdu)
        if answer[-2] == 0x6C:
            answer = self._transmit(replace(command, answer_bytes=answer[-1] or MAX_SHORT_ANSWER).encode())
        collected = answer[:-2]
        while answer[-2] == 0x61:
            if len(collected) > MAX_ANSWER_BYTES:
                raise ProtocolError("device.pcsc.endless", limit=MAX_ANSWER_BYTES)
            before = len(collected)
            answer = self._transmit(bytes((apdu[0], 0xC0, 0, 0)) + answer[-1:])
            collected += answer[:-2]
            if answer[-2] == 0x61 and len(collected) == before:
                raise ProtocolError("device.pcsc.endless", limit=MAX_ANSWER_BYTES)
        return collected + answer[-2:]

    def converse(self, act: Callable[[], T]) -> T:
        """Carry out an act of several commands. Who gives up leaves it, with card and context, to its thread."""
        check(self._cancel)
        if self._worker is None:
            self._worker = Worker()
        try:
            return self._worker.carry_out(act, self._cancel)
        finally:
            if self._worker.is_owing:  # given up, by Esc or Ctrl-C: no other call of this context comes back before it
                self._worker.leave(self._resources.pop_all().close)
                self._worker = self._card = self._context = None

    def _transmit(self, apdu: bytes) -> bytes:
        self._check_turn()
        if self._card is None:
            raise NothingPresentedError("device.pcsc.no_card", address=self._name)
        binding = scard()
        header = binding.SCARD_PCI_T1 if self._protocol == binding.SCARD_PROTOCOL_T1 else binding.SCARD_PCI_T0
        if is_recorded := current() is not None:
            note("pcsc", self._name, "command", **traced_command(apdu))
        code, received = binding.SCardTransmit(self._card, header, list(apdu))
        self._check_turn()
        try:
            expect(code, self._name)
        except DeviceError as error:
            note("pcsc", self._name, "failed", code=error.code)
            self._lost_at = self._seen_at
            self._drop_card()
            raise
        answer = bytes(byte & 0xFF for byte in received)
        if is_recorded:
            note("pcsc", self._name, "answer", **traced_answer(apdu, answer))
        if len(answer) < 2:
            raise ProtocolError("device.pcsc.answer")
        return answer

    def _check_turn(self) -> None:
        """Raise when the person gave up, also in an act that was left: its card may be another's by now."""
        here = current_thread()
        if isinstance(here, Worker) and here.is_left:
            raise cancelled()
        check(self._cancel)

    def _look(self, known: int) -> tuple[int, bytes] | None:
        """Wait a moment for another state than `known`. Return it with the ATR, b"" when no card can be used."""
        binding = scard()
        code, states = binding.SCardGetStatusChange(self._service(), POLL_MS, [(self._name, known)])
        if code & 0xFFFFFFFF == TIMEOUT:
            return None
        expect(code, self._name)
        _, state, atr = states[0]
        if state & (binding.SCARD_STATE_UNKNOWN | binding.SCARD_STATE_UNAVAILABLE):
            raise NotConnectedError("device.not_connected", address=self._name)
        is_there = state & binding.SCARD_STATE_PRESENT and not state & binding.SCARD_STATE_MUTE
        return state, bytes(atr) if is_there else b""

    def _connect(self) -> bool:
        """Return False when the card went away between seeing and connecting."""
        binding = scard()
        mode, protocols = binding.SCARD_SHARE_SHARED, binding.SCARD_PROTOCOL_T0 | binding.SCARD_PROTOCOL_T1
        service = self._service()
        code, card, protocol = self.converse(lambda: binding.SCardConnect(service, self._name, mode, protocols))
        if code & 0xFFFFFFFF == NO_SMARTCARD:
            return False
        expect(code, self._name)
        self._card, self._protocol = card, protocol
        return True

    def _drop_card(self) -> None:
        if self._card is not None:
            binding = scard()
            binding.SCardDisconnect(self._card, binding.SCARD_LEAVE_CARD)
        self._card = None

    def _let_go(self) -> None:
        self._drop_card()
        self._context = None
        self._resources.close()

    def _service(self) -> int:
        """Return the context, made anew after a restart of the service."""
        if not self._is_open:
            raise NotConnectedError("device.not_open", model=self._name)
        if self._context is None:
            self._context = self._resources.enter_context(context())
        return self._context
