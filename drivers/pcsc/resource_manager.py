"""The PC/SC service of the operating system: contexts and the meaning of its codes."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from types import ModuleType

from drivers.trace import note
from fieldkit.ports.devices import (
    DeviceBusyError,
    DeviceError,
    NotConnectedError,
    NothingPresentedError,
    PermissionDeniedError,
    SdkMissingError,
    TransportBrokenError,
)

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
