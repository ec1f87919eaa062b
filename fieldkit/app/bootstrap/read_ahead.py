"""Imports what a sign-in needs while somebody still reads and types at the sign-in screen."""

from __future__ import annotations

import threading
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from typing import ClassVar

# In the order in which a sign-in comes to them: the key, the store and its services, the screens, then the devices.
NEEDED = (
    "fieldkit.app.bootstrap.store_key",
    "fieldkit.app.bootstrap.context_parts",
    "ui.views.window.pages",
    "ui.presenters.home.status_bar",
    "fieldkit.matching.search",
    "fieldkit.matching.search",
    "fieldkit.quality.face",
    "fieldkit.quality.iris",
    "fieldkit.quality.inspection",
    "fieldkit.quality.slap",
    "drivers.pcsc.ktp_el",
    "httpcore2",
)


class ReadAhead:
    """Works on a thread of its own, until the sign-in begins: two threads that import the same can trip each other."""

    _current: ClassVar[ReadAhead | None] = None

    def __init__(self, names: Sequence[str] = NEEDED) -> None:
        self._names = names
        self._is_over = threading.Event()
        self._thread = threading.Thread(target=self._read, name="read-ahead")

    def begin(self) -> None:
        """Start; once."""
        ReadAhead._current = self
        self._thread.start()

    def end(self) -> None:
        """Stop after the module that is being read: no thread may import while Python itself ends."""
        self._is_over.set()
        if self._thread.is_alive():
            self._thread.join()

    @classmethod
    def give_way(cls) -> None:
        """Stop whatever is being read ahead: the person was faster."""
        if cls._current is not None:
            cls._current.end()

    def _read(self) -> None:
        from importlib.metadata import entry_points  # the sign-in screen does not wait for it

        from drivers.registry import GROUP, is_ours

        # What other packages bring may hang or end the process; the registry looks at it in a process of its own.
        ours = (entry.module for entry in entry_points(group=GROUP) if is_ours(entry))
        for name in (*self._names, *ours):
            if self._is_over.is_set():
                return
            with suppress(Exception):  # whoever needs it tells what is wrong with it
                import_module(name)
