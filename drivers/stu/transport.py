"""The wire to a pad: HID reports, through the library `hidapi` where it is installed."""

from __future__ import annotations

import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from types import ModuleType
from typing import Protocol

from drivers.stu.reports import MODELS, VENDOR

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
        return [
            FoundPad(path.decode(), MODELS[entry["product_id"]], _serial(entry.get("serial_number")) or path.decode())
            for path, entry in found.items()
        ]

    def open(self, path: str) -> HidLink:
        device = self._hid.device()
        device.open_path(path.encode())
        return _HidapiLink(device)


class _HidapiLink:
    def __init__(self, device: _HidapiDevice) -> None:
        self._device = device

    def read(self, timeout_ms: int) -> bytes:
        try:
            return bytes(self._device.read(_REPORT_BYTES, timeout_ms))
        except ValueError as closed:
            raise OSError("closed") from closed

    def get_feature(self, kind: int, size: int) -> bytes:
        return bytes(self._device.get_feature_report(kind, size))

    def set_feature(self, report: bytes) -> None:
        if self._device.send_feature_report(report) < 0:
            raise OSError(f"report {report[0]:02X} refused")

    def close(self) -> None:
        self._device.close()


class _HidapiDevice(Protocol):
    def read(self, max_length: int, timeout_ms: int) -> list[int]: ...

    def get_feature_report(self, report_num: int, max_length: int) -> list[int]: ...

    def send_feature_report(self, buff: bytes) -> int: ...

    def close(self) -> None: ...


def _serial(told: str | None) -> str:
    """Return a serial number; some pads tell one control character instead."""
    return told if told and len(told) > 1 and told.isprintable() else ""
