"""Start the program as `fieldkit run --home HOME` does on a display; says `painted` when its splash is, and ends."""

from __future__ import annotations

import os
import sys

from fieldkit.app.cli import main
from ui.runtime.process import import_plainly

import_plainly()  # as `fieldkit run` does first; here the splash is loaded before it, to be patched

from ui.views.window import splash  # noqa: E402

shown = splash.Splash.__init__


def paint_and_end(self: splash.Splash, brand: str, words: str = "") -> None:
    """Show it as ever, and nothing after it."""
    shown(self, brand, words)
    print("painted", flush=True)
    os._exit(0)


splash.Splash.__init__ = paint_and_end  # type: ignore[method-assign]  # what would come next
sys.argv = ["fieldkit", "run", "--home", sys.argv[1]]
main()
