"""One whole person on this system: enrolled, recorded with every device, sealed, delivered, with its receipt.

Usage: python packaging/windows/person.py FOLDER

The demo's screens with its data center and devices as processes of their own. Exit code 1 when a part is missing.
"""

from __future__ import annotations

import json
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from fieldkit.app import cli
from fieldkit.app.bootstrap.kit import DEMO_PASSPHRASE
from fieldkit.app.demo import kit, robot
from fieldkit.app.demo.kit import PETUGAS

_PATIENCE_S = 900.0  # for a screen: under Wine on a busy machine


def main(folder: Path) -> int:
    """Record, deliver, and ask the commands of the program what is there."""
    shutil.rmtree(folder, ignore_errors=True)
    kit._PATIENCE_S = robot._PATIENCE_S = _PATIENCE_S
    sys.argv = ["fieldkit", "demo", "--people", "1", "--out", str(folder)]
    try:
        cli.main()
    except SystemExit as end:
        if end.code:
            return int(end.code)
    (folder / "passphrase").write_text(DEMO_PASSPHRASE, "utf-8")
    records = fieldkit(folder, "queue")["records"]
    audit = fieldkit(folder, "audit", "verify")
    print(f"person: queue {records}")
    print(f"person: audit {audit}")
    return 0 if [record["state"] for record in records] == ["acknowledged"] else 1


def fieldkit(folder: Path, *words: str) -> Any:
    """Return what a command of the program answers as JSON; the demo's petugas asks."""
    as_petugas = ("--user", PETUGAS.user_id, "--passphrase-file", str(folder / "passphrase"))
    command = (sys.executable, "-m", "fieldkit", *words, "--json", "--home", str(folder / "home"), *as_petugas)
    return json.loads(subprocess.run(command, stdout=subprocess.PIPE, check=True).stdout)


if __name__ == "__main__":
    sys.exit(main(Path(sys.argv[1])))
