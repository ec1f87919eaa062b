"""The embedded data center on the clock of a scripted day, as a process that ends with its standard input."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from fieldkit.app.bootstrap.data_center import end_with_input
from fieldkit.app.demo.clock import FollowedClock
from sync.gateway.server import serve


def main(arguments: list[str] | None = None) -> int:
    """Serve until standard input ends or SIGTERM; one line tells where, once TLS answers."""
    parser = argparse.ArgumentParser(prog="python -m fieldkit.app.demo.data_center", description=__doc__)
    parser.add_argument("--dir", type=Path, required=True)
    parser.add_argument("--port", type=int, default=0)
    parser.add_argument("--clock", type=Path, required=True, help="the file that tells the demo's clock")
    asked = parser.parse_args(arguments)
    end_with_input()
    serve(asked.dir, "127.0.0.1", asked.port, FollowedClock(asked.clock), _say_ready)
    return 0


def _say_ready(url: str) -> None:
    sys.stdout.write(f"{url}\n")
    sys.stdout.flush()  # whoever started us waits for this line at the other end of a pipe


if __name__ == "__main__":
    sys.exit(main())
