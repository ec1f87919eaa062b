"""A disk that forgets: what a process wrote, as strace saw it, and what of it a power cut leaves.

A write is safe once its file was fsynced after it, a name once its folder was. Everything else may be lost, come
through, or come through in half, and writes that wait together come through in any order (POSIX promises no more).
"""

from __future__ import annotations

import os
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path

import pytest

_CALLS = "openat,mkdir,mkdirat,write,pwrite64,fsync,fdatasync,rename,renameat,renameat2,unlink,unlinkat,ftruncate"
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (\d+)")  # calls that failed changed nothing
_UNFINISHED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_HEX = re.compile(r"((?:\\x[0-9a-f]{2})+)")
_SHARED_MEMORY = "-shm"  # of SQLite: mapped, not written, and made anew by whoever opens first


@dataclass(frozen=True)
class Call:
    """One call that changed something, or a word on standard output (`path` is empty)."""

    name: str
    path: str
    content: bytes = b""
    at: int = 0
    to: str = ""


def demand() -> None:
    strace = shutil.which("strace")
    if strace is None:
        pytest.skip("strace is not installed: apt install strace")
    if subprocess.run([strace, "-o", os.devnull, "true"], capture_output=True).returncode:
        pytest.skip("this machine lets nobody trace a process (strace)")


def traced(command: Sequence[str], home: Path, trace: Path, env: dict[str, str]) -> list[Call]:
    """Run a command and return what it did to the files of a home, with what it said in between."""
    strace = ["strace", "-f", "-y", "-xx", "-s", "10000000", "--seccomp-bpf", "-e", f"trace={_CALLS}", "-o", str(trace)]
    done = subprocess.run([*strace, *command], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    with trace.open(encoding="ascii") as lines:
        return list(_calls(lines, str(home)))


def _whole(lines: Iterator[str]) -> Iterator[str]:
    """Put calls together that another thread interrupted."""
    begun: dict[str, str] = {}
    for line in lines:
        if match := _UNFINISHED.match(line):
            begun[match[1]] = match[2]
        elif match := _RESUMED.match(line):
            yield f"{match[1]} {begun.pop(match[1])}{match[2]}"
        else:
            yield line


def _calls(lines: Iterator[str], home: str) -> Iterator[Call]:
    places: dict[str, int] = {}  # how far plain writes of a file came
    for line in _whole(lines):
        match = _LINE.match(line)
        if match is None:
            continue
        name, given = match[2], match[3]
        strings = [bytes.fromhex(text.replace("\\x", "")) for text in _HEX.findall(given)]
        path = next((s.decode() for s in strings if s.startswith(home.encode())), "")
        if name == "write" and given.startswith("1<"):
            yield Call("said", "", strings[-1])
        elif not path or path.endswith((_SHARED_MEMORY, " (deleted)")):
            continue
        elif name == "openat":
            if "O_CREAT" in given:
                yield Call("create", path)
            if "O_TRUNC" in given:
                yield Call("truncate", path)
            places[path] = 0
        elif name == "write":
            yield Call("write", path, strings[-1], places[path])
            places[path] += len(strings[-1])
        elif name == "pwrite64":
            yield Call("write", path, strings[-1], int(given.rpartition(",")[2]))
        elif name == "ftruncate":
            yield Call("truncate", path, at=int(given.rpartition(",")[2]))
        elif name.startswith("rename"):
            yield Call("rename", path, to=strings[-1].decode())
        else:
            yield Call({"fdatasync": "fsync", "mkdirat": "mkdir", "unlinkat": "unlink"}.get(name, name), path)


class Fate(Enum):
    """What becomes of that which waits for the disk."""

    LOST = "nothing of it comes through"
    TORN = "it comes through up to a point, and in half there"
    MIXED = "some of it comes through, in any order"


@dataclass
class _File:
    is_folder: bool = False
    kept: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, Call]] = field(default_factory=list)


