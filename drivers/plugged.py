"""What the kernel says of devices that come and go, so that nobody has to look for them again and again."""

from __future__ import annotations

import os
import sys
import threading
from contextlib import suppress
from pathlib import Path
from typing import Protocol

from drivers.context import readable

# Nodes below /dev: cameras and serial lines, what types, what hangs on a bus of USB.
_FOLDERS = ("", "input", "bus/usb", "bus/usb/*")
_ATTRIB, _MOVED_FROM, _MOVED_TO, _CREATE, _DELETE = 0x4, 0x40, 0x80, 0x100, 0x200  # inotify(7)
_NONBLOCK, _CLOEXEC = 0o4000, 0o2000000
_EVENTS = _ATTRIB | _MOVED_FROM | _MOVED_TO | _CREATE | _DELETE
_MOST_BYTES = 65_536


class Plugged(Protocol):
    """Waits for the next change of what is plugged in."""

    hears: bool  # whether changes are told at all; else somebody has to look

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds, or until `wake`; return whether something came, went or changed its owner."""
        ...

    def wake(self) -> None:
        """End a wait from another thread, and every later one at once."""
        ...


class DeviceNodes:
    """Implements `Plugged` by the folders of device nodes. Raise `OSError` where the kernel does not watch them."""

    hears = True

    def __init__(self, root: Path = Path("/dev")) -> None:
        import ctypes  # on demand: other systems do without

        self._root, self._libc = root, ctypes.CDLL(None, use_errno=True)
        self._told: int = self._libc.inotify_init1(_NONBLOCK | _CLOEXEC)
        if self._told < 0:
            raise OSError(ctypes.get_errno(), "inotify_init1")
        self._woken, self._waking = os.pipe()
        self._follow()

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds, or until `wake`; return whether something came, went or changed its owner."""
        if self._told not in readable([self._told, self._woken], seconds):
            return False
        with suppress(BlockingIOError):
            while os.read(self._told, _MOST_BYTES):
                pass
        self._follow()  # a new bus is a new folder
        return True

    def wake(self) -> None:
        """End a wait from another thread, and every later one at once."""
        os.write(self._waking, b"!")

    def _follow(self) -> None:
        for folder in _FOLDERS:
            for path in self._root.glob(folder) if folder else (self._root,):
                self._libc.inotify_add_watch(self._told, os.fsencode(path), _EVENTS)

    def __del__(self) -> None:
        for end in (self._told, self._woken, self._waking):
            os.close(end)


class Unheard:
    """Implements `Plugged` where the kernel tells nothing."""

    hears = False

    def __init__(self) -> None:
        self._woken = threading.Event()

    def wait(self, seconds: float) -> bool:
        """Wait up to so many seconds, or until `wake`; nothing is ever heard."""
        self._woken.wait(seconds)
        return False

    def wake(self) -> None:
        """End a wait from another thread, and every later one at once."""
        self._woken.set()


def plugged() -> Plugged:
    """Return what this system has."""
    if sys.platform == "linux":
        with suppress(OSError):
            return DeviceNodes()
    return Unheard()
