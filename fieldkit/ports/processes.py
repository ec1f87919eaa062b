"""How the program starts others beside its window."""

from __future__ import annotations

import subprocess

# Windows opens a console for every console program that a program without one starts; elsewhere this is nothing.
NO_WINDOW: int = getattr(subprocess, "CREATE_NO_WINDOW", 0)
