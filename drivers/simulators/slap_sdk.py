"""A vendor's library for a slap scanner, compiled where a C compiler is, with the person on the stage at its glass."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

from drivers.simulators.stage import Fault, Stage
from fieldkit.domain.recording.positions import FINGERS

FOLDER = "SLAP_SDK_FOLDER"
SOURCE = Path(__file__).with_suffix(".c")
_FAULTS = {Fault.UNPLUG: "unplug", Fault.HANG: "hang", Fault.THREE_OF_FOUR: "three", Fault.GARBAGE: "noise"}


def compiler() -> str | None:
    """Return the C compiler of this machine."""
    return None if sys.platform == "win32" else shutil.which("cc") or shutil.which("gcc")


class SlapSdk:
    """The library with its glass in a folder; `library` is what an adapter loads."""

    serial = "SIM-SDK-0001"

    def __init__(self, stage: Stage, folder: Path) -> None:
        """Compile it. Raise `RuntimeError` without a compiler."""
        cc = compiler()
        if cc is None:
            raise RuntimeError("no C compiler")
        self._stage, self._glass, self.library = stage, folder / "glass", folder / "libslap.so"
        self._glass.mkdir()
        subprocess.run([cc, "-shared", "-fPIC", "-o", self.library, SOURCE], check=True)
        self.plug()
        self.lay()

    @property
    def command(self) -> tuple[str, ...]:
        """Return what starts the adapter."""
        adapter = (sys.executable, "-m", "drivers.adapters.slap_sdk", str(self.library))
        return ("/usr/bin/env", f"{FOLDER}={self._glass}", *adapter)

    def lay(self) -> None:
        """Let the person who is there lay the fingers on the glass, and nobody's fingers off it."""
        for finger in FINGERS:
            met = self._stage.attempt(finger)
            place = self._glass / finger.value
            if met is None:
                place.unlink(missing_ok=True)
                continue
            height, width = met.image.shape
            place.write_bytes(b"P5 %d %d 255\n" % (width, height) + met.image.tobytes())

    def arm(self, fault: Fault) -> None:
        """Let the next print go wrong. Raise `KeyError` for a fault that it does not know."""
        (self._glass / "fault").write_text(_FAULTS[fault], "utf-8")

    def plug(self) -> None:
        """Plug the scanner in."""
        (self._glass / "plugged").touch()

    def unplug(self) -> None:
        """Pull the scanner out."""
        (self._glass / "plugged").unlink(missing_ok=True)
