"""Pads that the system lists on USB."""

from __future__ import annotations

import contextlib
import os
import time
from collections.abc import Callable, Sequence

from drivers.context import DriverContext
from drivers.ink import Ink, until_rest
from drivers.stu.transport import (
    CAPABILITY,
    CAPABILITY_BYTES,
    CLEAR,
    INKING,
    PEN_MODE,
    PLAIN_MODE,
    RENDERING_MODE,
    SIGNING,
    TIMED_MODE,
    UM_PER_STEP,
    Capability,
    FoundPad,
    HidBus,
    HidLink,
    PenReport,
    feature,
    hidapi_bus,
    read_capability,
    read_pen,
)
from drivers.transport import POLL_S, check
from fieldkit.ports.devices import (
    Cancel,
    Capabilities,
    DeviceBusyError,
    DeviceError,
    DeviceIdentity,
    DeviceKind,
    DeviceState,
    DeviceStatus,
    NotConnectedError,
    PermissionDeniedError,
    ProtocolError,
    SdkMissingError,
    Signature,
    StrokeSink,
    TransportBrokenError,
)

# A pad on USB: cleared before and after each signature, its reports become strokes.

_OLD_REPORTS = 2_000  # ten seconds of a pen that played on the pad before


class StuPad:
    """A signature pad with a screen of its own."""

    def __init__(self, bus: HidBus, pad: FoundPad, monotonic: Callable[[], float] = time.monotonic) -> None:
        self._bus, self._pad, self._monotonic = bus, pad, monotonic
        self._link: HidLink | None = None
        self._surface = Capability(0, 0, 0)

    @property
    def identity(self) -> DeviceIdentity:
        """Model by its USB number; where the pad tells no serial number, its place on the bus stands for it."""
        return DeviceIdentity("Wacom", self._pad.model, self._pad.serial)

    @property
    def capabilities(self) -> Capabilities:
        """Signatures with live ink."""
        return Capabilities(DeviceKind.SIGNATURE_PAD, may_preview=True)

    def open(self, cancel: Cancel) -> None:
        """Open the pad and ask how large it is."""
        check(cancel)
        if self._link is not None:
            return
        try:
            link = self._bus.open(self._pad.path)
        except OSError as error:
            raise self._refusal() from error
        with contextlib.ExitStack() as undo:
            undo.callback(link.close)
            try:
                surface = read_capability(link.get_feature(CAPABILITY, CAPABILITY_BYTES))
            except OSError as error:
                raise self._broken() from error
            if surface is None:
                raise ProtocolError("device.stu.capability", model=self._pad.model)
            undo.pop_all()
        self._link, self._surface = link, surface

    def health(self) -> DeviceState:
        """Say whether the pad is plugged in."""
        return DeviceState.READY if self._is_listed() else DeviceState.ABSENT

    def close(self) -> None:
        """Let go of the pad."""
        if self._link is not None:
            self._link.close()
        self._link = None

    def sign(self, preview: StrokeSink, cancel: Cancel, idle_ms: int, timeout_ms: int) -> Signature:
        """Collect strokes until the pen rests."""
        if self._link is None:
            raise NotConnectedError("device.not_open", model=self._pad.model)
        link = self._link
        ink = Ink(self._surface.width_um, self._surface.height_um, self._monotonic)

        def listen() -> None:
            self._trace(read_pen(link.read(round(POLL_S * 1000))), ink)

        try:
            _prepare(link)
            try:
                return until_rest(ink, listen, preview, cancel, idle_ms, timeout_ms)
            finally:
                # The next person must not see this signature.
                with contextlib.suppress(OSError):
                    link.set_feature(feature(INKING, 0))
                    link.set_feature(feature(CLEAR, 0))
                    link.set_feature(feature(PEN_MODE, PLAIN_MODE))
        except OSError as error:
            self.close()
            raise self._broken() from error

    def _trace(self, pen: PenReport | None, ink: Ink) -> None:
        if pen is None:
            return
        if pen.is_near and pen.is_down:
            # Timed by arrival as on every other pad: what the pad's own count means is not published.
            ink.draw(pen.x * UM_PER_STEP, pen.y * UM_PER_STEP, pen.pressure / self._surface.pressure_max)
        else:
            ink.lift()

    def _is_listed(self) -> bool:
        return any(pad.path == self._pad.path for pad in self._bus.pads())

    def _refusal(self) -> DeviceError:
        if not self._is_listed():
            return NotConnectedError("device.not_connected", address=self._pad.path)
        if os.name == "posix":  # there, but closed to this user
            return PermissionDeniedError("device.stu.no_permission", model=self._pad.model)
        return DeviceBusyError("device.busy", address=self._pad.path)

    def _broken(self) -> TransportBrokenError:
        return TransportBrokenError("device.transport_broken", address=self._pad.path)


def _prepare(link: HidLink) -> None:
    with contextlib.suppress(OSError):  # only pads with keys and pictures have it, and may have been left in it
        link.set_feature(SIGNING)
    link.set_feature(feature(CLEAR, 0))
    for mode, value in ((RENDERING_MODE, PLAIN_MODE), (PEN_MODE, TIMED_MODE)):
        with contextlib.suppress(OSError):  # older pads have one mode only
            link.set_feature(feature(mode, value))
    for _ in range(_OLD_REPORTS):  # before the pad shows ink: what is drawn from then on is the signature
        if not link.read(0):
            break
    link.set_feature(feature(INKING, 1))


PACKAGE = "hidapi"  # on PyPI; the extra `stu` brings it


class StuDriver:
    """Wacom STU-300 to 541. Given addresses are paths on the bus."""

    name = "stu"

    def __init__(self, context: DriverContext, bus: Callable[[], HidBus | None] = hidapi_bus) -> None:
        self._context = context
        self.is_plugged = context.is_plugged(self.name)
        self._bus = bus

    def scan(self) -> Sequence[DeviceStatus]:
        """List the pads, or say that the library is missing."""
        given = self._context.given(self.name)
        if not given and not self._context.may_search(self.name):
            return []
        bus = self._bus()
        if bus is None:
            return [self._missing()]
        pads = {pad.path: pad for pad in bus.pads()}
        wanted = dict.fromkeys((*given, *(pads if self._context.may_search(self.name) else ())))
        return [self._ready(pads[path]) if path in pads else self._absent(path) for path in wanted]

    def connect(self, status: DeviceStatus) -> StuPad:
        """Return the pad behind a status. Raise `SdkMissingError`."""
        bus = self._bus()
        if bus is None:
            raise SdkMissingError("device.stu.no_library", package=PACKAGE)
        model, serial = ("STU", "") if status.identity is None else (status.identity.model, status.identity.serial)
        return StuPad(bus, FoundPad(status.address, model, serial or status.address), self._context.monotonic)

    def _ready(self, pad: FoundPad) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address=pad.path,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.READY,
            identity=DeviceIdentity("Wacom", pad.model, pad.serial),
            is_simulated=pad.path in self._context.simulated,
        )

    def _absent(self, path: str) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address=path,
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.ABSENT,
            detail="device.not_connected",
            params={"address": path},
            is_simulated=path in self._context.simulated,
        )

    def _missing(self) -> DeviceStatus:
        return DeviceStatus(
            driver=self.name,
            address="",
            kind=DeviceKind.SIGNATURE_PAD,
            state=DeviceState.SDK_MISSING,
            detail="device.stu.no_library",
            params={"package": PACKAGE},
        )
