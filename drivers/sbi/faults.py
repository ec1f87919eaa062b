"""Error codes of the interface: which kind of error each is, and its key in the message catalogue."""

from __future__ import annotations

from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    NothingPresentedError,
    ProtocolError,
    SpoofSuspectedError,
    TimedOutError,
)

# Codes 0–112 and 202 are published; 113–122, 500–507, 600s and 700s are what services in the field send besides.
_KINDS: dict[type[DeviceError], tuple[int, ...]] = {
    NotConnectedError: (100, 104, 106, 107, 108, 110, 202, 503, 605, 705),
    NothingPresentedError: (101, 102, 105, 608, 707, 708),
    SpoofSuspectedError: (103,),
    DeviceBusyError: (111, 607, 700, 702, 703),
    TimedOutError: (609, 701),
    ProtocolError: (
        *(109, 112, 113, 114, 115, 116, 117, 118, 119, 120, 121, 122, 123),
        *(500, 501, 502, 504, 601, 604, 606, 610, 704, 706, 709, 710),
    ),
}
KINDS = {code: kind for kind, codes in _KINDS.items() for code in codes}

# A stream that the service has not yet noticed to be closed: these pass within a second.
PASSING = frozenset({111, 607, 700, 701, 702, 703})


def message_code(code: int) -> str:
    """Return the key in the message catalogue."""
    return f"device.sbi.{code}" if code in KINDS else "device.sbi.vendor"


def device_error(code: int, sentence: str = "") -> DeviceError:
    """Return the error of a reply that failed as a whole; `sentence` is the service's own and only for the log."""
    kind = KINDS.get(code, NotConnectedError)
    return kind(message_code(code), number=code, detail=_printable(sentence))


def _printable(sentence: str) -> str:
    return "".join(c for c in sentence[:160] if c.isprintable())
