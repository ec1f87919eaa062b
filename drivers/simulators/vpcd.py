"""Cards that plug themselves into the virtual readers of vsmartcard (vpcd), of which they are the TCP clients."""

from __future__ import annotations

import contextlib
import hmac
import socket
import struct
import threading
from collections.abc import Mapping
from typing import Protocol

import cv2

from drivers.context import readable
from drivers.simulators.sam import Channel, cryptogram, session
from drivers.simulators.subject.presented import PresentedSubject

READER = "Virtual PCD 00 00"  # how the PC/SC service names the first
PORT, SAM_PORT = 35963, 35964  # of the first and the second reader
ATR = bytes.fromhex("3B8A80013037393134315F3030316F")
_OFF, _ON, _RESET, _SEND_ATR = 0x00, 0x01, 0x02, 0x04
_POLL_S = 0.1

_DIRECTORY = 0x7F0A
_CARD_CONTROL, _PHOTOGRAPH = 0x6FF0, 0x6FF2
_BEHIND_SAM = frozenset({0x6FF1, 0x6FF3, 0x6FF4, 0x6FF5, 0x6FF6})

_OK, _DENIED, _NOT_FOUND = b"\x90\x00", b"\x69\x82", b"\x6a\x82"
_NO_FILE, _OUTSIDE, _WRONG_LENGTH = b"\x69\x86", b"\x6b\x00", b"\x67\x00"
_UNKNOWN_INSTRUCTION, _UNKNOWN_CLASS, _SECURITY_BROKEN = b"\x6d\x00", b"\x6e\x00", b"\x69\x88"


class Chip(Protocol):
    """What answers on a card."""

    @property
    def atr(self) -> bytes: ...  # noqa: D102

    def reset(self) -> None:
        """Be powered off and on."""
        ...

    def answer(self, apdu: bytes) -> bytes:
        """Return the R-APDU."""
        ...


class KtpElCard:
    """The chip: files by id, each with its two bytes of length; what needs a SAM is denied without one.

    `closed` files open in a session with a SAM that shares `sam_key`.
    """

    atr = ATR

    def __init__(
        self, photograph: bytes, uid: bytes, closed: Mapping[int, bytes] | None = None, sam_key: bytes = b""
    ) -> None:
        self._uid = uid
        self._sam_key = sam_key
        self._closed = {name: _with_length(content) for name, content in (closed or {}).items()}
        control = uid.ljust(8, b"\0") + bytes(range(43))
        self._files = {_CARD_CONTROL: _with_length(control), _PHOTOGRAPH: _with_length(photograph)}
        self.reset()

    @classmethod
    def of(cls, subject: PresentedSubject, uid: bytes = bytes.fromhex("04A1B2C3D4E5F6")) -> KtpElCard:
        """Return the card of a person, with the portrait as a small JPEG."""
        small = cv2.resize(subject.portrait(), (240, 320), interpolation=cv2.INTER_AREA)
        jpeg = cv2.imencode(".jpg", cv2.cvtColor(small, cv2.COLOR_RGB2BGR), [cv2.IMWRITE_JPEG_QUALITY, 80])[1]
        return cls(bytes(jpeg), uid)

    def reset(self) -> None:
        """Forget what was selected."""
        self._is_in_directory = False
        self._selected: int | None = None
        self._challenge = b""
        self._channels: tuple[Channel, Channel] | None = None

    def answer(self, apdu: bytes) -> bytes:
        """Return the R-APDU."""
        if len(apdu) < 4:
            return _WRONG_LENGTH
        if apdu[:2] == b"\xff\xca":  # PC/SC part 3: the reader asks for the UID
            return self._uid + _OK
        if apdu[0] == 0x0C:
            return self._answer_secured(apdu)
        if apdu[0] != 0x00:
            return _UNKNOWN_CLASS
        match apdu[1]:
            case 0xA4:
                return self._select(apdu)
            case 0xB0:
                return self._read(apdu)
            case 0x84:
                self._challenge = self._uid[:4].rjust(4, b"\0") + b"\x51\x52\x53\x54"
                return self._challenge + _OK
            case 0x82:
                return self._authenticate(apdu[5:])
        return _UNKNOWN_INSTRUCTION

    def _authenticate(self, answered: bytes) -> bytes:
        expected = cryptogram(self._sam_key, self._challenge)
        if not self._sam_key or not self._challenge or not hmac.compare_digest(answered, expected):
            return _DENIED
        self._channels = session(self._sam_key, self._challenge)
        self._challenge = b""
        return _OK

    def _answer_secured(self, apdu: bytes) -> bytes:
        if self._channels is None or len(apdu) < 5:
            return _DENIED
        to_card, from_card = self._channels
        command = to_card.open(apdu[5 : 5 + apdu[4]])
        if command is None or command[1:4] != apdu[1:4]:
            self._channels = None
            return _SECURITY_BROKEN
        answer = self._select(command) if command[1] == 0xA4 else self._read(command)
        return from_card.seal(answer[:-2]) + answer[-2:] if answer[-2:] == _OK else answer

    def _select(self, apdu: bytes) -> bytes:
        if len(apdu) < 7 or apdu[4] != 2:
            return _WRONG_LENGTH
        file_id = int.from_bytes(apdu[5:7], "big")
        if file_id == _DIRECTORY:
            self.reset()
            self._is_in_directory = True
            return _OK
        if not self._is_in_directory or (file_id not in self._files and file_id not in _BEHIND_SAM):
            return _NOT_FOUND
        self._selected = file_id
        return _OK

    def _read(self, apdu: bytes) -> bytes:
        if self._selected is None:
            return _NO_FILE
        files = {**self._files, **(self._closed if self._channels is not None else {})}
        if self._selected not in files:
            return _DENIED
        content, offset = files[self._selected], int.from_bytes(apdu[2:4], "big")
        count = (apdu[4] if len(apdu) > 4 else 0) or 256
        return content[offset : offset + count] + _OK if offset < len(content) else _OUTSIDE


