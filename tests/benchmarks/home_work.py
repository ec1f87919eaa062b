"""Sign in at a home and do what goes through the whole of it: `HOME`.

Prints a line for each: its name and the seconds of a processor.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from pathlib import Path

from support.day import offline_context

from fieldkit.app.bootstrap.home import Home


def tell(name: str, work: Callable[[], object]) -> None:
    """Do it and tell what it took; threads of its own count."""
    begun = time.process_time()
    work()
    print(name, f"{time.process_time() - begun:.3f}", flush=True)


with offline_context(Home(Path(sys.argv[1]))) as context:
    tell("audit", context.audit.verify)
    tell("integrity", context.check_store.check)
    tell("exchange", lambda: context.office.exchange.make(for_new=True))
