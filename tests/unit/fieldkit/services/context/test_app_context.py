from __future__ import annotations

import subprocess
import sys

ASK = (
    "import sys, fieldkit.services.context.app_context;"
    " print(*(n for n in sys.modules if n.startswith('fieldkit.services.')))"
)


def test_the_door_does_not_wait_for_what_lies_on_the_context() -> None:
    done = subprocess.run([sys.executable, "-c", ASK], capture_output=True, text=True, check=True)
    assert done.stdout.split() == ["fieldkit.services.context", "fieldkit.services.context.app_context"]
