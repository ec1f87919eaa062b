from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="core dumps are told apart on Linux")

# In processes of their own: the limit cannot be raised again.
_THEMING = """
import sys
from pathlib import Path
from fieldkit.app.bootstrap import core_dumps
if sys.argv[1] == "forbid":
    core_dumps.forbid()
print(*core_dumps.are_off(Path(sys.argv[2])), sep="|")
"""


def found(act: str, pattern: Path, debug: str = "") -> tuple[str, str]:
    env = {**os.environ, "FIELDKIT_DEBUG": debug}
    command = ["prlimit", "--core=1000:1000", sys.executable, "-c", _THEMING, act, str(pattern)]
    done = subprocess.run(command, capture_output=True, text=True, check=True, env=env)
    is_off, _, detail = done.stdout.strip().partition("|")
    return is_off, detail


@pytest.mark.parametrize("pattern", ["core", "|/usr/lib/systemd/systemd-coredump %P"])
def test_no_core_dump_is_left_neither_as_a_file_nor_to_a_program(tmp_path: Path, pattern: str) -> None:
    path = tmp_path / "core_pattern"
    path.write_text(f"{pattern}\n")
    assert found("look", path) == ("False", f"ulimit -c 1000; {pattern}")
    assert found("forbid", path) == ("True", f"ulimit -c 0; {pattern}")
    assert found("forbid", path, debug="1")[0] == "False"


def test_a_system_without_a_pattern_is_told_by_its_limit(tmp_path: Path) -> None:
    assert found("forbid", tmp_path / "none") == ("True", "ulimit -c 0")


@pytest.mark.days
def test_the_program_begins_with_it() -> None:
    theming = (
        "import sys; sys.argv = ['fieldkit', '--help']\n"
        "from fieldkit.app.bootstrap import core_dumps\nfrom fieldkit.app.cli import main\n"
        "try: main()\nexcept SystemExit: pass\n"
        "print(core_dumps.are_off()[0])"
    )
    env = {name: value for name, value in os.environ.items() if name != "FIELDKIT_DEBUG"}
    done = subprocess.run([sys.executable, "-c", theming], capture_output=True, text=True, check=True, env=env)
    assert done.stdout.splitlines()[-1] == "True"
