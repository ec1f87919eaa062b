"""Whether a window can be shown here."""

from __future__ import annotations

import os
import sys

from fieldkit.domain.errors import KnownError


def has_display() -> bool:
    """Return whether this system has a display."""
    return sys.platform in ("win32", "darwin") or bool(os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY"))


def demand_display() -> None:
    """Raise `KnownError("cli.no_display")` where Qt would abort the process; who names a platform knows better."""
    if not has_display() and not os.environ.get("QT_QPA_PLATFORM"):
        raise KnownError("cli.no_display")