class CardSlot:
    """Holds a card into the virtual reader or takes it out."""

    def __init__(self, port: int = PORT) -> None:
        self._port = port
        self._thread: threading.Thread | None = None
        self._stopping = threading.Event()

    def insert(self, card: Chip) -> bool:
        """Put a card on the reader; False when no virtual reader runs here."""
        self.remove()
        try:
            line = socket.create_connection(("127.0.0.1", self._port), timeout=1)
        except OSError:
            return False
        line.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        self._stopping = threading.Event()
        self._thread = threading.Thread(target=self._serve, args=(line, card), name="vpcd-card")
        self._thread.start()
        return True

    def remove(self) -> None:
        """Take the card away."""
        if self._thread is not None:
            self._stopping.set()
            self._thread.join()
            self._thread = None

    def _serve(self, line: socket.socket, card: Chip) -> None:
        with contextlib.closing(line), contextlib.suppress(OSError):
            while (message := self._receive(line)) is not None:
                if len(message) > 1:
                    _send(line, card.answer(message))
                elif message == bytes((_SEND_ATR,)):
                    _send(line, card.atr)
                elif message in (bytes((_OFF,)), bytes((_ON,)), bytes((_RESET,))):
                    card.reset()

    def _receive(self, line: socket.socket) -> bytes | None:
        length = self._exactly(line, 2)
        return None if length is None else self._exactly(line, int.from_bytes(length, "big"))

    def _exactly(self, line: socket.socket, count: int) -> bytes | None:
        received = b""
        while len(received) < count:
            if self._stopping.is_set():
                return None
            if not readable([line], _POLL_S):
                continue
            # Without it the kernel delays acknowledgements and each APDU takes 44 ms instead of 0.15.
            if hasattr(socket, "TCP_QUICKACK"):
                line.setsockopt(socket.IPPROTO_TCP, socket.TCP_QUICKACK, 1)
            part = line.recv(count - len(received))
            if not part:
                return None
            received += part
        return received


def _send(line: socket.socket, message: bytes) -> None:
    line.sendall(struct.pack(">H", len(message)) + message)


def _with_length(content: bytes) -> bytes:
    return struct.pack(">H", len(content)) + content
