"""A true small file system at a folder, as a stick is: filled, made read-only or pulled out as a person would."""

from __future__ import annotations

import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

import pytest


class TrueStick:
    """A mounted image in a file, or a tmpfs, of some megabytes. Whoever may not mount skips, with the reason."""

    def __init__(self, folder: Path, kind: str, megabytes: int = 16) -> None:
        self._kind, self._image = kind, folder / "stick.img"
        self._megabytes, self.place = megabytes, folder / "stick"
        self.place.mkdir()
        if kind != "tmpfs":
            maker = shutil.which(f"mkfs.{kind}")
            if maker is None:
                pytest.skip(f"mkfs.{kind} is not here")
            with self._image.open("wb") as image:
                image.truncate(megabytes << 20)
            subprocess.run([maker, *(("-q", "-F") if kind == "ext4" else ()), str(self._image)], check=True)
        if self.plug_in():
            pytest.skip(f"this machine lets nobody mount {kind}")

    def plug_in(self) -> int:
        """Mount it and return 0."""
        size = ("-t", "tmpfs", "-o", f"size={self._megabytes}m", "none")
        what = size if self._kind == "tmpfs" else ("-o", "loop", str(self._image))
        return _run("mount", *what, str(self.place))

    def pull_out(self) -> None:
        """Take it away under open files; what was written to a tmpfs is gone with it."""
        _run("umount", "-l", str(self.place))

    def lock(self, how: str = "ro") -> None:
        """Let nobody write, or with `rw` again everybody."""
        assert _run("mount", "-o", f"remount,{how}", str(self.place)) == 0

    def fill(self) -> None:
        """Let others take all room."""
        for size in (1 << 16, 512, 1):
            with suppress(OSError), (self.place / "others").open("ab", buffering=0) as others:
                while True:
                    others.write(bytes(size))

    def empty(self) -> None:
        (self.place / "others").unlink(missing_ok=True)


def _run(*command: str) -> int:
    return subprocess.run(command, capture_output=True, check=False).returncode
