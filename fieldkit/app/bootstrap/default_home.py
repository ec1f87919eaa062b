"""Where a kit lives when nobody names a folder."""

from __future__ import annotations

import os
import sys
from pathlib import Path


def default_home() -> Path:
    """Return FIELDKIT_HOME, else the user's data folder of this system."""
    if chosen := os.environ.get("FIELDKIT_HOME"):
        return Path(chosen)
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA", Path.home() / "AppData" / "Local")) / "fieldkit"
    return Path(os.environ.get("XDG_DATA_HOME", Path.home() / ".local" / "share")) / "fieldkit"
