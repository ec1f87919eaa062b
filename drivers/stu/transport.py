"""The wire to a pad: HID reports, through the library `hidapi` where it is installed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from drivers.stu.reports import MODELS, VENDOR
from drivers.trace import Payload, note

_REPORT_BYTES = 256


class HidLink(Protocol):
    """An opened pad. Every call raises `OSError` when the pad is gone."""

    def read(self, timeout_ms: int) -> bytes:
        """Return the next report with its number in front, empty when none came in time."""
        ...

    def get_feature(self, kind: int, size: int) -> bytes:
        """Return a feature report with its number in front."""
        ...

    def set_feature(self, report: bytes) -> None:
        """Send a feature report. Raise `OSError` also when the pad does not know it."""
        ...

    def close(self) -> None:
        """Let go of the pad."""
        ...


@dataclass(frozen=True, slots=True)
class FoundPad:
    """A pad that the system lists; `path` opens it."""

    path: str
    model: str
    serial: str


class HidBus(Protocol):
    """Where pads are found and opened."""

    def pads(self) -> Sequence[FoundPad]:
        """List what is plugged in."""
        ...

    def open(self, path: str) -> HidLink:
        """Open a pad. Raise `OSError`."""
        ...


def hidapi_bus() -> HidBus | None:
    """Return the bus of this machine; None without the library."""
    try:
        return _HidapiBus(importlib.import_module("hid"))
    except ImportError:  # also when the system's own library behind it is missing
        return None


class _HidapiBus:
    def __init__(self, hid: ModuleType) -> None:
        self._hid = hid

    def pads(self) -> Sequence[FoundPad]:
        listed = (entry for entry in self._hid.enumerate(VENDOR, 0) if entry["product_id"] in MODELS)
        # A pad that shows several interfaces is one pad.
        found = {entry["path"]: entry for entry in listed if entry.get("interface_number", 0) in (-1, 0)}
        pads = [
            FoundPad(path.decode(), MODELS[entry["product_id"]], _serial(entry.get("serial_number")) or path.decode())
            for path, entry in found.items()
        ]
        for pad in pads:
            note("hid", pad.path, "listed", model=pad.model, serial=pad.serial)
        return pads

    def open(self, path: str) -> HidLink:
        device = self._hid.device()
        device.open_path(path.encode())
        note("hid", path, "opened")
        return _HidapiLink(device, path)


class _HidapiLink:
    def __init__(self, device: _HidapiDevice, path: str) -> None:
        self._device, self._path = device, path

    def read(self, timeout_ms: int) -> bytes:
        try:
            report = bytes(self._device.read(_REPORT_BYTES, timeout_ms))
        except ValueError as closed:
            raise OSError("closed") from closed
        if report:  # every report that a pad sends by itself is of its pen
            note("hid", self._path, "report", kind=report[:1], data=Payload(report[1:]))
        return report

    def get_feature(self, kind: int, size: int) -> bytes:
        report = bytes(self._device.get_feature_report(kind, size))
        note("hid", self._path, "told", kind=bytes((kind,)), data=report)
        return report

    def set_feature(self, report: bytes) -> None:
        is_taken = self._device.send_feature_report(report) >= 0
        note("hid", self._path, "set", data=report, taken=is_taken)
        if not is_taken:
            raise OSError(f"report {report[0]:02X} refused")

    def close(self) -> None:
        self._device.close()
        note("hid", self._path, "closed")


class _HidapiDevice(Protocol):
    def read(self, max_length: int, timeout_ms: int) -> list[int]: ...

    def get_feature_report(self, report_num: int, max_length: int) -> list[int]: ...

    def send_feature_report(self, buff: bytes) -> int: ...

    def close(self) -> None: ...


def _serial(told: str | None) -> str:
    """Return a serial number; some pads tell one control character instead."""
    return told if told and len(told) > 1 and told.isprintable() else ""
