"""A place on a medium: a folder that a person chose, or something below it, looked at and opened only in this room."""

from __future__ import annotations

import errno
import os
import re
import secrets
import stat
import sys
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from fieldkit.domain.shown import shown
from fieldkit.media.folders import MediaFolder, entered, is_link

UNFINISHED = ".part"
_LEFT = re.compile(r"\.[0-9a-f]{16}\.part")  # what `write` names a file until it is whole
_PIECE = 1 << 20
# A damaged stick can hold a folder in itself.
_MOST_LEVELS, _MOST_NAMES = 32, 1_000_000
_NO_NAMES = frozenset({"", ".", ".."})
_SEPARATORS = "/\0\\:" if sys.platform == "win32" else "/\0"  # a colon opens a second stream of a file

Note = Callable[["Place", OSError], None]


@dataclass(frozen=True, slots=True, order=True)
class Place:
    """What lies `parts` below the folder `root` that a person chose. All methods raise `OSError` for what the disk
    does and for what is no plain file or folder: `ELOOP` for a link, `EOPNOTSUPP` for pipes, devices and sockets,
    `ESTALE` for a file that changed while it was read, `E2BIG` for one that is too long.
    """

    root: Path
    parts: tuple[str, ...] = ()

    @classmethod
    def of_file(cls, path: Path) -> Place:
        """Return the place of a file that a person named."""
        if path.name in _NO_NAMES:
            return cls(path)
        return cls(path.parent, (path.name,))

    @classmethod
    def led_to(cls, path: Path) -> Place:
        """Return the place that a path of the owner leads to, over the links that he laid himself."""
        return cls.of_file(path.resolve())

    def __truediv__(self, names: str) -> Place:
        """Return the place of a name in this folder, or of several with slashes between them."""
        return Place(self.root, (*self.parts, *names.split("/")))

    def __str__(self) -> str:
        """Return it as it may be shown."""
        return shown(str(self.path))

    @property
    def path(self) -> Path:
        """Return it for the one library that opens files itself (SQLite), in folders that were made just now."""
        return self.root.joinpath(*self.parts)

    @property
    def name(self) -> str:
        """Return its last name."""
        return self.parts[-1] if self.parts else self.root.name

    @property
    def stem(self) -> str:
        """Return its name without the ending."""
        return Path(self.name).stem

    @property
    def suffix(self) -> str:
        """Return the ending of its name, with the dot."""
        return Path(self.name).suffix

    @property
    def parent(self) -> Place:
        """Return the folder that it lies in, of the chosen one itself."""
        return Place(self.root, self.parts[:-1])

    @property
    def below(self) -> str:
        """Return its way down from the chosen folder, with slashes."""
        return "/".join(self.parts)

    def beside(self, ending: str) -> Place:
        """Return the place of the same name with another ending."""
        return self.parent / f"{self.stem}{ending}"

    # --- looking

    def look(self) -> os.stat_result:
        """Return what stands there, of a link the link itself."""
        if not self.parts:
            return self.root.stat()
        with self._above() as folder:
            return folder.look(self.name)

    def exists(self) -> bool:
        """Return whether anything has this name, be it a link that leads nowhere."""
        with suppress(OSError):
            self.look()
            return True
        return False

    def is_file(self) -> bool:
        """Return whether a regular file stands there."""
        with suppress(OSError):
            found = self.look()
            return stat.S_ISREG(found.st_mode) and not is_link(found)
        return False

    def is_folder(self) -> bool:
        """Return whether a folder stands there."""
        with suppress(OSError):
            found = self.look()
            return stat.S_ISDIR(found.st_mode) and not is_link(found)
        return False

    def listed(self) -> list[Place]:
        """Return what lies in this folder, by name."""
        with self.opened() as folder:
            return [Place(self.root, (*self.parts, name)) for name in sorted(folder.names())]

    def walk(self, note: Note, most: int = _MOST_NAMES) -> Iterator[Place]:
        """Yield all that is no folder in this one and those in it: names first, then folders, both sorted.

        No link is entered. `note` hears of folders that cannot be listed, lie too deep or come after `most` names.
        """
        waiting, left = [self], most
        while waiting:
            at = waiting.pop()
            try:
                if len(at.parts) - len(self.parts) > _MOST_LEVELS:
                    raise OSError(errno.ENAMETOOLONG, os.strerror(errno.ENAMETOOLONG))
                files, folders = _parted(at)
            except OSError as error:
                note(at, error)
                continue
            left -= len(files) + len(folders)
            if left < 0:
                note(at, OSError(errno.E2BIG, os.strerror(errno.E2BIG)))
                return
            yield from files
            waiting += reversed(folders)

    # --- reading

    def open(self) -> BinaryIO:
        """Open a regular file for reading, the caller closes it; nothing else is waited for."""
        with self._above() as folder:
            return os.fdopen(folder.read(self.name), "rb")

    def read(self, most: int) -> bytes:
        """Return a whole file of at most so many bytes; its size is asked before its content."""
        with self.open() as file:
            size = os.fstat(file.fileno()).st_size
            if size > most:
                raise OSError(errno.E2BIG, os.strerror(errno.E2BIG), str(self))
            content = file.read(size + 1)
            self._demand_size(len(content), size)
            return content

    def head(self, most: int) -> bytes:
        """Return the first bytes of a file, at most so many."""
        with self.open() as file:
            # Python takes the memory for all that is asked for, half a second for a gigabyte.
            return file.read(min(most, os.fstat(file.fileno()).st_size))

    def pieces(self) -> Iterator[bytes]:
        """Yield a file of any length, from its disk and not from memory."""
        with self.open() as file:
            forget_cache(file.fileno())
            size, done = os.fstat(file.fileno()).st_size, 0
            while piece := file.read(_PIECE):
                done += len(piece)
                if done > size:
                    break  # it grows as fast as it is read
                yield piece
            self._demand_size(done, size)

    # --- writing

    def write(
        self, pieces: Iterable[bytes], prove: Callable[[Place], None] = lambda _unread: None, mode: int = 0o600
    ) -> None:
        """Write a file whole or not at all: random name → fsync → `prove` reads it → rename → fsync folder."""
        unfinished = self.parent / f".{secrets.token_hex(8)}{UNFINISHED}"
        with self._above() as folder:
            try:
                with os.fdopen(folder.create(unfinished.name, mode), "wb") as file:
                    for piece in pieces:
                        file.write(piece)
                    file.flush()
                    os.fsync(file.fileno())
                    forget_cache(file.fileno())
                prove(unfinished)
                folder.rename(unfinished.name, self.name)
                folder.sync()
            finally:
                with suppress(OSError):  # a stick that was pulled out keeps its half; the next copy takes it away
                    folder.unlink(unfinished.name)

    def create(self, mode: int = 0o600) -> BinaryIO:
        """Open a new file for writing, where nothing has its name."""
        with self._above() as folder:
            return os.fdopen(folder.create(self.name, mode), "wb")

    def lay_beside(self, ending: str, content: bytes) -> None:
        """Write a file of the same name with another ending, for everybody to read."""
        self.beside(ending).write([content], mode=0o644)

    def make(self) -> None:
        """Make this folder with those above it, for nobody else, all of their names on the disk."""
        above = next(each for each in (self.root, *self.root.parents) if each.is_dir())
        parts = (*self.root.parts[len(above.parts) :], *self.parts)
        for count in range(len(parts)):
            with entered(above, parts[:count]) as folder:
                try:
                    folder.make(_plain(parts[count]))
                except FileExistsError:
                    folder.enter(parts[count]).close()  # a link or a file in the way is told
                else:
                    folder.sync()

    def make_new(self) -> None:
        """Make this folder where nothing has its name: what is in it from now on is ours."""
        self.parent.make()
        with self._above() as folder:
            folder.make(self.name)
            folder.sync()

    def rename(self, name: str) -> Place:
        """Give it another name in its folder and return the new place."""
        with self._above() as folder:
            folder.rename(self.name, _plain(name))
            folder.sync()
        return self.parent / name

    def unlink(self) -> None:
        """Take a file or link away."""
        with self._above() as folder:
            folder.unlink(self.name)

    def remove(self) -> None:
        """Take a folder away with all that is in it, as far as that goes; what links lead to stays."""
        with suppress(OSError), self._above() as folder:
            folder.remove(self.name)

    def sweep(self) -> None:
        """Take the halves away that a kill left in this folder."""
        with suppress(OSError), self.opened() as folder:
            for name in filter(_LEFT.fullmatch, folder.names()):
                with suppress(OSError):
                    folder.unlink(name)

    @contextmanager
    def opened(self) -> Iterator[MediaFolder]:
        """Hold this folder open for a block."""
        with entered(self.root, tuple(map(_plain, self.parts))) as folder:
            yield folder

    @contextmanager
    def _above(self) -> Iterator[MediaFolder]:
        _plain(self.name)
        if not self.parts:
            raise OSError(errno.EISDIR, os.strerror(errno.EISDIR), str(self))
        with self.parent.opened() as folder:
            yield folder

    def _demand_size(self, read: int, stated: int) -> None:
        if read != stated:
            raise OSError(errno.ESTALE, os.strerror(errno.ESTALE), str(self))


def forget_cache(descriptor: int) -> None:
    """Let the next read come from the disk: what memory remembers of a write proves nothing about a stick."""
    if hasattr(os, "posix_fadvise"):
        os.posix_fadvise(descriptor, 0, 0, os.POSIX_FADV_DONTNEED)


def _parted(at: Place) -> tuple[list[Place], list[Place]]:
    files: list[Place] = []
    folders: list[Place] = []
    with at.opened() as folder:
        for name in sorted(folder.names()):
            try:
                found = folder.look(name)
            except OSError:  # gone meanwhile, or unreadable: whoever opens it is told
                files.append(Place(at.root, (*at.parts, name)))
                continue
            is_folder = stat.S_ISDIR(found.st_mode) and not is_link(found)
            (folders if is_folder else files).append(Place(at.root, (*at.parts, name)))
    return files, folders


def _plain(name: str) -> str:
    if name in _NO_NAMES or any(letter in name for letter in _SEPARATORS):
        raise OSError(errno.EINVAL, os.strerror(errno.EINVAL), shown(name))
    return name
