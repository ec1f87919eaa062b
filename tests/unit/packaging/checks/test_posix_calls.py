from __future__ import annotations

from pathlib import Path

import pytest
from posix_calls import needs, posix_calls

ROOT = Path(__file__).parents[4]


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import fcntl", ["fcntl:1"]),
        ("def f():\n    from termios import tcflush", ["termios:2"]),
        ("import os\nos.fchmod(3, 0)", ["os.fchmod:2"]),
        ("import os as system\nsystem.fchmod(3, 0)", ["os.fchmod:2"]),
        ("from signal import SIGALRM, SIGTERM", ["signal.SIGALRM:1"]),
        ("import signal\nsignal.signal(signal.SIGALRM, print)", ["signal.SIGALRM:2"]),
        ("import socket\nsocket.socket(socket.AF_UNIX)", ["socket.AF_UNIX:2"]),
        ("from socket import AF_UNIX", ["socket.AF_UNIX:1"]),
        ("loop.add_signal_handler(15, print)", ["add_signal_handler:1"]),
        ("import subprocess\nsubprocess.Popen(['x'], preexec_fn=print)", ["preexec_fn:2"]),
        ("class os: fchmod = 1\nother.fchmod", []),
        ("import sys\nif sys.platform == 'win32':\n    import msvcrt\nelse:\n    import fcntl", []),
        ("import os, sys\nx = os.getuid() if sys.platform != 'win32' else 0", []),
        ("import os\ndef f():\n    if sys.platform == 'win32':\n        return\n    os.geteuid()", []),
        ("import os\nasync def f():\n    if sys.platform == 'win32':\n        return\n    os.geteuid()", []),
        ("import os\ndef f():\n    if sys.platform == 'win32':\n        pass\n    os.geteuid()", ["os.geteuid:5"]),
        ("import os\ndef f():\n    if wide:\n        return\n    os.geteuid()", ["os.geteuid:5"]),
        ("try:\n    loop.add_signal_handler(15, print)\nexcept NotImplementedError:\n    pass", []),
        ("try:\n    loop.add_signal_handler(15, print)\nexcept OSError:\n    pass", ["add_signal_handler:2"]),
        ("import os\nif hasattr(os, 'sync'):\n    os.sync()", []),
    ],
)
def test_what_is_planted_is_found_and_what_is_guarded_is_not(source: str, found: list[str]) -> None:
    assert needs(source) == found


@pytest.mark.parametrize("line", ["os.fchmod(3, 0)", "signal.SIGALRM", "socket.AF_UNIX"])
@pytest.mark.parametrize("place", ["fieldkit/media/place.py", "drivers/simulators/topaz.py", "sync/kit/enrol.py"])
def test_a_call_planted_in_a_module_of_the_product_is_a_finding(tmp_path: Path, place: str, line: str) -> None:
    planted = tmp_path / place
    planted.parent.mkdir(parents=True)
    whole = (ROOT / place).read_text("utf-8")
    planted.write_text(f"{whole}\nimport os, signal, socket\n{line}\n", "utf-8")
    (finding,) = posix_calls(tmp_path, [Path(place)])
    assert finding.startswith(f"{place}: {line.split('(')[0]}:")
    planted.write_text(whole, "utf-8")
    assert posix_calls(tmp_path, [Path(place), Path("tests/any.py")]) == []
