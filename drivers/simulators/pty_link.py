"""A pseudo-terminal under a name that stays: the cable of a simulated serial device."""

from __future__ import annotations

import os
import pty
import tty
from pathlib import Path


class PtyLink:
    """The device speaks at `master`; programs open `path`, a link to the other end, which is `slave`."""

    def __init__(self, path: Path, *, is_blocking: bool = False) -> None:
        self.path = path
        self.master, self.slave = pty.openpty()
        tty.setraw(self.slave)
        os.set_blocking(self.master, is_blocking)
        path.unlink(missing_ok=True)
        path.symlink_to(os.ttyname(self.slave))

    def close(self) -> None:
        """Make the port vanish; idempotent."""
        self.path.unlink(missing_ok=True)
        for descriptor in (self.slave, self.master):
            if descriptor >= 0:
                os.close(descriptor)
        self.slave = self.master = -1
