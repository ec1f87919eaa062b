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

_CALLS = (
    "openat,mkdir,mkdirat,write,writev,pwrite64,lseek,fsync,fdatasync,"
    "rename,renameat,renameat2,unlink,unlinkat,rmdir,ftruncate"
)
_LINE = re.compile(r"^(\d+) +(\w+)\((.*)\) += (\d+)")  # calls that failed changed nothing
_UNFINISHED = re.compile(r"^(\d+) +(.*) <unfinished \.\.\.>$")
_RESUMED = re.compile(r"^(\d+) +<\.\.\. \w+ resumed>(.*)$")
_HEX = re.compile(r"((?:\\x[0-9a-f]{2})+)")
_SHARED_MEMORY = "-shm"  # of SQLite: mapped, not written, and made anew by whoever opens first
_AT_THE_END = -1
STRACE = ("strace", "-f", "-y", "-xx", "-s", "10000000", "--seccomp-bpf", "-e", f"trace={_CALLS}", "-o")
"""What comes before the name of the trace and the command."""


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
    done = subprocess.run([*STRACE, str(trace), *command], capture_output=True, text=True, env=env)
    assert done.returncode == 0, done.stderr
    return calls_in(trace, home)


def calls_in(trace: Path, home: Path) -> list[Call]:
    """Return what a trace tells of the files of a home, and what was said."""
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
    places: dict[str, int] = {}  # how far plain writes through a descriptor came
    for line in _whole(lines):
        match = _LINE.match(line)
        if match is None:
            continue
        name, given, descriptor = match[2], match[3], match[4]
        strings = [bytes.fromhex(text.replace("\\x", "")) for text in _HEX.findall(given)]
        if name == "write" and given.startswith("1<"):
            yield Call("said", "", strings[-1])
            continue
        if name == "openat":
            places[descriptor] = _AT_THE_END if "O_APPEND" in given else 0
        if name == "lseek":
            moved = given.partition("<")[0]
            if places.get(moved) != _AT_THE_END:
                places[moved] = int(descriptor)
            continue
        paths = _paths(name, strings)
        path = paths[0] if paths else ""
        if not path.startswith(home) or path.endswith((_SHARED_MEMORY, " (deleted)")):
            continue
        if name == "openat":
            if "O_CREAT" in given:
                yield Call("create", path)
            if "O_TRUNC" in given:
                yield Call("truncate", path)
        elif name in ("write", "writev"):
            written, content = given.partition("<")[0], b"".join(strings[1:])[: int(descriptor)]
            at = places.get(written, 0)
            yield Call("write", path, content, at)
            if at != _AT_THE_END:
                places[written] = at + len(content)
        elif name == "pwrite64":
            yield Call("write", path, strings[-1], int(given.rpartition(",")[2]))
        elif name == "ftruncate":
            yield Call("truncate", path, at=int(given.rpartition(",")[2]))
        elif name.startswith("rename"):
            yield Call("rename", path, to=paths[1])
        else:
            same = {"fdatasync": "fsync", "mkdirat": "mkdir", "unlinkat": "unlink", "rmdir": "unlink"}
            yield Call(same.get(name, name), path)


def _paths(name: str, strings: list[bytes]) -> list[str]:
    """Return the paths that a call names; those of an …at call are put together with their folder."""
    texts = [os.fsdecode(string) for string in strings]
    match name:
        case "openat" | "mkdirat" | "unlinkat":
            return [str(Path(*texts[:2]))]
        case "renameat" | "renameat2":
            return [str(Path(*texts[:2])), str(Path(*texts[2:4]))]
        case "rename":
            return texts
        case _:
            return texts[:1]


class Fate(Enum):
    """What becomes of that which waits for the disk."""

    LOST = "nothing of it comes through"
    TORN = "it comes through up to a point, and in half there"
    MIXED = "some of it comes through, in any order"


@dataclass(eq=False)
class _File:
    """A file, or a folder with its names: as the process sees them, and as the disk holds them."""

    is_folder: bool = False
    kept: bytearray = field(default_factory=bytearray)
    waiting: list[tuple[int, Call]] = field(default_factory=list)
    names: dict[str, _File] = field(default_factory=dict)
    kept_names: dict[str, _File] = field(default_factory=dict)
    changes: list[tuple[int, _Change]] = field(default_factory=list)  # of names, that wait for this folder


@dataclass(frozen=True)
class _Change:
    """A name that goes, one that comes, or both at once."""

    gone: tuple[_File, str] | None
    come: tuple[_File, str] | None
    file: _File

    def apply(self, names: Callable[[_File], dict[str, _File]]) -> None:
        if self.gone is not None and names(self.gone[0]).get(self.gone[1]) is self.file:
            del names(self.gone[0])[self.gone[1]]
        if self.come is not None:
            names(self.come[0])[self.come[1]] = self.file


