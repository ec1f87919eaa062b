"""The KTP-el chip: what it tells freely (is it one, card control, photograph, UID), and the rest with a SAM.

File ids and access as observed on public readers. Without the ministry's SAM nothing behind it is tried.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack

from drivers.context import DriverContext
from drivers.pcsc.reader import MAX_SHORT_ANSWER, OK, Command, PcscReader
from drivers.transport import check
from fieldkit.domain.errors import InputError
from fieldkit.ports.devices import (
    Cancel,
    DeviceError,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
)
from fieldkit.ports.repositories import CardReader, KtpElCard
from fieldkit.ports.vault import Sam

DF_KTP_EL = 0x7F0A
EF_CARD_CONTROL = 0x6FF0
EF_BIODATA = 0x6FF1  # this and what follows only with a SAM
EF_PHOTOGRAPH = 0x6FF2  # free
EF_SIGNATURE = 0x6FF3
EF_MINUTIAE_1, EF_MINUTIAE_2 = 0x6FF4, 0x6FF5
EF_DIGITAL_SIGNATURE = 0x6FF6
MAX_CHUNK = 248
MAX_SECURED_CHUNK = 192  # leaves room for what the SAM adds in a short answer
MAX_FILE_BYTES = 0x7FFF  # offsets above would be read as a short file id (ISO/IEC 7816-4, READ BINARY)
_HEAD_BYTES = 8
_LENGTH_BYTES = 2
_END_MARK = b"\xff\xd9"
_CODECS = (
    (b"\xff\xd8\xff", "jpeg"),
    (b"\x00\x00\x00\x0cjP  \r\n\x87\n", "jp2"),
    (b"\xff\x4f\xff\x51", "j2k"),
)


class KtpElFiles:
    """The port `KtpElChip`."""

    def read(self, reader: CardReader, atr: bytes) -> KtpElCard | None:
        """Read the free files, or return None for another card."""
        return reader.converse(lambda: read_ktp_el(reader, atr))


def is_ktp_el(reader: CardReader) -> bool:
    """Return whether the card answers to the directory of the KTP-el; an ATR would only be a hint."""
    return reader.transceive(_select(DF_KTP_EL))[-2:] == OK


def read_ktp_el(reader: CardReader, atr: bytes) -> KtpElCard | None:
    """Read the free files, or return None for another card. Raise a `DeviceError` when it goes away."""
    if not is_ktp_el(reader):
        return None
    card_control = _read_file(reader, EF_CARD_CONTROL)
    photograph = _read_file(reader, EF_PHOTOGRAPH)
    if is_cut(photograph):
        photograph = _read_file(reader, EF_PHOTOGRAPH)  # a card that moved reads whole the second time
        if is_cut(photograph):
            raise ProtocolError("device.ktp_el.photo_cut", size=len(photograph))
    return KtpElCard(atr, _uid(reader), card_control, photograph, codec_of(photograph))


def read_closed_file(reader: CardReader, sam: Sam, file_id: int) -> bytes:
    """Read a file that needs a SAM; the KTP-el must be selected. Raise a `DeviceError`, `device.sam.…` without one."""
    challenge = _expect(reader.transceive(Command(b"\x00\x84\x00\x00", b"", 8).encode()), file_id)
    cryptogram = sam.challenge(challenge)
    _expect(reader.transceive(Command(b"\x00\x82\x00\x00", cryptogram).encode()), file_id)
    _secured(reader, sam, _select(file_id), file_id)
    return _collect(lambda apdu: _secured(reader, sam, apdu, file_id), file_id, MAX_SECURED_CHUNK)


def codec_of(image: bytes) -> str:
    """Sniff how a photograph is coded."""
    return next((name for magic, name in _CODECS if image.startswith(magic)), "unknown")


def is_cut(image: bytes) -> bool:
    """Return whether a picture of a known kind lacks the mark that ends it (EOI, EOC); filling may follow the mark."""
    return codec_of(image) != "unknown" and not image.rstrip(b"\0\xff").endswith(_END_MARK)


def _read_file(reader: CardReader, file_id: int) -> bytes:
    _expect(reader.transceive(_select(file_id)), file_id)
    return _collect(lambda apdu: _expect(reader.transceive(apdu), file_id), file_id, MAX_CHUNK)


def _collect(ask: Callable[[bytes], bytes], file_id: int, most: int) -> bytes:
    """Read the selected file: two bytes of length, then the payload. A card may give fewer bytes than it was asked."""
    content, size = b"", _LENGTH_BYTES
    while len(content) < size:
        is_first = len(content) < _LENGTH_BYTES
        count = _HEAD_BYTES - len(content) if is_first else min(most, size - len(content))
        answer = ask(_read(len(content), count))
        if not 0 < len(answer) <= count:
            raise ProtocolError("device.ktp_el.read", file=f"{file_id:04X}", status="9000")
        content += answer
        if len(content) >= _LENGTH_BYTES:
            size = _size(content, file_id)
    return content[_LENGTH_BYTES:size]


def _size(head: bytes, file_id: int) -> int:
    size = 2 + int.from_bytes(head[:2], "big")
    if size > MAX_FILE_BYTES:
        raise ProtocolError("device.ktp_el.length", file=f"{file_id:04X}", size=size)
    return size


def _secured(reader: CardReader, sam: Sam, apdu: bytes, file_id: int) -> bytes:
    return sam.unwrap(_expect(reader.transceive(sam.wrap(apdu)), file_id))


def _uid(reader: CardReader) -> bytes:
    answer = reader.transceive(b"\xff\xca\x00\x00\x00")  # PC/SC part 3: the reader answers, not the card
    return answer[:-2] if answer[-2:] == OK else b""


def _read(offset: int, count: int) -> bytes:
    return Command(b"\x00\xb0" + offset.to_bytes(2, "big"), b"", count).encode()


def _select(file_id: int) -> bytes:
    return b"\x00\xa4\x00\x00\x02" + file_id.to_bytes(2, "big")


def _expect(answer: bytes, file_id: int) -> bytes:
    if answer[-2:] != OK:
        raise ProtocolError("device.ktp_el.read", file=f"{file_id:04X}", status=answer[-2:].hex().upper())
    return answer[:-2]


# The slot of the ministry's SAM: present, unknown or absent, and nothing in between.
#
# Commands are those of ISO/IEC 7816-4 and -8. Which application a genuine SAM answers to is the ministry's to tell: it
# comes with the address (`<reader>#sam=<AID in hex>`). Without it a module in the slot is reported as unknown.

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
