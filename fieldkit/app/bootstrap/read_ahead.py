"""Imports what a sign-in needs while somebody still reads and types at the sign-in screen."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module

# In the order in which a sign-in comes to them: the key, the store and its services, the screens, then the devices.
NEEDED = (
    "fieldkit.app.bootstrap.store_key",
    "fieldkit.app.bootstrap.context_parts",
    "ui.views.window.pages",
    "ui.presenters.home.status_bar",
    "fieldkit.matching.search",
    "fieldkit.matching.doubles",
    "fieldkit.quality.portrait",
    "fieldkit.quality.iris_sample",
    "fieldkit.quality.inspection",
    "fieldkit.quality.slap",
    "drivers.pcsc.ktp_el",
    "httpcore2",
)


class ReadAhead:
    """Works on a thread of its own. A quick person waits for it no longer than for the same imports."""

    def __init__(self, names: Sequence[str] = NEEDED) -> None:
        self._names = names
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="read-ahead")

    def begin(self) -> None:
        """Start; once."""
        self._thread.start()

    def end(self) -> None:
        """Stop after the module that is being read: no thread may import while Python itself ends."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    def _read(self) -> None:
        from importlib.metadata import entry_points  # the sign-in screen does not wait for it

        from drivers.registry import GROUP

        for name in (*self._names, *(entry.module for entry in entry_points(group=GROUP))):
            if self._is_over.is_set():
                return
            with suppress(Exception):  # whoever needs it tells what is wrong with it
                import_module(name)
