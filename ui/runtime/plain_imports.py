"""Python's own import, after Qt has been loaded."""

from __future__ import annotations

import builtins

import PySide6.QtCore  # noqa: F401 – loading it is what puts the other import in place


def import_plainly() -> None:
    """Take back the import of Python that PySide6 wraps.

    Its wrapper reads the source of every module imported later, to find users of `from __feature__ import …`. Nothing
    here uses that, and the sign-in screen alone would wait for the sources of a hundred modules. PySide6 keeps the
    original as `builtins.__orig_import__`; without it nothing changes.
    """
    builtins.__import__ = getattr(builtins, "__orig_import__", builtins.__import__)
