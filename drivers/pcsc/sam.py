"""The slot of the ministry's SAM: present, unknown or absent, and nothing in between.

Commands are those of ISO/IEC 7816-4 and -8. Which application a genuine SAM answers to is the ministry's to tell: it
comes with the address (`<reader>#sam=<AID in hex>`). Without it a module in the slot is reported as unknown.
"""

from __future__ import annotations

from contextlib import ExitStack

from drivers.context import DriverContext
from drivers.pcsc.apdu import MAX_SHORT_ANSWER, OK, Command
from drivers.pcsc.reader import PcscReader
from drivers.transport import check
from fieldkit.domain.errors import InputError
from fieldkit.ports.cards import CardReader
from fieldkit.ports.devices import (
    Cancel,
    DeviceError,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
)
from fieldkit.ports.sam import Sam

SLOT_MARK = "#sam"
_LOOK_MS = 500  # a SAM is there from power-on; nobody waits for one
_SELECT_BY_NAME = b"\x00\xa4\x04\x00"
_INTERNAL_AUTHENTICATE = b"\x00\x88\x00\x00"
_ENCIPHER = b"\x00\x2a\x86\x80"  # PERFORM SECURITY OPERATION: plain in, cryptogram out
_DECIPHER = b"\x00\x2a\x80\x86"


def sam_of(context: DriverContext) -> Sam:
    """Return the SAM of the slot that this kit names, or one that says it is absent."""
    given = next((a for a in context.given("pcsc") if SLOT_MARK in a), "")
    if not given:
        return NoSam()
    name, _, _ = given.partition(SLOT_MARK)
    try:
        return PcscSam(PcscReader(name), name, application_of(given))
    except InputError as error:
        return NoSam(error)


def application_of(address: str) -> bytes:
    """Return the application that an address names, b"" for none. Raise `InputError("device.sam.address")`."""
    told = address.partition(SLOT_MARK)[2].removeprefix("=")
    try:
        return bytes.fromhex(told)
    except ValueError as error:
        raise InputError("device.sam.address", address=address, reason=str(error)) from error


class NoSam:
    """A kit without a slot for a SAM, or with one whose name is a mistake."""

    def __init__(self, mistake: InputError | None = None) -> None:
        self._error = DeviceError(mistake.code, recovery=None, **mistake.problem.params) if mistake else _absent("")

    def open(self, cancel: Cancel) -> None:
        """Say that there is none."""
        check(cancel)
        raise self._error

    def challenge(self, from_card: bytes) -> bytes:  # noqa: ARG002 – the port's signature
        """Say that there is none."""
        raise self._error

    def wrap(self, apdu: bytes) -> bytes:  # noqa: ARG002 – the port's signature
        """Say that there is none."""
        raise self._error

    def unwrap(self, answer: bytes) -> bytes:  # noqa: ARG002 – the port's signature
        """Say that there is none."""
        raise self._error

    def close(self) -> None:
        """Nothing is open."""


class PcscSam:
    """A SAM in a PC/SC slot."""

    def __init__(self, reader: CardReader, address: str, application: bytes) -> None:
        self._reader, self._address, self._application = reader, address, application
        self._is_open = False

    def open(self, cancel: Cancel) -> None:
        """Find the module in its slot and select its application."""
        self.close()
        with ExitStack() as undo:
            try:
                self._reader.open(cancel)
                undo.callback(self._reader.close)
                self._reader.wait_for_card(cancel, _LOOK_MS)
            except (NotConnectedError, NothingPresentedError) as error:
                check(cancel)
                raise _absent(self._address) from error
            select = Command(_SELECT_BY_NAME, self._application).encode()
            if not self._application or self._reader.converse(lambda: self._reader.transceive(select))[-2:] != OK:
                raise ProtocolError("device.sam.unknown", address=self._address)
            undo.pop_all()
        self._is_open = True

    def challenge(self, from_card: bytes) -> bytes:
        """Let the SAM answer the card's challenge."""
        return self._ask(_INTERNAL_AUTHENTICATE, from_card)

    def wrap(self, apdu: bytes) -> bytes:
        """Let the SAM secure a command."""
        return self._ask(_ENCIPHER, apdu)

    def unwrap(self, answer: bytes) -> bytes:
        """Let the SAM open an answer."""
        return self._ask(_DECIPHER, answer)

    def close(self) -> None:
        """Let go of the slot; the module forgets the session when it is powered off."""
        self._is_open = False
        self._reader.close()

    def _ask(self, head: bytes, data: bytes) -> bytes:
        if not self._is_open:
            raise _absent(self._address)
        answer = self._reader.transceive(Command(head, data, MAX_SHORT_ANSWER).encode())
        if answer[-2:] != OK:
            raise ProtocolError("device.sam.refused", address=self._address, status=answer[-2:].hex().upper())
        return answer[:-2]


def _absent(address: str) -> DeviceError:
    return NotConnectedError("device.sam.absent", address=address)
