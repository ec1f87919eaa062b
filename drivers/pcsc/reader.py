"""A contact or contactless card reader."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from dataclasses import replace
from threading import current_thread
from typing import TypeVar

from drivers.pcsc import resource_manager
from drivers.pcsc.apdu import MAX_SHORT_ANSWER, decode, traced_answer, traced_command
from drivers.pcsc.resource_manager import NO_SMARTCARD, TIMEOUT, expect, scard
from drivers.pcsc.worker import Worker
from drivers.trace import current, note
from drivers.transport import Deadline, NeverCancelled, cancelled, check, pause
from fieldkit.ports.cards import CardChange
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    SdkMissingError,
)

POLL_MS = 100
NEVER = -1  # no count of insertions and removals, which the service keeps in the upper half of a reader's state
DOUBT_S = 1.5  # the service shows a pulled card until it looks again
RESTART_S = 1.5  # a service that restarts is away for less, a reader that was pulled out for longer
MAX_ANSWER_BYTES = 128 * 1024

T = TypeVar("T")


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
        if self._name not in resource_manager.readers():
            raise NotConnectedError("device.not_connected", address=self._name)
        self._is_open = True
        self._service()
        note("pcsc", self._name, "opened")

    def health(self) -> DeviceState:
        """Say whether the service lists the reader."""
        try:
            return DeviceState.READY if self._name in resource_manager.readers() else DeviceState.ABSENT
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
            self._context = self._resources.enter_context(resource_manager.context())
        return self._context
