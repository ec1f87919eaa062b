"""Start the program as `fieldkit run` does, sign in, leave it alone: `HOME MINUTES USER PIN`.

Prints a line a minute: seconds of a processor, voluntary wake-ups of all threads, and resident memory in MiB.
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

_, HOME, MINUTES, USER, PIN = sys.argv


def sign_in_and_rest(self: window.Application, memory: window.WindowMemory, once_shown: Callable[[], None]) -> int:
    """Serve as ever; the minutes are told by a thread that sleeps in between."""
    from threading import Thread

    from PySide6.QtCore import QTimer

    from ui.runtime.typist import Typist

    memory.restore(self.shell, self.theming)
    self.shell.show()
    once_shown()

    def sign_in() -> None:
        typist = Typist(self.shell)
        while self.presenter.state.chosen != USER:
            typist.press("Down")
        typist.type(PIN)
        typist.press("Return")

    QTimer.singleShot(5_000, sign_in)
    Thread(target=tell, daemon=True).start()
    return self.qt.exec()


def tell() -> None:
    """Say each minute what was used in it."""
    time.sleep(60)  # to start, to sign in, to look after the store
    before = used()
    for minute in range(int(MINUTES)):
        time.sleep(60)
        now = used()
        cpu, wakes = now[0] - before[0], now[1] - before[1]
        print(f"{minute + 1} {cpu:.2f} {wakes} {now[2]:.2f}", flush=True)
        before = now
    os._exit(0)


def used() -> tuple[float, int, float]:
    """Return seconds of a processor, voluntary switches of all threads, and resident MiB."""
    switches = 0
    for task in Path("/proc/self/task").iterdir():
        lines = (task / "status").read_text().splitlines()
        switches += sum(int(line.split()[1]) for line in lines if line.startswith("voluntary"))
    resident = int(Path("/proc/self/statm").read_text().split()[1]) * os.sysconf("SC_PAGE_SIZE")
    return time.process_time(), switches, resident / 2**20


window.Application.exec = sign_in_and_rest  # type: ignore[method-assign]  # the last step
sys.argv = ["fieldkit", "run", "--home", HOME]
main()
