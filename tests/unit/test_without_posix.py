"""The product runs on Windows too: no module of it needs there what only POSIX has.

Nothing is run on Windows here. Simulators and demo are left out: their devices are pseudo-terminals.
"""

from __future__ import annotations

import ast
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
_LEFT_OUT = (("drivers", "simulators"), ("fieldkit", "app", "demo"))
MODULES = {"fcntl", "termios", "pty", "tty", "grp", "pwd", "resource", "posix", "readline", "syslog", "crypt"}
NAMES = {
    "os": {"O_DIRECTORY", "O_NOFOLLOW", "O_NONBLOCK", "fork", "forkpty", "getuid", "geteuid", "getgid", "getpgid"}
    | {"killpg", "mkfifo", "openpty", "setsid", "statvfs", "sync", "uname", "fchown", "chown", "pread", "pwrite"},
    "signal": {"SIGKILL", "SIGHUP", "SIGUSR1", "SIGUSR2", "SIGALRM", "alarm", "setitimer", "pause"},
    "socket": {"AF_UNIX", "socketpair"},
}
IMPORTER = """
import builtins, importlib, sys
blocked, ours = {blocked!r}, ("fieldkit", "ui", "sync", "drivers")
plain = builtins.__import__
def guarded(name, globals=None, locals=None, fromlist=(), level=0):
    who = (globals or {{}}).get("__name__", "")
    # These ask for the platform first, which is still this one.
    asks = who in ("fieldkit.storage.home_lock", "drivers.serial_line", "sync.gateway.server", "sync.gateway.blobs")
    if name.partition(".")[0] in blocked and who.startswith(ours) and not asks:
        raise ModuleNotFoundError(f"{{who}} needs {{name}}")
    return plain(name, globals, locals, fromlist, level)
builtins.__import__ = guarded
for name in {names!r}:
    importlib.import_module(name)
"""


def _files() -> Iterator[Path]:
    for package in ("fieldkit", "ui", "sync", "drivers"):
        for path in sorted((ROOT / package).rglob("*.py")):
            inside = path.relative_to(ROOT).parts
            if not any(inside[: len(out)] == out for out in _LEFT_OUT) and "migrations" not in inside:
                yield path


def _name(path: Path) -> str:
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def needs(source: str) -> list[str]:
    """Return what only POSIX has and no look at the platform guards, with its line."""
    found = []
    tree = ast.parse(source)
    guarded = {
        id(inner)
        for node in ast.walk(tree)
        if isinstance(node, ast.If | ast.IfExp) and _asks(node.test)
        for inner in ast.walk(node)
    }
    # `if sys.platform == "win32": return` guards what follows it in its block.
    for block in (node.body for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)):
        for at, line in enumerate(block):
            if isinstance(line, ast.If) and _asks(line.test) and _ends(line.body):
                guarded |= {id(inner) for later in block[at + 1 :] for inner in ast.walk(later)}
    for node in ast.walk(tree):
        if id(node) in guarded:
            continue
        match node:
            case ast.Import(names=names):
                found += [f"{alias.name}:{node.lineno}" for alias in names if alias.name in MODULES]
            case ast.ImportFrom(module=str(module)) if module in MODULES:
                found.append(f"{module}:{node.lineno}")
            case ast.Attribute(value=ast.Name(id=module), attr=attr) if attr in NAMES.get(module, ()):
                found.append(f"{module}.{attr}:{node.lineno}")
    return found


def _asks(test: ast.expr) -> bool:
    return any(name in ast.unparse(test) for name in ("sys.platform", "os.name"))


def _ends(block: list[ast.stmt]) -> bool:
    return isinstance(block[-1], ast.Return | ast.Raise)


@pytest.mark.days
def test_no_module_needs_what_only_posix_has() -> None:
    assert {_name(path): found for path in _files() if (found := needs(path.read_text("utf-8")))} == {}


@pytest.mark.parametrize(
    ("source", "found"),
    [
        ("import fcntl", ["fcntl:1"]),
        ("def f():\n    from termios import tcflush", ["termios:2"]),
        ("import os\nos.open('x', os.O_DIRECTORY)", ["os.O_DIRECTORY:2"]),
        ("import sys\nif sys.platform == 'win32':\n    import msvcrt\nelse:\n    import fcntl", []),
        ("def f():\n    if sys.platform == 'win32':\n        return\n    os.geteuid()", []),
        ("def f():\n    if sys.platform == 'win32':\n        pass\n    os.geteuid()", ["os.geteuid:4"]),
    ],
)
def test_the_search_finds_what_is_planted(source: str, found: list[str]) -> None:
    assert needs(source) == found


@pytest.mark.days
def test_every_module_can_be_imported_without_them() -> None:
    names = [_name(path) for path in _files() if path.name != "__main__.py"]
    script = IMPORTER.format(blocked=MODULES, names=names)
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, cwd=ROOT, check=False)
    assert done.returncode == 0, done.stderr[-2000:]
