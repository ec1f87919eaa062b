"""A Wacom STU pad on a bus of its own, in the shape of the Python module `hid`: true reports, no USB."""

from __future__ import annotations

import struct
import time
from collections import deque
from types import ModuleType

from drivers.simulators.stage import Fault, Stage

VENDOR, PRODUCT, PATH = 0x056A, 0x00A5, b"simulated-stu-530"
X_MAX, Y_MAX, PRESSURE_MAX = 10_800, 6_480, 1023  # steps of 10 µm
CAPABILITY = struct.pack(">BHHHHHB", 0x09, X_MAX, Y_MAX, PRESSURE_MAX, 800, 480, 200)
_CLEAR, _INKING = 0x20, 0x21
_HESITATE_S = 0.05  # a person looks at the pad first
_PEN, _NEAR, _DOWN = 0x01, 0x8000, 0x1000


class StuPad:
    """One pad; the person on the stage signs when its screen takes ink. `module` stands in for `hid`."""

    def __init__(self, stage: Stage) -> None:
        self._stage = stage
        self._reports: deque[bytes] = deque()
        self._begins_at = 0.0
        self.is_plugged = True
        self.module = ModuleType("hid")
        vars(self.module).update(enumerate=self._enumerate, device=lambda: _Device(self))

    def unplug(self) -> None:
        """Pull it out."""
        self.is_plugged = False

    def plug(self) -> None:
        """Plug it in."""
        self.is_plugged = True

    def next_report(self, timeout_ms: int) -> bytes:
        """Return what the pen does next. Raise `OSError` when the pad is gone."""
        if self._reports and self._stage.take(Fault.UNPLUG):
            self.unplug()
        self.expect()
        if not self._reports or time.monotonic() < self._begins_at:
            time.sleep(timeout_ms / 1000)
            return b""
        return self._reports.popleft()

    def obey(self, report: bytes) -> None:
        """Take a feature report: with ink on the screen the person signs."""
        self.expect()
        if report[:1] == bytes((_CLEAR,)):
            self._reports.clear()
        elif report[:2] == bytes((_INKING, 1)) and (ink := self._stage.signature()) is not None:
            self._begins_at = time.monotonic() + _HESITATE_S
            for stroke in ink.strokes:
                for point in stroke:
                    x, y = min(point.x_um // 10, X_MAX), min(point.y_um // 10, Y_MAX)
                    force = _NEAR | _DOWN | round(point.pressure * PRESSURE_MAX)
                    self._reports.append(struct.pack(">BHHH", _PEN, force, x, y))
                self._reports.append(struct.pack(">BHHH", _PEN, _NEAR, 0, 0))

    def expect(self) -> None:
        """Raise `OSError` when the pad is gone."""
        if not self.is_plugged:
            raise OSError("read error")

    def _enumerate(self, vendor: int = 0, product: int = 0) -> list[dict[str, object]]:
        is_asked = vendor in (0, VENDOR) and product in (0, PRODUCT)
        entry = {"path": PATH, "vendor_id": VENDOR, "product_id": PRODUCT, "serial_number": "SIM-STU-0001"}
        return [{**entry, "interface_number": 0}] if is_asked and self.is_plugged else []


class _Device:
    """An opened pad, as `hid.device()` gives it."""

    def __init__(self, pad: StuPad) -> None:
        self._pad = pad

    def open_path(self, path: bytes) -> None:
        if path != PATH or not self._pad.is_plugged:
            raise OSError("open failed")

    def read(self, max_length: int, timeout_ms: int = 0) -> list[int]:
        return list(self._pad.next_report(timeout_ms)[:max_length])

    def get_feature_report(self, kind: int, max_length: int) -> list[int]:
        self._pad.expect()
        return list(CAPABILITY[:max_length]) if kind == CAPABILITY[0] else []

    def send_feature_report(self, report: bytes) -> int:
        self._pad.obey(bytes(report))
        return len(report)

    def close(self) -> None:
        """Nothing is held."""
