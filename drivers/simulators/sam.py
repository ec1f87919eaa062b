"""A made-up SAM for tests and the secure channel that it shares with the simulated KTP-el. No genuine SAM works so."""

from __future__ import annotations

import hashlib
import hmac

AID = bytes.fromhex("F0") + b"SIMSAM"
TEST_KEY = b"a key that opens simulated cards"
_OK, _DENIED, _NOT_FOUND = b"\x90\x00", b"\x69\x82", b"\x6a\x82"
_WRONG_DATA, _UNKNOWN = b"\x6a\x80", b"\x6d\x00"
_MAC_BYTES = 8


class Channel:
    """One direction of a session: each message is enciphered and carries a MAC over its number."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._number = 0

    def seal(self, message: bytes) -> bytes:
        """Return the cryptogram of the next message."""
        number = self._next()
        hidden = self._mask(number, message)
        return hidden + self._mac(number, hidden)

    def open(self, sealed: bytes) -> bytes | None:
        """Return the message, or None when it was changed, repeated or left out."""
        number = self._next()
        hidden, mac = sealed[:-_MAC_BYTES], sealed[-_MAC_BYTES:]
        return self._mask(number, hidden) if hmac.compare_digest(mac, self._mac(number, hidden)) else None

    def _next(self) -> bytes:
        self._number += 1
        return self._number.to_bytes(4, "big")

    def _mask(self, number: bytes, message: bytes) -> bytes:
        stream = hashlib.shake_256(self._key + number).digest(len(message))
        return bytes(a ^ b for a, b in zip(message, stream, strict=True))

    def _mac(self, number: bytes, hidden: bytes) -> bytes:
        return hmac.digest(self._key, number + hidden, "sha256")[:_MAC_BYTES]


def cryptogram(key: bytes, challenge: bytes) -> bytes:
    """Return the answer to a challenge."""
    return hmac.digest(key, b"answer" + challenge, "sha256")[:16]


def session(key: bytes, challenge: bytes) -> tuple[Channel, Channel]:
    """Return the channels to the card and from the card."""
    return Channel(hmac.digest(key, b"to" + challenge, "sha256")), Channel(
        hmac.digest(key, b"from" + challenge, "sha256")
    )


class SamCard:
    """The module; speaks the commands of `drivers.pcsc.ktp_el`."""

    atr = bytes.fromhex("3B02534D")

    def __init__(self, key: bytes = TEST_KEY) -> None:
        self._key = key
        self.reset()

    def reset(self) -> None:
        """Forget the session."""
        self._is_selected = False
        self._channels: tuple[Channel, Channel] | None = None

    def answer(self, apdu: bytes) -> bytes:
        """Return the R-APDU."""
        head, data = apdu[:4], apdu[5 : 5 + apdu[4]] if len(apdu) > 5 else b""
        if head == b"\x00\xa4\x04\x00":
            self._is_selected = data == AID
            return _OK if self._is_selected else _NOT_FOUND
        if not self._is_selected:
            return _DENIED
        if head == b"\x00\x88\x00\x00":
            self._channels = session(self._key, data)
            return cryptogram(self._key, data) + _OK
        if self._channels is None:
            return _DENIED
        to_card, from_card = self._channels
        if head == b"\x00\x2a\x86\x80":
            sealed = to_card.seal(data)
            # Class 0C says secured; the other three bytes of the head travel inside.
            return b"\x0c" + data[1:4] + bytes((len(sealed),)) + sealed + b"\x00" + _OK
        if head == b"\x00\x2a\x80\x86":
            plain = from_card.open(data)
            return _WRONG_DATA if plain is None else plain + _OK
        return _UNKNOWN
