"""Start the program as `fieldkit run` does, sign in by keys, and say what that took: `HOME SECONDS USER PIN`.

Somebody takes so many seconds to type; with 0 nothing is imported ahead. Prints the processor seconds from Enter to
Beranda, how many modules were loaded by then, and the resident MiB.
"""

from __future__ import annotations

import gc
import os
import sys
import time
from collections.abc import Callable
from pathlib import Path

gc.disable()  # as `fieldkit run` does first
from ui.runtime.process import import_plainly  # noqa: E402

import_plainly()

from fieldkit.app.bootstrap import window  # noqa: E402
from fieldkit.app.cli import main  # noqa: E402

_, HOME, SECONDS, USER, PIN = sys.argv


def sign_in_and_end(self: window.Application, memory: window.WindowMemory, once_shown: Callable[[], None]) -> int:
    """Serve as ever, but only until Beranda is on the screen."""
    memory.restore(self.shell, self.theming)
    self.shell.show()
    while not getattr(self.presenter.state, "people", ()):
        self.qt.processEvents()
    if float(SECONDS):
        once_shown()
    enters_at = time.monotonic() + float(SECONDS)
    while time.monotonic() < enters_at:
        self.qt.processEvents()
        time.sleep(0.01)
    from ui.runtime.typist import Typist

    typist, signing_in = Typist(self.shell), self.presenter
    while signing_in.state.chosen != USER:
        typist.press("Down")
    typist.type(PIN)
    begun, loaded = time.process_time(), len(sys.modules)
    typist.press("Return")
    while self.screen != "home":
        self.qt.processEvents()
        time.sleep(0.001)
    for _ in range(3):
        self.qt.processEvents()
    took = time.process_time() - begun
    pages = int(Path("/proc/self/statm").read_text("ascii").split()[1])
    resident_mib = pages * os.sysconf("SC_PAGE_SIZE") / 2**20
    print(f"{took:.3f} {len(sys.modules) - loaded} {resident_mib:.1f}", flush=True)
    os._exit(0)


window.Application.exec = sign_in_and_end  # type: ignore[method-assign]  # the last step
sys.argv = ["fieldkit", "run", "--home", HOME]
main()
