"""Start the program as `python -m fieldkit run --home HOME` does, and say when the sign-in screen is painted.

Only the last step differs: instead of serving until the window is closed, the process says `painted` and ends. What it
had loaded by then follows in the same line.
"""

from __future__ import annotations

import gc
import os
import sys
import time

# As `fieldkit run` does first; here the window is loaded before it, to be patched.
gc.disable()
from ui.runtime.process import import_plainly  # noqa: E402

import_plainly()

from fieldkit.app.bootstrap import window  # noqa: E402
from fieldkit.app.cli import main  # noqa: E402


def paint_and_end(self: window.Application, memory: window.WindowMemory, _once_shown: object) -> int:
    """Serve as ever, but only until the names to pick from are on the screen."""
    memory.restore(self.shell, self.theming)
    self.shell.show()
    deadline = time.monotonic() + 20
    while not getattr(self.presenter.state, "people", ()):
        assert time.monotonic() < deadline, "the sign-in screen does not come"
        self.qt.processEvents()
    for _ in range(2):  # the names are painted, then what their room moved
        self.qt.processEvents()
    print("painted", *sorted(sys.modules), flush=True)
    os._exit(0)


window.Application.exec = paint_and_end  # type: ignore[method-assign]  # the last step
sys.argv = ["fieldkit", "run", "--home", sys.argv[1]]
main()
