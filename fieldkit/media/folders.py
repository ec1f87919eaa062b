"""An open folder of a medium: each name in it is looked at and opened there, and no link is followed.

Where the system knows directory handles they are held (openat, renameat; POSIX.1-2008); Windows has none, so each part
of a path is looked at before it is used and reparse points (links, junctions) are refused.
"""

from __future__ import annotations

import errno
import os
import shutil
import stat
import sys
from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# What a system does not know is nothing there: Windows has no links to stop at and no pipes in folders.
_FOLDER = getattr(os, "O_DIRECTORY", 0) | getattr(os, "O_NOFOLLOW", 0)
_PLAIN = getattr(os, "O_NOFOLLOW", 0) | getattr(os, "O_NOINHERIT", 0)
# A pipe without a writer must not hold the program, a terminal not become its own.
_READ = os.O_RDONLY | _PLAIN | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_NOCTTY", 0) | getattr(os, "O_BINARY", 0)
_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | _PLAIN | getattr(os, "O_BINARY", 0)
_REPARSE_POINT = 0x400  # FILE_ATTRIBUTE_REPARSE_POINT


class MediaFolder(ABC):
    """One open folder. Every method takes a plain name in it and raises `OSError`; `ELOOP` is a link."""

    @abstractmethod
    def look(self, name: str) -> os.stat_result:
        """Return what stands there, of a link the link itself."""

    @abstractmethod
    def create(self, name: str, mode: int) -> int:
        """Return the descriptor of a new file; `FileExistsError` where anything has the name."""

    @abstractmethod
    def rename(self, name: str, to: str) -> None:
        """Give another name, and take it from whatever file or link had it."""

    @abstractmethod
    def unlink(self, name: str) -> None:
        """Take a file or link away."""

    @abstractmethod
    def make(self, name: str) -> None:
        """Make a folder for its owner alone."""

    @abstractmethod
    def remove(self, name: str) -> None:
        """Take a folder away with all that is in it, as far as that goes; what links in it lead to stays."""

    @abstractmethod
    def names(self) -> Sequence[str]:
        """List what is in it."""

    @abstractmethod
    def sync(self) -> None:
        """Bring its names to the disk."""

    @abstractmethod
    def enter(self, name: str) -> MediaFolder:
        """Open a folder in it."""

    @abstractmethod
    def close(self) -> None:
        """Let go of it."""

    def read(self, name: str) -> int:
        """Return the descriptor of a regular file; nothing else is opened for longer than a look."""
        before = self._demand_regular(self.look(name))
        descriptor = self._opened(name)
        try:
            found = self._demand_regular(os.fstat(descriptor))
            if (found.st_ino, found.st_dev) != (before.st_ino, before.st_dev):
                raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), name)
        except OSError:
            os.close(descriptor)
            raise
        return descriptor

    @abstractmethod
    def _opened(self, name: str) -> int: ...

    def _demand_regular(self, found: os.stat_result) -> os.stat_result:
        if is_link(found):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP))
        if stat.S_ISDIR(found.st_mode):
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR))
        if not stat.S_ISREG(found.st_mode):
            raise OSError(errno.EOPNOTSUPP, os.strerror(errno.EOPNOTSUPP))
        return found


class FolderByHandle(MediaFolder):
    """A folder that is held by its descriptor: whoever moves it meanwhile leads nobody astray."""

    def __init__(self, descriptor: int) -> None:
        self._at = descriptor

    def look(self, name: str) -> os.stat_result:  # noqa: D102
        return os.stat(name, dir_fd=self._at, follow_symlinks=False)

    def create(self, name: str, mode: int) -> int:  # noqa: D102
        return os.open(name, _NEW, mode, dir_fd=self._at)

    def rename(self, name: str, to: str) -> None:  # noqa: D102
        os.replace(name, to, src_dir_fd=self._at, dst_dir_fd=self._at)

    def unlink(self, name: str) -> None:  # noqa: D102
        os.unlink(name, dir_fd=self._at)

    def make(self, name: str) -> None:  # noqa: D102
        os.mkdir(name, 0o700, dir_fd=self._at)

    def remove(self, name: str) -> None:  # noqa: D102
        self.enter(name).close()  # rmtree opens what it is given, and would wait for a pipe
        shutil.rmtree(name, ignore_errors=True, dir_fd=self._at)

    def names(self) -> Sequence[str]:  # noqa: D102
        with os.scandir(self._at) as found:
            return [entry.name for entry in found]

    def sync(self) -> None:  # noqa: D102
        os.fsync(self._at)

    def enter(self, name: str) -> MediaFolder:  # noqa: D102
        try:
            return FolderByHandle(os.open(name, os.O_RDONLY | _FOLDER, dir_fd=self._at))
        except NotADirectoryError:
            if is_link(self.look(name)):  # Linux calls a link no folder
                raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name) from None
            raise

    def close(self) -> None:  # noqa: D102
        os.close(self._at)

    def _opened(self, name: str) -> int:
        return os.open(name, _READ, dir_fd=self._at)


class FolderByPath(MediaFolder):
    """A folder where the system has no handles of folders: looked at anew before each use."""

    def __init__(self, path: Path) -> None:
        self._path = path

    def look(self, name: str) -> os.stat_result:  # noqa: D102
        return (self._path / name).lstat()

    def create(self, name: str, mode: int) -> int:  # noqa: D102
        return os.open(self._path / name, _NEW, mode)

    def rename(self, name: str, to: str) -> None:  # noqa: D102
        (self._path / name).replace(self._path / to)

    def unlink(self, name: str) -> None:  # noqa: D102
        (self._path / name).unlink()

    def make(self, name: str) -> None:  # noqa: D102
        (self._path / name).mkdir(mode=0o700)

    def remove(self, name: str) -> None:  # noqa: D102
        self.enter(name)
        shutil.rmtree(self._path / name, ignore_errors=True)

    def names(self) -> Sequence[str]:  # noqa: D102
        with os.scandir(self._path) as found:
            return [entry.name for entry in found]

    def sync(self) -> None:
        """Do nothing: Windows brings a name to the disk with its file."""

    def enter(self, name: str) -> MediaFolder:  # noqa: D102
        found = self.look(name)
        if is_link(found):
            raise OSError(errno.ELOOP, os.strerror(errno.ELOOP), name)
        if not stat.S_ISDIR(found.st_mode):
            raise NotADirectoryError(errno.ENOTDIR, os.strerror(errno.ENOTDIR), name)
        return FolderByPath(self._path / name)

    def close(self) -> None:
        """Do nothing: nothing is held."""

    def _opened(self, name: str) -> int:
        return os.open(self._path / name, _READ)


def is_link(found: os.stat_result) -> bool:
    """Return whether this leads elsewhere: a symbolic link, on Windows any reparse point."""
    attributes: Any = getattr(found, "st_file_attributes", 0)
    return stat.S_ISLNK(found.st_mode) or bool(attributes & _REPARSE_POINT)


def opened_root(path: Path) -> MediaFolder:
    """Open the folder that a person chose; on the way to it links may lie."""
    if sys.platform == "win32":
        os.scandir(path).close()
        return FolderByPath(path)
    return FolderByHandle(os.open(path, os.O_RDONLY | os.O_DIRECTORY))


@contextmanager
def entered(root: Path, parts: Sequence[str]) -> Iterator[MediaFolder]:
    """Hold a folder below a chosen one for a block. Raise `OSError`."""
    at = opened_root(root)
    try:
        for part in parts:
            above, at = at, at.enter(part)
            above.close()
        yield at
    finally:
        at.close()