class ForgetfulDisk:
    """Takes calls in their order; `cut` shows what a power cut after the last of them leaves."""

    def __init__(self, home: Path) -> None:
        self._home = str(home)
        self._names: dict[str, _File] = {}  # as the process sees them
        self._kept_names: dict[str, _File] = {}
        self._waiting: dict[str, list[tuple[int, Call, _File]]] = {}  # changes of names, by folder
        self._number = 0
        self._words = b""

    @property
    def said(self) -> list[str]:
        """What the process had said by now, in whole lines."""
        return self._words.decode().split("\n")[:-1]

    def lay(self, folder: Path) -> None:
        """Take what stands in a folder already, and safely."""
        for path in sorted(folder.rglob("*")):
            self.take(Call("mkdir" if path.is_dir() else "create", str(path)))
            if path.is_file():
                self.take(Call("write", str(path), path.read_bytes()))
            for place in (path, path.parent):
                self.take(Call("fsync", str(place)))

    def take(self, call: Call) -> None:
        self._number += 1
        match call.name:
            case "said":
                self._words += call.content
            case "write" | "truncate":
                self._names[call.path].waiting.append((self._number, call))
            case "fsync":
                self._sync(call.path)
            case "create" | "mkdir" if call.path not in self._names:
                self._name(call, _File(is_folder=call.name == "mkdir"))
            case "rename" | "unlink":
                self._name(call, self._names[call.path])

    def _name(self, call: Call, file: _File) -> None:
        _apply(self._names, call, file)
        # A file that moves to another folder is safe under its new name once that folder was waited for.
        self._waiting.setdefault(str(Path(call.to or call.path).parent), []).append((self._number, call, file))

    def _sync(self, path: str) -> None:
        for _, call, file in self._waiting.pop(path, []):
            _apply(self._kept_names, call, file)
        file = self._names.get(path)
        if file is not None:
            for _, call in file.waiting:
                _change(file.kept, call, 1)
            file.waiting.clear()

    def cut(self, folder: Path, fate: Fate, chance: random.Random) -> None:
        """Lay out in a new folder what stands on the disk when the power comes back."""
        part = self._parts(fate, chance)
        names = dict(self._kept_names)
        for changes in self._waiting.values():
            for number, call, file in changes:  # a file system keeps the order within a folder
                if part(number) < 1:
                    break
                _apply(names, call, file)
        folder.mkdir()
        for path, file in sorted(names.items()):  # folders come before what is in them
            place = folder / os.path.relpath(path, self._home)
            if not place.parent.exists():
                continue  # its folder has no name on the disk
            if file.is_folder:
                place.mkdir()
                continue
            content = bytearray(file.kept)
            for number, call in file.waiting:
                _change(content, call, part(number))
            place.write_bytes(content)

    def _parts(self, fate: Fate, chance: random.Random) -> Callable[[int], float]:
        numbers = [n for file in self._names.values() for n, _ in file.waiting]
        numbers += [n for changes in self._waiting.values() for n, *_ in changes]
        if fate is Fate.LOST or not numbers:
            return lambda _: 0
        if fate is Fate.TORN:
            last = chance.choice(sorted(numbers))
            return lambda number: 1 if number < last else 0.5 if number == last else 0
        chosen = {number: chance.choice((0, 0.5, 1, 1)) for number in sorted(numbers)}
        return lambda number: chosen.get(number, 0)


def _apply(names: dict[str, _File], call: Call, file: _File) -> None:
    if call.name in ("rename", "unlink"):
        names.pop(call.path, None)
    if call.name != "unlink":
        names[call.to or call.path] = file


def _change(content: bytearray, call: Call, part: float) -> None:
    if part == 0:
        return
    if call.name == "truncate":
        del content[call.at :]
        content.extend(bytes(call.at - len(content)))
        return
    written = call.content[: round(len(call.content) * part)]
    content.extend(bytes(max(0, call.at - len(content))))
    content[call.at : call.at + len(written)] = written