class ForgetfulDisk:
    """Takes calls in their order; `cut` shows what a power cut after the last of them leaves, `stop` what a kill."""

    def __init__(self, home: Path) -> None:
        self._home, self._root = home, _File(is_folder=True)
        self._number = 0
        self._words = b""

    @property
    def said(self) -> list[str]:
        """What the process had said by now, in whole lines."""
        return self._words.decode().split("\n")[:-1]

    def lay(self, folder: Path) -> None:
        """Take what stands in a folder already, and safely."""
        for path in sorted(folder.rglob("*")):
            place = self._home / path.relative_to(folder)
            self.take(Call("mkdir" if path.is_dir() else "create", str(place)))
            if path.is_file():
                self.take(Call("write", str(place), path.read_bytes()))
            for each in (place, place.parent):
                self.take(Call("fsync", str(each)))

    def take(self, call: Call) -> None:
        self._number += 1
        match call.name:
            case "said":
                self._words += call.content
            case "write" | "truncate":
                self._file(call.path).waiting.append((self._number, call))
            case "fsync":
                self._sync(self._file(call.path))
            case "create" | "mkdir":
                folder, name = self._place(call.path)
                if name not in folder.names:
                    self._change(folder, _Change(None, (folder, name), _File(is_folder=call.name == "mkdir")))
            case "unlink":
                folder, name = self._place(call.path)
                self._change(folder, _Change((folder, name), None, folder.names[name]))
            case "rename":
                source, target = self._place(call.path), self._place(call.to)
                # What moves to another folder is safe under its new name once that folder was waited for.
                self._change(target[0], _Change(source, target, source[0].names[source[1]]))

    def _place(self, path: str) -> tuple[_File, str]:
        place = Path(path)
        return self._file(str(place.parent)), place.name

    def _file(self, path: str) -> _File:
        found = self._root
        for name in Path(path).relative_to(self._home).parts:
            found = found.names[name]
        return found

    def _change(self, folder: _File, change: _Change) -> None:
        change.apply(_seen)
        folder.changes.append((self._number, change))

    def _sync(self, file: _File) -> None:
        for _, change in file.changes:
            change.apply(_held)
        for _, call in file.waiting:
            _write(file.kept, call, 1)
        file.changes.clear()
        file.waiting.clear()

    def stop(self, folder: Path) -> None:
        """Lay out in a new folder what a kill leaves: everything, for the machine goes on."""
        _lay_out(folder, self._root, _seen, lambda _: 1)

    def cut(self, folder: Path, fate: Fate, chance: random.Random) -> None:
        """Lay out in a new folder what stands on the disk when the power comes back."""
        files = list(_all(self._root))
        part = _parts(sorted(n for file in files for n, _ in (*file.waiting, *file.changes)), fate, chance)
        left = {file: dict(file.kept_names) for file in files}
        for file in files:
            for number, change in file.changes:  # a file system keeps the order within a folder
                if part(number) < 1:
                    break
                change.apply(left.__getitem__)
        _lay_out(folder, self._root, left.__getitem__, part)


def _seen(folder: _File) -> dict[str, _File]:
    return folder.names


def _held(folder: _File) -> dict[str, _File]:
    return folder.kept_names


def _all(root: _File) -> Iterator[_File]:
    """Return everything that has a name or had one that the disk still holds, or that a waiting change tells of."""
    known, found = {root}, [root]
    while found:
        file = found.pop()
        yield file
        told = [each for _, change in file.changes for each in (change.file, *(p[0] for p in _ends(change)))]
        for each in (*file.names.values(), *file.kept_names.values(), *told):
            if each not in known:
                known.add(each)
                found.append(each)


def _ends(change: _Change) -> list[tuple[_File, str]]:
    return [end for end in (change.gone, change.come) if end is not None]


def _lay_out(
    folder: Path, root: _File, names: Callable[[_File], dict[str, _File]], part: Callable[[int], float]
) -> None:
    folder.mkdir()
    for name, file in names(root).items():
        place = folder / name
        if file.is_folder:
            _lay_out(place, file, names, part)
            continue
        content = bytearray(file.kept)
        for number, call in file.waiting:
            _write(content, call, part(number))
        place.write_bytes(content)


def _parts(numbers: list[int], fate: Fate, chance: random.Random) -> Callable[[int], float]:
    """Return how much of what waits comes through, by its number."""
    if fate is Fate.LOST or not numbers:
        return lambda _: 0
    if fate is Fate.TORN:
        last = chance.choice(numbers)
        return lambda number: 1 if number < last else 0.5 if number == last else 0
    chosen = {number: chance.choice((0, 0.5, 1, 1)) for number in numbers}
    return lambda number: chosen.get(number, 0)


def _write(content: bytearray, call: Call, part: float) -> None:
    if part == 0:
        return
    if call.name == "truncate":
        del content[call.at :]
        content.extend(bytes(call.at - len(content)))
        return
    at = len(content) if call.at == _AT_THE_END else call.at
    written = call.content[: round(len(call.content) * part)]
    content.extend(bytes(max(0, at - len(content))))
    content[at : at + len(written)] = written
