"""Run the simulated signing service as a process: a line of JSON says where it is; it ends with its standard input."""

from __future__ import annotations

import json
import sys
from argparse import ArgumentParser

from drivers.simulators.bsre.server import SECRET, USER, SimulatedBsre


def main(arguments: list[str] | None = None) -> int:
    """Serve until standard input ends."""
    parser = ArgumentParser(prog="python -m drivers.simulators.bsre", description=__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: any free one")
    asked = parser.parse_args(arguments)
    with SimulatedBsre(port=asked.port) as service:
        place = {"url": service.url, "user": USER, "secret": SECRET, "ca": service.tls_pem, "trust": service.ca_pem}
        people = [{"nik": person.nik, "name": person.name} for person in service.people]
        sys.stdout.write(json.dumps({**place, "people": people}) + "\n")
        sys.stdout.flush()
        sys.stdin.read()
    return 0


if __name__ == "__main__":
    sys.exit(main())
