"""Runs under the system's Python, where Debian puts PyGObject; knows nothing of the house.

A request per line on standard input, an answer per line on standard output, both JSON with the request's number: list,
open, capture, learn, compare; `stop` ends the request of its number. It ends with its standard input.
"""

from __future__ import annotations

import base64
import json
import queue
import sys
import threading
from typing import Any

PACKAGES = "libfprint-2-2 gir1.2-fprint-2.0 python3-gi"
DEFAULT_PPMM = 500 / 25.4  # the virtual reader does not tell


def main() -> int:
    """Serve until standard input ends."""
    try:
        import gi

        gi.require_version("FPrint", "2.0")
        from gi.repository import FPrint, Gio, GLib
    except (ImportError, ValueError):
        answer(0, {"error": "missing", "reason": PACKAGES})
        return 3
    answer(0, {"ready": True})
    FprintHost(FPrint, Gio, GLib).serve()
    return 0


def answer(number: int, content: dict[str, Any]) -> None:
    """Write one line."""
    sys.stdout.write(json.dumps({"number": number, **content}) + "\n")
    sys.stdout.flush()


class FprintHost:
    """One open reader at most; one request at a time."""

    def __init__(self, fprint: Any, gio: Any, glib: Any) -> None:
        self._fprint, self._gio, self._glib = fprint, gio, glib
        self._context = fprint.Context()
        self._device: Any = None
        self._running = gio.Cancellable()
        self._number = self._stopped = 0
        self._turning = threading.Lock()
        self._requests: queue.SimpleQueue[dict[str, Any] | None] = queue.SimpleQueue()

    def serve(self) -> None:
        """Obey requests in order; `stop` overtakes."""
        threading.Thread(target=self._listen, daemon=True).start()
        while (request := self._requests.get()) is not None:
            number = request["number"]
            with self._turning:
                self._number, self._running = number, self._gio.Cancellable()
                if self._stopped == number:
                    self._running.cancel()
            try:
                answer(number, self._obey(request))
            except self._glib.Error as error:
                answer(number, {"error": self._kind(error), "reason": error.message})
        if self._device is not None:
            self._device.close_sync()

    def _listen(self) -> None:
        for line in sys.stdin:
            request = json.loads(line)
            if request["do"] == "stop":
                self._stop(request["number"])
            else:
                self._requests.put(request)
        self._stop(self._number)
        self._requests.put(None)

    def _stop(self, number: int) -> None:
        with self._turning:
            self._stopped = number  # it may still wait in the queue
            if number == self._number:
                self._running.cancel()

    def _obey(self, request: dict[str, Any]) -> dict[str, Any]:
        do = request["do"]
        if do == "list":
            return {"devices": [self._described(device) for device in self._context.get_devices()]}
        if do == "open":
            return self._open(request["driver"], request["id"])
        if do == "capture":
            image = self._until_clear(lambda: self._device.capture_sync(True, self._running))
            pixels = base64.b64encode(bytes(image.get_data())).decode()
            ppi = round((image.get_ppmm() or DEFAULT_PPMM) * 25.4)
            return {"width": image.get_width(), "height": image.get_height(), "ppi": ppi, "pixels": pixels}
        if do == "learn":
            blank = self._fprint.Print.new(self._device)
            learnt = self._device.enroll_sync(blank, self._running, None)
            return {"template": base64.b64encode(bytes(learnt.serialize())).decode()}
        kept = self._fprint.Print.deserialize(base64.b64decode(request["template"]))
        is_same, _ = self._until_clear(lambda: self._device.verify_sync(kept, self._running, None))
        return {"same": bool(is_same)}

    def _open(self, driver: str, device_id: str) -> dict[str, Any]:
        for device in self._context.get_devices():
            if (device.get_driver(), device.get_device_id()) == (driver, device_id):
                device.open_sync(self._running)
                self._device = device
                return self._described(device)
        return {"error": "absent", "reason": driver}

    def _until_clear(self, act: Any) -> Any:
        """Repeat while the reader asks for the finger to be laid on again."""
        while True:
            try:
                return act()
            except self._glib.Error as error:
                if self._kind(error) != "again":
                    raise

    def _described(self, device: Any) -> dict[str, Any]:
        features = device.get_features()
        return {
            "driver": device.get_driver(),
            "id": device.get_device_id(),
            "name": device.get_name(),
            "may_capture": bool(features & self._fprint.DeviceFeature.CAPTURE),
        }

    def _kind(self, error: Any) -> str:
        if error.matches(self._gio.io_error_quark(), self._gio.IOErrorEnum.CANCELLED):
            return "cancelled"
        if error.domain == self._glib.quark_to_string(self._fprint.DeviceRetry.quark()):
            return "again"
        codes = self._fprint.DeviceError
        if error.domain == self._glib.quark_to_string(codes.quark()):
            known = {codes.BUSY: "busy", codes.REMOVED: "removed", codes.DATA_INVALID: "template"}
            return known.get(error.code, "failed")
        # libusb's refusal comes through GUsb with words only.
        return "permission" if "denied" in error.message.lower() or "permission" in error.message.lower() else "failed"


if __name__ == "__main__":
    sys.exit(main())
