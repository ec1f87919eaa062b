"""A ten-finger scanner through the C library of its vendor: `python slap_sdk.py /path/of/libslap.so`.

The library is one in the shape of those that vendors ship (docs/vendor-adapter.md has its header); for another one
change the names and codes below.
"""

from __future__ import annotations

import ctypes
import sys
import time

from drivers.adapters.serving import Fields, IsLeft, RefusedError, Show, grey, serve

FINGERS = [f"{hand}_{name}" for hand in ("RIGHT", "LEFT") for name in ("THUMB", "INDEX", "MIDDLE", "RING", "LITTLE")]
CODES = {-1: "absent", -2: "busy", -3: "nothing", -4: "removed", -5: "permission"}
SETTLED = 2
TEXT, FRAME, PRINT = 64, 2048 * 2048, 1024 * 1024  # bytes that the library may write
POLL_S = 0.05


class SlapScanner:
    """The scanners that the library lists, one of them open."""

    def __init__(self, path: str) -> None:
        self._library = ctypes.CDLL(path)
        self._handle = ctypes.c_void_p()
        self._opened = ""

    def devices(self) -> list[Fields]:
        """Ask the library who is there."""
        return [self._described(index) for index in range(self._expect(self._library.slap_count()))]

    def open(self, device: str) -> None:
        """Claim the scanner of this serial number."""
        if self._opened == device:
            return
        self.close(self._opened)
        serials = [one["serial"] for one in self.devices()]
        if device not in serials:
            raise RefusedError("absent")
        self._expect(self._library.slap_open(serials.index(device), ctypes.byref(self._handle)))
        self._opened = device

    def close(self, device: str) -> None:  # noqa: ARG002 – there is one at most
        """Let go of it."""
        if self._opened:
            self._library.slap_close(self._handle)
            self._opened = ""

    def preview(self, request: Fields, show: Show, is_left: IsLeft) -> None:
        """Show the glass until left."""
        self._start(request)
        while not is_left():
            self._look(show)
            time.sleep(POLL_S)

    def capture(self, request: Fields, show: Show, is_left: IsLeft) -> list[Fields]:
        """Wait until the fingers rest, then take each of them as the library has cut it out."""
        self._start(request)
        ends_at = time.monotonic() + request["timeout_ms"] / 1000
        while self._look(show) != SETTLED:
            if is_left() or time.monotonic() >= ends_at:
                raise RefusedError("nothing")
            time.sleep(POLL_S)
        taken = (self._print(position) for position in request["positions"])
        return [one for one in taken if one is not None]

    def _start(self, request: Fields) -> None:
        wanted = sum(1 << FINGERS.index(position) for position in request["positions"])
        self._expect(self._library.slap_start(self._handle, wanted))

    def _look(self, show: Show) -> int:
        """Show one frame and return whether the fingers rest."""
        width, height, frame = ctypes.c_int(), ctypes.c_int(), ctypes.create_string_buffer(FRAME)
        state = self._expect(
            self._library.slap_frame(self._handle, frame, FRAME, ctypes.byref(width), ctypes.byref(height))
        )
        show(grey(width.value, height.value, frame.raw[: width.value * height.value]))
        return state

    def _print(self, position: str) -> Fields | None:
        width, height, score = ctypes.c_int(), ctypes.c_int(), ctypes.c_int()
        pixels = ctypes.create_string_buffer(PRINT)
        code = self._library.slap_print(
            self._handle, FINGERS.index(position), pixels, PRINT, *map(ctypes.byref, (width, height, score))
        )
        if CODES.get(code) == "nothing":
            return None
        self._expect(code)
        image = grey(width.value, height.value, pixels.raw[: width.value * height.value])
        return {"position": position, "ppi": 500, "score": score.value, "algorithm": "slap-sdk", **image}

    def _described(self, index: int) -> Fields:
        texts = [ctypes.create_string_buffer(TEXT) for _ in range(4)]
        self._expect(self._library.slap_info(index, *texts))
        vendor, model, serial, firmware = (text.value.decode("utf-8", "replace") for text in texts)
        who = {"id": serial, "vendor": vendor, "model": model, "serial": serial, "firmware": firmware}
        return {**who, "kind": "fingerprint", "ppi": 500, "slaps": True, "preview": True}

    def _expect(self, code: int) -> int:
        if code < 0:
            raise RefusedError(CODES.get(code, "failed"), f"slap-sdk {code}")
        return code


def main(arguments: list[str]) -> int:
    """Serve until standard input ends."""
    try:
        scanner = SlapScanner(arguments[0])
    except OSError as error:
        print(error, file=sys.stderr)  # noqa: T201 – the kit shows the last line
        return 1
    serve(scanner)
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
