"""What is asked of the ministry's secure access module (SAM), which opens what a KTP-el keeps closed."""

from __future__ import annotations

from typing import Protocol

from fieldkit.ports.devices import Cancel


class Sam(Protocol):
    """A SAM in its slot. Order: `open`, `challenge`, then any number of `wrap` and `unwrap`; `close` is idempotent."""

    def open(self, cancel: Cancel) -> None:
        """Make the SAM ready. Raise `NotConnectedError("device.sam.absent")`, `ProtocolError("device.sam.unknown")`."""
        ...

    def challenge(self, from_card: bytes) -> bytes:
        """Begin a session with a card: answer the challenge it gave. Raise a `DeviceError`."""
        ...

    def wrap(self, apdu: bytes) -> bytes:
        """Return the secured form of a command to the card."""
        ...

    def unwrap(self, answer: bytes) -> bytes:
        """Return the plain data of a card's secured answer, without SW1 SW2."""
        ...

    def close(self) -> None:
        """End the session."""
        ...
